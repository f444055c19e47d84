import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Example } from './example.ts';
import { JobMessage, JobMessageImportance, PrepareJobRequest } from './job-management.ts';
import {
  AccumulationMode,
  AtomicTypeValue,
  FixedWindowsPayload,
  FunctionSpec,
  type Init,
  IsBounded,
  MonitoringInfo,
  Pipeline,
  TestStreamPayload,
  WindowingStrategy,
} from './pipeline.ts';
import { toJson, toTextProto } from './text.ts';
import { Struct } from './well-known.ts';

const PIPELINE: Init<Pipeline> = {
  components: {
    transforms: {
      read: { uniqueName: 'Read', spec: { urn: 'beam:transform:impulse:v1' }, outputs: { out: 'n1' } },
      count: {
        uniqueName: 'Count "all" – überall\n',
        subtransforms: ['a', 'b'],
        inputs: { in: 'n1' },
        annotations: { note: Uint8Array.of(0, 34, 49, 92, 0xff) },
      },
    },
    pcollections: { n1: { uniqueName: 'n1', isBounded: IsBounded.BOUNDED } },
    windowingStrategies: {
      w: {
        trigger: { afterEndOfWindow: { earlyFirings: { elementCount: { elementCount: 3 } } } },
        accumulationMode: AccumulationMode.DISCARDING,
        allowedLateness: 9223372036854775807n,
      },
    },
  },
  rootTransformIds: ['read', 'count'],
};

test('a pipeline as text', () => {
  assert.equal(
    toTextProto(Pipeline, Pipeline.create(PIPELINE)),
    String.raw`components {
  transforms {
    key: "count"
    value {
      subtransforms: "a"
      subtransforms: "b"
      inputs {
        key: "in"
        value: "n1"
      }
      unique_name: "Count \"all\" – überall\n"
      annotations {
        key: "note"
        value: "\000\"1\\\377"
      }
    }
  }
  transforms {
    key: "read"
    value {
      spec {
        urn: "beam:transform:impulse:v1"
      }
      outputs {
        key: "out"
        value: "n1"
      }
      unique_name: "Read"
    }
  }
  pcollections {
    key: "n1"
    value {
      unique_name: "n1"
      is_bounded: BOUNDED
    }
  }
  windowing_strategies {
    key: "w"
    value {
      trigger {
        after_end_of_window {
          early_firings {
            element_count {
              element_count: 3
            }
          }
        }
      }
      accumulation_mode: DISCARDING
      allowed_lateness: 9223372036854775807
    }
  }
}
root_transform_ids: "read"
root_transform_ids: "count"
`,
  );
});

test('a pipeline as JSON', () => {
  assert.deepEqual(toJson(Pipeline, Pipeline.create(PIPELINE)), {
    components: {
      transforms: {
        count: {
          subtransforms: ['a', 'b'],
          inputs: { in: 'n1' },
          uniqueName: 'Count "all" – überall\n',
          annotations: { note: 'ACIxXP8=' },
        },
        read: { spec: { urn: 'beam:transform:impulse:v1' }, outputs: { out: 'n1' }, uniqueName: 'Read' },
      },
      pcollections: { n1: { uniqueName: 'n1', isBounded: 'BOUNDED' } },
      windowingStrategies: {
        w: {
          trigger: { afterEndOfWindow: { earlyFirings: { elementCount: { elementCount: 3 } } } },
          accumulationMode: 'DISCARDING',
          allowedLateness: '9223372036854775807',
        },
      },
    },
    rootTransformIds: ['read', 'count'],
  });
});

test('an empty message, and one whose oneof member is empty', () => {
  assert.equal(toTextProto(Pipeline, Pipeline.create()), '');
  assert.deepEqual(toJson(Pipeline, Pipeline.create()), {});
  const value = AtomicTypeValue.create({ string: '' });
  assert.equal(toTextProto(AtomicTypeValue, value), 'string: ""\n');
  assert.deepEqual(toJson(AtomicTypeValue, value), { string: '' });
  const event = TestStreamPayload.create({ events: [{ watermarkEvent: {} }] });
  assert.equal(toTextProto(TestStreamPayload, event), 'events {\n  watermark_event {\n  }\n}\n');
  assert.deepEqual(toJson(TestStreamPayload, event), { events: [{ watermarkEvent: {} }] });
});

test('numbers that are not finite, and floats in their shortest form', () => {
  const example = Example.create({
    features: { feature: { x: { floatList: { value: [0.1, 16777216, 1 / 3, 1e-45, Number.NaN, -Infinity, -0] } } } },
  });
  const lines = toTextProto(Example, example).match(/value: .*/g);
  assert.deepEqual(lines, [
    'value: 0.1',
    'value: 16777216',
    'value: 0.33333334',
    'value: 1e-45',
    'value: nan',
    'value: -inf',
    'value: -0',
  ]);
  assert.deepEqual(toJson(Example, example), {
    features: {
      feature: { x: { floatList: { value: [0.1, 16777216, 0.33333334, 1e-45, 'NaN', '-Infinity', '-0'] } } },
    },
  });
  assert.equal(toTextProto(AtomicTypeValue, AtomicTypeValue.create({ double: 1e300 })), 'double: 1e+300\n');
});

test('an enum value without a name stays a number', () => {
  const strategy = WindowingStrategy.create({ accumulationMode: 77 as AccumulationMode });
  assert.equal(toTextProto(WindowingStrategy, strategy), 'accumulation_mode: 77\n');
  assert.deepEqual(toJson(WindowingStrategy, strategy), { accumulationMode: 77 });
  const message = JobMessage.create({ importance: JobMessageImportance.JOB_MESSAGE_ERROR });
  assert.deepEqual(toJson(JobMessage, message), { importance: 'JOB_MESSAGE_ERROR' });
});

test('times in JSON', () => {
  const time = (seconds: bigint, nanos: number) =>
    (toJson(MonitoringInfo, MonitoringInfo.create({ startTime: { seconds, nanos } })) as { startTime: unknown })
      .startTime;
  assert.equal(time(0n, 0), '1970-01-01T00:00:00Z');
  assert.equal(time(1597328054n, 123_000_000), '2020-08-13T14:14:14.123Z');
  assert.equal(time(-1n, 500_000), '1969-12-31T23:59:59.000500Z');
  assert.equal(time(253402300799n, 999_999_999), '9999-12-31T23:59:59.999999999Z');
  assert.deepEqual(time(253402300800n, 0), { seconds: '253402300800' }, 'RFC 3339 has no year 10000');
  const size = (seconds: bigint, nanos: number) =>
    (toJson(FixedWindowsPayload, FixedWindowsPayload.create({ size: { seconds, nanos } })) as { size: unknown }).size;
  assert.equal(size(60n, 0), '60s');
  assert.equal(size(0n, -500_000_000), '-0.500s');
  assert.equal(size(-3n, -1), '-3.000000001s');
  assert.equal(size(9223372036854775n, 10_000), '9223372036854775.000010s');
});

test('a Struct is the JSON that it stands for', () => {
  const struct = Struct.create({
    fields: {
      'beam:option:parallelism:v1': { numberValue: 2 },
      names: { listValue: { values: [{ stringValue: 'a' }, { nullValue: 0 }, { boolValue: false }] } },
      nested: { structValue: {} },
      __proto__x: { numberValue: Number.NaN },
    },
  });
  assert.deepEqual(toJson(PrepareJobRequest, PrepareJobRequest.create({ jobName: 'j', pipelineOptions: struct })), {
    jobName: 'j',
    pipelineOptions: {
      'beam:option:parallelism:v1': 2,
      __proto__x: 'NaN',
      names: ['a', null, false],
      nested: {},
    },
  });
});

test('unknown fields are mentioned in the text', () => {
  const spec = FunctionSpec.decode(Pipeline.encode({ requirements: ['r'], rootTransformIds: ['abc'] }));
  assert.equal(toTextProto(FunctionSpec, spec), '# 8 bytes of unknown fields\n');
});
