import { fixed, globalWindows, type KV, mean, type Pipeline, sessions, sum } from '../../../src/sdk/index.ts';
import { assertThat } from '../../../src/testing/index.ts';
import { topic } from '../conformance-case.ts';
import { at, sorted, windowsOf } from '../elements.ts';

const GAP = sessions({ gap: '10ms' });

/** Groups the times of one key into sessions with a gap of 10 ms. */
function merged(
  name: string,
  rule: string,
  times: readonly number[],
  expected: readonly (readonly [readonly number[], string])[],
) {
  return {
    name,
    rule,
    pipeline(p: Pipeline) {
      const grouped = at<KV<string, number>>(
        p,
        times.map((time) => [['k', time], time] as const),
      )
        .window(GAP)
        .groupByKey();
      assertThat(windowsOf(sorted(grouped))).containsInAnyOrder(
        expected.map(([values, window]): KV<KV<string, readonly number[]>, string> => [['k', values], window]),
      );
    },
  };
}

export const sessionWindows = topic(
  'windowing/sessions',
  'Guide: session windows; SessionWindowsPayload; SessionsTest',
  [
    merged('alone', 'An element alone has a session from its time to the gap after it', [5], [[[5], '5-15']]),
    merged('within-gap', 'Elements less than the gap apart are in one session', [0, 9], [[[0, 9], '0-19']]),
    merged(
      'gap-apart',
      'Elements exactly the gap apart are in two sessions',
      [0, 10],
      [
        [[0], '0-10'],
        [[10], '10-20'],
      ],
    ),
    merged('chain', 'Sessions overlap through others', [0, 8, 16, 24], [[[0, 8, 16, 24], '0-34']]),
    merged('bridge', 'An element that comes last joins two sessions into one', [0, 16, 8], [[[0, 8, 16], '0-26']]),
    merged(
      'out-of-order',
      'The order of arrival does not matter',
      [24, 0, 8, 100, 16, 95],
      [
        [[0, 8, 16, 24], '0-34'],
        [[95, 100], '95-110'],
      ],
    ),
    merged('same-time', 'Elements of one time are in one session', [3, 3, 3], [[[3, 3, 3], '3-13']]),
    merged(
      'before-epoch',
      'Sessions span the epoch',
      [-5, 4, -30],
      [
        [[-30], '-30--20'],
        [[-5, 4], '-5-14'],
      ],
    ),
    {
      name: 'per-key',
      rule: 'Sessions of one key do not merge with those of another',
      pipeline(p) {
        const grouped = at<KV<string, number>>(p, [
          [['a', 1], 0],
          [['b', 2], 8],
          [['a', 3], 16],
        ])
          .window(GAP)
          .groupByKey();
        assertThat(windowsOf(sorted(grouped))).containsInAnyOrder([
          [['a', [1]], '0-10'],
          [['a', [3]], '16-26'],
          [['b', [2]], '8-18'],
        ]);
      },
    },
    {
      name: 'before-grouping',
      rule: 'Before a grouping every element is in a window of its own; windows merge in the grouping',
      source: 'WindowFn: mergeWindows is called at GroupByKey; Window.into',
      pipeline(p) {
        const elements = at(p, [
          ['x', 0],
          ['y', 5],
        ]).window(GAP);
        assertThat(windowsOf(elements)).containsInAnyOrder([
          ['x', '0-10'],
          ['y', '5-15'],
        ]);
      },
    },
    {
      name: 'combine',
      rule: 'A combine merges the accumulators of windows that merge',
      source: 'CombineTest.testSessionsCombine',
      pipeline(p) {
        const keyed = at<KV<string, number>>(p, [
          [['a', 1], 0],
          [['a', 4], 5],
          [['b', 1], 10],
          [['a', 2], 14],
          [['a', 8], 40],
        ]).window(GAP);
        assertThat(windowsOf(keyed.combinePerKey(sum()))).containsInAnyOrder([
          [['a', 7], '0-24'],
          [['b', 1], '10-20'],
          [['a', 8], '40-50'],
        ]);
        assertThat(windowsOf(keyed.combinePerKey(mean()))).containsInAnyOrder([
          [['a', 7 / 3], '0-24'],
          [['b', 1], '10-20'],
          [['a', 8], '40-50'],
        ]);
      },
    },
    {
      name: 'combine-globally',
      rule: 'All elements of a global combine merge as those of one key',
      source: 'CombineTest.testSessionsCombine',
      pipeline(p) {
        const total = at(p, [
          [1, 0],
          [2, 9],
          [4, 18],
          [8, 28],
        ])
          .window(GAP)
          .combine(sum());
        assertThat(windowsOf(total)).containsInAnyOrder([
          [7, '0-28'],
          [8, '28-38'],
        ]);
      },
    },
    {
      name: 'second-grouping-does-not-merge',
      rule: 'Merged windows are final: a second grouping takes them as they are',
      source: 'GroupByKey.updateWindowingStrategy; GroupByKeyTest.testWindowFnPostMerging; MergeStatus.ALREADY_MERGED',
      pipeline(p) {
        const again = at<KV<string, number>>(p, [
          [['a', 1], 0],
          [['b', 2], 5],
        ])
          .window(GAP)
          .groupByKey()
          .map('one key', ([key]): KV<string, string> => ['k', key])
          .groupByKey('Again');
        assertThat(windowsOf(sorted(again))).containsInAnyOrder([
          [['k', ['a']], '0-10'],
          [['k', ['b']], '5-15'],
        ]);
      },
    },
    {
      name: 'second-grouping-of-equal-windows',
      rule: 'Sessions that are equal after merging are one window for the next grouping',
      source: 'MergeStatus.ALREADY_MERGED',
      pipeline(p) {
        const again = at<KV<string, number>>(p, [
          [['a', 1], 0],
          [['a', 1], 5],
          [['b', 2], 0],
          [['b', 2], 5],
        ])
          .window(GAP)
          .groupByKey()
          .map('one key', ([key]): KV<string, string> => ['k', key])
          .groupByKey('Again');
        assertThat(windowsOf(sorted(again))).containsInAnyOrder([[['k', ['a', 'b']], '0-15']]);
      },
    },
    {
      name: 'windowed-again-they-merge-again',
      rule: 'Assigning sessions again begins merging anew, from the timestamps of the groups',
      source: 'GroupByKeyTest.testRemerge; Window.into',
      pipeline(p) {
        const again = at<KV<string, number>>(p, [
          [['a', 1], 0],
          [['b', 2], 5],
        ])
          .window(GAP)
          .groupByKey()
          .map('one key', ([key]): KV<string, string> => ['k', key])
          .window(GAP)
          .groupByKey('Again');
        // Groups are at the ends of their sessions, 9 and 14.
        assertThat(windowsOf(sorted(again))).containsInAnyOrder([[['k', ['a', 'b']], '9-24']]);
      },
    },
    {
      name: 'then-fixed',
      rule: 'Windows assigned after sessions go by the timestamp of the group',
      source: 'window_test.py test_rewindow',
      pipeline(p) {
        const counts = at<KV<string, number>>(p, [
          [['a', 1], 0],
          [['a', 1], 8],
          [['b', 1], 95],
        ])
          .window(GAP)
          .combinePerKey(sum())
          .window(fixed('100ms'));
        // Groups at 17 and 104.
        assertThat(windowsOf(counts)).containsInAnyOrder([
          [['a', 2], '0-100'],
          [['b', 1], '100-200'],
        ]);
      },
    },
    {
      name: 'then-global',
      rule: 'The global window makes a collection of sessions whole again',
      pipeline(p) {
        const total = at<KV<string, number>>(p, [
          [['a', 1], 0],
          [['a', 1], 8],
          [['b', 1], 95],
        ])
          .window(GAP)
          .combinePerKey(sum())
          .window(globalWindows())
          .map('value', ([, n]) => n)
          .combine(sum());
        assertThat(total).isEqualTo(3);
      },
    },
    {
      name: 'long-session',
      rule: 'A session has no greatest length',
      pipeline(p) {
        const times = Array.from({ length: 2000 }, (_, i) => (i * 7919) % 2000);
        const grouped = at<KV<string, number>>(
          p,
          times.map((i) => [['k', i], i * 9] as const),
        )
          .window(GAP)
          .groupByKey()
          .mapValues('count', (values) => [...values].length);
        assertThat(windowsOf(grouped)).isEqualTo([['k', 2000], `0-${1999 * 9 + 10}`]);
      },
    },
    {
      name: 'zero-gap-refused',
      rule: 'The gap is positive',
      fails: 'WINDOW_INVALID',
      pipeline(p) {
        p.create([1]).window(sessions({ gap: '0ms' }));
      },
    },
  ],
  ['merging-windows'],
);
