import {
  type CombineFn,
  Count,
  combineGlobally,
  fixed,
  type KV,
  max,
  mean,
  min,
  sessions,
  sliding,
  sum,
  toList,
  top,
} from '../../../src/sdk/index.ts';
import { assertThat, inAnyOrder } from '../../../src/testing/index.ts';
import { topic } from '../conformance-case.ts';
import { at, timesOf, windowsOf } from '../elements.ts';

/** Counts and sums by an accumulator of its own type, with an output of another. */
const average: CombineFn<number, { count: number; sum: number }, string> = {
  name: 'Average',
  create: () => ({ count: 0, sum: 0 }),
  add({ count, sum }, input) {
    return { count: count + 1, sum: sum + input };
  },
  merge(accumulators) {
    let [count, sum] = [0, 0];
    for (const each of accumulators) {
      count += each.count;
      sum += each.sum;
    }
    return { count, sum };
  },
  extract: ({ count, sum }) => `${sum}/${count}`,
};

export const combinesGlobally = topic(
  'combine/globally',
  'Guide: combining a PCollection; Combine.Globally; CombineTest',
  [
    {
      name: 'one-result',
      rule: 'All elements of the global window are combined into one',
      pipeline: (p) => assertThat(p.create([1, 2, 3, 4]).combine(sum())).isEqualTo(10),
    },
    {
      name: 'accumulator-of-its-own-type',
      rule: 'Input, accumulator and output may be of three types',
      source: 'CombineTest.testAccumulatingCombine',
      pipeline: (p) => assertThat(p.create([1, 5, 6]).combine(average)).isEqualTo('12/3'),
    },
    {
      name: 'one-element',
      rule: 'One element is combined with the empty accumulator',
      pipeline: (p) => assertThat(p.create([7]).combine(average)).isEqualTo('7/1'),
    },
    {
      name: 'empty/default-value',
      rule: 'An empty collection in the global window gives the output of the empty accumulator',
      source: 'CombineTest.testSimpleCombineEmpty, testAccumulatingCombineEmpty',
      pipeline(p) {
        assertThat(p.create<number>([]).combine(average)).isEqualTo('0/0');
        assertThat(p.create<number>([]).combine(sum())).isEqualTo(0);
      },
    },
    {
      name: 'empty/count',
      rule: 'The count of an empty collection is 0',
      source: 'CountTest.testCountGloballyEmpty',
      pipeline: (p) => assertThat(p.create<number>([]).apply(Count.globally())).isEqualTo(0),
    },
    {
      name: 'empty/mean',
      rule: 'The mean of an empty collection is NaN',
      source: 'combiners_test.py test_MeanCombineFn_combine_empty; MeanTest',
      pipeline: (p) => assertThat(p.create<number>([]).combine(mean())).isEqualTo(Number.NaN),
    },
    {
      name: 'empty/extremes',
      rule: 'The least and the greatest of no numbers are the neutral ones',
      source: 'Min.ofDoubles, Max.ofDoubles',
      pipeline(p) {
        assertThat(p.create<number>([]).combine(min())).isEqualTo(Number.POSITIVE_INFINITY);
        assertThat(p.create<number>([]).combine(max())).isEqualTo(Number.NEGATIVE_INFINITY);
      },
    },
    {
      name: 'empty/top',
      rule: 'The top of an empty collection is an empty list',
      source: 'TopTest.testTopEmpty; combiners_test.py test_empty_global_top',
      pipeline: (p) => assertThat(p.create<number>([]).combine(top(3))).isEqualTo([]),
    },
    {
      name: 'empty/after-a-filter',
      rule: 'A collection that becomes empty while the pipeline runs counts as empty',
      pipeline(p) {
        const none = p.create([1, 2, 3]).filter('none', () => false);
        assertThat(none.combine(sum())).isEqualTo(0);
      },
    },
    {
      name: 'empty/windowed-gives-nothing',
      rule: 'In other windows than the global one an empty collection has no result',
      source: 'CombineTest.testWindowedCombineEmpty; Combine.globally withoutDefaults',
      pipeline(p) {
        assertThat(p.create<number>([]).window(fixed('10ms')).combine(sum())).isEmpty();
      },
    },
    {
      name: 'windowed/only-windows-with-elements',
      rule: 'Each window with elements has one result, the others none',
      source: 'CombineTest.testFixedWindowsCombine',
      pipeline(p) {
        const sums = at(p, [
          [1, 0],
          [2, 9],
          [4, 35],
        ])
          .window(fixed('10ms'))
          .combine(sum());
        assertThat(windowsOf(sums)).containsInAnyOrder([
          [3, '0-10'],
          [4, '30-40'],
        ]);
        assertThat(timesOf(sums)).containsInAnyOrder([
          [3, 9],
          [4, 39],
        ]);
      },
    },
    {
      name: 'windowed/sliding',
      rule: 'An element is combined in each of its windows',
      source: 'CombineTest.testSlidingWindowsCombine',
      pipeline(p) {
        const averages = at(p, [
          [1, 2],
          [3, 7],
          [5, 12],
        ])
          .window(sliding({ size: '10ms', every: '5ms' }))
          .combine(average);
        assertThat(windowsOf(averages)).containsInAnyOrder([
          ['1/1', '-5-5'],
          ['4/2', '0-10'],
          ['8/2', '5-15'],
          ['5/1', '10-20'],
        ]);
      },
    },
    {
      name: 'windowed/sessions',
      rule: 'Accumulators of sessions that merge are merged',
      source: 'CombineTest.testSessionsCombine',
      needs: ['merging-windows'],
      pipeline(p) {
        const averages = at(p, [
          [1, 0],
          [3, 4],
          [5, 12],
        ])
          .window(sessions({ gap: '5ms' }))
          .combine(average);
        assertThat(windowsOf(averages)).containsInAnyOrder([
          ['4/2', '0-9'],
          ['5/1', '12-17'],
        ]);
      },
    },
    {
      name: 'order-does-not-matter',
      rule: 'Accumulators are merged in any order and number',
      source: 'CombineFn: associative and commutative',
      pipeline(p) {
        const values = Array.from({ length: 1000 }, (_, i) => (i * 613) % 1000);
        assertThat(p.create(values).combine(average)).isEqualTo('499500/1000');
      },
    },
    {
      name: 'nulls',
      rule: 'Null is a value like others',
      source: 'CombineTest.testBinaryCombineFnWithNulls',
      pipeline(p) {
        const countNulls: CombineFn<number | null, number, number> = {
          create: () => 0,
          add: (n, input) => n + (input === null ? 1 : 0),
          merge: (all) => [...all].reduce((a, b) => a + b, 0),
          extract: (n) => n,
        };
        assertThat(p.create<number | null>([null, 1, null]).combine(countNulls)).isEqualTo(2);
      },
    },
    {
      name: 'null-accumulator',
      rule: 'An accumulator may be null',
      pipeline(p) {
        const last: CombineFn<number, number | null, number | null> = {
          create: () => null,
          add: (best, input) => (best === null || input > best ? input : best),
          merge(all) {
            let best: number | null = null;
            for (const each of all) if (each !== null && (best === null || each > best)) best = each;
            return best;
          },
          extract: (best) => best,
        };
        assertThat(p.create([3, 9, 4]).combine(last)).isEqualTo(9);
        assertThat(p.create<number>([]).combine(last)).isEqualTo(null);
      },
    },
    {
      name: 'compact',
      rule: 'An accumulator may be compacted before it moves; the result is the same',
      source: 'CombineFn.compact; CombineTest.testAccumulatingCombine',
      pipeline(p) {
        const sumOfList: CombineFn<number, number[], number> = {
          create: () => [],
          add(list, input) {
            list.push(input);
            return list;
          },
          merge: (lists) => [...lists].flat(),
          extract: (list) => list.reduce((a, b) => a + b, 0),
          compact: (list) => [list.reduce((a, b) => a + b, 0)],
        };
        assertThat(p.create([1, 2, 3, 4, 5]).combine(sumOfList)).isEqualTo(15);
      },
    },
    {
      name: 'twice',
      rule: 'One collection may be combined by several functions',
      pipeline(p) {
        const numbers = p.create([3, 1, 2]);
        assertThat(numbers.combine(sum())).isEqualTo(6);
        assertThat(numbers.combine(max())).isEqualTo(3);
        assertThat(numbers.combine(toList())).isEqualTo(inAnyOrder([1, 2, 3]));
      },
    },
    {
      name: 'of-a-combine',
      rule: 'The result of a combine can be combined again',
      pipeline(p) {
        const perKey = p
          .create<KV<string, number>>([
            ['a', 1],
            ['a', 2],
            ['b', 30],
          ])
          .combinePerKey(sum());
        assertThat(perKey.map('value', ([, n]) => n).combine(max())).isEqualTo(30);
      },
    },
    {
      name: 'then-global-window',
      rule: 'Results of windows can be combined in the global window, where emptiness counts again',
      pipeline(p) {
        const none = at<number>(p, []).window(fixed('10ms')).combine(sum());
        assertThat(none).isEmpty();
        assertThat(at<number>(p, []).combine(sum())).isEqualTo(0);
      },
    },
    {
      name: 'default-at-the-end-of-the-global-window',
      rule: 'The result for an empty collection is an element of the global window',
      pipeline(p) {
        assertThat(windowsOf(p.create<number>([]).combine(sum()))).isEqualTo([0, 'global']);
      },
    },
    {
      name: 'fan-out',
      rule: 'Combining in parts first gives the same result',
      source: 'Combine.Globally.withFanout; combiners_test.py test_global_fanout',
      pipeline(p) {
        const numbers = p.create(Array.from({ length: 500 }, (_, i) => i));
        assertThat(numbers.apply(combineGlobally(average, { hotKeyFanOut: 7 }))).isEqualTo('124750/500');
      },
    },
    {
      name: 'fan-out-empty',
      rule: 'Combining an empty collection in parts gives the default',
      source: 'CombineTest.testWithFanoutPreservesSideInputs; Combine.Globally.withFanout',
      pipeline(p) {
        assertThat(p.create<number>([]).apply(combineGlobally(average, { hotKeyFanOut: 7 }))).isEqualTo('0/0');
      },
    },
    {
      name: 'not-a-combine-fn',
      rule: 'Something that is no CombineFn is refused when the pipeline is built',
      fails: 'COMBINE_FN_INVALID',
      pipeline(p) {
        p.create([1]).combine(sum as never);
      },
    },
  ],
);
