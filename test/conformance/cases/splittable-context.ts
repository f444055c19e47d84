import {
  asIterable,
  asMap,
  asSingleton,
  coders,
  fixed,
  type OffsetRange,
  type PCollection,
  type Pipeline,
  resume,
  type SplittableContext,
  type SplittableDoFn,
  sliding,
  splittableParDo,
  sum,
  timestamp,
  type Window,
} from '../../../src/sdk/index.ts';
import { assertThat } from '../../../src/testing/index.ts';
import { topic } from '../conformance-case.ts';
import { at, timesOf, windowsOf, windowText } from '../elements.ts';
import { ranges } from '../offsets.ts';
import { add, play, watermark } from '../streams.ts';

const restriction = ranges<number>((count) => count);

/** Even offsets go to the main output, odd ones to another; `perCall` in each call. */
function evenAndOdd(perCall = Number.POSITIVE_INFINITY) {
  return {
    restriction,
    outputs: { odd: coders.string },
    *process(_count: number, context: SplittableContext<OffsetRange, number, {}, { odd: typeof coders.string }>) {
      const { start, end } = context.tracker.current();
      for (let n = start; n < Math.min(end, start + perCall); n++) {
        if (!context.tracker.tryClaim(n)) return undefined;
        context.timestamp = timestamp(n * 10);
        if (n % 2 === 0) yield [n];
        else context.output('odd', `odd ${n}`);
      }
      return end > start + perCall ? resume() : undefined;
    },
  } satisfies SplittableDoFn<number, OffsetRange, number, number, {}, { odd: typeof coders.string }>;
}

const counts = (p: Pipeline, ...all: number[]): PCollection<number> => p.create(all);

/** Each element with its window as the DoFn is told it. */
function windowsTold<W extends Window>(input: PCollection<number, W>): PCollection<string, W> {
  return input.apply(
    splittableParDo<number, OffsetRange, number, string, {}, {}, W>('Told', {
      restriction,
      *process(count, context) {
        if (context.tracker.tryClaim(0)) yield [`${count} in ${windowText(context.window)}`];
        for (let n = 1; n < count; n++) context.tracker.tryClaim(n);
      },
    }),
  ) as PCollection<string, W>;
}

export const splittableContext = topic(
  'splittable/context',
  'Guide: splittable DoFns, additional outputs, side inputs; DoFn.ProcessContext in a splittable DoFn; SplittableDoFnTest',
  [
    {
      name: 'side-input',
      rule: 'A splittable DoFn reads side inputs',
      source: 'SplittableDoFnTest.testSideInput; sdf.go with side inputs',
      pipeline(p) {
        const offset = asSingleton(p.create([100]));
        const read = counts(p, 2, 3).apply(
          splittableParDo('Read', {
            restriction,
            sides: { offset },
            *process(_count: number, { tracker, sides }) {
              const { start, end } = tracker.current();
              for (let n = start; n < end; n++) if (tracker.tryClaim(n)) yield [sides.offset + n];
            },
          }),
        );
        assertThat(read).containsInAnyOrder([100, 101, 100, 101, 102]);
      },
    },
    {
      name: 'side-input-of-the-same-elements',
      rule: 'A side input may be made of the very elements that are split',
      pipeline(p) {
        const input = counts(p, 2, 3);
        const total = asSingleton(input.combine(sum()));
        const read = input.apply(
          splittableParDo('Read', {
            restriction,
            sides: { total },
            *process(count: number, { tracker, sides }) {
              yield [`${count} of ${sides.total}`];
              for (let n = 0; n < count; n++) tracker.tryClaim(n);
            },
          }),
        );
        assertThat(read).containsInAnyOrder(['2 of 5', '3 of 5']);
      },
    },
    {
      name: 'side-input-windowed',
      rule: 'A side input is read in the window that belongs to the element’s',
      source: 'SplittableDoFnTest.testWindowedSideInput',
      pipeline(p) {
        const names = at(p, [
          [['a', 'first'] as const, 5],
          [['a', 'second'] as const, 15],
        ]).window(fixed('10ms'));
        const read = at(p, [
          [1, 3],
          [1, 14],
        ])
          .window(fixed('5ms'))
          .apply(
            splittableParDo('Read', {
              restriction,
              sides: { names: asMap(names) },
              *process(_count: number, { tracker, sides }) {
                if (tracker.tryClaim(0)) yield [String(sides.names.get('a'))];
              },
            }),
          );
        assertThat(windowsOf(read)).containsInAnyOrder([
          ['first', '0-5'],
          ['second', '10-15'],
        ]);
      },
    },
    {
      name: 'side-input-in-every-call',
      rule: 'A restriction that is taken up again reads the side inputs of its element’s window again',
      needs: ['unbounded-splittable'],
      pipeline(p) {
        const read = counts(p, 5).apply(
          splittableParDo('Read', {
            restriction,
            unbounded: true,
            sides: { all: asIterable(p.create([1, 2, 4])) },
            *process(_count: number, context) {
              const { tracker, sides } = context;
              const { start, end } = tracker.current();
              if (!tracker.tryClaim(start)) return undefined;
              yield [start + [...sides.all].reduce((a, b) => a + b)];
              return start + 1 < end ? resume() : undefined;
            },
          }),
        );
        assertThat(read).containsInAnyOrder([7, 8, 9, 10, 11]);
      },
    },
    {
      name: 'waits-for-its-side-window',
      rule: 'The element waits until what it reads in its window is known; others go on',
      source: 'Guide: side inputs and windowing; SideInputHandler.isReady, PushbackSideInputDoFnRunner',
      needs: ['test-stream'],
      pipeline(p) {
        const names = play<string>(p, add(5, 'early'), watermark(10), add(15, 'late')).window(fixed('10ms'));
        const read = play<number>(p, add(12, 1), add(3, 1), watermark(100))
          .window(fixed('10ms'))
          .apply(
            splittableParDo('Read', {
              restriction,
              sides: { names: asIterable(names) },
              *process(_count: number, { tracker, sides, timestamp }) {
                if (tracker.tryClaim(0)) yield [`${timestamp} with ${[...sides.names]}`];
              },
            }),
          );
        assertThat(windowsOf(read)).containsInAnyOrder([
          ['3 with early', '0-10'],
          ['12 with late', '10-20'],
        ]);
      },
    },
    {
      name: 'holds-the-watermark-while-it-waits',
      rule: 'While the element waits, what comes out of it later is not late',
      needs: ['test-stream'],
      pipeline(p) {
        const factor = play<number>(p, watermark(2), add(5, 3), watermark(100)).window(fixed('10ms'));
        const sums = play<number>(p, add(3, 2), watermark(1000))
          .window(fixed('10ms'))
          .apply(
            splittableParDo('Read', {
              restriction,
              sides: { factor: asSingleton(factor) },
              *process(count: number, { tracker, sides }) {
                for (let n = 0; n < count; n++) if (tracker.tryClaim(n)) yield [(n + 1) * sides.factor];
              },
            }),
          )
          .keyBy('Key', () => 'k')
          .combinePerKey(sum());
        assertThat(windowsOf(sums)).isEqualTo([['k', 9], '0-10']);
      },
    },
    {
      name: 'outputs',
      rule: 'A splittable DoFn has additional outputs',
      source: 'Guide: additional outputs; SplittableDoFnTest.testAdditionalOutput',
      pipeline(p) {
        const { main, odd } = counts(p, 5).apply(splittableParDo('Offsets', evenAndOdd()));
        assertThat(main).containsInAnyOrder([0, 2, 4]);
        assertThat(odd).containsInAnyOrder(['odd 1', 'odd 3']);
      },
    },
    {
      name: 'outputs/times-and-windows',
      rule: 'What goes to an additional output has the timestamp at hand and the element’s window',
      source: 'SplittableDoFnTest.testAdditionalOutput, testWindowedSideInput',
      pipeline(p) {
        const { main, odd } = at(p, [[4, 25]])
          .window(fixed('10ms'))
          .apply(splittableParDo('Offsets', evenAndOdd()));
        assertThat(timesOf(main)).containsInAnyOrder([
          [0, 0],
          [2, 20],
        ]);
        assertThat(timesOf(odd)).containsInAnyOrder([
          ['odd 1', 10],
          ['odd 3', 30],
        ]);
        assertThat(windowsOf(odd)).containsInAnyOrder([
          ['odd 1', '20-30'],
          ['odd 3', '20-30'],
        ]);
      },
    },
    {
      name: 'outputs/across-calls',
      rule: 'Additional outputs come once each, however often the restriction is taken up',
      needs: ['unbounded-splittable'],
      pipeline(p) {
        const { main, odd } = counts(p, 40, 3).apply(splittableParDo('Offsets', { ...evenAndOdd(3), unbounded: true }));
        assertThat(main).countIs(22);
        assertThat(odd).countIs(21);
      },
    },
    {
      name: 'outputs/of-the-end',
      rule: 'What goes to an additional output after the last batch comes out too',
      pipeline(p) {
        const { main, last } = counts(p, 3, 2).apply(
          splittableParDo('Last', {
            restriction,
            outputs: { last: coders.double },
            *process(_count: number, { tracker, output }) {
              const { start, end } = tracker.current();
              for (let n = start; n < end; n++) if (tracker.tryClaim(n)) yield [n];
              output('last', end);
            },
          }),
        );
        assertThat(main).containsInAnyOrder([0, 1, 2, 0, 1]);
        assertThat(last).containsInAnyOrder([3, 2]);
      },
    },
    {
      name: 'outputs/unknown',
      rule: 'An output that is not declared is an error',
      fails: 'OUTPUT_UNKNOWN',
      pipeline(p) {
        counts(p, 1).apply(
          splittableParDo('Read', {
            restriction,
            // biome-ignore lint/correctness/useYield: it fails before
            *process(_count: number, { output }): Generator<number[], undefined> {
              output('odd' as never, 1 as never);
              return undefined;
            },
          }),
        );
      },
    },
    {
      name: 'window',
      rule: 'A splittable DoFn is told its element’s window',
      source: 'SplittableDoFnTest.testWindowedSideInput; DoFn: BoundedWindow parameter of a splittable process',
      pipeline(p) {
        const windowed = at(p, [
          [1, 3],
          [2, 14],
        ]).window(fixed('10ms'));
        assertThat(windowsTold(windowed)).containsInAnyOrder(['1 in 0-10', '2 in 10-20']);
        assertThat(windowsTold(counts(p, 3))).containsInAnyOrder(['3 in global']);
      },
    },
    {
      name: 'several-windows',
      rule: 'An element in several windows is processed in each of them',
      source: 'DoFn: observing the window explodes windows; fn_runner_test.py test_sdf_default_truncate_when_bounded',
      pipeline(p) {
        const both = at(p, [[1, 12]]).window(sliding({ size: '20ms', every: '10ms' }));
        assertThat(windowsTold(both)).containsInAnyOrder(['1 in 0-20', '1 in 10-30']);
      },
    },
  ],
  ['splittable'],
);
