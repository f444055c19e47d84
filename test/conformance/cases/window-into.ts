import { Count, fixed, globalWindows, type KV, reshuffle, sliding, sum } from '../../../src/sdk/index.ts';
import { assertThat } from '../../../src/testing/index.ts';
import { topic } from '../conformance-case.ts';
import { at, sorted, timesOf, windowsOf } from '../elements.ts';

export const windowInto = topic('windowing/into', 'Guide: setting your PCollection’s windowing function; Window.into', [
  {
    name: 'global-by-default',
    rule: 'A collection starts in the one global window, whatever its timestamps',
    pipeline(p) {
      assertThat(
        windowsOf(
          at(p, [
            ['x', -1_000_000],
            ['y', 1_000_000],
          ]),
        ),
      ).containsInAnyOrder([
        ['x', 'global'],
        ['y', 'global'],
      ]);
    },
  },
  {
    name: 'later-assignment-replaces',
    rule: 'A second assignment goes by the timestamp and forgets the first',
    pipeline(p) {
      const elements = at(p, [['x', 25]])
        .window(fixed('10ms'))
        .window(fixed('100ms'));
      assertThat(windowsOf(elements)).isEqualTo(['x', '0-100']);
    },
  },
  {
    name: 'several-windows-and-again',
    rule: 'An element in several windows that is windowed again is assigned once for each of them',
    pipeline(p) {
      const elements = at(p, [['x', 5]])
        .window(sliding({ size: '10ms', every: '5ms' }))
        .window(fixed('100ms'));
      assertThat(windowsOf(elements)).containsInAnyOrder([
        ['x', '0-100'],
        ['x', '0-100'],
      ]);
    },
  },
  {
    name: 'back-to-global',
    rule: 'The global window makes a windowed collection whole again and keeps the timestamps',
    pipeline(p) {
      const elements = at(p, [
        ['x', 5],
        ['y', 15],
      ])
        .window(fixed('10ms'))
        .window(globalWindows());
      assertThat(windowsOf(elements)).containsInAnyOrder([
        ['x', 'global'],
        ['y', 'global'],
      ]);
      assertThat(timesOf(elements)).containsInAnyOrder([
        ['x', 5],
        ['y', 15],
      ]);
      assertThat(elements.apply(Count.globally())).isEqualTo(2);
    },
  },
  {
    name: 'after-a-grouping-by-its-time',
    rule: 'Windows assigned after a grouping go by the timestamp of the group',
    source: 'window_test.py test_rewindow',
    pipeline(p) {
      const sums = at<KV<string, number>>(p, [
        [['a', 1], 1],
        [['a', 2], 12],
        [['a', 4], 25],
      ])
        .window(fixed('10ms'))
        .combinePerKey(sum())
        .window(fixed('20ms'));
      // Groups at 9, 19 and 29.
      assertThat(windowsOf(sums)).containsInAnyOrder([
        [['a', 1], '0-20'],
        [['a', 2], '0-20'],
        [['a', 4], '20-40'],
      ]);
      assertThat(windowsOf(sums.combinePerKey(sum()))).containsInAnyOrder([
        [['a', 3], '0-20'],
        [['a', 4], '20-40'],
      ]);
    },
  },
  {
    name: 'hourly-of-minutes',
    rule: 'Results of small windows can be combined in larger ones',
    source: 'Guide: windowing',
    pipeline(p) {
      const perMinute = at<number>(
        p,
        Array.from({ length: 120 }, (_, minute) => [1, minute * 60_000] as const),
      )
        .window(fixed('1m'))
        .combine(sum());
      const perHour = perMinute.window(fixed('1h')).combine(sum());
      assertThat(windowsOf(perHour)).containsInAnyOrder([
        [60, '0-3600000'],
        [60, '3600000-7200000'],
      ]);
    },
  },
  {
    name: 'branches-are-independent',
    rule: 'Windowing one branch leaves the others as they are',
    pipeline(p) {
      const elements = at(p, [
        ['x', 5],
        ['x', 15],
      ]);
      assertThat(windowsOf(elements.window(fixed('10ms')).apply(Count.perElement()))).containsInAnyOrder([
        [['x', 1], '0-10'],
        [['x', 1], '10-20'],
      ]);
      assertThat(elements.apply(Count.perElement())).isEqualTo(['x', 2]);
    },
  },
  {
    name: 'options-are-inherited',
    rule: 'What a later windowing does not set stays as it was',
    source: 'WindowTest.testWindowPropagatesEachPart',
    pipeline(p) {
      const grouped = at<KV<string, number>>(p, [
        [['a', 1], 3],
        [['a', 2], 5],
      ])
        .window(fixed('10ms'), { timestampCombiner: 'latest' })
        .window(fixed('100ms'))
        .groupByKey();
      assertThat(timesOf(sorted(grouped))).isEqualTo([['a', [1, 2]], 5]);
    },
  },
  {
    name: 'survives-a-reshuffle',
    rule: 'Windows cross a stage border with their elements',
    source: 'ReshuffleTest.testReshuffleAfterFixedWindows',
    pipeline(p) {
      const elements = at(p, [
        ['x', 5],
        ['y', 15],
        ['z', -15],
      ])
        .window(fixed('10ms'))
        .apply(reshuffle());
      assertThat(windowsOf(elements)).containsInAnyOrder([
        ['x', '0-10'],
        ['y', '10-20'],
        ['z', '-20--10'],
      ]);
    },
  },
  {
    name: 'empty-collection',
    rule: 'An empty collection stays empty in any windows',
    source: 'WindowingTest.testEmptyInput',
    pipeline(p) {
      const grouped = p
        .create<KV<string, number>>([])
        .window(sliding({ size: '10ms', every: '5ms' }))
        .groupByKey();
      assertThat(sorted(grouped)).isEmpty();
    },
  },
]);
