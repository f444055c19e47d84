import { test } from 'node:test';
import { assertThat, TestPipeline, testStream, timestamped } from '../../testing/index.ts';
import {
  afterCount,
  afterWatermark,
  distinct,
  fixed,
  globalWindows,
  repeatedly,
  sessions,
  timestamp,
  withTimestamps,
} from '../index.ts';

test('distinct keeps each element once', async () => {
  const p = new TestPipeline();
  assertThat(p.create(['a', 'b', 'a']).apply(distinct())).containsInAnyOrder(['a', 'b']);
  assertThat(
    p
      .create([
        [1, 'x'],
        [1, 'y'],
        [1, 'x'],
      ] as const)
      .apply(distinct()),
  ).containsInAnyOrder([
    [1, 'x'],
    [1, 'y'],
  ]);
  assertThat(p.create<number>([]).apply(distinct())).isEmpty();
  await p.run();
});

test('distinct by a representative keeps one of the equal ones', async () => {
  const p = new TestPipeline();
  const words = p.create(['Ab', 'aB', 'c']).apply(distinct((word) => word.toLowerCase()));
  assertThat(words.map('lower', (word) => word.toLowerCase())).containsInAnyOrder(['ab', 'c']);
  await p.run();
});

test('distinct works per window', async () => {
  const p = new TestPipeline();
  const seconds = p.create([1, 2, 61]).apply(withTimestamps('time', (second) => timestamp(second * 1000)));
  const parity = seconds.window(fixed('1m')).map('same', () => 'x');
  assertThat(parity.apply(distinct())).containsInAnyOrder(['x', 'x']);
  await p.run();
});

for (const accumulation of ['accumulating', 'discarding'] as const) {
  test(`distinct gives an element with the first ${accumulation} pane only`, async () => {
    const p = new TestPipeline();
    const stream = testStream<string>()
      .addElements('a', 'a')
      .addElements('b', 'a')
      .addElements('a')
      .advanceWatermarkToInfinity();
    const words = p.apply(stream).window(globalWindows(), { trigger: repeatedly(afterCount(1)), accumulation });
    assertThat(words.apply(distinct())).containsInAnyOrder(['a', 'b']);
    await p.run();
  });

  test(`distinct by a representative takes it from the first of several ${accumulation} panes`, async () => {
    const p = new TestPipeline();
    const stream = testStream<string>()
      .addElements(timestamped('Ab', timestamp(1)))
      .addElements(timestamped('aB', timestamp(2)), timestamped('c', timestamp(1500)))
      .advanceWatermarkToInfinity();
    const words = p.apply(stream).window(fixed('1s'), {
      trigger: afterWatermark({ early: afterCount(1), late: afterCount(1) }),
      allowedLateness: '0s',
      accumulation,
    });
    assertThat(words.apply(distinct((word) => word.toLowerCase()))).containsInAnyOrder(['Ab', 'c']);
    await p.run();
  });
}

test('distinct gives no late repetition, and a late element that is new', async () => {
  const p = new TestPipeline();
  const stream = testStream<string>()
    .addElements(timestamped('a', timestamp(500)))
    .advanceWatermarkTo(timestamp(1200))
    .addElements(timestamped('a', timestamp(700)), timestamped('late', timestamp(800)))
    .addElements(timestamped('late', timestamp(900)))
    .advanceWatermarkToInfinity();
  const words = p.apply(stream).window(fixed('1s'), { allowedLateness: '5s', accumulation: 'discarding' });
  assertThat(words.apply(distinct())).containsInAnyOrder(['a', 'late']);
  await p.run();
});

test('distinct gives an element once per session as it has merged', async () => {
  const p = new TestPipeline();
  const stream = testStream<string>()
    .addElements(timestamped('a', timestamp(0)), timestamped('a', timestamp(500)))
    .advanceWatermarkTo(timestamp(5000))
    .addElements(timestamped('a', timestamp(5000)))
    .advanceWatermarkToInfinity();
  const words = p.apply(stream).window(sessions({ gap: '1s' }), { allowedLateness: '1s', accumulation: 'discarding' });
  assertThat(words.apply(distinct())).containsInAnyOrder(['a', 'a']);
  await p.run();
});
