import { Count, fixed, type KV } from '../../../src/sdk/index.ts';
import { assertThat } from '../../../src/testing/index.ts';
import { topic } from '../conformance-case.ts';
import { at, interval, sorted, timesOf, windowsOf } from '../elements.ts';

/** Where an element of one time must be. */
function assigned(
  name: string,
  rule: string,
  size: Parameters<typeof fixed>[0],
  offset: Parameters<typeof fixed>[0],
  expected: readonly KV<number, string>[],
) {
  return {
    name,
    rule,
    pipeline(p: Parameters<typeof at>[0]) {
      const elements = at(
        p,
        expected.map(([time]) => [time, time] as const),
      );
      assertThat(windowsOf(elements.window(fixed(size, { offset })))).containsInAnyOrder(expected);
    },
  };
}

export const fixedWindows = topic(
  'windowing/fixed',
  'Guide: fixed time windows; FixedWindowsPayload; FixedWindowsTest',
  [
    assigned('start-is-inclusive', 'An element at the start of a window belongs to it', '10ms', '0ms', [
      [0, '0-10'],
      [10, '10-20'],
    ]),
    assigned('end-is-exclusive', 'An element at the end of a window belongs to the next one', '10ms', '0ms', [
      [9, '0-10'],
      [19, '10-20'],
      [20, '20-30'],
    ]),
    assigned('negative-times', 'Windows before the epoch start at multiples of the size, downwards', '10ms', '0ms', [
      [-1, '-10-0'],
      [-10, '-10-0'],
      [-11, '-20--10'],
    ]),
    assigned('offset', 'The offset shifts every window start', '10ms', '3ms', [
      [2, '-7-3'],
      [3, '3-13'],
      [12, '3-13'],
      [13, '13-23'],
    ]),
    assigned('offset-before-epoch', 'The offset holds for negative times', '10ms', '3ms', [
      [-7, '-7-3'],
      [-8, '-17--7'],
    ]),
    assigned('one-millisecond', 'The smallest window is one millisecond', '1ms', '0ms', [
      [0, '0-1'],
      [1, '1-2'],
      [-1, '-1-0'],
    ]),
    assigned('days', 'Windows of a day start at midnight UTC', '1d', '0ms', [
      [Date.UTC(2024, 1, 29, 23, 59, 59, 999), `${Date.UTC(2024, 1, 29)}-${Date.UTC(2024, 2, 1)}`],
      [Date.UTC(2024, 2, 1), `${Date.UTC(2024, 2, 1)}-${Date.UTC(2024, 2, 2)}`],
      [Date.UTC(1969, 11, 31, 12), `${Date.UTC(1969, 11, 31)}-0`],
    ]),
    {
      name: 'grouping-is-per-window',
      rule: 'A key is grouped in each of its windows by itself',
      pipeline(p) {
        const grouped = sorted(
          at<KV<string, number>>(p, [
            [['a', 1], 1],
            [['a', 2], 9],
            [['a', 3], 10],
            [['b', 4], 10],
          ])
            .window(fixed('10ms'))
            .groupByKey(),
        );
        assertThat(windowsOf(grouped)).containsInAnyOrder([
          [['a', [1, 2]], '0-10'],
          [['a', [3]], '10-20'],
          [['b', [4]], '10-20'],
        ]);
      },
    },
    {
      name: 'empty-windows-give-nothing',
      rule: 'A window without elements has no output',
      pipeline(p) {
        const counts = at(p, [
          ['x', 5],
          ['y', 95],
        ])
          .window(fixed('10ms'))
          .apply(Count.perElement());
        assertThat(windowsOf(counts)).containsInAnyOrder([
          [['x', 1], '0-10'],
          [['y', 1], '90-100'],
        ]);
      },
    },
    {
      name: 'timestamps-stay',
      rule: 'Assigning windows changes no timestamp',
      pipeline(p) {
        const elements = at(p, [
          ['x', 5],
          ['y', -95],
        ]).window(fixed('10ms'));
        assertThat(timesOf(elements)).containsInAnyOrder([
          ['x', 5],
          ['y', -95],
        ]);
      },
    },
    {
      name: 'window-is-kept-by-element-wise-steps',
      rule: 'Outputs of a ParDo are in the windows of the element',
      source: 'Guide: windowing; WindowingTest.testWindowPreservation',
      pipeline(p) {
        const elements = at(p, [
          [5, 5],
          [15, 15],
        ])
          .window(fixed('10ms'))
          .flatMap('twice', (n) => [n, n + 1000])
          .filter('some', (n) => n !== 1005);
        assertThat(windowsOf(elements)).containsInAnyOrder([
          [5, '0-10'],
          [15, '10-20'],
          [1015, '10-20'],
        ]);
      },
    },
    {
      name: 'second-grouping-keeps-windows',
      rule: 'A grouping after a grouping is in the same windows',
      source: 'WindowingTest.testNonPartitioningWindowing, window_test.py test_rewindow_regroup',
      pipeline(p) {
        const counts = at<KV<string, number>>(p, [
          [['a', 1], 1],
          [['b', 2], 2],
          [['a', 3], 11],
        ])
          .window(fixed('10ms'))
          .groupByKey()
          .map('constant key', ([key]): KV<number, string> => [0, key])
          .groupByKey('Again');
        assertThat(windowsOf(sorted(counts))).containsInAnyOrder([
          [[0, ['a', 'b']], '0-10'],
          [[0, ['a']], '10-20'],
        ]);
      },
    },
    {
      name: 'in-one-window',
      rule: 'An assertion of one window sees the elements of that window only',
      source: 'PAssert.inWindow; PAssertTest.testWindowedContainsInAnyOrder',
      pipeline(p) {
        const elements = at(p, [
          ['x', 5],
          ['y', 15],
          ['z', 15],
        ]).window(fixed('10ms'));
        assertThat(elements).inWindow(interval(0, 10)).containsInAnyOrder(['x']);
        assertThat(elements).inWindow(interval(10, 20)).containsInAnyOrder(['y', 'z']);
        assertThat(elements).inWindow(interval(20, 30)).isEmpty();
      },
    },
    {
      name: 'zero-size-refused',
      rule: 'The size of a window is positive',
      fails: 'WINDOW_INVALID',
      pipeline(p) {
        p.create([1]).window(fixed('0ms'));
      },
    },
  ],
);
