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
