import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  afterCount,
  afterProcessingTime,
  afterWatermark,
  defaultTrigger,
  fixed,
  flatten,
  globalWindows,
  type KV,
  never,
  type PCollection,
  Pipeline,
  PipelineError,
  repeatedly,
  sessions,
  sum,
  type WindowOptions,
} from '../index.ts';
import type { Window } from './window.ts';
import type { WindowingStrategy } from './windowing-strategy.ts';

const pairs = (): PCollection<KV<string, number>, Window> => new Pipeline().create<KV<string, number>>([['a', 1]]);
const codeOf = (make: () => unknown): string => {
  try {
    make();
  } catch (error) {
    assert.ok(error instanceof PipelineError, String(error));
    return error.code;
  }
  return 'none';
};
const strategy = (collection: PCollection<unknown, Window>): WindowingStrategy => collection.node.windowing;
const counted = { trigger: repeatedly(afterCount(3)), accumulation: 'discarding', allowedLateness: '0s' } as const;

describe('a trigger of window()', () => {
  test('becomes part of the strategy, with what goes with it', () => {
    const windowed = pairs().window(fixed('1m'), { ...counted, closing: 'fireAlways', onTime: 'fireIfNonEmpty' });
    const { trigger, accumulation, closing, onTime, allowedLateness } = strategy(windowed);
    assert.deepEqual(
      { trigger, accumulation, closing, onTime, allowedLateness },
      {
        trigger: { kind: 'repeatedly', repeated: { kind: 'afterCount', count: 3 } },
        accumulation: 'discarding',
        closing: 'fireAlways',
        onTime: 'fireIfNonEmpty',
        allowedLateness: 0,
      },
    );
    const later = strategy(windowed.window(fixed('1h'), { trigger: defaultTrigger() }));
    assert.deepEqual([later.trigger, later.closing], [{ kind: 'default' }, 'fireAlways']);
  });

  test('needs its accumulation and its lateness', () => {
    const code = (options: WindowOptions, windowFn = fixed('1m')) => codeOf(() => pairs().window(windowFn, options));
    const { trigger, accumulation, allowedLateness } = counted;
    assert.equal(code({ trigger, allowedLateness }), 'ACCUMULATION_MISSING');
    assert.equal(code({ trigger, accumulation }), 'LATENESS_MISSING');
    assert.equal(code({ allowedLateness: '1s' }), 'ACCUMULATION_MISSING');
    assert.equal(code({ allowedLateness: '1s', accumulation }), 'none');
    assert.equal(code({ allowedLateness: '0s' }), 'none');
    assert.equal(code({ trigger: defaultTrigger() }), 'none');
    const global = (options: WindowOptions) => codeOf(() => pairs().window(globalWindows(), options));
    assert.equal(global({ trigger }), 'ACCUMULATION_MISSING');
    assert.equal(global({ trigger, accumulation }), 'none');
    assert.equal(global({ allowedLateness: '1d' }), 'none');
  });

  test('is inherited with them, and what was given upstream need not be given again', () => {
    const upstream = pairs().window(fixed('1m'), counted);
    assert.equal(strategy(upstream.window(fixed('1h'))).trigger, counted.trigger);
    const other = upstream.window(fixed('1h'), { trigger: repeatedly(afterProcessingTime('1m')) });
    assert.deepEqual(strategy(other).accumulation, 'discarding');
    const grouped = upstream.groupByKey().window(sessions({ gap: '1m' }));
    assert.deepEqual(strategy(grouped).trigger, { kind: 'repeatedly', repeated: { kind: 'afterCount', count: 1 } });
    const global = pairs().window(globalWindows(), { trigger: repeatedly(afterCount(1)), accumulation: 'discarding' });
    assert.equal(
      codeOf(() => global.window(fixed('1m'))),
      'LATENESS_MISSING',
    );
  });

  test('the allowed lateness never shrinks', () => {
    const late = pairs().window(fixed('1m'), { allowedLateness: '1h', accumulation: 'discarding' });
    assert.equal(strategy(late.window(fixed('1m'), { allowedLateness: '1m' })).allowedLateness, 3_600_000);
    assert.equal(strategy(late.window(fixed('1m'), { allowedLateness: '1d' })).allowedLateness, 86_400_000);
  });

  test('refuses what there is not', () => {
    const code = (options: object) => codeOf(() => pairs().window(fixed('1m'), options));
    assert.equal(code({ closing: 'never' }), 'WINDOW_INVALID');
    assert.equal(code({ onTime: 'never' }), 'WINDOW_INVALID');
    assert.equal(code({ trigger: { kind: 'sometimes' } }), 'TRIGGER_INVALID');
    assert.throws(() => pairs().window(fixed('1m'), { accumulation: 'retracting' as 'discarding' }), {
      code: 'WINDOW_INVALID',
      message: /retractions .* not offered/,
    });
  });
});

describe('a grouping', () => {
  const group = (options: WindowOptions, windowFn = fixed('1m')) =>
    codeOf(() => pairs().window(windowFn, options).groupByKey());
  const discarding = { accumulation: 'discarding' } as const;

  test('refuses a trigger that finishes before its window', () => {
    assert.equal(group({ ...discarding, trigger: afterCount(3), allowedLateness: '0s' }), 'TRIGGER_UNSAFE');
    assert.equal(group({ ...discarding, trigger: afterWatermark(), allowedLateness: '0s' }), 'none');
    assert.equal(group({ ...discarding, trigger: afterWatermark(), allowedLateness: '1s' }), 'TRIGGER_UNSAFE');
    assert.equal(group({ ...discarding, trigger: never(), allowedLateness: '1s' }), 'none');
    const late = afterWatermark({ late: afterCount(1) });
    assert.equal(group({ ...discarding, trigger: late, allowedLateness: '1s' }), 'none');
    assert.throws(
      () =>
        pairs()
          .window(fixed('1m'), { ...counted, trigger: afterCount(3) })
          .combinePerKey(sum()),
      /after the last firing of afterCount\(3\) would be dropped: make it repeatedly\(afterCount\(3\)\)/,
    );
  });

  test('refuses to wait for the end of what has none', () => {
    const unbounded = (options: WindowOptions): string => {
      const collection = pairs().window(globalWindows(), options);
      Object.assign(collection.node, { bounded: false });
      return codeOf(() => collection.combinePerKey(sum()));
    };
    assert.equal(unbounded({}), 'TRIGGER_MISSING');
    assert.equal(unbounded({ trigger: repeatedly(afterCount(1)), accumulation: 'discarding' }), 'none');
    assert.equal(group({}), 'none');
  });

  test('gives the continuation of its trigger', () => {
    const grouped = pairs()
      .window(sessions({ gap: '1m' }), counted)
      .groupByKey();
    assert.deepEqual(strategy(grouped).trigger, { kind: 'repeatedly', repeated: { kind: 'afterCount', count: 1 } });
    assert.equal(strategy(grouped).alreadyMerged, true);
    const plain = pairs().window(fixed('1m'));
    assert.equal(strategy(plain.groupByKey()), strategy(plain));
  });

  test('with a hot-key fan-out gives each part once', () => {
    const windowed = pairs().window(fixed('1m'), { ...counted, accumulation: 'accumulating' });
    const combined = windowed.combinePerKey(sum(), { hotKeyFanOut: 2, name: 'Sum' });
    const { collections } = windowed.pipeline.graph;
    assert.equal(collections.get('Sum/AddPart.main')?.windowing.accumulation, 'discarding');
    assert.equal(collections.get('Sum/RemovePart.main')?.windowing.accumulation, 'accumulating');
    assert.equal(strategy(combined).accumulation, 'accumulating');
  });
});

test('collections with different triggers do not meet', () => {
  const p = new Pipeline();
  const input = p.create<KV<string, number>>([['a', 1]]);
  const one = input.window(fixed('1m'), counted);
  const other = input.window(fixed('1m'), { ...counted, trigger: repeatedly(afterCount(4)) });
  assert.throws(() => flatten([one, other]), {
    code: 'TRIGGERS_DIFFER',
    message: /repeatedly\(afterCount\(3\)\), .* repeatedly\(afterCount\(4\)\): window them alike/,
  });
  flatten([one, input.window(fixed('1m'), { ...counted, trigger: repeatedly(afterCount(3)) })]);
});
