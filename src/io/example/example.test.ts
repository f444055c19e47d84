import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import protobuf from 'protobufjs';
import { ByteWriter, CoderError } from '../../sdk/index.ts';
import { goldenFile, recordsOf } from '../tfrecord/golden.test-data.ts';
import type { ExampleInput, Feature, SequenceExampleInput } from './example.ts';
import { ExampleDecoder } from './example-decoder.ts';
import { ExampleEncoder } from './example-encoder.ts';

const encoder = new ExampleEncoder();

function encode(example: ExampleInput): Buffer {
  const out = new ByteWriter();
  encoder.encode(example, out);
  return Buffer.from(out.copy());
}

type GoldenFeature = { type: Feature['type']; values: unknown[] };

/** The goldens write int64 as decimal strings, NaN and infinities as words, bytes that are no text as base64. */
function fromGolden(feature: GoldenFeature): Feature<bigint, string | Uint8Array> {
  const values = feature.values.map((value) => {
    if (feature.type === 'int64') return BigInt(value as string);
    if (feature.type === 'float') return Number(value);
    return typeof value === 'string' ? value : new Uint8Array(Buffer.from((value as { b64: string }).b64, 'base64'));
  });
  return { type: feature.type, values } as Feature<bigint, string | Uint8Array>;
}

for (const name of ['all_missing', 'bigint', 'empty', 'multivalent', 'nan_inf', 'single_value', 'unicode']) {
  test(`TensorFlow's ${name}: the decoded values and, from these, the same bytes`, () => {
    const golden = JSON.parse(goldenFile(`${name}.json`).toString());
    const records = recordsOf(name);
    const decoder = new ExampleDecoder({ bytes: 'auto' });
    const decoded = records.map((record) => decoder.decode(record));
    const expected = golden.examples.map((example: Record<string, GoldenFeature>) =>
      Object.fromEntries(Object.entries(example).map(([key, feature]) => [key, fromGolden(feature)])),
    );
    assert.deepEqual(decoded, expected);
    for (const [i, record] of records.entries()) assert.deepEqual(encode(expected[i]), record);
  });
}

test("TensorFlow's sequence_example, both ways", () => {
  const [record] = recordsOf('sequence_example');
  const expected: SequenceExampleInput = {
    context: { id: { type: 'int64', values: [17n] } },
    featureLists: {
      score: [
        { type: 'float', values: [1.5] },
        { type: 'float', values: [-2] },
      ],
      tokens: [
        { type: 'bytes', values: ['a', 'bc'] },
        { type: 'bytes', values: [] },
        { type: 'bytes', values: ['d'] },
      ],
    },
  };
  assert.deepEqual(new ExampleDecoder({ bytes: 'string' }).decodeSequence(record), expected);
  const out = new ByteWriter();
  encoder.encodeSequence(expected, out);
  assert.deepEqual(out.view(), record);
});

const reference = protobuf.Root.fromJSON({
  nested: {
    BytesList: { fields: { value: { id: 1, rule: 'repeated', type: 'bytes' } } },
    FloatList: { fields: { value: { id: 1, rule: 'repeated', type: 'float', options: { packed: true } } } },
    Int64List: { fields: { value: { id: 1, rule: 'repeated', type: 'int64', options: { packed: true } } } },
    Feature: {
      oneofs: { kind: { oneof: ['bytes', 'float', 'int64'] } },
      fields: {
        bytes: { id: 1, type: 'BytesList' },
        float: { id: 2, type: 'FloatList' },
        int64: { id: 3, type: 'Int64List' },
      },
    },
    Features: { fields: { feature: { keyType: 'string', type: 'Feature', id: 1 } } },
    FeatureList: { fields: { feature: { id: 1, rule: 'repeated', type: 'Feature' } } },
    FeatureLists: { fields: { featureList: { keyType: 'string', type: 'FeatureList', id: 1 } } },
    Example: { fields: { features: { id: 1, type: 'Features' } } },
    SequenceExample: {
      fields: { context: { id: 1, type: 'Features' }, featureLists: { id: 2, type: 'FeatureLists' } },
    },
  },
} as never);

const names = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 });
const rec = <T>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }) => fc.record(model, { noNullPrototype: true });
const feature = fc.oneof(
  rec({ type: fc.constant('int64' as const), values: fc.array(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })) }),
  rec({ type: fc.constant('float' as const), values: fc.array(fc.float()) }),
  rec({ type: fc.constant('bytes' as const), values: fc.array(fc.uint8Array({ maxLength: 20 })) }),
  rec({ type: fc.constant('empty' as const), values: fc.constant([] as []) }),
);
const examples = fc.dictionary(names, feature, { noNullPrototype: true, maxKeys: 6 });

test('any Example comes back, and protobufjs reads the same from the bytes', () => {
  const Example = reference.lookupType('Example');
  fc.assert(
    fc.property(examples, (example) => {
      const bytes = encode(example);
      assert.deepEqual(new ExampleDecoder().decode(bytes), example);
      const theirs = Example.toObject(Example.decode(bytes), { longs: String, defaults: false }) as {
        features: { feature?: Record<string, Record<string, { value?: unknown[] }>> };
      };
      for (const [name, { type, values }] of Object.entries(example)) {
        const list = theirs.features.feature?.[name] ?? {};
        assert.deepEqual(Object.keys(list), type === 'empty' ? [] : [type]);
        const read = list[type]?.value ?? [];
        assert.deepEqual(read.map(plain), values.map(plain));
      }
    }),
    { numRuns: 150 },
  );
});

function plain(value: unknown): unknown {
  return value instanceof Uint8Array
    ? Buffer.from(value).toString('hex')
    : typeof value === 'bigint'
      ? String(value)
      : value;
}

test('what protobufjs writes is read, whatever the order of names', () => {
  const Example = reference.lookupType('Example');
  fc.assert(
    fc.property(examples, (example) => {
      const theirs = Example.encode(
        Example.fromObject({
          features: {
            feature: Object.fromEntries(
              Object.entries(example)
                .reverse()
                .map(([name, { type, values }]) => [
                  name,
                  type === 'empty' ? {} : { [type]: { value: type === 'int64' ? values.map(String) : values } },
                ]),
            ),
          },
        }),
      ).finish();
      assert.deepEqual(new ExampleDecoder().decode(theirs), example);
    }),
    { numRuns: 150 },
  );
});

test('the rules of protobuf: unpacked lists, unknown fields and groups, pieces joined, the last entry counts', () => {
  const decode = (hex: string) =>
    new ExampleDecoder({ int64: 'number', bytes: 'string' }).decode(Buffer.from(hex, 'hex'));
  const a = (feature: string) => {
    const size = (text: string) => (text.length / 2).toString(16).padStart(2, '0');
    const entry = `0a0161${'12'}${size(feature)}${feature}`;
    return `0a${size(entry)}${entry}`;
  };
  const features = (...entries: string[]) =>
    `0a${(entries.join('').length / 2).toString(16).padStart(2, '0')}${entries.join('')}`;
  assert.deepEqual(decode(features(a('1a0408010802'))), { a: { type: 'int64', values: [1, 2] } });
  assert.deepEqual(decode(features(a('120a0d0000803f0d00000040'))), { a: { type: 'float', values: [1, 2] } });
  assert.deepEqual(
    decode(features(a('1a030a01011a030a0102'))),
    { a: { type: 'int64', values: [1, 2] } },
    'same kind: joined',
  );
  assert.deepEqual(
    decode(features(a('1a030a01010a030a0178'))),
    { a: { type: 'bytes', values: ['x'] } },
    'other kind: replaced',
  );
  assert.deepEqual(decode(features(a('1a030a0101'), a('1a030a0105'))), { a: { type: 'int64', values: [5] } });
  assert.deepEqual(decode(`${features(a('1a030a0101'))}${features(a('1a030a0107'))}`), {
    a: { type: 'int64', values: [7] },
  });
  assert.deepEqual(decode(`7801${features(a('7a02ffff1a030a0101'))}13080114`), { a: { type: 'int64', values: [1] } });
  assert.deepEqual(decode(''), {});
  assert.throws(() => decode('0b'), CoderError, 'an open group');
  assert.throws(() => decode('0b'.repeat(100)), CoderError, 'nested groups');
  assert.throws(() => decode(features(a('0a030a01ff'))), { code: 'EXAMPLE_BAD_UTF8' });
  assert.throws(() => decode(features('0a050a01ff1200')), { code: 'EXAMPLE_BAD_UTF8' }, 'a name');
});

test('a feature named like a property of every object', () => {
  const example = JSON.parse(
    '{"__proto__": {"type": "float", "values": [1]}, "toString": {"type": "float", "values": [2]}}',
  );
  const decoded = new ExampleDecoder().decode(encode(example));
  assert.deepEqual(Object.entries(decoded), Object.entries(example));
  assert.equal(Object.getPrototypeOf(decoded), Object.prototype);
});

test('options of reading', () => {
  const bytes = encode({
    n: { type: 'int64', values: [5, -5n, Number.MIN_SAFE_INTEGER] },
    raw: { type: 'bytes', values: [Buffer.from('ff', 'hex'), 'ü\ufffd'] },
  });
  assert.deepEqual(new ExampleDecoder({ int64: 'number', features: ['n', 'none'] }).decode(bytes), {
    n: { type: 'int64', values: [5, -5, Number.MIN_SAFE_INTEGER] },
  });
  assert.deepEqual(new ExampleDecoder({ bytes: 'auto', features: ['raw'] }).decode(bytes), {
    raw: { type: 'bytes', values: [new Uint8Array([255]), 'ü\ufffd'] },
  });
  assert.throws(() => new ExampleDecoder({ bytes: 'string' }).decode(bytes), { code: 'EXAMPLE_BAD_UTF8' });
  const big = encode({ n: { type: 'int64', values: [2n ** 53n] } });
  assert.throws(() => new ExampleDecoder({ int64: 'number' }).decode(big), { code: 'EXAMPLE_UNSAFE_INTEGER' });
});

test('values that do not fit are refused by name', () => {
  const bad: unknown[] = [
    { type: 'int64', values: [1.5] },
    { type: 'int64', values: [2n ** 63n] },
    { type: 'int64', values: ['1'] },
    { type: 'float', values: [1n] },
    { type: 'bytes', values: [1] },
    { type: 'strings', values: [] },
    undefined,
  ];
  for (const feature of bad) {
    assert.throws(
      () => encode({ col: feature as Feature }),
      (error: CoderError) => {
        assert.equal(error.code, 'EXAMPLE_VALUE');
        assert.match(error.message, /'col'/);
        return true;
      },
    );
  }
  assert.throws(() => encode({ col: { type: 'bytes', values: ['\ud800'] } }), { code: 'CODER_LONE_SURROGATE' });
});

test('garbage and truncation give a CoderError or a value, nothing else', () => {
  const sample = encode({
    a: { type: 'int64', values: [1n, -1n] },
    b: { type: 'float', values: [1, 2] },
    c: { type: 'bytes', values: ['xyz'] },
  });
  const attempt = (bytes: Uint8Array) => {
    for (const run of [
      () => new ExampleDecoder({ bytes: 'string' }).decode(bytes),
      () => new ExampleDecoder().decodeSequence(bytes),
    ]) {
      try {
        run();
      } catch (error) {
        assert.ok(error instanceof CoderError, String(error));
      }
    }
  };
  for (let i = 0; i < sample.length; i++) attempt(sample.subarray(0, i));
  fc.assert(fc.property(fc.uint8Array({ maxLength: 60 }), attempt), { numRuns: 2000 });
  fc.assert(
    fc.property(fc.nat(sample.length - 1), fc.nat(255), (at, byte) => {
      const bytes = Buffer.from(sample);
      bytes[at] = byte;
      attempt(bytes);
    }),
    { numRuns: 2000 },
  );
});
