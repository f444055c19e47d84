import { test } from 'node:test';
import { assertThat, inAnyOrder, TestPipeline } from '../../testing/index.ts';
import { flattenIterables, keys, kvSwap, values, withKeys } from '../index.ts';

test('keys and values are added, taken and swapped', async () => {
  const p = new TestPipeline();
  const words = p.create(['apple', 'fig']);
  const keyed = words.apply(withKeys((word) => word.length));
  assertThat(keyed).containsInAnyOrder([
    [5, 'apple'],
    [3, 'fig'],
  ]);
  assertThat(words.apply(withKeys('fruit'))).containsInAnyOrder([
    ['fruit', 'apple'],
    ['fruit', 'fig'],
  ]);
  assertThat(keyed.apply(kvSwap())).containsInAnyOrder([
    ['apple', 5],
    ['fig', 3],
  ]);
  assertThat(keyed.apply(kvSwap()).groupByKey()).containsInAnyOrder([
    ['apple', [5]],
    ['fig', [3]],
  ]);
  assertThat(keyed.apply(keys())).containsInAnyOrder([5, 3]);
  assertThat(keyed.apply(values())).containsInAnyOrder(['apple', 'fig']);
  await p.run();
});

test('iterables are flattened', async () => {
  const p = new TestPipeline();
  assertThat(p.create([[1, 2], [], [3]]).apply(flattenIterables())).containsInAnyOrder([1, 2, 3]);
  const groups = p
    .create([
      ['a', 1],
      ['a', 2],
    ] as const)
    .groupByKey();
  assertThat(groups.apply(values()).apply(flattenIterables())).containsInAnyOrder([1, 2]);
  assertThat(groups).isEqualTo(['a', inAnyOrder([2, 1])] as never);
  await p.run();
});
