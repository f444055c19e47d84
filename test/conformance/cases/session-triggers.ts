import {
  afterCount,
  afterProcessingTime,
  afterWatermark,
  defaultTrigger,
  type KV,
  repeatedly,
  sessions,
  sum,
  type WindowOptions,
} from '../../../src/sdk/index.ts';
import { assertThat } from '../../../src/testing/index.ts';
import { type TopicCase, topic } from '../conformance-case.ts';
import { sorted, timesOf, windowsOf } from '../elements.ts';
import { type Firing, firing } from '../firings.ts';
import { add, pass, play, playKeyed, watermark } from '../streams.ts';

const GAP = sessions({ gap: '10ms' });

/** Sessions with a gap of 10 ms; panes with all they tell. */
function told(
  name: string,
  rule: string,
  options: WindowOptions,
  events: Firing['events'],
  panes: readonly string[],
  more: Partial<Firing> = {},
): TopicCase[] {
  const windowing = { allowedLateness: '0ms', onTime: 'fireIfNonEmpty', ...options } as const;
  return firing({ name, rule, windowFn: GAP, options: windowing, events, panes, ...more });
}

/** As {@link told}; of the panes only values and window, since what a merge makes of their numbers is open. */
function gives(
  name: string,
  rule: string,
  options: WindowOptions,
  events: Firing['events'],
  values: readonly string[],
  source?: string,
): TopicCase {
  return {
    name,
    rule,
    ...(source === undefined ? {} : { source }),
    pipeline(p) {
      const grouped = playKeyed<number>(p, ...events)
        .window(GAP, { allowedLateness: '0ms', onTime: 'fireIfNonEmpty', ...options })
        .groupByKey();
      const text = windowsOf(sorted(grouped)).map('text', ([[, list], window]) => `${list.join('+')} ${window}`);
      assertThat(text).containsInAnyOrder(values);
    },
  };
}

export const mergingTriggers = topic(
  'streaming/sessions',
  'Guide: session windows, triggers; ReduceFnRunnerTest.testMerging…; trigger_test.py test_sessions_…; trigger_transcripts.yaml',
  [
    ...told(
      'default',
      'A session gives its pane when the watermark passes its end',
      { accumulation: 'discarding', trigger: defaultTrigger() },
      [add(0, 1), add(5, 2), watermark(14), watermark(15)],
      ['k=1+2 0-15 ON_TIME 0/0 first last'],
      { source: 'test_sessions_default, test_sessions_watermark' },
    ),
    ...told(
      'not-before-its-end',
      'An element within the gap keeps the session open',
      { accumulation: 'discarding', trigger: defaultTrigger() },
      [add(0, 1), watermark(8), add(9, 2), watermark(15), add(18, 4), watermark(100)],
      ['k=1+2+4 0-28 ON_TIME 0/0 first last'],
    ),
    ...told(
      'bridge',
      'An element that joins two sessions makes them one before any has fired',
      { accumulation: 'discarding', trigger: defaultTrigger() },
      [add(0, 1), add(16, 2), add(8, 4), watermark(100)],
      ['k=1+2+4 0-26 ON_TIME 0/0 first last'],
    ),
    ...told(
      'apart',
      'Sessions that do not overlap fire each for itself',
      { accumulation: 'discarding', trigger: defaultTrigger() },
      [add(0, 1), add(20, 2), watermark(10), watermark(30)],
      ['k=1 0-10 ON_TIME 0/0 first last', 'k=2 20-30 ON_TIME 0/0 first last'],
    ),
    ...told(
      'count',
      'The elements of merged sessions are counted together',
      { accumulation: 'discarding', trigger: repeatedly(afterCount(3)) },
      [add(0, 1), add(16, 2), add(8, 4), watermark(100)],
      ['k=1+2+4 0-26 EARLY 0/-1 first'],
      { source: 'AfterPaneStateMachineTest.testElementCountAtLeast…Merging; test_sessions_repeatedly_after_count' },
    ),
    ...told(
      'count/of-each-session',
      'Sessions that do not merge are counted each for itself',
      { accumulation: 'discarding', trigger: repeatedly(afterCount(2)) },
      [add(0, 1), add(50, 2), add(1, 4), watermark(100)],
      ['k=1+4 0-11 EARLY 0/-1 first', 'k=2 50-60 ON_TIME 0/0 first last'],
    ),
    ...told(
      'processing-time',
      'After a merge the earlier of the processing times counts',
      { accumulation: 'discarding', trigger: repeatedly(afterProcessingTime('10s')) },
      [add(0, 1), pass('6s'), add(5, 2), pass('5s'), watermark(100)],
      ['k=1+2 0-15 EARLY 0/-1 first'],
      { needs: ['processing-time'], source: 'AfterDelayFromFirstElement: merges to the minimum' },
    ),
    gives(
      'early/discarding',
      'What an early pane of a session has given does not come again',
      { accumulation: 'discarding', trigger: afterWatermark({ early: afterCount(1) }) },
      [add(0, 1), add(5, 2), watermark(100)],
      ['1 0-10', '2 0-15'],
      'test_sessions_watermark_with_early_late; early_late_sessions',
    ),
    gives(
      'early/accumulating',
      'The panes of a session that grows repeat what those of its parts held',
      { accumulation: 'accumulating', trigger: afterWatermark({ early: afterCount(1) }), onTime: 'fireAlways' },
      [add(0, 1), add(5, 2), watermark(100)],
      ['1 0-10', '1+2 0-15', '1+2 0-15'],
      'early_late_sessions',
    ),
    gives(
      'late/accumulating',
      'A late element that extends a session brings back all of it',
      { accumulation: 'accumulating', allowedLateness: '100ms', trigger: defaultTrigger() },
      [add(0, 1), watermark(10), add(5, 2), watermark(90)],
      ['1 0-10', '1+2 0-15'],
      'ReduceFnRunnerTest.testMergingWatermarkHoldLateNewWindow…',
    ),
    gives(
      'late/discarding',
      'A late element that extends a session gives what is new',
      { accumulation: 'discarding', allowedLateness: '100ms', trigger: defaultTrigger() },
      [add(0, 1), watermark(10), add(5, 2), watermark(90)],
      ['1 0-10', '2 0-15'],
    ),
    gives(
      'late/bridge-accumulating',
      'A late element that joins two sessions gives both in one',
      { accumulation: 'accumulating', allowedLateness: '100ms', trigger: defaultTrigger() },
      [add(0, 1), add(16, 2), watermark(26), add(8, 4), watermark(90)],
      ['1 0-10', '2 16-26', '1+2+4 0-26'],
    ),
    gives(
      'expired',
      'A session that has expired is gone: a new one begins',
      { accumulation: 'accumulating', trigger: defaultTrigger() },
      [add(0, 1), watermark(10), add(10, 2), watermark(100)],
      ['1 0-10', '2 10-20'],
      'garbage_collection',
    ),
    {
      name: 'per-key',
      rule: 'Sessions of one key do not keep those of another open',
      pipeline(p) {
        const sums = play<KV<string, number>>(
          p,
          add(0, ['a', 1]),
          add(8, ['b', 2]),
          watermark(10),
          add(12, ['b', 4]),
          watermark(100),
        )
          .window(GAP)
          .combinePerKey(sum());
        assertThat(windowsOf(sums)).containsInAnyOrder([
          [['a', 1], '0-10'],
          [['b', 6], '8-22'],
        ]);
      },
    },
    {
      name: 'timestamp/earliest',
      rule: 'With the earliest timestamp a merged session is at the least of all its elements',
      pipeline(p) {
        const sums = playKeyed<number>(p, add(8, 1), add(2, 2), watermark(100))
          .window(GAP, { timestampCombiner: 'earliest' })
          .combinePerKey(sum());
        assertThat(timesOf(sums)).isEqualTo([['k', 3], 2]);
      },
    },
    {
      name: 'second-grouping',
      rule: 'A grouping after sessions takes their windows as they are',
      pipeline(p) {
        const again = play<KV<string, number>>(p, add(0, ['a', 1]), add(5, ['b', 2]), watermark(100))
          .window(GAP)
          .combinePerKey(sum())
          .map('one key', ([, n]): KV<string, number> => ['k', n])
          .groupByKey();
        assertThat(windowsOf(sorted(again))).containsInAnyOrder([
          [['k', [1]], '0-10'],
          [['k', [2]], '5-15'],
        ]);
      },
    },
  ],
  ['test-stream', 'merging-windows', 'triggers'],
);
