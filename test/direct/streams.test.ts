import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  fixed,
  flatten,
  impulse,
  type OffsetRange,
  OffsetRangeTracker,
  offsetRangeCoder,
  Pipeline,
  resume,
  type SplittableDoFn,
  splittableParDo,
  sum,
  type WatermarkEstimation,
} from '../../src/sdk/index.ts';

const BATCH = 50;

function source(
  count: number,
  settings: {
    readonly watermark?: WatermarkEstimation;
    readonly onBatch?: (end: number) => void;
    readonly idle?: boolean;
  },
): SplittableDoFn<Uint8Array, OffsetRange, number, number> {
  return {
    unbounded: true,
    watermark: settings.watermark ?? 'monotonic',
    restriction: {
      coder: offsetRangeCoder,
      initial: () => ({ start: 0, end: count }),
      tracker: (range) => new OffsetRangeTracker(range),
    },
    *process(_, { tracker }) {
      for (let at = tracker.current().start; ; at += BATCH) {
        if (settings.idle === true) return resume('1ms');
        const end = Math.min(at + BATCH, count);
        if (end <= at || !tracker.tryClaim(end - 1)) return undefined;
        settings.onBatch?.(end);
        const values = Array.from({ length: end - at }, (_, i) => at + i);
        yield { values, timestamps: values.map((value) => value * 100) };
      }
    },
  };
}

test('a source is not asked for more while its batch has not gone through a slow sink', async () => {
  const p = new Pipeline({ threads: 0 });
  let done = 0;
  let furthest = 0;
  p.apply(impulse())
    .apply(
      splittableParDo(
        'Burst',
        source(2000, {
          onBatch(end) {
            furthest = Math.max(furthest, end - done);
          },
        }),
      ),
    )
    .parDo('Slow sink', {
      concurrency: 4,
      async process() {
        await new Promise((resolve) => setImmediate(resolve));
        done++;
      },
    });
  await p.run();
  assert.equal(done, 2000);
  assert.ok(furthest <= BATCH, `the source was ${furthest} elements ahead`);
});

test('an idle source that follows the time of day does not stall the others', async () => {
  const p = new Pipeline({ threads: 0 });
  const idle = p
    .apply('Nothing', impulse())
    .apply('Idle', splittableParDo('Idle', source(Number.MAX_SAFE_INTEGER, { watermark: 'wallTime', idle: true })));
  const busy = p.apply('Something', impulse()).apply('Busy', splittableParDo('Busy', source(100, {})));
  const first = Promise.withResolvers<number>();
  flatten([idle, busy])
    .window(fixed('5s'))
    .combine(sum())
    .map('First', (total) => {
      first.resolve(total);
      return total;
    });
  const job = await p.start();
  assert.equal(await first.promise, (49 * 50) / 2);
  await job.cancel();
  await assert.rejects(job.wait(), { code: 'CANCELLED' });
});

test('windows of a source that never sets its watermark close when it ends', async () => {
  const p = new Pipeline({ threads: 0 });
  const values = p.apply(impulse()).apply(splittableParDo('Manual', source(100, { watermark: 'manual' })));
  const kept = values.window(fixed('1s')).combine(sum()).collect('Sums');
  const sums = (await p.run()).elements(kept);
  assert.equal(sums.length, 10);
  assert.ok(sums.includes(45));
});

test('each of very many elements of one batch may ask to be told when it is durable', async () => {
  const p = new Pipeline({ threads: 0 });
  const count = 300_000;
  let told = 0;
  const all: SplittableDoFn<Uint8Array, OffsetRange, number, number> = {
    ...source(count, {}),
    *process(_, { tracker }) {
      if (tracker.tryClaim(count - 1)) yield Array.from({ length: count }, (__, i) => i);
    },
  };
  p.apply(impulse())
    .apply(splittableParDo('All', all))
    .parDo('Tell', {
      process(_: number, { afterBundleCommit }) {
        afterBundleCommit(() => {
          told++;
        });
      },
    });
  await p.run();
  assert.equal(told, count);
});
