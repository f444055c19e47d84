import {
  Count,
  coGroupByKey,
  deduplicate,
  distinct,
  fixed,
  flatten,
  groupIntoBatches,
  innerJoin,
  type KV,
  Latest,
  leftOuterJoin,
  type PCollection,
  type Pipeline,
  partition,
  periodicImpulse,
  periodicSequence,
  redistribute,
  reshuffle,
  sessions,
  sliding,
  sum,
  Top,
  timestamp,
  Wait,
  watchGrowthOf,
} from '../../../src/sdk/index.ts';
import { assertThat, inAnyOrder } from '../../../src/testing/index.ts';
import { topic } from '../conformance-case.ts';
import { timesOf, windowsOf } from '../elements.ts';
import { add, panesOf, pass, play, playKeyed, type StreamEvent, watermark } from '../streams.ts';

const TEN = fixed('10ms');

/** One stream whose elements go to two keyed branches by the first letter of their value. */
function twoSides(p: Pipeline, ...events: readonly StreamEvent<KV<string, string>>[]) {
  const all = play<KV<string, string>>(p, ...events);
  const side = (letter: string): PCollection<KV<string, string>> =>
    all.filter(`Only ${letter}`, ([, value]) => value.startsWith(letter));
  return { left: side('l'), right: side('r') };
}

export const streamingLibrary = topic(
  'streaming/library',
  'Guide: transforms on unbounded data; GroupIntoBatchesTest, DeduplicateTest, PeriodicSequenceTest, WatchTest, WaitTest, CoGroupByKeyTest',
  [
    {
      name: 'batches/full',
      rule: 'A batch comes when it is full; what is left when the window ends',
      source: 'GroupIntoBatchesTest.testInStreamingMode',
      pipeline(p) {
        const batches = playKeyed<number>(p, add(1, 1), add(2, 2), add(3, 4), watermark(10), add(11, 8), watermark(20))
          .window(TEN)
          .apply(groupIntoBatches(2));
        assertThat(windowsOf(batches)).containsInAnyOrder([
          [['k', inAnyOrder([1, 2])], '0-10'],
          [['k', [4]], '0-10'],
          [['k', [8]], '10-20'],
        ]);
      },
    },
    {
      name: 'batches/buffering-time',
      rule: 'A batch comes at the latest when its first element has waited long enough',
      source: 'GroupIntoBatchesTest.testBufferingTimerInFixedWindow',
      needs: ['processing-timers', 'processing-time'],
      pipeline(p) {
        const batches = playKeyed<number>(p, add(1, 1), pass('6s'), add(2, 2), pass('6s'), add(3, 4))
          .window(fixed('1h'))
          .apply(groupIntoBatches({ size: 100, maxBufferingDuration: '10s' }));
        assertThat(batches).containsInAnyOrder([
          ['k', inAnyOrder([1, 2])],
          ['k', [4]],
        ]);
      },
    },
    {
      name: 'batches/global-window',
      rule: 'In the global window the last batch comes at the end of the stream',
      source: 'GroupIntoBatchesTest.testBufferingTimerInGlobalWindow, testInGlobalWindowBatchSizeCount',
      pipeline(p) {
        const sizes = playKeyed<number>(p, ...Array.from({ length: 7 }, (_, i) => add(i, i)))
          .apply(groupIntoBatches(3))
          .map('size', ([, batch]) => batch.length);
        assertThat(sizes).containsInAnyOrder([3, 3, 1]);
      },
    },
    {
      name: 'deduplicate/processing-time',
      rule: 'An element that came before is dropped for so long after it came',
      source: 'DeduplicateTest.testProcessingTime; deduplicate_test.py',
      needs: ['processing-timers', 'processing-time'],
      pipeline(p) {
        const out = play<string>(p, add(1, 'a'), add(2, 'b'), pass('5s'), add(3, 'a'), pass('6s'), add(4, 'a')).apply(
          deduplicate({ duration: '10s' }),
        );
        assertThat(timesOf(out)).containsInAnyOrder([
          ['a', 1],
          ['b', 2],
          ['a', 4],
        ]);
      },
    },
    {
      name: 'deduplicate/event-time',
      rule: 'An element that came before is dropped for so long in event time',
      source: 'DeduplicateTest.testEventTime',
      needs: ['event-timers'],
      pipeline(p) {
        const out = play<string>(p, add(0, 'a'), add(500, 'a'), watermark(2000), add(2000, 'a')).apply(
          deduplicate({ duration: '1s', timeDomain: 'event' }),
        );
        assertThat(timesOf(out)).containsInAnyOrder([
          ['a', 0],
          ['a', 2000],
        ]);
      },
    },
    {
      name: 'deduplicate/windows',
      rule: 'Equal elements of different windows both pass',
      source: 'DeduplicateTest.testInDifferentWindows',
      pipeline(p) {
        const out = play<string>(p, add(1, 'a'), add(2, 'a'), add(11, 'a'), add(12, 'a'), watermark(100))
          .window(TEN)
          .apply(deduplicate({ duration: '1h' }));
        assertThat(windowsOf(out)).containsInAnyOrder([
          ['a', '0-10'],
          ['a', '10-20'],
        ]);
      },
    },
    {
      name: 'deduplicate/by-value',
      rule: 'Elements may be told apart by a representative value',
      source: 'DeduplicateTest.testRepresentativeValuesWithCoder',
      pipeline(p) {
        const out = play<KV<string, number>>(p, add(1, ['a', 1]), add(2, ['a', 2]), add(3, ['b', 3])).apply(
          deduplicate({ by: ([key]: KV<string, number>) => key }),
        );
        assertThat(out).containsInAnyOrder([
          ['a', 1],
          ['b', 3],
        ]);
      },
    },
    {
      name: 'distinct/windowed',
      rule: 'Distinct gives each element once per window when the window ends',
      source: 'DistinctTest.testWindowedDistinct',
      pipeline(p) {
        const out = play<string>(p, add(1, 'a'), add(2, 'a'), add(3, 'b'), watermark(10), add(11, 'a'), watermark(20))
          .window(TEN)
          .apply(distinct());
        assertThat(windowsOf(out)).containsInAnyOrder([
          ['a', '0-10'],
          ['b', '0-10'],
          ['a', '10-20'],
        ]);
      },
    },
    {
      name: 'latest',
      rule: 'The latest element of each window, by its timestamp',
      source: 'LatestTest',
      pipeline(p) {
        const out = play<string>(p, add(5, 'late'), add(2, 'early'), watermark(10), add(12, 'next'), watermark(20))
          .window(TEN)
          .apply(Latest.globally());
        assertThat(out).containsInAnyOrder(['late', 'next']);
      },
    },
    {
      name: 'top-and-count',
      rule: 'Combines of the library give one result per window',
      pipeline(p) {
        const numbers = play<number>(
          p,
          add(1, 3),
          add(2, 1),
          add(3, 2),
          watermark(10),
          add(11, 9),
          watermark(20),
        ).window(TEN);
        assertThat(numbers.apply(Top.globally(2))).containsInAnyOrder([[3, 2], [9]]);
        assertThat(numbers.apply(Count.globally())).containsInAnyOrder([3, 1]);
      },
    },
    {
      name: 'join/windowed',
      rule: 'Elements of two streams meet in their window',
      source: 'Guide: windowed joins; InnerJoinTest',
      pipeline(p) {
        const { left, right } = twoSides(
          p,
          add(1, ['k', 'l1']),
          add(5, ['k', 'r5']),
          watermark(10),
          add(11, ['k', 'l11']),
          watermark(20),
          add(21, ['k', 'r21']),
          watermark(30),
        );
        assertThat(windowsOf(left.window(TEN).apply(innerJoin(right.window(TEN))))).isEqualTo([
          ['k', ['l1', 'r5']],
          '0-10',
        ]);
      },
    },
    {
      name: 'join/outer',
      rule: 'An outer join gives what found no partner when the window ends',
      pipeline(p) {
        const { left, right } = twoSides(
          p,
          add(1, ['k', 'l1']),
          add(5, ['x', 'r5']),
          watermark(10),
          add(11, ['k', 'l11']),
          add(12, ['k', 'r12']),
          watermark(20),
        );
        assertThat(windowsOf(left.window(TEN).apply(leftOuterJoin(right.window(TEN))))).containsInAnyOrder([
          [['k', ['l1', null]], '0-10'],
          [['k', ['l11', 'r12']], '10-20'],
        ]);
      },
    },
    {
      name: 'co-group/sessions',
      rule: 'Sessions of two streams merge',
      needs: ['merging-windows'],
      pipeline(p) {
        const gap = sessions({ gap: '10ms' });
        const { left, right } = twoSides(
          p,
          add(1, ['k', 'l1']),
          add(9, ['k', 'r9']),
          add(18, ['k', 'l18']),
          watermark(100),
        );
        const grouped = coGroupByKey({ left: left.window(gap), right: right.window(gap) });
        assertThat(windowsOf(grouped)).isEqualTo([['k', { left: inAnyOrder(['l1', 'l18']), right: ['r9'] }], '1-28']);
      },
    },
    {
      name: 'reshuffle',
      rule: 'A reshuffle passes a stream on with timestamps and windows, late elements too',
      source: 'ReshuffleTest.testReshuffleWithTimestampsStreaming; util_test.py test_reshuffle_streaming_global_window',
      pipeline(p) {
        const out = play<string>(p, add(1, 'a'), watermark(10), add(2, 'late'), add(11, 'b'))
          .window(TEN)
          .apply(reshuffle());
        assertThat(timesOf(out)).containsInAnyOrder([
          ['a', 1],
          ['late', 2],
          ['b', 11],
        ]);
        assertThat(windowsOf(out)).containsInAnyOrder([
          ['a', '0-10'],
          ['late', '0-10'],
          ['b', '10-20'],
        ]);
      },
    },
    {
      name: 'redistribute',
      rule: 'Redistributing passes a stream on unchanged',
      source: 'RedistributeTest.testRedistributeWithTimestampsStreaming',
      pipeline(p) {
        const out = play<string>(p, add(1, 'a'), watermark(10), add(11, 'b')).apply(redistribute());
        assertThat(timesOf(out)).containsInAnyOrder([
          ['a', 1],
          ['b', 11],
        ]);
      },
    },
    {
      name: 'reshuffle/panes',
      rule: 'A reshuffle keeps the panes of a stream',
      source: 'ReshuffleTest.testReshufflePreservesMetadata',
      pipeline(p) {
        const out = playKeyed<number>(p, add(1, 1), watermark(10), add(2, 2))
          .window(TEN, { allowedLateness: '1h', accumulation: 'discarding' })
          .combinePerKey(sum())
          .apply(reshuffle());
        assertThat(panesOf(out)).containsInAnyOrder(['k=1 0-10 ON_TIME 0/0 first', 'k=2 0-10 LATE 1/1']);
      },
    },
    {
      name: 'partition-and-flatten',
      rule: 'Parts of a stream can be put together again',
      pipeline(p) {
        const parts = play<number>(p, add(1, 1), add(2, 2), watermark(10), add(11, 3), watermark(20)).apply(
          partition('Parity', ['even', 'odd'], (n) => (n % 2 === 0 ? 'even' : 'odd')),
        );
        const sums = flatten([parts.even, parts.odd]).window(TEN).combine(sum());
        assertThat(windowsOf(sums)).containsInAnyOrder([
          [3, '0-10'],
          [3, '10-20'],
        ]);
      },
    },
    {
      name: 'wait/same-windows',
      rule: 'An element waits until the signal’s window is complete',
      source: 'WaitTest.testWaitWithSameFixedWindows',
      pipeline(p) {
        const order: string[] = [];
        const all = play<string>(
          p,
          add(1, 'm1'),
          add(2, 's2'),
          watermark(10),
          add(11, 'm11'),
          add(12, 's12'),
          watermark(20),
        ).window(TEN);
        const signal = all
          .filter('Signal', (x) => x.startsWith('s'))
          .map('Note', (x) => {
            order.push(x);
            return x;
          });
        const out = all
          .filter('Main', (x) => x.startsWith('m'))
          .apply(Wait.on(signal))
          .map('After', (x) => `${x} after ${order.join()}`);
        assertThat(out).containsInAnyOrder(['m1 after s2', 'm11 after s2,s12']);
      },
    },
    {
      name: 'wait/empty-windows',
      rule: 'A window in which the signal has nothing is complete when the watermark has passed it',
      source: 'WaitTest.testWaitWithSomeSignalWindowsEmpty',
      pipeline(p) {
        const all = play<string>(p, add(1, 'm1'), watermark(10), add(11, 's11'), watermark(20)).window(TEN);
        const out = all
          .filter('Main', (x) => x.startsWith('m'))
          .apply(Wait.on(all.filter('Signal', (x) => x.startsWith('s'))));
        assertThat(windowsOf(out)).isEqualTo(['m1', '0-10']);
      },
    },
    {
      name: 'wait/sliding-signal',
      rule: 'A signal in sliding windows can be waited for',
      source: 'WaitTest.testWaitWithSignalInSlidingWindows',
      pipeline(p) {
        const all = play<string>(p, add(1, 'm1'), add(2, 's2'), watermark(100));
        const signal = all.filter('Signal', (x) => x.startsWith('s')).window(sliding({ size: '10ms', every: '5ms' }));
        const out = all
          .filter('Main', (x) => x.startsWith('m'))
          .window(TEN)
          .apply(Wait.on(signal));
        assertThat(timesOf(out)).isEqualTo(['m1', 1]);
      },
    },
    {
      name: 'periodic/sequence',
      rule: 'A sequence has an element at each interval from its start to before its stop',
      source: 'PeriodicSequenceTest.testOutputsProperElements',
      needs: ['unbounded-splittable'],
      pipeline(p) {
        const ticks = p
          .create([{ start: timestamp(0), stop: timestamp(50), interval: '10ms' as const }])
          .apply(periodicSequence());
        assertThat(timesOf(ticks.map('number', (time): number => time))).containsInAnyOrder(
          [0, 10, 20, 30, 40].map((n): KV<number, number> => [n, n]),
        );
      },
    },
    {
      name: 'periodic/impulse',
      rule: 'A periodic impulse can be windowed',
      source: 'PeriodicImpulseTest.testOutputsProperElements',
      needs: ['unbounded-splittable'],
      pipeline(p) {
        const counts = p
          .apply(periodicImpulse({ start: timestamp(0), stop: timestamp(100), interval: '10ms' }))
          .map('one', () => 1)
          .window(fixed('50ms'))
          .combine(sum());
        assertThat(windowsOf(counts)).containsInAnyOrder([
          [5, '0-50'],
          [5, '50-100'],
        ]);
      },
    },
    {
      name: 'watch',
      rule: 'What grows is polled again and gives each output once',
      source: 'WatchTest.testMultiplePollsWithTerminationBecauseOutputIsFinal',
      needs: ['unbounded-splittable'],
      pipeline(p) {
        let polls = 0;
        const out = p.create(['input']).apply(
          watchGrowthOf({
            interval: '1ms',
            poll(input: string) {
              polls++;
              return { outputs: Array.from({ length: polls }, (_, i) => `${input} ${i}`), complete: polls >= 4 };
            },
          }),
        );
        assertThat(out.map('output', ([, output]) => output)).containsInAnyOrder([
          'input 0',
          'input 1',
          'input 2',
          'input 3',
        ]);
      },
    },
    {
      name: 'watch/single-poll',
      rule: 'A poll that is complete at once ends the watch, for each of several inputs',
      source: 'WatchTest.testSinglePollMultipleInputs',
      needs: ['unbounded-splittable'],
      pipeline(p) {
        const out = p.create(['a', 'b']).apply(
          watchGrowthOf({
            interval: '1ms',
            poll: (input: string) => ({ outputs: [`${input}1`, `${input}2`], complete: true }),
          }),
        );
        assertThat(out).containsInAnyOrder([
          ['a', 'a1'],
          ['a', 'a2'],
          ['b', 'b1'],
          ['b', 'b2'],
        ]);
      },
    },
  ],
  ['test-stream'],
);
