import {
  type CombineFn,
  Count,
  combineGroupedValues,
  combinePerKey,
  fixed,
  type IntervalWindow,
  type Key,
  type KV,
  mapInputs,
  max,
  mean,
  min,
  type Pipeline,
  reshuffle,
  sessions,
  sliding,
  sum,
  tuple,
  type WindowFn,
} from '../../../src/sdk/index.ts';
import { assertThat, closeTo } from '../../../src/testing/index.ts';
import { topic } from '../conformance-case.ts';
import { at, windowsOf } from '../elements.ts';

const SCORES: readonly KV<string, number>[] = [
  ['a', 1],
  ['b', 10],
  ['a', 2],
  ['a', 4],
  ['b', 20],
  ['c', 100],
];
const TOTALS: readonly KV<string, number>[] = [
  ['a', 7],
  ['b', 30],
  ['c', 100],
];

/** A sum that keeps its inputs in a list, so that nothing is lost or doubled unseen. */
const collected: CombineFn<number, number[], string> = {
  create: () => [],
  add(list, input) {
    list.push(input);
    return list;
  },
  merge: (lists) => [...lists].flat(),
  extract: (list) => list.toSorted((a, b) => a - b).join(' '),
};

/** One key with a thousand values and a few others, summed in parts. */
function fannedOut(name: string, fanOut: number) {
  return {
    name: `fan-out/${name}`,
    rule: 'The values of a hot key are combined in parts whose accumulators are merged; the result is the same',
    source: 'Combine.PerKeyWithHotKeyFanout; CombineTest.testHotKeyCombining; combiners_test.py test_hot_key_fanout',
    pipeline(p: Pipeline) {
      const hot = Array.from({ length: 1000 }, (_, i): KV<string, number> => ['hot', i]);
      const keyed = p.create([...hot, ...SCORES]);
      assertThat(keyed.combinePerKey(sum(), { hotKeyFanOut: fanOut })).containsInAnyOrder([
        ...TOTALS,
        ['hot', 499_500],
      ]);
      assertThat(keyed.combinePerKey(mean(), { hotKeyFanOut: fanOut })).containsInAnyOrder([
        ['hot', 499.5],
        ['a', closeTo(7 / 3, 1e-12)],
        ['b', 15],
        ['c', 100],
      ]);
    },
  };
}

function fannedOutInWindows(
  name: string,
  windowFn: WindowFn<IntervalWindow>,
  expected: readonly KV<KV<string, string>, string>[],
) {
  return {
    name: `fan-out/${name}`,
    rule: 'Combining in parts keeps to the windows, merging ones too',
    source: 'combiners_test.py test_combining_with_sliding_windows_and_fanout, …session_windows_and_fanout',
    pipeline(p: Pipeline) {
      const keyed = at<KV<string, number>>(p, [
        [['k', 1], 0],
        [['k', 2], 5],
        [['k', 3], 9],
        [['k', 4], 14],
        [['k', 5], 40],
        [['l', 6], 5],
      ]).window(windowFn);
      assertThat(windowsOf(keyed.combinePerKey(collected, { hotKeyFanOut: 3 }))).containsInAnyOrder(expected);
    },
  };
}

export const combinesPerKey = topic(
  'combine/per-key',
  'Guide: combining values in a keyed PCollection; Combine.PerKey; CombineTest',
  [
    {
      name: 'sum',
      rule: 'The values of each key are combined into one',
      pipeline: (p) => assertThat(p.create(SCORES).combinePerKey(sum())).containsInAnyOrder(TOTALS),
    },
    {
      name: 'empty',
      rule: 'Without elements there are no keys and no results',
      source: 'CombineTest.testBasicCombineEmpty',
      pipeline: (p) => assertThat(p.create<KV<string, number>>([]).combinePerKey(sum())).isEmpty(),
    },
    {
      name: 'every-value-once',
      rule: 'Every value is combined exactly once',
      pipeline(p) {
        assertThat(p.create(SCORES).combinePerKey(collected)).containsInAnyOrder([
          ['a', '1 2 4'],
          ['b', '10 20'],
          ['c', '100'],
        ]);
      },
    },
    {
      name: 'after-a-stage-border',
      rule: 'Accumulators of several bundles are merged',
      pipeline(p) {
        const keyed = p.create(Array.from({ length: 3000 }, (_, i): KV<number, number> => [i % 3, 1]));
        assertThat(keyed.apply(reshuffle()).combinePerKey(sum())).containsInAnyOrder([
          [0, 1000],
          [1, 1000],
          [2, 1000],
        ]);
      },
    },
    {
      name: 'many-keys',
      rule: 'There may be more keys than fit one buffer',
      pipeline(p) {
        const keyed = p.create([0, 1, 2]).flatMap('many', function* (n): Generator<KV<string, number>> {
          for (let i = 0; i < 5000; i++) yield [`key ${i}`, n];
        });
        const sums = keyed.combinePerKey(sum());
        assertThat(sums.apply(Count.globally())).isEqualTo(5000);
        assertThat(sums.filter('others', ([, n]) => n !== 3)).isEmpty();
      },
    },
    {
      name: 'grouped-values',
      rule: 'Values that are grouped already are combined as a combine per key does',
      source: 'Combine.GroupedValues',
      pipeline(p) {
        assertThat(p.create(SCORES).groupByKey().apply(combineGroupedValues(sum()))).containsInAnyOrder(TOTALS);
      },
    },
    {
      name: 'equals-group-and-reduce',
      rule: 'A combine gives what grouping and reducing gives',
      source: 'Combine.perKey: shorthand for GroupByKey and Combine.groupedValues',
      pipeline(p) {
        const reduced = p
          .create(SCORES)
          .groupByKey()
          .mapValues('reduce', (values) => [...values].reduce((a, b) => Math.max(a, b)));
        const expected: readonly KV<string, number>[] = [
          ['a', 4],
          ['b', 20],
          ['c', 100],
        ];
        assertThat(reduced).containsInAnyOrder(expected);
        assertThat(p.create(SCORES).combinePerKey(max())).containsInAnyOrder(expected);
      },
    },
    {
      name: 'composed',
      rule: 'Several combines of one input give their results in one pass',
      source: 'CombineFns.compose; CombineFnsTest; combiners_test.py test_tuple_combine_fn',
      pipeline(p) {
        const all = tuple({ sum: sum(), min: min(), max: max(), mean: mean() });
        assertThat(p.create(SCORES).combinePerKey(all)).containsInAnyOrder([
          ['a', { sum: 7, min: 1, max: 4, mean: closeTo(7 / 3, 1e-12) }],
          ['b', { sum: 30, min: 10, max: 20, mean: 15 }],
          ['c', { sum: 100, min: 100, max: 100, mean: 100 }],
        ]);
      },
    },
    {
      name: 'composed-of-fields',
      rule: 'Composed combines may look at different parts of the input',
      source: 'CombineFns.compose; CombineFnsTest.testComposedCombine',
      pipeline(p) {
        const orders = p.create<KV<string, { price: number; count: number }>>([
          ['x', { price: 2, count: 5 }],
          ['x', { price: 3, count: 1 }],
        ]);
        const all = tuple({
          dearest: mapInputs((order: { price: number; count: number }) => order.price, max()),
          items: mapInputs((order: { price: number; count: number }) => order.count, sum()),
        });
        assertThat(orders.combinePerKey(all)).isEqualTo(['x', { dearest: 3, items: 6 }]);
      },
    },
    {
      name: 'composed-of-none',
      rule: 'A composition of no combines gives an empty result',
      source: 'combiners_test.py test_empty_tuple_combine_fn',
      pipeline: (p) => assertThat(p.create(SCORES).combinePerKey(tuple({}))).countIs(3),
    },
    {
      name: 'windowed/fixed',
      rule: 'A key has one result in each of its windows',
      source: 'CombineTest.testFixedWindowsCombine; fn_runner_test.py test_windowed_combine_per_key',
      pipeline(p) {
        const sums = at<KV<string, number>>(p, [
          [['a', 1], 0],
          [['a', 2], 5],
          [['a', 4], 12],
          [['b', 8], 12],
        ])
          .window(fixed('10ms'))
          .combinePerKey(sum());
        assertThat(windowsOf(sums)).containsInAnyOrder([
          [['a', 3], '0-10'],
          [['a', 4], '10-20'],
          [['b', 8], '10-20'],
        ]);
      },
    },
    {
      name: 'windowed/sessions-of-combined-values',
      rule: 'Sessions merge accumulators that were combined before they met',
      needs: ['merging-windows'],
      pipeline(p) {
        const all = at<KV<string, number>>(p, [
          [['k', 1], 0],
          [['k', 2], 0],
          [['k', 4], 18],
          [['k', 8], 18],
          [['k', 16], 9],
        ])
          .window(sessions({ gap: '10ms' }))
          .combinePerKey(collected);
        assertThat(windowsOf(all)).isEqualTo([['k', '1 2 4 8 16'], '0-28']);
      },
    },
    fannedOut('one', 1),
    fannedOut('two', 2),
    fannedOut('more-than-values', 5000),
    fannedOutInWindows('fixed', fixed('10ms'), [
      [['k', '1 2 3'], '0-10'],
      [['k', '4'], '10-20'],
      [['k', '5'], '40-50'],
      [['l', '6'], '0-10'],
    ]),
    fannedOutInWindows('sliding', sliding({ size: '20ms', every: '10ms' }), [
      [['k', '1 2 3'], '-10-10'],
      [['k', '1 2 3 4'], '0-20'],
      [['k', '4'], '10-30'],
      [['k', '5'], '30-50'],
      [['k', '5'], '40-60'],
      [['l', '6'], '-10-10'],
      [['l', '6'], '0-20'],
    ]),
    fannedOutInWindows('sessions', sessions({ gap: '10ms' }), [
      [['k', '1 2 3 4'], '0-24'],
      [['k', '5'], '40-50'],
      [['l', '6'], '5-15'],
    ]),
    {
      name: 'fan-out/zero-refused',
      rule: 'The fan-out is at least 1',
      fails: 'COMBINE_FAN_OUT',
      pipeline(p) {
        p.create(SCORES).combinePerKey(sum(), { hotKeyFanOut: 0 });
      },
    },
    {
      name: 'composite-keys',
      rule: 'Keys may be tuples',
      pipeline(p) {
        const keyed = p.create<KV<Key, number>>([
          [['a', 1], 1],
          [['a', 2], 2],
          [['a', 1], 4],
        ]);
        assertThat(keyed.apply(combinePerKey(sum()))).containsInAnyOrder([
          [['a', 1], 5],
          [['a', 2], 2],
        ]);
      },
    },
    {
      name: 'failing-add',
      rule: 'A failure of the CombineFn fails the pipeline',
      fails: 'USER_CODE',
      pipeline(p) {
        const failing: CombineFn<number, number, number> = {
          ...sum(),
          add() {
            throw new Error('no');
          },
        };
        p.create(SCORES)
          .combinePerKey(failing)
          .map('use', (x) => x);
      },
    },
    {
      name: 'failing-extract',
      rule: 'A failure of extract fails the pipeline',
      fails: 'USER_CODE',
      pipeline(p) {
        const failing: CombineFn<number, number, number> = {
          ...sum(),
          extract() {
            throw new Error('no');
          },
        };
        p.create(SCORES)
          .combinePerKey(failing)
          .map('use', (x) => x);
      },
    },
  ],
);
