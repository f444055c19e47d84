import {
  Count,
  fixed,
  globalWindows,
  type IntervalWindow,
  type KV,
  type Pipeline,
  sessions,
  sliding,
  sum,
  type TimestampCombiner,
  type WindowFn,
} from '../../../src/sdk/index.ts';
import { assertThat } from '../../../src/testing/index.ts';
import { topic } from '../conformance-case.ts';
import { at, timesOf } from '../elements.ts';

/** The times of the groups of `elements` at 2, 5, 14 and 16, key a, and 4, key b. */
function grouped(
  name: string,
  rule: string,
  windowFn: WindowFn<IntervalWindow>,
  timestampCombiner: TimestampCombiner,
  expected: readonly KV<KV<string, number>, number>[],
) {
  return [true, false].map((lifted) => ({
    name: `${name}/${lifted ? 'combine' : 'group'}`,
    rule,
    pipeline(p: Pipeline) {
      const keyed = at<KV<string, number>>(p, [
        [['a', 1], 5],
        [['a', 2], 2],
        [['b', 4], 4],
        [['a', 8], 16],
        [['a', 16], 14],
      ]).window(windowFn, { timestampCombiner });
      const sums = lifted
        ? keyed.combinePerKey(sum())
        : keyed.groupByKey().mapValues('sum', (values) => [...values].reduce((a, b) => a + b, 0));
      assertThat(timesOf(sums)).containsInAnyOrder(expected);
    },
  }));
}

const FIXED = fixed('10ms');
const SLIDING = sliding({ size: '20ms', every: '10ms' });
const GAP = sessions({ gap: '8ms' });

export const timestampCombiners = topic(
  'windowing/timestamp-combiner',
  'Guide: timestamp combiners; OutputTime; GroupByKeyTest.testTimestampCombinerEarliest/Latest; trigger_transcripts',
  [
    ...grouped('fixed/end-of-window', 'A group is at the last millisecond of its window', FIXED, 'endOfWindow', [
      [['a', 3], 9],
      [['b', 4], 9],
      [['a', 24], 19],
    ]),
    ...grouped('fixed/earliest', 'A group is at the least timestamp of its elements', FIXED, 'earliest', [
      [['a', 3], 2],
      [['b', 4], 4],
      [['a', 24], 14],
    ]),
    ...grouped('fixed/latest', 'A group is at the greatest timestamp of its elements', FIXED, 'latest', [
      [['a', 3], 5],
      [['b', 4], 4],
      [['a', 24], 16],
    ]),
    ...grouped('sliding/end-of-window', 'Each window of an element has its own time', SLIDING, 'endOfWindow', [
      [['a', 3], 9],
      [['b', 4], 9],
      [['a', 27], 19],
      [['b', 4], 19],
      [['a', 24], 29],
    ]),
    ...grouped('sliding/earliest', 'Each window has the least timestamp of its elements', SLIDING, 'earliest', [
      [['a', 3], 2],
      [['b', 4], 4],
      [['a', 27], 2],
      [['b', 4], 4],
      [['a', 24], 14],
    ]),
    ...grouped('sliding/latest', 'Each window has the greatest timestamp of its elements', SLIDING, 'latest', [
      [['a', 3], 5],
      [['b', 4], 4],
      [['a', 27], 16],
      [['b', 4], 4],
      [['a', 24], 16],
    ]),
    ...grouped(
      'sessions/end-of-window',
      'A session is at the last millisecond of the merged window',
      GAP,
      'endOfWindow',
      [
        [['a', 3], 12],
        [['b', 4], 11],
        [['a', 24], 23],
      ],
    ),
    ...grouped('sessions/earliest', 'A session is at the least timestamp of all merged windows', GAP, 'earliest', [
      [['a', 3], 2],
      [['b', 4], 4],
      [['a', 24], 14],
    ]),
    ...grouped('sessions/latest', 'A session is at the greatest timestamp of all merged windows', GAP, 'latest', [
      [['a', 3], 5],
      [['b', 4], 4],
      [['a', 24], 16],
    ]),
    {
      name: 'default-is-end-of-window',
      rule: 'Without a combiner a group is at the end of its window',
      source: 'WindowTest.testTimestampCombinerDefault',
      pipeline(p) {
        assertThat(
          timesOf(
            at(p, [['x', 3]])
              .window(fixed('10ms'))
              .apply(Count.perElement()),
          ),
        ).isEqualTo([['x', 1], 9]);
      },
    },
    {
      name: 'global-earliest',
      rule: 'In the global window too the combiner decides',
      source: 'combiners_test.py test_combiner_earliest',
      pipeline(p) {
        const { earliest, latest } = both(p);
        assertThat(timesOf(earliest)).containsInAnyOrder([
          [['c', 3], 2],
          [['d', 30], 8],
        ]);
        assertThat(timesOf(latest)).containsInAnyOrder([
          [['c', 3], 8],
          [['d', 30], 9],
        ]);
      },
    },
    {
      name: 'rewindowed-group',
      rule: 'The time of a group decides its next window',
      source: 'GroupByKeyTest.testRewindowWithTimestampCombiner',
      pipeline(p) {
        const keyed = at<KV<string, number>>(p, [
          [['a', 1], 8],
          [['a', 2], 12],
        ]);
        const gap = sessions({ gap: '10ms' });
        const again = (timestampCombiner: TimestampCombiner) =>
          timesOf(
            keyed
              .window(gap, { timestampCombiner })
              .combinePerKey(sum())
              .window(fixed('10ms'), { timestampCombiner: 'endOfWindow' })
              .combinePerKey(sum()),
          );
        assertThat(again('earliest')).isEqualTo([['a', 3], 9]);
        assertThat(again('latest')).isEqualTo([['a', 3], 19]);
        assertThat(again('endOfWindow')).isEqualTo([['a', 3], 29]);
      },
    },
    {
      name: 'second-grouping',
      rule: 'A second grouping combines the times of the groups of the first',
      pipeline(p) {
        const first = at<KV<string, number>>(p, [
          [['a', 1], 3],
          [['b', 2], 5],
        ])
          .window(fixed('10ms'), { timestampCombiner: 'earliest' })
          .combinePerKey(sum());
        const all = first.map('one key', ([, n]): KV<string, number> => ['k', n]).combinePerKey(sum());
        assertThat(timesOf(all)).isEqualTo([['k', 3], 3]);
      },
    },
  ],
);

function both(p: Pipeline) {
  const keyed = at<KV<string, number>>(p, [
    [['c', 1], 2],
    [['c', 2], 8],
    [['d', 10], 9],
    [['d', 20], 8],
  ]);
  const combined = (timestampCombiner: TimestampCombiner) =>
    keyed.window(globalWindows(), { timestampCombiner }).combinePerKey(sum());
  return { earliest: combined('earliest'), latest: combined('latest') };
}
