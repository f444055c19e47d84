import {
  afterCount,
  asIterable,
  asList,
  asMap,
  asMultimap,
  asSingleton,
  fixed,
  globalWindows,
  type KV,
  max,
  type PCollection,
  type Pipeline,
  repeatedly,
  state,
  sum,
  timer,
  timestamp,
} from '../../../src/sdk/index.ts';
import { assertThat } from '../../../src/testing/index.ts';
import { topic } from '../conformance-case.ts';
import { windowsOf } from '../elements.ts';
import { add, pass, play, type StreamEvent, watermark } from '../streams.ts';

/** One stream, so that what comes first is certain: `m` elements are the main input, `s` elements the side input. */
function both(p: Pipeline, ...events: readonly StreamEvent<KV<string, number>>[]) {
  const all = play<KV<string, number>>(p, ...events);
  const only = (name: string): PCollection<number> =>
    all.filter(`Only ${name}`, ([to]) => to === name).map(`Values of ${name}`, ([, n]) => n);
  return { main: only('m'), side: only('s') };
}

const TEN = fixed('10ms');
const EACH = { trigger: repeatedly(afterCount(1)), onTime: 'fireIfNonEmpty' } as const;
const list = (values: Iterable<number>) => [...values].sort((a, b) => a - b).join('+');

export const streamingSideInputs = topic(
  'streaming/side-inputs',
  'Guide: side inputs and windowing, slowly updating side inputs; PushbackSideInputDoFnRunner; ViewTest.testTriggeredLatestSingleton; test_stream_test.py test_basic_execution_sideinputs',
  [
    {
      name: 'bounded-side',
      rule: 'A stream may read a bounded side input',
      source: 'test_stream_test.py test_basic_execution_batch_sideinputs',
      pipeline(p) {
        const out = play<number>(p, add(1, 1), watermark(10), add(11, 2)).parDo('Times', {
          sides: { by: asSingleton(p.create([10])) },
          process: (n, { sides }) => [n * sides.by],
        });
        assertThat(out).containsInAnyOrder([10, 20]);
      },
    },
    {
      name: 'waits-for-the-window',
      rule: 'An element waits until its side window is complete',
      source: 'PushbackSideInputDoFnRunnerTest; test_basic_execution_sideinputs_fixed_windows',
      pipeline(p) {
        const { main, side } = both(p, add(1, ['m', 1]), add(2, ['s', 10]), add(3, ['s', 20]), watermark(10));
        const out = main.window(TEN).parDo('Read', {
          sides: { side: asIterable(side.window(TEN)) },
          process: (n, { sides }) => [`${n}: ${list(sides.side)}`],
        });
        assertThat(out).isEqualTo('1: 10+20');
      },
    },
    {
      name: 'keeps-one-while-it-waits-for-another',
      rule: 'While an element waits for one side input, what another one has in its window is kept',
      pipeline(p) {
        const { main, side } = both(p, add(1, ['m', 1]), add(2, ['s', 10]), watermark(100));
        const later = play<number>(p, watermark(5), pass('1m'), add(6, 7), pass('1m'), watermark(50));
        const out = main.window(TEN).parDo('Read', {
          sides: { side: asIterable(side.window(TEN)), later: asIterable(later.window(TEN)) },
          process: (n, { sides }) => [`${n}: ${list(sides.side)} ${list(sides.later)}`],
        });
        assertThat(out).isEqualTo('1: 10 7');
      },
    },
    {
      name: 'waits-only-for-its-window',
      rule: 'Elements of other windows do not wait with it',
      pipeline(p) {
        const { main, side } = both(
          p,
          add(1, ['m', 1]),
          add(12, ['m', 2]),
          add(13, ['s', 20]),
          add(2, ['s', 10]),
          watermark(10),
          add(14, ['s', 40]),
          watermark(20),
        );
        const out = main.window(TEN).parDo('Read', {
          sides: { side: asIterable(side.window(TEN)) },
          process: (n, { sides }) => [`${n}: ${list(sides.side)}`],
        });
        assertThat(windowsOf(out)).containsInAnyOrder([
          ['1: 10', '0-10'],
          ['2: 20+40', '10-20'],
        ]);
      },
    },
    {
      name: 'held-elements-are-not-late',
      rule: 'Elements that wait hold the watermark: they are in time for what follows',
      source: 'PushbackSideInputDoFnRunner: watermark hold of pushed back elements',
      pipeline(p) {
        const { main, side } = both(
          p,
          add(1, ['m', 1]),
          watermark(15),
          add(16, ['s', 100]),
          watermark(20),
          watermark(30),
        );
        // Windows of the side input are twice as long, so that the main window ends before its side window is complete.
        const out = main
          .window(TEN)
          .parDo('Read', {
            sides: { side: asIterable(side.window(fixed('20ms'))) },
            process: (n, { sides }) => [n + [...sides.side].length * 1000],
          })
          .combine(sum());
        assertThat(windowsOf(out)).isEqualTo([1001, '0-10']);
      },
    },
    {
      name: 'empty-window',
      rule: 'A side window that stays empty is complete when the watermark has passed it',
      pipeline(p) {
        const { main, side } = both(p, add(1, ['m', 1]), watermark(10), add(11, ['s', 10]), watermark(20));
        const out = main.window(TEN).parDo('Read', {
          sides: { side: asIterable(side.window(TEN)), one: asSingleton(side.window(TEN), { fallback: -1 }) },
          process: (n, { sides }) => [`${n}: '${list(sides.side)}' ${sides.one}`],
        });
        assertThat(out).isEqualTo("1: '' -1");
      },
    },
    {
      name: 'combined',
      rule: 'The sum of a window may be read with the elements of the window',
      pipeline(p) {
        const { main, side } = both(
          p,
          add(1, ['m', 1]),
          add(2, ['s', 10]),
          add(3, ['s', 20]),
          watermark(10),
          add(11, ['m', 2]),
          add(12, ['s', 5]),
          watermark(20),
        );
        const out = main.window(TEN).parDo('Read', {
          sides: { total: asSingleton(side.window(TEN).combine(sum())) },
          process: (n, { sides }) => [`${n}: ${sides.total}`],
        });
        assertThat(out).containsInAnyOrder(['1: 30', '2: 5']);
      },
    },
    {
      name: 'map',
      rule: 'A map may change from window to window',
      pipeline(p) {
        const { main, side } = both(
          p,
          add(1, ['s', 10]),
          add(2, ['m', 1]),
          watermark(10),
          add(11, ['s', 20]),
          add(12, ['m', 2]),
          watermark(20),
        );
        const table = side.map('Pair', (n): KV<string, number> => ['key', n]).window(TEN);
        const out = main.window(TEN).parDo('Read', {
          sides: { table: asMap(table), all: asMultimap(table) },
          process: (n, { sides }) => [`${n}: ${sides.table.get('key')} ${sides.all.get('key')?.length}`],
        });
        assertThat(out).containsInAnyOrder(['1: 10 1', '2: 20 1']);
      },
    },
    {
      name: 'of-the-main-input',
      rule: 'A stream may be read with what was made of it',
      pipeline(p) {
        const numbers = play<number>(p, add(1, 1), add(2, 3), watermark(10), add(11, 5), watermark(20)).window(TEN);
        const out = numbers.parDo('Share', {
          sides: { total: asSingleton(numbers.combine(sum())) },
          process: (n, { sides }) => [`${n}/${sides.total}`],
        });
        assertThat(out).containsInAnyOrder(['1/4', '3/4', '5/5']);
      },
    },
    {
      name: 'triggered/accumulating-singleton',
      rule: 'A view that accumulates has the elements of all panes: it is a singleton only while there was one',
      fails: 'SIDE_INPUT_SINGLETON',
      source: 'View.asSingleton; the view is a grouping with the trigger of its input',
      needs: ['triggers'],
      pipeline(p) {
        const { main, side } = both(
          p,
          add(1, ['s', 10]),
          add(2, ['m', 1]),
          add(3, ['s', 20]),
          add(4, ['m', 2]),
          add(5, ['s', 30]),
          add(6, ['m', 3]),
        );
        const latest = side
          .keyBy('Key', () => 'k')
          .window(globalWindows(), { ...EACH, accumulation: 'accumulating' })
          .combinePerKey(max())
          .map('Value', ([, n]) => n);
        const out = main.parDo('Read', {
          sides: { latest: asSingleton(latest) },
          process: (n, { sides }) => [`${n}: ${sides.latest}`],
        });
        assertThat(out).countIs(3);
      },
    },
    {
      name: 'triggered/waits-for-the-first-pane',
      rule: 'An element waits for the first pane of its side window',
      source: 'Guide: side inputs: the main input waits until the side window has data or has expired',
      needs: ['triggers'],
      pipeline(p) {
        const { main, side } = both(p, add(1, ['m', 1]), add(2, ['s', 10]), add(3, ['m', 2]));
        const latest = side
          .keyBy('Key', () => 'k')
          .window(globalWindows(), { ...EACH, accumulation: 'accumulating' })
          .combinePerKey(max())
          .map('Value', ([, n]) => n);
        const out = main.parDo('Read', {
          sides: { latest: asSingleton(latest) },
          process: (n, { sides }) => [`${n}: ${sides.latest}`],
        });
        assertThat(out).containsInAnyOrder(['1: 10', '2: 10']);
      },
    },
    {
      name: 'triggered/discarding',
      rule: 'A side input with a trigger has its latest pane; discarding, that is what is new in it',
      source: 'ViewTest.testTriggeredLatestSingleton; Guide: slowly updating side input',
      needs: ['triggers'],
      pipeline(p) {
        const { main, side } = both(p, add(1, ['s', 30]), add(2, ['m', 1]), add(3, ['s', 20]), add(4, ['m', 2]));
        const newest = side
          .keyBy('Key', () => 'k')
          .window(globalWindows(), { ...EACH, accumulation: 'discarding' })
          .combinePerKey(max())
          .map('Value', ([, n]) => n);
        const out = main.parDo('Read', {
          sides: { newest: asSingleton(newest) },
          process: (n, { sides }) => [`${n}: ${sides.newest}`],
        });
        assertThat(out).containsInAnyOrder(['1: 30', '2: 20']);
      },
    },
    {
      name: 'with-state',
      rule: 'A DoFn with state waits for its side input too, and keeps the order of a key',
      needs: ['state'],
      pipeline(p) {
        const { main, side } = both(p, add(1, ['m', 1]), add(2, ['m', 2]), add(3, ['s', 10]), watermark(10));
        const out = main
          .keyBy('Key', () => 'k')
          .window(TEN)
          .parDo('Read', {
            state: { total: state.value<number>() },
            sides: { side: asList(side.window(TEN)) },
            process([, n], { state: { total }, sides }) {
              total.write((total.read() ?? 0) + n);
              return [`${total.read()}: ${list(sides.side)}`];
            },
          });
        assertThat(out).satisfies((all) => {
          const texts = [...all].sort();
          return texts.length === 2 && texts[1] === '3: 10' && (texts[0] === '1: 10' || texts[0] === '2: 10');
        });
      },
    },
    {
      name: 'in-a-timer',
      rule: 'A timer’s handler reads the side input of its window',
      source: 'ParDoTest.testTimerSideInput, testSideInputNotReadyTimer',
      needs: ['state', 'event-timers'],
      pipeline(p) {
        const { main, side } = both(
          p,
          add(1, ['m', 1]),
          add(2, ['s', 10]),
          watermark(10),
          add(11, ['s', 99]),
          watermark(20),
        );
        const out = main
          .keyBy('Key', () => 'k')
          .window(TEN)
          .parDo('Read', {
            timers: { due: timer.eventTime() },
            sides: { side: asList(side.window(TEN)) },
            process(_, { timers: { due } }): string[] {
              due.set(timestamp(9));
              return [];
            },
            onTimer: { due: (_key, { sides }) => [list(sides.side)] },
          });
        assertThat(out).isEqualTo('10');
      },
    },
  ],
  ['test-stream'],
);
