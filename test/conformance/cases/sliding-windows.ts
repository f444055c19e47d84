import { Count, type KV, type Pipeline, sliding, sum } from '../../../src/sdk/index.ts';
import { assertThat } from '../../../src/testing/index.ts';
import { topic } from '../conformance-case.ts';
import { at, sorted, timesOf, windowsOf } from '../elements.ts';

/** The windows that elements of the given times must be in. */
function assigned(
  name: string,
  rule: string,
  options: Parameters<typeof sliding>[0],
  expected: readonly (readonly [time: number, windows: readonly string[]])[],
) {
  return {
    name,
    rule,
    pipeline(p: Pipeline) {
      const elements = at(
        p,
        expected.map(([time]) => [time, time] as const),
      );
      assertThat(windowsOf(elements.window(sliding(options)))).containsInAnyOrder(
        expected.flatMap(([time, windows]) => windows.map((window): KV<number, string> => [time, window])),
      );
    },
  };
}

export const slidingWindows = topic(
  'windowing/sliding',
  'Guide: sliding time windows; SlidingWindowsPayload; SlidingWindowsTest',
  [
    assigned('overlap', 'An element is in every window that contains its time', { size: '10ms', every: '5ms' }, [
      [0, ['0-10', '-5-5']],
      [4, ['0-10', '-5-5']],
      [5, ['5-15', '0-10']],
      [9, ['5-15', '0-10']],
    ]),
    assigned('before-epoch', 'Windows before the epoch overlap as those after it', { size: '10ms', every: '5ms' }, [
      [-1, ['-5-5', '-10-0']],
      [-5, ['-5-5', '-10-0']],
      [-6, ['-10-0', '-15--5']],
    ]),
    assigned('offset', 'The offset shifts every window start', { size: '10ms', every: '5ms', offset: '2ms' }, [
      [1, ['-3-7', '-8-2']],
      [2, ['2-12', '-3-7']],
    ]),
    assigned(
      'size-no-multiple-of-period',
      'With a size that is no multiple of the period, times differ in how many windows they have',
      { size: '10ms', every: '4ms' },
      [
        [0, ['0-10', '-4-6', '-8-2']],
        [1, ['0-10', '-4-6', '-8-2']],
        [2, ['0-10', '-4-6']],
        [3, ['0-10', '-4-6']],
      ],
    ),
    assigned('period-equals-size', 'A period of the size gives fixed windows', { size: '10ms', every: '10ms' }, [
      [0, ['0-10']],
      [9, ['0-10']],
      [10, ['10-20']],
    ]),
    assigned(
      'period-longer-than-size',
      'With a period longer than the size, elements between two windows are in none and are dropped',
      { size: '5ms', every: '10ms' },
      [
        [0, ['0-5']],
        [4, ['0-5']],
        [5, []],
        [9, []],
        [10, ['10-15']],
        [-1, []],
        [-10, ['-10--5']],
      ],
    ),
    assigned('many', 'The number of windows is size divided by period', { size: '1s', every: '10ms' }, [
      [0, Array.from({ length: 100 }, (_, i) => `${-10 * i}-${1000 - 10 * i}`)],
    ]),
    {
      name: 'grouping-sees-each-window',
      rule: 'A grouping sees an element once in each of its windows',
      source: 'WindowingTest.testNonPartitioningWindowing; fn_runner_test.py test_sliding_windows',
      pipeline(p) {
        const grouped = sorted(
          at<KV<string, number>>(p, [
            [['k', 1], 1],
            [['k', 2], 2],
            [['k', 6], 6],
          ])
            .window(sliding({ size: '10ms', every: '5ms' }))
            .groupByKey(),
        );
        assertThat(windowsOf(grouped)).containsInAnyOrder([
          [['k', [1, 2]], '-5-5'],
          [['k', [1, 2, 6]], '0-10'],
          [['k', [6]], '5-15'],
        ]);
      },
    },
    {
      name: 'combine-sees-each-window',
      rule: 'A combine has a result in each window of its inputs',
      source: 'CombineTest.testSlidingWindowsCombine',
      pipeline(p) {
        const sums = at<KV<string, number>>(p, [
          [['a', 1], 0],
          [['a', 2], 4],
          [['a', 4], 6],
          [['b', 8], 6],
        ])
          .window(sliding({ size: '10ms', every: '5ms' }))
          .combinePerKey(sum());
        assertThat(windowsOf(sums)).containsInAnyOrder([
          [['a', 3], '-5-5'],
          [['a', 7], '0-10'],
          [['a', 4], '5-15'],
          [['b', 8], '0-10'],
          [['b', 8], '5-15'],
        ]);
      },
    },
    {
      name: 'timestamps-stay',
      rule: 'Each copy of an element keeps its timestamp',
      pipeline(p) {
        assertThat(timesOf(at(p, [['x', 7]]).window(sliding({ size: '10ms', every: '5ms' })))).containsInAnyOrder([
          ['x', 7],
          ['x', 7],
        ]);
      },
    },
    {
      name: 'element-wise-steps-run-in-each-window',
      rule: 'A ParDo that looks at the window is called once for each window of an element',
      source: 'DoFn: observing the window explodes windows; ParDoTest.testSideInputsWithMultipleWindows',
      pipeline(p) {
        const windows = windowsOf(
          at(p, [['x', 0]])
            .window(sliding({ size: '6ms', every: '2ms' }))
            .map('same', (x) => x),
        );
        assertThat(windows.map('window', ([, window]) => window)).containsInAnyOrder(['0-6', '-2-4', '-4-2']);
      },
    },
    {
      name: 'count-by-window',
      rule: 'Counting after a sliding window counts each element once in each window',
      pipeline(p) {
        const counts = at(p, [
          ['x', 0],
          ['y', 4],
          ['z', 5],
        ])
          .window(sliding({ size: '10ms', every: '5ms' }))
          .apply(Count.globally());
        assertThat(windowsOf(counts)).containsInAnyOrder([
          [2, '-5-5'],
          [3, '0-10'],
          [1, '5-15'],
        ]);
      },
    },
  ],
);
