import {
  Count,
  fixed,
  flatten,
  flattenIterables,
  type KV,
  type PCollection,
  partition,
  sessions,
  sum,
} from '../../../src/sdk/index.ts';
import { assertThat } from '../../../src/testing/index.ts';
import { topic } from '../conformance-case.ts';
import { at, sorted, timesOf, windowsOf } from '../elements.ts';

const parity = <T extends number>(n: T) => (n % 2 === 0 ? 'even' : 'odd');

export const flattenPartition = topic(
  'graph/flatten-partition',
  'Guide: Flatten, Partition; FlattenTest; PartitionTest',
  [
    {
      name: 'flatten/two',
      rule: 'Flatten has the elements of all its inputs',
      source: 'FlattenTest.testFlattenPCollections; flatten.go Flatten',
      pipeline: (p) => assertThat(flatten([p.create([1, 2]), p.create([3])])).containsInAnyOrder([1, 2, 3]),
    },
    {
      name: 'flatten/one',
      rule: 'Flatten of one collection is that collection',
      source: 'FlattenTest.testFlattenPCollectionsSingletonList',
      pipeline: (p) => assertThat(flatten([p.create([1, 2])])).containsInAnyOrder([1, 2]),
    },
    {
      name: 'flatten/same-twice',
      rule: 'A collection that is flattened with itself is there twice',
      source:
        'FlattenTest.testFlattenInputMultipleCopies; flatten.go FlattenDup; fn_runner_test.py test_flatten_same_pcollections',
      pipeline(p) {
        const numbers = p.create([1, 2]);
        assertThat(flatten([numbers, numbers])).containsInAnyOrder([1, 1, 2, 2]);
      },
    },
    {
      name: 'flatten/same-thrice-and-grouped',
      rule: 'Copies of a collection are grouped each for itself',
      pipeline(p) {
        const keyed = p.create<KV<string, number>>([['k', 1]]);
        assertThat(flatten([keyed, keyed, keyed]).combinePerKey(sum())).isEqualTo(['k', 3]);
      },
    },
    {
      name: 'flatten/empty-inputs',
      rule: 'Empty inputs add nothing; of empty inputs alone Flatten is empty',
      source: 'FlattenTest.testFlattenPCollectionsEmpty, …EmptyThenParDo',
      pipeline(p) {
        assertThat(flatten([p.create<number>([]), p.create([1])])).containsInAnyOrder([1]);
        const none = flatten([p.create<number>([]), p.create<number>([])], 'None');
        assertThat(none).isEmpty();
        assertThat(none.map('same', (n) => n)).isEmpty();
      },
    },
    {
      name: 'flatten/no-inputs-refused',
      rule: 'Flatten needs an input here: without one it would have no pipeline',
      source: 'FlattenTest.testFlattenNoListsNoCoder',
      fails: 'FLATTEN_EMPTY',
      pipeline() {
        flatten([]);
      },
    },
    {
      name: 'flatten/of-flattens',
      rule: 'Flattens can be flattened',
      source: 'ptransform_test.py test_flatten_a_flattened_pcollection',
      pipeline(p) {
        const inner = flatten([p.create([1]), p.create([2])], 'Inner');
        assertThat(flatten([inner, p.create([3]), inner], 'Outer')).containsInAnyOrder([1, 1, 2, 2, 3]);
      },
    },
    {
      name: 'flatten/then-group',
      rule: 'A grouping after Flatten meets the elements of all inputs',
      source: 'fn_runner_test.py test_flatten_and_gbk',
      pipeline(p) {
        const one = p.create<KV<string, number>>([
          ['a', 1],
          ['b', 2],
        ]);
        const two = p.create<KV<string, number>>([['a', 3]]);
        assertThat(sorted(flatten([one, two]).groupByKey())).containsInAnyOrder([
          ['a', [1, 3]],
          ['b', [2]],
        ]);
      },
    },
    {
      name: 'flatten/several-readers',
      rule: 'A flattened collection may have several readers, and its inputs others',
      source: 'FlattenTest.testFlattenMultiplePCollectionsHavingMultipleConsumers',
      pipeline(p) {
        const one = p.create([1, 2]);
        const two = p.create([3]);
        const all = flatten([one, two]);
        assertThat(all.map('double', (n) => n * 2)).containsInAnyOrder([2, 4, 6]);
        assertThat(all.apply(Count.globally())).isEqualTo(3);
        assertThat(one.map('same', (n) => n)).containsInAnyOrder([1, 2]);
      },
    },
    {
      name: 'flatten/of-many',
      rule: 'Flatten may have many inputs',
      pipeline(p) {
        const parts: PCollection<number>[] = Array.from({ length: 60 }, (_, i) => p.create([i]));
        assertThat(flatten(parts).combine(sum())).isEqualTo((60 * 59) / 2);
      },
    },
    {
      name: 'flatten/of-stages',
      rule: 'Inputs of a Flatten may come from different stages, one after a grouping and one before',
      pipeline(p) {
        const keyed = p.create<KV<string, number>>([
          ['a', 1],
          ['a', 2],
        ]);
        const all = flatten([keyed, keyed.combinePerKey(sum())]);
        assertThat(all).containsInAnyOrder([
          ['a', 1],
          ['a', 2],
          ['a', 3],
        ]);
      },
    },
    {
      name: 'flatten/windows-and-times-stay',
      rule: 'Elements keep window and timestamp through Flatten',
      source: 'FlattenTest.testEqualWindowFnPropagation',
      pipeline(p) {
        const windowed = (value: string, time: number) => at(p, [[value, time]]).window(fixed('10ms'));
        const all = flatten([windowed('x', 1), windowed('y', 12)]);
        assertThat(windowsOf(all)).containsInAnyOrder([
          ['x', '0-10'],
          ['y', '10-20'],
        ]);
        assertThat(timesOf(all)).containsInAnyOrder([
          ['x', 1],
          ['y', 12],
        ]);
      },
    },
    {
      name: 'flatten/sessions-merge-across-inputs',
      rule: 'Sessions of elements from different inputs merge',
      needs: ['merging-windows'],
      pipeline(p) {
        const windowed = (value: number, time: number) =>
          at<KV<string, number>>(p, [[['k', value], time]]).window(sessions({ gap: '10ms' }));
        const sums = flatten([windowed(1, 0), windowed(2, 9)]).combinePerKey(sum());
        assertThat(windowsOf(sums)).isEqualTo([['k', 3], '0-19']);
      },
    },
    {
      name: 'flatten/windows-differ',
      rule: 'Collections of different windows cannot be flattened',
      source: 'FlattenTest.testIncompatibleWindowFnPropagationFailure; core_test.py test_flatten_mismatched_windows',
      fails: 'WINDOWS_DIFFER',
      pipeline(p) {
        flatten([p.create([1]).window(fixed('10ms')), p.create([2]).window(fixed('20ms'))]);
      },
    },
    {
      name: 'flatten/iterables',
      rule: 'The elements of iterables become elements',
      source: 'FlattenTest.testFlattenIterables, …Lists, …Sets, …Empty',
      pipeline(p) {
        assertThat(p.create([[1, 2], [], [3]]).apply(flattenIterables())).containsInAnyOrder([1, 2, 3]);
        assertThat(p.create([new Set(['a', 'b'])]).apply('Sets', flattenIterables())).containsInAnyOrder(['a', 'b']);
        assertThat(p.create<number[]>([]).apply('None', flattenIterables())).isEmpty();
      },
    },
    {
      name: 'partition/by-function',
      rule: 'Each element is in the one part that the function names',
      source: 'PartitionTest.testEvenOddPartition',
      pipeline(p) {
        const { even, odd } = p.create([1, 2, 3, 4]).apply(partition('Parity', ['even', 'odd'], parity));
        assertThat(even).containsInAnyOrder([2, 4]);
        assertThat(odd).containsInAnyOrder([1, 3]);
      },
    },
    {
      name: 'partition/empty-part',
      rule: 'A part without elements is empty',
      pipeline(p) {
        const { even, odd } = p.create([2]).apply(partition('Parity', ['even', 'odd'], parity));
        assertThat(even).isEqualTo(2);
        assertThat(odd).isEmpty();
      },
    },
    {
      name: 'partition/unused-part',
      rule: 'A part that nobody reads may be dropped',
      source: 'PartitionTest.testDroppedPartition',
      pipeline(p) {
        const { odd } = p.create([1, 2, 3]).apply(partition('Parity', ['even', 'odd'], parity));
        assertThat(odd).containsInAnyOrder([1, 3]);
      },
    },
    {
      name: 'partition/out-of-bounds',
      rule: 'A part that does not exist fails the element',
      source: 'PartitionTest.testOutOfBoundsPartitions',
      fails: 'PARTITION_UNKNOWN',
      pipeline(p) {
        p.create([1]).apply(partition('Wrong', ['a'], () => 'b' as 'a'));
      },
    },
    {
      name: 'partition/no-parts',
      rule: 'There is at least one part',
      source: 'PartitionTest.testZeroNumPartitions',
      fails: 'PARTITION_INVALID',
      pipeline(p) {
        p.create([1]).apply(partition('None', [], () => 'a' as never));
      },
    },
    {
      name: 'partition/flattened-and-grouped',
      rule: 'The parts flattened are the whole again',
      source: 'ptransform_test.py test_partition_followed_by_flatten_and_groupbykey',
      pipeline(p) {
        const { even, odd } = p.create([1, 2, 3, 4]).apply(partition('Parity', ['even', 'odd'], parity));
        assertThat(flatten([even, odd]).combine(sum())).isEqualTo(10);
      },
    },
  ],
);
