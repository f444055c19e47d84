import {
  asIterable,
  asMap,
  asMultimap,
  asSingleton,
  calendarDays,
  fixed,
  globalWindows,
  type IntervalWindow,
  type KV,
  type PCollection,
  type Pipeline,
  sessions,
  sliding,
  sum,
  type Window,
  type WindowFn,
} from '../../../src/sdk/index.ts';
import { assertThat } from '../../../src/testing/index.ts';
import { topic } from '../conformance-case.ts';
import { at, interval } from '../elements.ts';

/** Main elements `main` in `mainFn` windows read the sum of side elements in `sideFn` windows; none is 0. */
function mapped(
  name: string,
  rule: string,
  mainFn: WindowFn<Window>,
  sideFn: WindowFn<Window>,
  main: readonly number[],
  side: readonly number[],
  expected: readonly string[],
  source?: string,
) {
  return {
    name,
    rule,
    ...(source === undefined ? {} : { source }),
    pipeline(p: Pipeline) {
      assertThat(read(p, mainFn, sideFn, main, side)).containsInAnyOrder(expected);
    },
  };
}

function read(
  p: Pipeline,
  mainFn: WindowFn<Window>,
  sideFn: WindowFn<Window>,
  main: readonly number[],
  side: readonly number[],
): PCollection<string, Window> {
  const stamped = (times: readonly number[]) =>
    at<number>(
      p,
      times.map((time) => [time, time] as const),
    );
  return stamped(main)
    .window(mainFn)
    .parDo('Read', {
      sides: { side: asIterable(stamped(side).window(sideFn)) },
      process: (time, { sides }) => [`${time}: ${[...sides.side].sort((a, b) => a - b).join()}`],
    });
}

export const sideInputWindows = topic(
  'side-inputs/windows',
  'Guide: side inputs and windowing; WindowFn.getDefaultWindowMappingFn; ViewTest.testWindowed…; sideinputs_test.py',
  [
    mapped(
      'same-windows',
      'An element reads the elements of its own window',
      fixed('10ms'),
      fixed('10ms'),
      [1, 12, 25],
      [3, 11, 19],
      ['1: 3', '12: 11,19', '25: '],
      'sideinputs_test.py test_same_fixed_windows; ViewTest.testWindowedSideInputFixedToFixed',
    ),
    mapped(
      'larger-side-windows',
      'A main window reads the side window that holds its last moment',
      fixed('10ms'),
      fixed('20ms'),
      [1, 12, 25],
      [3, 11, 19, 39],
      ['1: 3,11,19', '12: 3,11,19', '25: 39'],
      'sideinputs_test.py test_different_fixed_windows',
    ),
    mapped(
      'smaller-side-windows',
      'Of smaller side windows only the one at the end of the main window is read',
      fixed('20ms'),
      fixed('10ms'),
      [1, 12, 25],
      [3, 11, 19, 39],
      ['1: 11,19', '12: 11,19', '25: 39'],
      'sideinputs_test.py test_different_fixed_windows',
    ),
    mapped(
      'shifted-side-windows',
      'Side windows need not start where main windows do',
      fixed('10ms'),
      fixed('10ms', { offset: '5ms' }),
      [1, 12],
      [3, 6, 14, 16],
      // Main [0,10) ends at 9, which is in [5,15); [10,20) ends at 19, in [15,25).
      ['1: 6,14', '12: 16'],
    ),
    mapped(
      'global-side',
      'Elements of every window read a side input of the global window',
      fixed('10ms'),
      globalWindows(),
      [1, 12],
      [3, 11],
      ['1: 3,11', '12: 3,11'],
      'ViewTest.testWindowedSideInputFixedToGlobal; sideinputs_test.py test_fixed_global_window',
    ),
    mapped(
      'global-both',
      'In the global window all is read',
      globalWindows(),
      globalWindows(),
      [1, 12],
      [3, 11],
      ['1: 3,11', '12: 3,11'],
      'sideinputs_test.py test_global_global_windows',
    ),
    mapped(
      'sliding-both',
      'An element in several windows is processed once for each, with the side input of that window',
      sliding({ size: '10ms', every: '5ms' }),
      sliding({ size: '10ms', every: '5ms' }),
      [7],
      [3, 6, 12],
      // Windows [0,10) and [5,15) of 7; each end is first held by the side window of the same bounds.
      ['7: 3,6', '7: 6,12'],
      'sideinputs_test.py test_sliding_windows; ParDoTest.testSideInputsWithMultipleWindows',
    ),
    mapped(
      'sliding-side',
      'Of sliding side windows the earliest that holds the end of the main window is read',
      fixed('10ms'),
      sliding({ size: '10ms', every: '5ms' }),
      [1],
      [-1, 0, 4, 9, 10],
      // Main ends at 9: in [0,10) and [5,15); the earliest is [0,10).
      ['1: 0,4,9'],
      'SlidingWindows.getDefaultWindowMappingFn',
    ),
    mapped(
      'sliding-side-longer',
      'Long sliding side windows reach back before the main window',
      fixed('5ms'),
      sliding({ size: '20ms', every: '5ms' }),
      [11],
      [-6, -5, 0, 14, 15],
      // Main [10,15) ends at 14; windows holding 14 start at 10, 5, 0, -5: the earliest is [-5,15).
      ['11: -5,0,14'],
      'SlidingWindows.getDefaultWindowMappingFn',
    ),
    mapped(
      'session-main',
      'Before a grouping the main window of a session is that of the element alone',
      sessions({ gap: '10ms' }),
      fixed('10ms'),
      [1, 12],
      [3, 11, 25],
      // Windows [1,11) and [12,22) end at 10 and 21.
      ['1: 11', '12: 25'],
    ),
    mapped(
      'calendar-side',
      'Calendar windows may be side windows',
      fixed('1h'),
      calendarDays(1),
      [3_600_000],
      [0, 86_399_999, 86_400_000],
      ['3600000: 0,86399999'],
    ),
    mapped(
      'no-side-elements',
      'A window without side elements reads an empty view',
      fixed('10ms'),
      fixed('10ms'),
      [1],
      [],
      ['1: '],
      'ViewTest.testWindowedSideInputNotPresent',
    ),
    mapped(
      'before-the-epoch',
      'Negative times are mapped as others',
      fixed('10ms'),
      fixed('10ms'),
      [-1, -11],
      [-3, -10, -20],
      ['-1: -10,-3', '-11: -20'],
    ),
    {
      name: 'main-global-side-windowed',
      rule: 'The global window has no one window of a windowed side input: that is an error',
      source: 'FixedWindows.getDefaultWindowMappingFn: attempted to get side input window for GlobalWindow',
      fails: 'SIDE_INPUT_WINDOW',
      pipeline(p) {
        read(p, globalWindows(), fixed('10ms'), [1], [3]);
      },
    },
    {
      name: 'session-side',
      rule: 'Merging windows cannot be side windows',
      source: 'Sessions.getDefaultWindowMappingFn: not allowed in side inputs',
      fails: 'SIDE_INPUT_WINDOW',
      pipeline(p) {
        read(p, fixed('10ms'), sessions({ gap: '10ms' }), [1], [3]);
      },
    },
    {
      name: 'own-mapping',
      rule: 'A window function decides which of its windows belongs to a main window',
      source: 'WindowMappingFn',
      needs: ['custom-windows'],
      pipeline(p) {
        const previous: WindowFn<IntervalWindow> = {
          ...fixed('10ms'),
          urn: 'conformance:window_fn:previous:v1',
          sideInputWindow: ({ maxTimestamp }) => interval(maxTimestamp - 19, maxTimestamp - 9),
          sideInputLookback: 10,
        };
        assertThat(read(p, fixed('10ms'), previous, [12, 25], [3, 11, 21])).containsInAnyOrder(['12: 3', '25: 11']);
      },
    },
    {
      name: 'singleton',
      rule: 'A singleton is the one element of the window',
      source: 'ViewTest.testWindowedSingletonSideInput; sideinputs_test.py test_windowed_singleton',
      pipeline(p) {
        const totals = at(p, [
          [3, 3],
          [4, 4],
          [11, 11],
        ])
          .window(fixed('10ms'))
          .combine(sum());
        const out = at(p, [
          ['x', 1],
          ['y', 12],
        ])
          .window(fixed('10ms'))
          .parDo('Read', { sides: { total: asSingleton(totals) }, process: (x, { sides }) => [`${x}${sides.total}`] });
        assertThat(out).containsInAnyOrder(['x7', 'y11']);
      },
    },
    {
      name: 'singleton-default',
      rule: 'In a window without side elements a singleton has its default',
      source:
        'ViewTest.testWindowedSideInputFixedToFixedWithDefault; CombineTest.testWindowedCombineGloballyAsSingletonView',
      pipeline(p) {
        const totals = at(p, [[3, 3]])
          .window(fixed('10ms'))
          .combine(sum());
        const out = at(p, [
          ['x', 1],
          ['y', 12],
        ])
          .window(fixed('10ms'))
          .parDo('Read', {
            sides: { total: asSingleton(totals, { fallback: -1 }) },
            process: (x, { sides }) => [`${x}${sides.total}`],
          });
        assertThat(out).containsInAnyOrder(['x3', 'y-1']);
      },
    },
    {
      name: 'singleton-missing',
      rule: 'In a window without side elements a singleton without default is an error',
      source: 'ViewTest.testWindowedSideInputNotPresent',
      fails: 'SIDE_INPUT_SINGLETON',
      pipeline(p) {
        const totals = at(p, [[3, 3]])
          .window(fixed('10ms'))
          .combine(sum());
        at(p, [['y', 12]])
          .window(fixed('10ms'))
          .parDo('Read', { sides: { total: asSingleton(totals) }, process: (y, { sides }) => [`${y}${sides.total}`] });
      },
    },
    {
      name: 'map',
      rule: 'A map has the pairs of the window: a key may come once in each',
      source: 'sideinputs_test.py test_windowed_dict',
      pipeline(p) {
        const table = at<KV<string, number>>(p, [
          [['k', 1], 3],
          [['k', 2], 11],
        ]).window(fixed('10ms'));
        const out = at(p, [
          ['x', 1],
          ['y', 12],
        ])
          .window(fixed('10ms'))
          .parDo('Read', {
            sides: { table: asMap(table) },
            process: (x, { sides }) => [`${x}${sides.table.get('k')}`],
          });
        assertThat(out).containsInAnyOrder(['x1', 'y2']);
      },
    },
    {
      name: 'multimap',
      rule: 'A multimap has the pairs of the window',
      source: 'fn_runner_test.py test_pardo_windowed_side_inputs',
      pipeline(p) {
        const table = at<KV<string, number>>(p, [
          [['k', 1], 3],
          [['k', 2], 4],
          [['k', 4], 11],
        ]).window(fixed('10ms'));
        const out = at(p, [
          ['x', 1],
          ['y', 12],
          ['z', 25],
        ])
          .window(fixed('10ms'))
          .parDo('Read', {
            sides: { table: asMultimap(table) },
            process: (x, { sides }) => [`${x}${(sides.table.get('k') ?? []).reduce((a, b) => a + b, 0)}`],
          });
        assertThat(out).containsInAnyOrder(['x3', 'y4', 'z0']);
      },
    },
    {
      name: 'rewindowed-reader',
      rule: 'The windows of the reader count, not those its elements had before',
      pipeline(p) {
        const side = at<number>(p, [
          [3, 3],
          [25, 25],
        ]).window(fixed('50ms'));
        const out = at(p, [['x', 25]])
          .window(fixed('10ms'))
          .window(fixed('50ms'))
          .parDo('Read', {
            sides: { side: asIterable(side) },
            process: (x, { sides }) => [`${x}${[...sides.side].length}`],
          });
        assertThat(out).isEqualTo('x2');
      },
    },
    {
      name: 'of-a-windowed-group',
      rule: 'Groups of a window may be read with the elements of the window',
      pipeline(p) {
        const keyed = at<KV<string, number>>(p, [
          [['a', 1], 1],
          [['b', 2], 2],
          [['a', 4], 11],
        ]).window(fixed('10ms'));
        const totals = keyed.map('value', ([, n]) => n).combine(sum());
        const shares = keyed.parDo('share', {
          sides: { total: asSingleton(totals) },
          process: ([key, n], { sides }) => [`${key}${n}/${sides.total}`],
        });
        assertThat(shares).containsInAnyOrder(['a1/3', 'b2/3', 'a4/4']);
      },
    },
  ],
);
