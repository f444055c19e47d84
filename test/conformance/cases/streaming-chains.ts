import {
  afterCount,
  afterProcessingTime,
  asSingleton,
  Count,
  fixed,
  flatten,
  globalWindows,
  type KV,
  type PCollection,
  repeatedly,
  sessions,
  sliding,
  state,
  sum,
  timer,
  timestamp,
  transform,
} from '../../../src/sdk/index.ts';
import { assertThat } from '../../../src/testing/index.ts';
import { topic } from '../conformance-case.ts';
import { timesOf, windowsOf } from '../elements.ts';
import { add, panesOf, pass, play, playKeyed, watermark } from '../streams.ts';

const TEN = fixed('10ms');

/** Gives the running total of each key. */
const runningTotal = () =>
  transform('Running total', (input: PCollection<KV<string, number>>) =>
    input.parDo('Total', {
      state: { total: state.value<number>() },
      process([key, n], { state: { total } }): KV<string, number>[] {
        total.write((total.read() ?? 0) + n);
        return [[key, total.read() ?? 0]];
      },
    }),
  );

/** Gives each number again so much later. */
const delayed = (by: number) =>
  transform(`Delayed by ${by}`, (input: PCollection<KV<string, number>>) =>
    input.parDo('Delay', {
      timers: { due: timer.eventTimeFamily() },
      process([, n], { timers: { due }, timestamp: time }): KV<string, number>[] {
        due.set(String(n), timestamp(time + by));
        return [];
      },
      onTimer: { due: (key, { tag }): KV<string, number>[] => [[key, Number(tag)]] },
    }),
  );

export const streamingChains = topic(
  'streaming/chains',
  'The model’s parts together: state, timers, windows, triggers and side inputs behind each other',
  [
    {
      name: 'state-after-state',
      rule: 'A DoFn with state may follow another one by another key',
      needs: ['state'],
      pipeline(p) {
        const out = play<KV<string, number>>(p, add(1, ['a', 1]), add(2, ['b', 2]), add(3, ['a', 4]))
          .apply('First', runningTotal())
          .map('One key', ([, n]): KV<string, number> => ['all', n])
          .apply('Second', runningTotal());
        // The first gives 1, 2 and 5.
        assertThat(out).containsInAnyOrder([
          ['all', 1],
          ['all', 3],
          ['all', 8],
        ]);
      },
    },
    {
      name: 'state-by-the-same-key',
      rule: 'Steps between two DoFns with state that keep the key keep its order',
      needs: ['state'],
      source: 'PerKeyOrderingTest.testMultipleStatefulOrderingWithoutShuffle',
      pipeline(p) {
        const out = playKeyed<number>(p, ...[1, 2, 3, 4, 5].map((n) => add(n, n)))
          .apply('First', runningTotal())
          .mapValues('Same', (n) => n)
          .parDo('Rises', {
            state: { last: state.value<number>() },
            process([, n], { state: { last } }) {
              const before = last.read() ?? 0;
              last.write(n);
              return [n > before];
            },
          });
        assertThat(out).containsInAnyOrder([true, true, true, true, true]);
      },
    },
    {
      name: 'timer-into-state',
      rule: 'What a timer emits is an element for the next DoFn with state',
      needs: ['state', 'event-timers'],
      pipeline(p) {
        const out = playKeyed<number>(p, add(1, 1), add(2, 2), watermark(50), watermark(100))
          .parDo('Sum at 40', {
            state: { total: state.combining(sum()) },
            timers: { due: timer.eventTime() },
            process([, n], { state: { total }, timers: { due } }): KV<string, number>[] {
              total.add(n);
              due.set(timestamp(40));
              return [];
            },
            onTimer: { due: (key, { state: { total } }): KV<string, number>[] => [[key, total.read()]] },
          })
          .apply(runningTotal());
        assertThat(out).isEqualTo(['k', 3]);
      },
    },
    {
      name: 'timer-into-timer',
      rule: 'The timer of a second DoFn waits for what the timer of the first one emits',
      needs: ['state', 'event-timers'],
      pipeline(p) {
        const out = playKeyed<number>(p, add(1, 7), watermark(100)).apply(delayed(10)).apply(delayed(20));
        assertThat(timesOf(out)).isEqualTo([['k', 7], 31]);
      },
    },
    {
      name: 'timer-into-window',
      rule: 'What a timer emits is in time for the windows after it, at the time of its firing',
      needs: ['event-timers'],
      pipeline(p) {
        const sums = playKeyed<number>(p, add(1, 1), watermark(100))
          .parDo('Later', {
            timers: { due: timer.eventTime() },
            process(_, { timers: { due } }): KV<string, number>[] {
              due.set(timestamp(35));
              return [];
            },
            onTimer: { due: (key): KV<string, number>[] => [[key, 1]] },
          })
          .window(TEN)
          .combinePerKey(sum());
        assertThat(panesOf(sums)).isEqualTo('k=1 30-40 ON_TIME 0/0 first last');
      },
    },
    {
      name: 'processing-timer-of-an-expired-window',
      rule: 'A processing-time timer whose window has expired does not fire',
      needs: ['processing-timers', 'processing-time'],
      source: 'DoFnRunner: timers of expired windows are dropped',
      pipeline(p) {
        const out = playKeyed<number>(p, add(1, 1), watermark(20), pass('2h'))
          .window(TEN)
          .parDo('Too late', {
            timers: { due: timer.processingTime() },
            process(_, { timers: { due } }): number[] {
              due.setRelative('1h');
              return [];
            },
            onTimer: { due: () => [1] },
          });
        assertThat(out).isEmpty();
      },
    },
    {
      name: 'sessions-with-state-after-them',
      rule: 'Sessions may be grouped, counted by state, and grouped again',
      needs: ['state', 'merging-windows'],
      pipeline(p) {
        const out = playKeyed<number>(p, add(0, 1), add(5, 2), add(50, 4), watermark(200))
          .window(sessions({ gap: '10ms' }))
          .combinePerKey(sum())
          .window(globalWindows())
          .apply(runningTotal())
          .map('total', ([, n]) => n);
        assertThat(out).containsInAnyOrder([3, 7]);
      },
    },
    {
      name: 'expiration-into-window',
      rule: 'What an expiring window emits is in time for the same window in a grouping after it',
      needs: ['state', 'window-expiration'],
      pipeline(p) {
        const sums = playKeyed<number>(p, add(1, 1), add(2, 2), watermark(50))
          .window(TEN)
          .parDo('At the end', {
            state: { total: state.combining(sum()) },
            process([, n], { state: { total } }): KV<string, number>[] {
              total.add(n);
              return [];
            },
            onWindowExpiration: (key, { state: { total } }): KV<string, number>[] => [[key, total.read()]],
          })
          .combinePerKey(sum());
        assertThat(panesOf(sums)).isEqualTo('k=3 0-10 ON_TIME 0/0 first last');
      },
    },
    {
      name: 'side-input-of-a-timer',
      rule: 'A side input may be made by timers; the main input waits for it',
      needs: ['event-timers'],
      pipeline(p) {
        const events = play<KV<string, number>>(
          p,
          add(1, ['main', 1]),
          add(2, ['side', 10]),
          watermark(10),
          watermark(100),
        ).window(TEN);
        const side = events
          .filter('Side', ([to]) => to === 'side')
          .parDo('Later', {
            state: { n: state.value<number>() },
            timers: { due: timer.eventTime() },
            process([, n], { state: { n: last }, timers: { due }, window }): number[] {
              last.write(n);
              due.set(window.maxTimestamp);
              return [];
            },
            onTimer: { due: (_key, { state: { n } }) => [n.read() ?? 0] },
          });
        const out = events
          .filter('Main', ([to]) => to === 'main')
          .parDo('Read', { sides: { side: asSingleton(side) }, process: ([, n], { sides }) => [n + sides.side] });
        assertThat(windowsOf(out)).isEqualTo([11, '0-10']);
      },
    },
    {
      name: 'two-groupings-of-one-stream',
      rule: 'Groupings of one stream by different windows do not disturb each other',
      pipeline(p) {
        const keyed = playKeyed<number>(
          p,
          add(1, 1),
          add(6, 2),
          watermark(10),
          add(12, 4),
          watermark(20),
          add(21, 8),
          watermark(40),
        );
        assertThat(windowsOf(keyed.window(TEN).combinePerKey(sum()))).containsInAnyOrder([
          [['k', 3], '0-10'],
          [['k', 4], '10-20'],
          [['k', 8], '20-30'],
        ]);
        assertThat(windowsOf(keyed.window(fixed('20ms')).combinePerKey(sum()))).containsInAnyOrder([
          [['k', 7], '0-20'],
          [['k', 8], '20-40'],
        ]);
        assertThat(
          windowsOf(keyed.window(sliding({ size: '20ms', every: '10ms' })).combinePerKey(sum())),
        ).containsInAnyOrder([
          [['k', 3], '-10-10'],
          [['k', 7], '0-20'],
          [['k', 12], '10-30'],
          [['k', 8], '20-40'],
        ]);
      },
    },
    {
      name: 'flatten-of-panes-and-elements',
      rule: 'Results of a grouping may be put together with its input',
      pipeline(p) {
        const keyed = playKeyed<number>(p, add(1, 1), add(2, 2), watermark(10)).window(TEN);
        const all = flatten([keyed, keyed.combinePerKey(sum())]).combinePerKey(sum());
        assertThat(panesOf(all)).isEqualTo('k=6 0-10 ON_TIME 0/0 first last');
      },
    },
    {
      name: 'early-results-corrected',
      rule: 'Early and final results may go different ways by their pane',
      needs: ['triggers'],
      pipeline(p) {
        const sums = playKeyed<number>(p, add(1, 1), add(2, 2), add(3, 4), watermark(10))
          .window(TEN, { trigger: repeatedly(afterCount(2)), accumulation: 'accumulating', allowedLateness: '0ms' })
          .combinePerKey(sum());
        const last = sums.parDo('Last', { process: ([, n], { pane }) => (pane.last ? [n] : []) });
        const early = sums.parDo('Early', { process: ([, n], { pane }) => (pane.timing === 'EARLY' ? [n] : []) });
        assertThat(last).isEqualTo(7);
        assertThat(early).isEqualTo(3);
      },
    },
    {
      name: 'many-windows-and-keys',
      rule: 'Every element is counted once, in many windows and keys',
      pipeline(p) {
        const events = Array.from({ length: 20 }, (_, lot) =>
          add(lot * 100, ...Array.from({ length: 200 }, (_, i): KV<string, number> => [`key ${i % 50}`, 1])),
        );
        const sums = play<KV<string, number>>(p, ...events)
          .window(fixed('100ms'))
          .combinePerKey(sum());
        assertThat(sums.filter('others', ([, n]) => n !== 4)).isEmpty();
        assertThat(sums.map('one', () => 1)).countIs(1000);
      },
    },
    {
      name: 'many-elements-in-a-session',
      rule: 'A session takes in any number of elements in any order',
      needs: ['merging-windows'],
      pipeline(p) {
        const events = Array.from({ length: 500 }, (_, i) => add(((i * 211) % 500) * 9, 1));
        const sums = playKeyed<number>(p, ...events)
          .window(sessions({ gap: '10ms' }))
          .combinePerKey(sum());
        assertThat(windowsOf(sums)).isEqualTo([['k', 500], `0-${499 * 9 + 10}`]);
      },
    },
    {
      name: 'no-element-is-lost-or-doubled',
      rule: 'With discarding panes every element is in exactly one pane',
      needs: ['triggers', 'processing-time'],
      pipeline(p) {
        const events = Array.from({ length: 60 }, (_, i) => [add(i, i), ...(i % 7 === 0 ? [pass('3s')] : [])]).flat();
        const panes = playKeyed<number>(p, ...events)
          .window(fixed('20ms'), {
            trigger: repeatedly(afterProcessingTime('5s')),
            accumulation: 'discarding',
            allowedLateness: '0ms',
          })
          .groupByKey();
        const elements = panes.flatMap('values', ([, values]) => values);
        assertThat(
          elements.window(globalWindows(), { trigger: repeatedly(afterCount(1)), accumulation: 'discarding' }),
        ).containsInAnyOrder(Array.from({ length: 60 }, (_, i) => i));
      },
    },
    {
      name: 'dropped-elements-are-counted',
      rule: 'The runner counts what a grouping drops for being late',
      needs: ['metrics'],
      source: 'droppedDueToLateness; GroupAlsoByWindows counters',
      pipeline(p) {
        const counts = play<string>(p, add(1, 'a'), watermark(10), add(2, 'late'), add(3, 'later'), add(11, 'b'))
          .window(TEN)
          .apply(Count.perElement());
        assertThat(counts).containsInAnyOrder([
          ['a', 1],
          ['b', 1],
        ]);
      },
      afterwards(metrics) {
        const dropped = metrics.counter('droppedDueToLateness');
        if (dropped !== 2) throw new Error(`${dropped} dropped instead of 2`);
      },
    },
    {
      name: 'counters-of-a-stream',
      rule: 'Metrics of a streaming pipeline count each element once',
      needs: ['metrics', 'state', 'event-timers'],
      pipeline(p) {
        playKeyed<number>(p, add(1, 1), add(2, 2), watermark(50), add(51, 4)).parDo('Count', {
          state: { n: state.value<number>() },
          timers: { due: timer.eventTime() },
          process([, n], { metrics, timers: { due } }): number[] {
            metrics.counter('elements').inc();
            metrics.distribution('values').update(n);
            due.set(timestamp(60));
            return [];
          },
          onTimer: { due: (_key, { metrics }) => metrics.counter('firings').inc() },
        });
      },
      afterwards(metrics) {
        const { count, sum: total } = metrics.distribution('values');
        const seen = [metrics.counter('elements'), metrics.counter('firings'), count, total].join();
        if (seen !== '3,1,3,7') throw new Error(`counted ${seen}`);
      },
    },
  ],
  ['test-stream'],
);
