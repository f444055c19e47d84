import {
  ApproximateQuantiles,
  ApproximateUnique,
  allOf,
  anyOf,
  bottom,
  type CombineFn,
  Count,
  fixed,
  type KV,
  Latest,
  Max,
  Mean,
  Min,
  Sample,
  Sum,
  standardDeviation,
  sumBigInt,
  Top,
  toList,
  toMap,
  top,
  toSet,
  variance,
} from '../../../src/sdk/index.ts';
import { assertThat, closeTo, inAnyOrder } from '../../../src/testing/index.ts';
import { topic } from '../conformance-case.ts';
import { at, timesOf, windowsOf } from '../elements.ts';

const PAIRS: readonly KV<string, number>[] = [
  ['a', 3],
  ['a', 1],
  ['b', 20],
  ['a', 2],
  ['b', 10],
];

export const combineFns = topic(
  'combine/functions',
  'Combine functions of the SDK: Count, Sum, Mean, Min, Max, Top, Sample, Latest, …',
  [
    {
      name: 'count/per-element',
      rule: 'Count.perElement counts how often each element occurs',
      source: 'CountTest.testCountPerElementBasic',
      pipeline(p) {
        assertThat(p.create(['hi', 'there', 'hi', 'hi', 'sue']).apply(Count.perElement())).containsInAnyOrder([
          ['hi', 3],
          ['there', 1],
          ['sue', 1],
        ]);
        assertThat(p.create<string>([]).apply(Count.perElement())).isEmpty();
      },
    },
    {
      name: 'count/per-key',
      rule: 'Count.perKey counts the values of each key',
      source: 'Count.perKey',
      pipeline(p) {
        assertThat(p.create(PAIRS).apply(Count.perKey())).containsInAnyOrder([
          ['a', 3],
          ['b', 2],
        ]);
      },
    },
    {
      name: 'sum',
      rule: 'Sums of numbers, of all and per key',
      source: 'SumTest',
      pipeline(p) {
        assertThat(p.create([1, -1, 2.5]).apply(Sum.globally())).isEqualTo(2.5);
        assertThat(p.create(PAIRS).apply(Sum.perKey())).containsInAnyOrder([
          ['a', 6],
          ['b', 30],
        ]);
      },
    },
    {
      name: 'sum/of-large-integers',
      rule: 'Integers of 64 bits are added exactly',
      source: 'Sum.ofLongs',
      pipeline(p) {
        assertThat(p.create([2n ** 62n, 1n, 2n]).combine(sumBigInt())).isEqualTo(2n ** 62n + 3n);
      },
    },
    {
      name: 'mean',
      rule: 'Arithmetic means of all and per key',
      source: 'MeanTest; combiners_test.py test_MeanCombineFn_combine',
      pipeline(p) {
        assertThat(p.create([1, 2, 3, 6]).apply(Mean.globally())).isEqualTo(3);
        assertThat(p.create(PAIRS).apply(Mean.perKey())).containsInAnyOrder([
          ['a', 2],
          ['b', 15],
        ]);
      },
    },
    {
      name: 'extremes',
      rule: 'The least and the greatest, of all and per key',
      source: 'MinTest, MaxTest',
      pipeline(p) {
        assertThat(p.create([3, -7, 5]).apply(Min.globally())).isEqualTo(-7);
        assertThat(p.create([3, -7, 5]).apply(Max.globally())).isEqualTo(5);
        assertThat(p.create(PAIRS).apply(Min.perKey())).containsInAnyOrder([
          ['a', 1],
          ['b', 10],
        ]);
        assertThat(p.create(PAIRS).apply(Max.perKey())).containsInAnyOrder([
          ['a', 3],
          ['b', 20],
        ]);
      },
    },
    {
      name: 'extremes/nan',
      rule: 'With a NaN among them the least and the greatest number are NaN',
      source: 'MinTest, MaxTest: Double.NaN',
      pipeline(p) {
        assertThat(p.create([3, Number.NaN, 5]).apply(Min.globally())).isEqualTo(Number.NaN);
        assertThat(p.create([3, Number.NaN, 5]).apply(Max.globally())).isEqualTo(Number.NaN);
      },
    },
    {
      name: 'extremes/by-a-comparator',
      rule: 'A comparator decides what is least',
      source: 'Min.globally(Comparator)',
      pipeline(p) {
        const words = p.create(['pear', 'fig', 'banana']);
        const byLength = (a: string, b: string) => a.length - b.length;
        assertThat(words.apply(Min.globally(byLength))).isEqualTo('fig');
        assertThat(words.apply(Max.globally(byLength))).isEqualTo('banana');
      },
    },
    {
      name: 'top',
      rule: 'The n greatest, the greatest first',
      source: 'TopTest.testTop',
      pipeline(p) {
        assertThat(p.create([5, 1, 9, 3]).apply(Top.globally(2))).isEqualTo([9, 5]);
        assertThat(p.create([5, 1, 9, 3]).combine(bottom(3))).isEqualTo([1, 3, 5]);
      },
    },
    {
      name: 'top/fewer-elements',
      rule: 'Of fewer than n elements the top has all',
      source: 'TopTest.testTop',
      pipeline(p) {
        assertThat(p.create([5, 1]).apply(Top.globally(10))).isEqualTo([5, 1]);
      },
    },
    {
      name: 'top/per-key-and-window',
      rule: 'The top of each key and window',
      source: 'TopTest.testTop (per key)',
      pipeline(p) {
        const tops = at<KV<string, number>>(p, [
          [['a', 1], 0],
          [['a', 2], 1],
          [['a', 3], 12],
          [['b', 4], 12],
        ])
          .window(fixed('10ms'))
          .apply(Top.perKey(1));
        assertThat(windowsOf(tops)).containsInAnyOrder([
          [['a', [2]], '0-10'],
          [['a', [3]], '10-20'],
          [['b', [4]], '10-20'],
        ]);
      },
    },
    {
      name: 'top/by-a-key',
      rule: 'A function may name what is compared',
      source: 'combiners_test.py test_top_key',
      pipeline(p) {
        assertThat(p.create(['aa', 'bbb', 'c']).combine(top(2, (word) => word.length))).isEqualTo(['bbb', 'aa']);
      },
    },
    {
      name: 'top/duplicates',
      rule: 'Equal elements count each for itself',
      source: 'TopTest',
      pipeline: (p) => assertThat(p.create([7, 7, 7, 1]).combine(top(3))).isEqualTo([7, 7, 7]),
    },
    {
      name: 'top/negative-refused',
      rule: 'The number of elements is not negative',
      source: 'TopTest.testCountConstraint',
      fails: 'COMBINE_SIZE',
      pipeline(p) {
        p.create([1]).combine(top(-1));
      },
    },
    {
      name: 'sample/fixed-size',
      rule: 'A sample has n elements of the collection, each at most as often as it occurs',
      source: 'SampleTest.testSample, testSampleMultiplicity',
      pipeline(p) {
        const values = [1, 2, 3, 4, 5, 5];
        assertThat(p.create(values).apply(Sample.fixedSizeGlobally(3))).satisfies(([sample]) => {
          if (sample.length !== 3) return false;
          const left = [...values];
          return sample.every((value) => {
            const found = left.indexOf(value);
            if (found >= 0) left.splice(found, 1);
            return found >= 0;
          });
        });
      },
    },
    {
      name: 'sample/of-fewer',
      rule: 'A sample of fewer than n elements is all of them',
      source: 'SampleTest.testSampleInsufficientElements, testSampleEmpty',
      pipeline(p) {
        assertThat(p.create([1, 2]).apply(Sample.fixedSizeGlobally(10))).isEqualTo(inAnyOrder([1, 2]));
        assertThat(p.create<number>([]).apply(Sample.fixedSizeGlobally(10))).isEqualTo([]);
      },
    },
    {
      name: 'sample/per-key',
      rule: 'A sample of each key',
      source: 'combiners_test.py test_per_key_sample',
      pipeline(p) {
        assertThat(p.create(PAIRS).apply(Sample.fixedSizePerKey(2))).satisfies((samples) => {
          const sizes = Object.fromEntries(samples.map(([key, values]) => [key, values.length]));
          return samples.length === 2 && sizes.a === 2 && sizes.b === 2;
        });
      },
    },
    {
      name: 'sample/any',
      rule: 'Any n elements, each as an element of its own',
      source: 'SampleTest.testSampleAny, testSampleAnyEmpty, testSampleAnyInsufficientElements',
      pipeline(p) {
        assertThat(p.create([1, 2, 3, 4]).apply(Sample.any(2))).countIs(2);
        assertThat(p.create([1, 2]).apply(Sample.any(5))).containsInAnyOrder([1, 2]);
        assertThat(p.create<number>([]).apply(Sample.any(5))).isEmpty();
      },
    },
    {
      name: 'sample/any-per-window',
      rule: 'Any n elements of each window',
      source: 'combiners_test.py test_sample_any_windowed',
      pipeline(p) {
        const some = at(p, [
          ['a', 0],
          ['b', 1],
          ['c', 11],
        ])
          .window(fixed('10ms'))
          .apply(Sample.any(1));
        assertThat(windowsOf(some).map('window', ([, window]) => window)).containsInAnyOrder(['0-10', '10-20']);
      },
    },
    {
      name: 'latest/globally',
      rule: 'The element with the greatest timestamp',
      source: 'LatestTest.testGloballyEventTimestamp',
      pipeline(p) {
        const elements = at(p, [
          ['foo', 100],
          ['bar', 300],
          ['baz', 200],
        ]);
        assertThat(elements.apply(Latest.globally())).isEqualTo('bar');
      },
    },
    {
      name: 'latest/of-none',
      rule: 'The latest of an empty collection is nothing; per key there is no result',
      source: 'LatestTest.testGloballyEmptyCollection, testPerKeyEmptyCollection',
      pipeline(p) {
        assertThat(p.create<number>([]).apply(Latest.globally())).isEqualTo(undefined);
        assertThat(p.create<KV<string, number>>([]).apply(Latest.perKey())).isEmpty();
      },
    },
    {
      name: 'latest/per-key',
      rule: 'The value of each key with the greatest timestamp',
      source: 'LatestTest.testPerKeyEventTimestamp',
      pipeline(p) {
        const elements = at<KV<string, string>>(p, [
          [['A', 'foo'], 100],
          [['B', 'bar'], 300],
          [['A', 'baz'], 200],
        ]);
        assertThat(elements.apply(Latest.perKey())).containsInAnyOrder([
          ['A', 'baz'],
          ['B', 'bar'],
        ]);
      },
    },
    {
      name: 'latest/per-window',
      rule: 'Each window has its own latest element',
      pipeline(p) {
        const elements = at(p, [
          ['a', 1],
          ['b', 9],
          ['c', 11],
        ])
          .window(fixed('10ms'))
          .apply(Latest.globally());
        assertThat(timesOf(elements)).containsInAnyOrder([
          ['b', 9],
          ['c', 19],
        ]);
      },
    },
    {
      name: 'to-list',
      rule: 'All elements in one list, those of each key too',
      source: 'combiners_test.py test_to_list_and_to_dict1',
      pipeline(p) {
        assertThat(p.create([3, 1, 2, 1]).combine(toList())).isEqualTo(inAnyOrder([1, 1, 2, 3]));
        assertThat(p.create<number>([]).combine(toList())).isEqualTo([]);
        assertThat(p.create(PAIRS).combinePerKey(toList())).containsInAnyOrder([
          ['a', inAnyOrder([1, 2, 3])],
          ['b', inAnyOrder([10, 20])],
        ]);
      },
    },
    {
      name: 'to-set',
      rule: 'The distinct elements in one set',
      source: 'combiners_test.py test_to_set',
      pipeline(p) {
        assertThat(p.create(['a', 'b', 'a']).combine(toSet())).isEqualTo(new Set(['a', 'b']));
      },
    },
    {
      name: 'to-map',
      rule: 'Pairs in one map',
      source: 'combiners_test.py test_to_list_and_to_dict2',
      pipeline(p) {
        const pairs = p.create<KV<string, number>>([
          ['a', 1],
          ['b', 2],
        ]);
        assertThat(pairs.combine(toMap())).isEqualTo(
          new Map([
            ['a', 1],
            ['b', 2],
          ]),
        );
      },
    },
    {
      name: 'variance',
      rule: 'Sample and population variance',
      source: 'VarianceFn; VarianceFnTest',
      pipeline(p) {
        const numbers = p.create([2, 4, 4, 4, 5, 5, 7, 9]);
        assertThat(numbers.combine(variance({ population: true }))).isEqualTo(closeTo(4, 1e-12));
        assertThat(numbers.combine(variance())).isEqualTo(closeTo(32 / 7, 1e-12));
        assertThat(numbers.combine(standardDeviation({ population: true }))).isEqualTo(closeTo(2, 1e-12));
      },
    },
    {
      name: 'all-and-any',
      rule: 'Of no elements all are true and none is',
      pipeline(p) {
        const none = p.create<boolean>([]);
        assertThat(none.combine(allOf())).isEqualTo(true);
        assertThat(none.combine(anyOf())).isEqualTo(false);
        assertThat(p.create([true, false]).combine(allOf())).isEqualTo(false);
        assertThat(p.create([true, false]).combine(anyOf())).isEqualTo(true);
      },
    },
    {
      name: 'quantiles',
      rule: 'Quantiles divide the order evenly and include both ends',
      source: 'ApproximateQuantilesTest',
      pipeline(p) {
        const numbers = p.create(Array.from({ length: 101 }, (_, i) => (i * 37) % 101));
        assertThat(numbers.apply(ApproximateQuantiles.globally(5))).isEqualTo(
          [0, 25, 50, 75, 100].map((q) => closeTo(q, 2)),
        );
      },
    },
    {
      name: 'distinct-count',
      rule: 'The approximate number of distinct elements is near the exact one',
      source: 'ApproximateUniqueTest',
      pipeline(p) {
        const numbers = p.create(Array.from({ length: 3000 }, (_, i) => i % 1000));
        assertThat(numbers.apply(ApproximateUnique.globally())).isEqualTo(closeTo(1000, 50));
      },
    },
    {
      name: 'own/async-free-state',
      rule: 'A CombineFn may build its accumulator from objects and maps',
      source: 'CombineFn: accumulators of any type with a coder',
      pipeline(p) {
        const histogram: CombineFn<string, Map<string, number>, readonly KV<string, number>[]> = {
          create: () => new Map(),
          add: (map, word) => map.set(word, (map.get(word) ?? 0) + 1),
          merge(maps) {
            const all = new Map<string, number>();
            for (const map of maps) for (const [word, n] of map) all.set(word, (all.get(word) ?? 0) + n);
            return all;
          },
          extract: (map) => [...map].sort(([a], [b]) => (a < b ? -1 : 1)),
        };
        assertThat(p.create(['b', 'a', 'b']).combine(histogram)).isEqualTo([
          ['a', 1],
          ['b', 2],
        ]);
      },
    },
  ],
);
