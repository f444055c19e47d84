import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { assertThat, TestPipeline } from '../../testing/index.ts';
import {
  batchElements,
  fixed,
  type GlobalWindow,
  groupIntoBatches,
  Reify,
  timestamp,
  withTimestamps,
} from '../index.ts';

fc.configureGlobal({ seed: 4 });

const range = (n: number) => Array.from({ length: n }, (_, i) => i);

describe('batchElements', () => {
  test('keeps every element, the order, and the sizes', async () => {
    const sizes = fc.integer({ min: 1, max: 10 }).chain((minSize) =>
      fc.record({
        minSize: fc.constant(minSize),
        maxSize: fc.integer({ min: minSize === 1 ? 1 : 2 * minSize, max: 40 }),
      }),
    );
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 100 }), sizes, async (count, { minSize, maxSize }) => {
        const p = new TestPipeline();
        const batches = p.create(range(count)).apply(batchElements({ minSize, maxSize }));
        assertThat(batches).satisfies((all) => {
          const inOrder = all.toSorted((a, b) => a[0] - b[0]);
          assert.deepEqual(inOrder.flat(), range(count));
          for (const batch of all) assert.ok(batch.length <= maxSize && batch.length >= Math.min(minSize, count));
        });
        await p.run();
      }),
      { numRuns: 40 },
    );
  });

  test('does not mix windows and takes the latest timestamp', async () => {
    const p = new TestPipeline();
    const minutes = p
      .create([5, 61, 7, 62, 63])
      .apply(withTimestamps('time', (second) => timestamp(second * 1000)))
      .window(fixed('1m'));
    const batches = minutes.apply(batchElements({ maxSize: 2 })).apply(Reify.timestamps());
    assertThat(batches).containsInAnyOrder([
      { value: [5, 7], timestamp: timestamp(7000) },
      { value: [61, 62], timestamp: timestamp(62_000) },
      { value: [63], timestamp: timestamp(63_000) },
    ]);
    await p.run();
  });

  test('used twice, fills two buffers', async () => {
    const p = new TestPipeline();
    const pairs = batchElements<number, GlobalWindow>({ maxSize: 100 });
    const numbers = p.create([1, 2]);
    assertThat(numbers.apply('first', pairs)).isEqualTo([1, 2]);
    assertThat(numbers.map('more', (n) => n * 10).apply('second', pairs)).isEqualTo([10, 20]);
    await p.run();
  });

  test('refuses sizes that cannot be kept', () => {
    assert.throws(() => batchElements({ maxSize: 0 }), { code: 'BATCH_INVALID' });
    assert.throws(() => batchElements({ maxSize: 10, minSize: 6 }), { code: 'BATCH_INVALID' });
    assert.throws(() => batchElements({ maxSize: 1.5 }), { code: 'BATCH_INVALID' });
    assert.throws(() => groupIntoBatches(0), { code: 'BATCH_INVALID' });
  });
});

test('groupIntoBatches cuts the values of each key', async () => {
  const p = new TestPipeline();
  const keyed = p.create(range(25)).keyBy('parity', (n) => (n % 5 === 0 ? 'five' : 'other'));
  const batches = keyed.apply(groupIntoBatches(6));
  assertThat(batches.map('size', ([key, batch]) => [key, batch.length] as const)).containsInAnyOrder([
    ['five', 5],
    ['other', 6],
    ['other', 6],
    ['other', 6],
    ['other', 2],
  ]);
  assertThat(batches.flatMap('all', ([, batch]) => batch)).containsInAnyOrder(range(25));
  await p.run();
});
