import { test } from 'node:test';
import { assertThat, TestPipeline } from '../../testing/index.ts';
import { distinct, fixed, timestamp, withTimestamps } from '../index.ts';

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
