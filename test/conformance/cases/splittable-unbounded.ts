import {
  Count,
  fixed,
  flatten,
  type KV,
  type OffsetRange,
  type PCollection,
  type Pipeline,
  reshuffle,
  resume,
  type SplittableDoFn,
  splittableParDo,
  sum,
  timestamp,
  type WatermarkEstimation,
} from '../../../src/sdk/index.ts';
import { assertThat } from '../../../src/testing/index.ts';
import { topic } from '../conformance-case.ts';
import { timesOf, windowsOf } from '../elements.ts';
import { type OffsetContext, ranges } from '../offsets.ts';
import { panesOf } from '../streams.ts';

const restriction = ranges<number>((count) => count);

/** Numbers from 0 on, each at ten times its value, `perCall` in each call; then it asks to be called again. */
function numbers(
  options: {
    readonly perCall?: number;
    readonly estimation?: WatermarkEstimation;
    readonly watermark?: (n: number) => number;
  } = {},
): SplittableDoFn<number, OffsetRange, number, number> {
  const { perCall = 1, estimation = 'manual', watermark } = options;
  return {
    unbounded: true,
    watermark: estimation,
    restriction,
    *process(_count, context: OffsetContext) {
      const { start } = context.tracker.current();
      for (let n = start; n < start + perCall; n++) {
        if (!context.tracker.tryClaim(n)) return undefined;
        context.timestamp = timestamp(n * 10);
        yield [n];
        if (watermark !== undefined) context.watermark.set(timestamp(watermark(n)));
      }
      return resume();
    },
  };
}

const from = (
  p: Pipeline,
  fn: SplittableDoFn<number, OffsetRange, number, number>,
  ...counts: number[]
): PCollection<number> => p.create(counts).apply(splittableParDo('Numbers', fn));

export const splittableUnbounded = topic(
  'splittable/unbounded',
  'Guide: splittable DoFns, watermark estimation, SDF-initiated checkpoint; SplittableDoFnTest …Unbounded; fn_runner_test.py test_sdf_with_watermark_tracking',
  [
    {
      name: 'all-elements',
      rule: 'A restriction that is taken up again and again gives every element once',
      source: 'SplittableDoFnTest.testPairWithIndexBasicUnbounded, testOutputAfterCheckpointUnbounded',
      pipeline: (p) => assertThat(from(p, numbers(), 5)).containsInAnyOrder([0, 1, 2, 3, 4]),
    },
    {
      name: 'several-elements',
      rule: 'Each element has a restriction of its own',
      pipeline: (p) => assertThat(from(p, numbers({ perCall: 2 }), 3, 0, 2)).containsInAnyOrder([0, 1, 2, 0, 1]),
    },
    {
      name: 'in-one-call',
      rule: 'A restriction may be finished in one call',
      pipeline: (p) => assertThat(from(p, numbers({ perCall: 100 }), 50)).countIs(50),
    },
    {
      name: 'many-checkpoints',
      rule: 'A restriction may be taken up many times',
      source: 'checkpointing.go Checkpoints',
      pipeline: (p) => assertThat(from(p, numbers(), 200)).countIs(200),
    },
    {
      name: 'timestamps',
      rule: 'Outputs have the timestamps that the DoFn gives them',
      source: 'SplittableDoFnTest.testPairWithIndexWindowedTimestampedUnbounded',
      pipeline(p) {
        assertThat(timesOf(from(p, numbers(), 3))).containsInAnyOrder([
          [0, 0],
          [1, 10],
          [2, 20],
        ]);
      },
    },
    {
      name: 'is-unbounded',
      rule: 'The output of an unbounded splittable DoFn is unbounded: in the global window it needs a trigger to be grouped',
      source: 'DoFn.UnboundedPerElement; SplittableDoFnTest.testBoundedness',
      fails: 'TRIGGER_MISSING',
      pipeline(p) {
        from(p, numbers(), 3)
          .keyBy('Key', () => 'k')
          .groupByKey();
      },
    },
    {
      name: 'windows',
      rule: 'Windows of the output close on time when the source is done',
      pipeline(p) {
        const sums = from(p, numbers(), 5)
          .keyBy('Key', () => 'k')
          .window(fixed('20ms'))
          .combinePerKey(sum());
        assertThat(panesOf(sums)).containsInAnyOrder([
          'k=1 0-20 ON_TIME 0/0 first last',
          'k=5 20-40 ON_TIME 0/0 first last',
          'k=4 40-60 ON_TIME 0/0 first last',
        ]);
      },
    },
    {
      name: 'watermark/manual',
      rule: 'The watermark is what the DoFn says: an element behind it is late',
      source: 'WatermarkEstimators.Manual; fn_runner_test.py test_sdf_with_watermark_tracking',
      pipeline(p) {
        // After 2, at 20, the watermark is at 45: what comes at 30 is too late for [30,40), what comes at 40 is in time.
        const sums = from(p, numbers({ watermark: (n) => (n === 2 ? 45 : n * 10) }), 6)
          .keyBy('Key', () => 'k')
          .window(fixed('10ms'))
          .combinePerKey(sum());
        assertThat(sums.map('value', ([, n]) => n)).containsInAnyOrder([0, 1, 2, 4, 5]);
      },
    },
    {
      name: 'watermark/manual-not-set',
      rule: 'A watermark that is not set stays at the element’s timestamp: nothing is late',
      pipeline(p) {
        const sums = from(p, numbers(), 4)
          .map('back in time', (n) => n)
          .keyBy('Key', () => 'k')
          .window(fixed('100ms'))
          .combinePerKey(sum());
        assertThat(panesOf(sums)).isEqualTo('k=6 0-100 ON_TIME 0/0 first last');
      },
    },
    {
      name: 'watermark/monotonic',
      rule: 'The monotonic watermark follows the timestamps of the outputs; those in order are in time',
      source:
        'WatermarkEstimators.MonotonicallyIncreasing; fn_runner_test.py test_sdf_with_dofn_as_watermark_estimator',
      pipeline(p) {
        const sums = from(p, numbers({ estimation: 'monotonic' }), 5)
          .keyBy('Key', () => 'k')
          .window(fixed('20ms'))
          .combinePerKey(sum());
        assertThat(panesOf(sums)).containsInAnyOrder([
          'k=1 0-20 ON_TIME 0/0 first last',
          'k=5 20-40 ON_TIME 0/0 first last',
          'k=4 40-60 ON_TIME 0/0 first last',
        ]);
      },
    },
    {
      name: 'watermark/not-manual',
      rule: 'An estimated watermark cannot be set',
      fails: 'WATERMARK_NOT_MANUAL',
      pipeline(p) {
        from(p, numbers({ estimation: 'monotonic', watermark: (n) => n }), 2).map('use', (n) => n);
      },
    },
    {
      name: 'watermark/of-several-restrictions',
      rule: 'The watermark of the output is the least of all restrictions under way',
      pipeline(p) {
        // Both give elements at the same times, however far one is ahead of the other.
        const sums = from(p, numbers({ watermark: (n) => n * 10 }), 4, 4)
          .keyBy('Key', () => 'k')
          .window(fixed('10ms'))
          .combinePerKey(sum());
        assertThat(panesOf(sums)).containsInAnyOrder([
          'k=0 0-10 ON_TIME 0/0 first last',
          'k=2 10-20 ON_TIME 0/0 first last',
          'k=4 20-30 ON_TIME 0/0 first last',
          'k=6 30-40 ON_TIME 0/0 first last',
        ]);
      },
    },
    {
      name: 'watermark/of-several-sources',
      rule: 'Where sources meet, the slowest decides',
      pipeline(p) {
        const one = from(p, numbers({ watermark: (n) => n * 10, perCall: 10 }), 4);
        const two = p.create([4]).apply('Two', splittableParDo('Slow', numbers({ watermark: (n) => n * 10 })));
        const sums = flatten([one, two])
          .keyBy('Key', () => 'k')
          .window(fixed('10ms'))
          .combinePerKey(sum());
        assertThat(sums).containsInAnyOrder([
          ['k', 0],
          ['k', 2],
          ['k', 4],
          ['k', 6],
        ]);
      },
    },
    {
      name: 'asynchronous',
      rule: 'A call may wait for its data',
      pipeline(p) {
        const out = from(
          p,
          {
            unbounded: true,
            restriction,
            async *process(_count, { tracker }: OffsetContext) {
              const { start } = tracker.current();
              await Promise.resolve();
              if (!tracker.tryClaim(start)) return undefined;
              yield [start];
              return resume('1ms');
            },
          },
          4,
        );
        assertThat(out).containsInAnyOrder([0, 1, 2, 3]);
      },
    },
    {
      name: 'delay',
      rule: 'A call may ask for a delay before the next one',
      source: 'ProcessContinuation.resume().withResumeDelay',
      pipeline(p) {
        const out = from(
          p,
          {
            unbounded: true,
            restriction,
            *process(_count, { tracker }: OffsetContext) {
              const { start } = tracker.current();
              if (!tracker.tryClaim(start)) return undefined;
              yield [start];
              return resume('5ms');
            },
          },
          3,
        );
        assertThat(out).containsInAnyOrder([0, 1, 2]);
      },
    },
    {
      name: 'then-grouped-again',
      rule: 'A source’s elements go through several stages',
      pipeline(p) {
        const counts = from(p, numbers({ perCall: 3 }), 10)
          .apply(reshuffle())
          .keyBy('Parity', (n) => n % 2)
          .window(fixed('1s'))
          .apply(Count.perKey())
          .map('Swap', ([key, n]): KV<number, number> => [n, key])
          .groupByKey()
          .map('keys', ([n, keys]) => `${n}: ${[...keys].sort().join()}`);
        assertThat(windowsOf(counts)).isEqualTo(['5: 0,1', '0-1000']);
      },
    },
    {
      name: 'unclaimed-rest',
      rule: 'A call that ends without claiming the rest and without asking to go on is an error',
      source: 'RestrictionTracker.checkDone; SplittableDoFnTest',
      fails: 'USER_CODE',
      pipeline(p) {
        from(
          p,
          {
            unbounded: true,
            restriction,
            *process(_count, { tracker }: OffsetContext) {
              if (tracker.tryClaim(0)) yield [0];
            },
          },
          3,
        ).map('use', (n) => n);
      },
    },
    {
      name: 'failure',
      rule: 'A failing source fails the pipeline',
      fails: 'USER_CODE',
      pipeline(p) {
        from(
          p,
          {
            unbounded: true,
            restriction,
            // biome-ignore lint/correctness/useYield: it fails before it gives anything
            *process(): Generator<number[]> {
              throw new Error('no');
            },
          },
          3,
        ).map('use', (n) => n);
      },
    },
  ],
  ['splittable', 'unbounded-splittable'],
);
