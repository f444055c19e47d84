import {
  coders,
  fixed,
  type IntervalWindow,
  type KV,
  type PCollection,
  state,
  sum,
  timer,
} from '../../../src/sdk/index.ts';
import { assertThat } from '../../../src/testing/index.ts';
import { topic } from '../conformance-case.ts';
import { windowsOf } from '../elements.ts';
import { add, panesOf, playKeyed, type StreamEvent, watermark } from '../streams.ts';

const TEN = fixed('10ms');

/** 1 is in time, 2 comes after the end of its window, 4 is of a later one. */
const ONE_LATE: readonly StreamEvent<number>[] = [add(1, 1), watermark(10), add(2, 2), add(11, 4), watermark(20)];

/** What is kept is what the guide has dropped: with its timestamp, window and key. */
function isLate(late: PCollection<KV<string, number>, IntervalWindow>): void {
  assertThat(windowsOf(late)).isEqualTo([['k', 2], '0-10']);
}

const nothingDropped = (metrics: { counter(name: string): number }) => {
  const dropped = metrics.counter('droppedDueToLateness');
  if (dropped !== 0) throw new Error(`${dropped} elements were counted as dropped`);
};

export const lateOutput = topic(
  'streaming/late-output',
  'Guide: handling late data, droppedDueToLateness; LateDataDroppingDoFnRunner and StatefulDoFnRunner, with an output for what they drop',
  [
    {
      name: 'grouping',
      rule: 'What a grouping drops for being late may go to an output of its own',
      pipeline(p) {
        const { main, late } = playKeyed<number>(p, ...ONE_LATE)
          .window(TEN)
          .withLateOutput()
          .groupByKey();
        assertThat(panesOf(main)).containsInAnyOrder([
          'k=1 0-10 ON_TIME 0/0 first last',
          'k=4 10-20 ON_TIME 0/0 first last',
        ]);
        isLate(late);
      },
      afterwards: nothingDropped,
    },
    {
      name: 'combine',
      rule: 'What a combine drops for being late may go to an output of its own',
      pipeline(p) {
        const { main, late } = playKeyed<number>(p, ...ONE_LATE)
          .window(TEN)
          .withLateOutput()
          .combinePerKey(sum());
        assertThat(panesOf(main)).containsInAnyOrder([
          'k=1 0-10 ON_TIME 0/0 first last',
          'k=4 10-20 ON_TIME 0/0 first last',
        ]);
        isLate(late);
      },
      afterwards: nothingDropped,
    },
    {
      name: 'combine-with-fan-out',
      rule: 'Of a combine in two steps, late elements come out as they came in',
      pipeline(p) {
        const { main, late } = playKeyed<number>(p, ...ONE_LATE)
          .window(TEN)
          .withLateOutput()
          .combinePerKey(sum(), { hotKeyFanOut: 3 });
        assertThat(main).containsInAnyOrder([
          ['k', 1],
          ['k', 4],
        ]);
        isLate(late);
      },
      afterwards: nothingDropped,
    },
    {
      name: 'within-the-allowed-lateness',
      rule: 'An element within the allowed lateness is no late output',
      pipeline(p) {
        const { main, late } = playKeyed<number>(p, ...ONE_LATE)
          .window(TEN, { allowedLateness: '5ms', accumulation: 'discarding' })
          .withLateOutput()
          .combinePerKey(sum());
        assertThat(main).containsInAnyOrder([
          ['k', 1],
          ['k', 2],
          ['k', 4],
        ]);
        assertThat(late).isEmpty();
      },
    },
    {
      name: 'stateful',
      rule: 'What a stateful DoFn drops after the expiry of its window may go to an output of its own',
      needs: ['state'],
      pipeline(p) {
        const { main, late } = playKeyed<number>(p, ...ONE_LATE)
          .window(TEN)
          .withLateOutput()
          .parDo('Total', {
            state: { total: state.combining(sum()) },
            process([key, n], { state }): [KV<string, number>] {
              state.total.add(n);
              return [[key, state.total.read()]];
            },
          });
        assertThat(windowsOf(main)).containsInAnyOrder([
          [['k', 1], '0-10'],
          [['k', 4], '10-20'],
        ]);
        isLate(late);
      },
      afterwards: nothingDropped,
    },
    {
      name: 'with-tagged-outputs',
      rule: 'It goes beside other outputs, timers and what they emit',
      needs: ['state', 'event-timers'],
      pipeline(p) {
        const { main, even, late } = playKeyed<number>(p, ...ONE_LATE)
          .window(TEN)
          .withLateOutput()
          .parDo('Even', {
            timers: { end: timer.eventTime() },
            outputs: { even: coders.double },
            process([, n], { output, timers, window }) {
              timers.end.set(window.maxTimestamp);
              if (n % 2 === 0) output('even', n);
            },
            onTimer: { end: (key, { fireTimestamp }): string[] => [`${key} ended at ${fireTimestamp}`] },
          });
        assertThat(main).containsInAnyOrder(['k ended at 9', 'k ended at 19']);
        assertThat(even).isEqualTo(4);
        isLate(late);
      },
      afterwards: nothingDropped,
    },
    {
      name: 'time-sorted',
      rule: 'What comes too late to be put in order may go to an output of its own',
      source: 'DoFn.RequiresTimeSortedInput; ParDoTest.testRequiresTimeSortedInputWithLateData',
      needs: ['time-sorted-input'],
      pipeline(p) {
        const { main, late } = playKeyed<number>(p, add(5, 5), add(3, 3), watermark(8), add(7, 7), add(9, 9))
          .withLateOutput()
          .parDo('In order', { requiresTimeSortedInput: true, process: ([, n]): number[] => [n] });
        assertThat(main).containsInAnyOrder([3, 5, 9]);
        assertThat(late).isEqualTo(['k', 7]);
      },
      afterwards: nothingDropped,
    },
    {
      name: 'goes-on',
      rule: 'Late elements go on as others do: in another windowing they may be in time',
      needs: ['state'],
      pipeline(p) {
        const { late } = playKeyed<number>(p, ...ONE_LATE)
          .window(TEN)
          .withLateOutput()
          .parDo('Count', {
            state: { seen: state.value<number>() },
            process: ([, n], { state }): void => state.seen.write(n),
          });
        assertThat(windowsOf(late.window(fixed('100ms')).combinePerKey(sum()))).isEqualTo([['k', 2], '0-100']);
      },
    },
    {
      name: 'keyless',
      rule: 'A DoFn that drops nothing has no late output',
      fails: 'LATE_OUTPUT_KEYLESS',
      pipeline(p) {
        playKeyed<number>(p, ...ONE_LATE)
          .withLateOutput()
          .parDo('Same', { process: (pair): [KV<string, number>] => [pair] });
      },
    },
  ],
  ['test-stream'],
);
