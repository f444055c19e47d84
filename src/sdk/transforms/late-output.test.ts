import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { assertThat, TestPipeline, testStream, timestamped } from '../../testing/index.ts';
import {
  coders,
  combinePerKey,
  fixed,
  type IntervalWindow,
  type KV,
  PipelineError,
  parDo,
  sessions,
  state,
  sum,
  timestamp,
} from '../index.ts';

const pairs: readonly KV<string, number>[] = [
  ['a', 1],
  ['b', 2],
  ['a', 4],
];
const counting = {
  state: { count: state.value<number>() },
  process: ([key]: KV<string, number>): string[] => [key],
};

describe('late output', () => {
  test('of a combine of bounded input is empty', async () => {
    const p = new TestPipeline();
    const { main, late } = p.create(pairs).withLateOutput().combinePerKey(sum());
    assertThat(main).containsInAnyOrder([
      ['a', 5],
      ['b', 2],
    ]);
    assertThat(late).isEmpty();
    await p.run();
  });

  test('is counted as elements of its collection', async () => {
    const p = new TestPipeline();
    const stream = testStream<KV<string, number>>()
      .addElements(timestamped(pairs[0], timestamp(0)))
      .advanceWatermarkTo(timestamp(5000))
      .addElements(timestamped(pairs[1], timestamp(1)), timestamped(pairs[2], timestamp(2)))
      .advanceWatermarkToInfinity();
    const windowed = p.apply(stream).window(fixed('1s'));
    const { late } = windowed.apply(
      'Combine',
      combinePerKey<string, number, number, number, IntervalWindow>(sum()).withLateOutput(),
    );
    assertThat(late).containsInAnyOrder([pairs[1], pairs[2]]);
    windowed.apply(
      parDo<KV<string, number>, string, {}, {}, IntervalWindow, typeof counting.state>(
        'Count',
        counting,
      ).withLateOutput(),
    );
    const { metrics } = await p.run();
    const lateOf = (name: string) => metrics.transforms.find(({ transform }) => transform === name)?.elementsOut.late;
    assert.deepEqual([lateOf('Combine'), lateOf('Count')], [2, 2]);
  });

  describe('has nothing in it that is late any more', () => {
    const at = (millis: number, value: KV<string, number>) => timestamped(value, timestamp(millis));
    const stream = () =>
      testStream<KV<string, number>>()
        .addElements(at(1, ['a', 1]))
        .advanceWatermarkTo(timestamp(5000))
        .addElements(at(20, ['a', 2]), at(10, ['a', 4]), at(1500, ['b', 8]))
        .advanceWatermarkToInfinity();

    test('for a grouping, a combine in parts, state and order in time', async () => {
      const p = new TestPipeline();
      const { late } = p.apply(stream()).window(fixed('1s')).withLateOutput().combinePerKey(sum(), { hotKeyFanOut: 2 });
      const groups = late.groupByKey().map('Values', ([key, values]) => `${key} ${[...values]}`);
      assertThat(groups).containsInAnyOrder(['a 2', 'a 4', 'b 8']);
      assertThat(late.parDo('Count', counting)).containsInAnyOrder(['a', 'a', 'b']);
      const sorted = late.parDo('In order', {
        requiresTimeSortedInput: true,
        process: ([key, n]): string[] => [`${key} ${n}`],
      });
      assertThat(sorted).containsInAnyOrder(['a 2', 'a 4', 'b 8']);
      const { metrics } = await p.run();
      assert.equal(metrics.counter('droppedDueToLateness'), 0);
    });

    test('for sessions, which merge once more', async () => {
      const p = new TestPipeline();
      const { late } = p
        .apply(stream())
        .window(sessions({ gap: '1s' }), { accumulation: 'accumulating', allowedLateness: '1s', closing: 'fireAlways' })
        .withLateOutput()
        .groupByKey();
      const sums = late.combinePerKey(sum()).parDo('Windows', {
        process: ([key, n], { window }): string[] => [`${key} ${n} ${window.start}-${window.end}`],
      });
      assertThat(sums).containsInAnyOrder(['a 2 20-1020', 'a 4 10-1020', 'b 8 1500-2500']);
      await p.run();
    });

    test('in other windows, also from the global one', async () => {
      const p = new TestPipeline();
      const { late } = p
        .apply(stream())
        .withLateOutput()
        .parDo('In order', { requiresTimeSortedInput: true, process: (): void => {} });
      const sums = late.window(fixed('1s')).combinePerKey(sum());
      assertThat(sums).containsInAnyOrder([
        ['a', 2],
        ['a', 4],
        ['b', 8],
      ]);
      const { metrics } = await p.run();
      assert.equal(metrics.counter('droppedDueToLateness'), 0);
    });
  });

  test('cannot share its name with an output of the DoFn', () => {
    const input = new TestPipeline().create(pairs);
    const fn = { ...counting, outputs: { late: coders.string } };
    assert.throws(
      () => input.withLateOutput().parDo('Count', fn),
      (error) => error instanceof PipelineError && error.code === 'OUTPUT_NAME' && /'late'/.test(error.message),
    );
    // Without it, it is a name as any other.
    assert.ok(input.parDo('Count', fn).late);
  });
});
