import {
  type Coder,
  Count,
  coders,
  fixed,
  type IntervalWindow,
  type KV,
  reshuffle,
  sessions,
  sum,
  type Timestamp,
  timestamp,
  type Window,
  type WindowFn,
  windowInto,
} from '../../../src/sdk/index.ts';
import { assertThat } from '../../../src/testing/index.ts';
import { topic } from '../conformance-case.ts';
import { at, interval, sorted, timesOf, windowsOf } from '../elements.ts';

/** A window type of the user's own. */
class NamedWindow implements Window {
  readonly name: string;
  readonly maxTimestamp: Timestamp;

  constructor(name: string, maxTimestamp: Timestamp) {
    this.name = name;
    this.maxTimestamp = maxTimestamp;
  }

  toString(): string {
    return this.name;
  }
}

const pair = coders.kv(coders.string, coders.safeInt);
const namedWindowCoder: Coder<NamedWindow> = {
  urn: 'conformance:coder:named_window:v1',
  components: [],
  nonDeterministic: undefined,
  encode: ({ name, maxTimestamp }, out) => pair.encode([name, maxTimestamp], out, true),
  decode(input) {
    const [name, maxTimestamp] = pair.decode(input, true);
    return new NamedWindow(name, timestamp(maxTimestamp));
  },
};

/** Even and odd milliseconds, each in one window. */
const parity: WindowFn<NamedWindow> = {
  urn: 'conformance:window_fn:parity:v1',
  payload: () => new Uint8Array(0),
  coder: namedWindowCoder,
  assign: (time) => [new NamedWindow(time % 2 === 0 ? 'even' : 'odd', timestamp(1000))],
};

/** Intervals that are assigned in another way each time. */
const intervals = {
  urn: 'conformance:window_fn:intervals:v1',
  payload: () => new Uint8Array(0),
  coder: fixed('1ms').coder,
} as const;

/** Each element in the window of its ten and in that of everything: of two kinds in one coder. */
const tenAndAll: WindowFn<NamedWindow> = {
  urn: 'conformance:window_fn:ten_and_all:v1',
  payload: () => new Uint8Array(0),
  coder: namedWindowCoder,
  assign: (time) => [
    new NamedWindow(`ten ${Math.floor(time / 10)}`, timestamp(Math.floor(time / 10) * 10 + 9)),
    new NamedWindow('all', timestamp(100_000)),
  ],
};

/** Windows of one element each that become the ten around them; two tens never merge. */
const mergedTens: WindowFn<IntervalWindow> = {
  ...fixed('1ms'),
  urn: 'conformance:window_fn:merged_tens:v1',
  merge(windows) {
    const tens = Map.groupBy(windows, ({ start }) => Math.floor(start / 10));
    return [...tens.values()].map((sources) => ({
      merged: sources.reduce((a, b) => a.span(b)),
      sources,
    }));
  },
};

/** Windows of a type of their own which all merge into one. */
const mergedNames: WindowFn<NamedWindow> = {
  urn: 'conformance:window_fn:merged_names:v1',
  payload: () => new Uint8Array(0),
  coder: namedWindowCoder,
  assign: (time) => [new NamedWindow(`at ${time}`, time)],
  merge(windows) {
    if (windows.length < 2) return [];
    const last = windows.reduce((a, b) => (a.maxTimestamp >= b.maxTimestamp ? a : b)).maxTimestamp;
    const times = windows.flatMap(({ name }) => name.match(/-?\d+/g) ?? []).map(Number);
    const name = `at ${times.sort((a, b) => a - b).join(' ')}`;
    return [{ merged: new NamedWindow(name, last), sources: windows }];
  },
};

const KEYED: readonly (readonly [KV<string, number>, number])[] = [
  [['a', 1], 1],
  [['a', 2], 2],
  [['a', 4], 13],
  [['b', 8], 14],
];

const text = (window: Window) => String(window);

export const customWindows = topic(
  'windowing/custom',
  'WindowFn; WindowTest.testMergingCustomWindows; fn_runner_test.py test_custom_window_type, test_custom_merging_window',
  [
    {
      name: 'own-window-type',
      rule: 'A window function may have a window type of its own, with its coder',
      pipeline(p) {
        const sums = at(p, KEYED).window(parity).combinePerKey(sum());
        const named = sums.parDo('name', { process: ([key, n], { window }) => [`${key} ${n} ${text(window)}`] });
        assertThat(named).containsInAnyOrder(['a 5 odd', 'a 2 even', 'b 8 even']);
      },
    },
    {
      name: 'group-at-max-timestamp',
      rule: 'A group in a window of any type is at the greatest timestamp of its window',
      pipeline(p) {
        assertThat(
          timesOf(
            at(p, [['x', 1]])
              .window(parity)
              .apply(Count.perElement()),
          ),
        ).isEqualTo([['x', 1], 1000]);
      },
    },
    {
      name: 'several-windows-per-element',
      rule: 'A window function may assign an element to several windows of different lengths',
      pipeline(p) {
        const sums = at(p, KEYED).window(tenAndAll).combinePerKey(sum());
        const named = sums.parDo('name', { process: ([key, n], { window }) => [`${key} ${n} ${text(window)}`] });
        assertThat(named).containsInAnyOrder(['a 3 ten 0', 'a 4 ten 1', 'b 8 ten 1', 'a 7 all', 'b 8 all']);
      },
    },
    {
      name: 'across-a-reshuffle',
      rule: 'Windows of the user’s own type cross a stage border',
      source: 'fn_runner_test.py test_reshuffle_after_custom_window',
      pipeline(p) {
        const named = at(p, [
          ['x', 1],
          ['y', 2],
        ])
          .window(parity)
          .apply(reshuffle())
          .parDo('name', { process: (element, { window }) => [`${element} ${text(window)}`] });
        assertThat(named).containsInAnyOrder(['x odd', 'y even']);
      },
    },
    {
      name: 'in-one-window',
      rule: 'Windows of the user’s own type are compared by their encoding',
      pipeline(p) {
        const elements = at(p, [
          ['x', 1],
          ['y', 2],
          ['z', 3],
        ]).window(parity);
        assertThat(elements)
          .inWindow(new NamedWindow('odd', timestamp(1000)))
          .containsInAnyOrder(['x', 'z']);
      },
    },
    {
      name: 'assign-by-a-class',
      rule: 'A custom function may be an object with a state that does not depend on the elements',
      pipeline(p) {
        const hundred = new Blocks(100);
        const elements = at(p, [
          ['x', 99],
          ['y', 100],
        ]).apply(windowInto(hundred));
        assertThat(windowsOf(elements)).containsInAnyOrder([
          ['x', '0-100'],
          ['y', '100-200'],
        ]);
      },
    },
    {
      name: 'assign-sees-the-element',
      rule: 'A window function may assign by what the element is, too',
      source: 'WindowFn.AssignContext.element; WindowTest.testWindowIntoAssignContext',
      pipeline(p) {
        const bySize: WindowFn<IntervalWindow, KV<string, number>> = {
          ...intervals,
          assign: (time, [, n]) => (n < 4 ? [interval(time, time + 1)] : [interval(0, 10), interval(10, 20)]),
        };
        assertThat(windowsOf(at(p, KEYED).window(bySize))).containsInAnyOrder([
          [['a', 1], '1-2'],
          [['a', 2], '2-3'],
          [['a', 4], '0-10'],
          [['a', 4], '10-20'],
          [['b', 8], '0-10'],
          [['b', 8], '10-20'],
        ]);
      },
    },
    {
      name: 'assign-sees-the-window',
      rule: 'A window function may assign by the window that the element is in',
      source: 'WindowFn.AssignContext.window; WindowTest.testWindowIntoAssignContext',
      pipeline(p) {
        const previous: WindowFn<IntervalWindow> = {
          ...intervals,
          assign: (_time, _element, window) => [interval(window.maxTimestamp - 19, window.maxTimestamp - 9)],
        };
        const moved = at(p, KEYED).window(fixed('10ms')).window(previous).combinePerKey(sum());
        assertThat(windowsOf(moved)).containsInAnyOrder([
          [['a', 3], '-10-0'],
          [['a', 4], '0-10'],
          [['b', 8], '0-10'],
        ]);
      },
    },
    {
      name: 'assign-one-sees-the-element',
      rule: 'So may one that gives each element one window',
      source: 'PartitioningWindowFn.assignWindow; WindowFn.AssignContext.element',
      pipeline(p) {
        const until = (n: number) => interval(0, n + 1);
        const byValue: WindowFn<IntervalWindow, KV<string, number>> = {
          ...intervals,
          assign: (_time, [, n]) => [until(n)],
          assignOne: (_time, [, n]) => until(n),
        };
        assertThat(windowsOf(at(p, KEYED).window(byValue))).containsInAnyOrder([
          [['a', 1], '0-2'],
          [['a', 2], '0-3'],
          [['a', 4], '0-5'],
          [['b', 8], '0-9'],
        ]);
      },
    },
    {
      name: 'merging-by-the-element',
      rule: 'A merging window function may make windows by what the element is: a session whose gap the data says',
      source: 'WindowFn.AssignContext.element; Guide: session windows with dynamic gaps',
      needs: ['custom-merging-windows'],
      pipeline(p) {
        const bySaidGap: WindowFn<IntervalWindow, KV<string, number>> = {
          ...intervals,
          urn: 'conformance:window_fn:sessions_by_said_gap:v1',
          assign: (time, [, gap]) => [interval(time, time + gap)],
          merge: sessions({ gap: '1ms' }).merge,
        };
        const gaps: readonly (readonly [KV<string, number>, number])[] = [
          [['a', 5], 0],
          [['a', 2], 4],
          [['a', 1], 6],
          [['b', 20], 0],
          [['b', 1], 19],
        ];
        assertThat(windowsOf(at(p, gaps).window(bySaidGap).combinePerKey(sum()))).containsInAnyOrder([
          [['a', 7], '0-6'],
          [['a', 1], '6-7'],
          [['b', 21], '0-20'],
        ]);
      },
    },
    {
      name: 'no-window-drops',
      rule: 'An element that a window function assigns to no window is dropped',
      source: 'WindowFn.assignWindows: may be empty; SlidingWindows with a period longer than the size',
      pipeline(p) {
        const positive: WindowFn<IntervalWindow> = {
          urn: 'conformance:window_fn:positive:v1',
          payload: () => new Uint8Array(0),
          coder: fixed('10ms').coder,
          assign: (time) => (time > 0 ? [interval(0, 10)] : []),
        };
        const elements = at(p, [
          ['x', 1],
          ['y', 0],
        ]).window(positive);
        assertThat(windowsOf(elements)).isEqualTo(['x', '0-10']);
      },
    },
    {
      name: 'merging-partially',
      rule: 'A merging function decides which windows become one',
      needs: ['custom-merging-windows'],
      pipeline(p) {
        const grouped = sorted(at(p, KEYED).window(mergedTens).groupByKey());
        assertThat(windowsOf(grouped)).containsInAnyOrder([
          [['a', [1, 2]], '1-3'],
          [['a', [4]], '13-14'],
          [['b', [8]], '14-15'],
        ]);
      },
    },
    {
      name: 'merging-combine',
      rule: 'A combine merges accumulators by a custom merging function',
      needs: ['custom-merging-windows'],
      pipeline(p) {
        const sums = at(p, KEYED).window(mergedTens, { timestampCombiner: 'earliest' }).combinePerKey(sum());
        assertThat(timesOf(sums)).containsInAnyOrder([
          [['a', 3], 1],
          [['a', 4], 13],
          [['b', 8], 14],
        ]);
        assertThat(windowsOf(sums)).containsInAnyOrder([
          [['a', 3], '1-3'],
          [['a', 4], '13-14'],
          [['b', 8], '14-15'],
        ]);
      },
    },
    {
      name: 'merging-own-window-type',
      rule: 'Windows of the user’s own type merge per key',
      source: 'WindowTest.testMergingCustomWindowsKeyedCollection, …WithoutCustomWindowTypes',
      needs: ['custom-merging-windows'],
      pipeline(p) {
        const sums = at(p, KEYED).window(mergedNames).combinePerKey(sum());
        const named = sums.parDo('name', {
          process: ([key, n], { window, timestamp }) => [`${key} ${n} ${text(window)} ${timestamp}`],
        });
        assertThat(named).containsInAnyOrder(['a 7 at 1 2 13 13', 'b 8 at 14 14']);
      },
    },
    {
      name: 'merging-to-a-window-that-was-there',
      rule: 'The merged window may be one of its sources',
      needs: ['custom-merging-windows'],
      pipeline(p) {
        const toLast: WindowFn<IntervalWindow> = {
          ...fixed('10ms'),
          urn: 'conformance:window_fn:to_last:v1',
          merge(windows) {
            if (windows.length < 2) return [];
            return [{ merged: windows.reduce((a, b) => (a.start > b.start ? a : b)), sources: windows }];
          },
        };
        const grouped = sorted(at(p, KEYED).window(toLast).groupByKey());
        assertThat(windowsOf(grouped)).containsInAnyOrder([
          [['a', [1, 2, 4]], '10-20'],
          [['b', [8]], '10-20'],
        ]);
      },
    },
  ],
  ['custom-windows'],
);

class Blocks implements WindowFn<IntervalWindow> {
  readonly urn = 'conformance:window_fn:blocks:v1';
  readonly coder = fixed('1ms').coder;
  readonly #size: number;

  constructor(size: number) {
    this.#size = size;
  }

  payload(): Uint8Array {
    return Uint8Array.of(this.#size);
  }

  assign(time: Timestamp): readonly IntervalWindow[] {
    const start = Math.floor(time / this.#size) * this.#size;
    return [interval(start, start + this.#size)];
  }
}
