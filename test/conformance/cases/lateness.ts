import {
  afterCount,
  Count,
  defaultTrigger,
  fixed,
  globalWindows,
  type KV,
  repeatedly,
  sliding,
  sum,
  type WindowOptions,
} from '../../../src/sdk/index.ts';
import { assertThat } from '../../../src/testing/index.ts';
import { topic } from '../conformance-case.ts';
import { windowsOf } from '../elements.ts';
import { type Firing, firing } from '../firings.ts';
import { add, panesOf, play, playKeyed, watermark } from '../streams.ts';

const TEN = fixed('10ms');

/** In windows of 10 ms with the default trigger. */
function late(
  name: string,
  rule: string,
  options: WindowOptions,
  events: Firing['events'],
  panes: readonly string[],
  more: Partial<Firing> = {},
) {
  return firing({
    name,
    rule,
    windowFn: TEN,
    options: { trigger: defaultTrigger(), ...options },
    events,
    panes,
    ...more,
  });
}

export const lateness = topic(
  'streaming/lateness',
  'Guide: handling late data; Window.withAllowedLateness; LateDataUtils; TestStreamTest; trigger_transcripts.yaml',
  [
    ...late(
      'none-allowed',
      'Without allowed lateness an element of a window that the watermark has passed is dropped',
      { accumulation: 'discarding', allowedLateness: '0ms' },
      [add(1, 1), watermark(10), add(2, 2), add(11, 4), watermark(20)],
      ['k=1 0-10 ON_TIME 0/0 first last', 'k=4 10-20 ON_TIME 0/0 first last'],
      { source: 'fixed_drop_late_data_after_allowed_lateness; TestStreamTest.testFirstElementLate' },
    ),
    ...late(
      'behind-the-watermark-is-not-late',
      'An element behind the watermark is in time while its window is open',
      { accumulation: 'discarding', allowedLateness: '0ms' },
      [add(8, 1), watermark(9), add(1, 2), watermark(10)],
      ['k=1+2 0-10 ON_TIME 0/0 first last'],
    ),
    ...late(
      'only-late-elements',
      'A window that only had late elements has a first pane that is late',
      { accumulation: 'discarding', allowedLateness: '20ms' },
      [watermark(15), add(1, 1), add(2, 2)],
      ['k=1 0-10 LATE 0/0 first', 'k=2 0-10 LATE 1/1'],
      { source: 'PaneInfoTracker' },
    ),
    ...late(
      'discarding',
      'Each late element makes a pane of its own with the default trigger',
      { accumulation: 'discarding', allowedLateness: '20ms' },
      [add(1, 1), watermark(10), add(2, 2), add(3, 4), watermark(50), add(4, 8)],
      ['k=1 0-10 ON_TIME 0/0 first', 'k=2 0-10 LATE 1/1', 'k=4 0-10 LATE 2/2'],
      { source: 'fixed_default_late_data; TestStreamTest.testDiscardingMode' },
    ),
    ...late(
      'accumulating',
      'Late panes repeat what earlier ones held',
      { accumulation: 'accumulating', allowedLateness: '20ms' },
      [add(1, 1), watermark(10), add(2, 2), add(3, 4), watermark(50), add(4, 8)],
      ['k=1 0-10 ON_TIME 0/0 first', 'k=1+2 0-10 LATE 1/1', 'k=1+2+4 0-10 LATE 2/2'],
      { source: 'TestStreamTest.testLateDataAccumulating' },
    ),
    ...late(
      'last-moment',
      'A window expires when the watermark passes its last moment and the allowed lateness',
      { accumulation: 'discarding', allowedLateness: '5ms' },
      // The last moment is 9: at 14 elements are still taken, at 15 not any more.
      [add(1, 1), watermark(10), watermark(14), add(2, 2), watermark(15), add(3, 4)],
      ['k=1 0-10 ON_TIME 0/0 first', 'k=2 0-10 LATE 1/1'],
      { source: 'LateDataUtils.garbageCollectionTime' },
    ),
    ...late(
      'only-in-open-windows',
      'A late element counts in those of its windows that have not expired',
      { accumulation: 'discarding', allowedLateness: '0ms' },
      [watermark(12), add(5, 1), watermark(40)],
      // [-10,10) has expired, [0,20) has not.
      ['k=1 0-20 ON_TIME 0/0 first last'],
      { windowFn: sliding({ size: '20ms', every: '10ms' }) },
    ),
    ...late(
      'global-window-is-never-late',
      'In the global window nothing is late',
      { accumulation: 'discarding', trigger: repeatedly(afterCount(1)), onTime: 'fireIfNonEmpty' },
      [add(100, 1), watermark(1_000_000), add(5, 2)],
      ['k=1 global EARLY 0/-1 first', 'k=2 global EARLY 1/-1'],
      { windowFn: globalWindows() },
    ),
    {
      name: 'dropped-per-key',
      rule: 'Lateness is of windows, not of keys: a key that was never seen is late too',
      pipeline(p) {
        const sums = play<KV<string, number>>(p, add(1, ['a', 1]), watermark(10), add(2, ['b', 2]))
          .window(TEN)
          .combinePerKey(sum());
        assertThat(sums).isEqualTo(['a', 1]);
      },
    },
    {
      name: 'passes-element-wise-steps',
      rule: 'Late elements go through steps that do not group',
      pipeline(p) {
        const out = play<number>(p, add(1, 1), watermark(100), add(2, 2))
          .window(TEN)
          .map('same', (n) => n);
        assertThat(windowsOf(out)).containsInAnyOrder([
          [1, '0-10'],
          [2, '0-10'],
        ]);
      },
    },
    {
      name: 'windowed-again',
      rule: 'Late elements of one windowing may be in time in a later one',
      pipeline(p) {
        const counts = play<string>(p, add(1, 'x'), watermark(10), add(2, 'x'), watermark(100))
          .window(TEN)
          .window(fixed('100ms'))
          .apply(Count.perElement());
        assertThat(windowsOf(counts)).isEqualTo([['x', 2], '0-100']);
      },
    },
    {
      name: 'inherited',
      rule: 'The allowed lateness holds for groupings further down',
      source: 'WindowTest.testWindowIntoPropagatesLateness; GroupByKey keeps the windowing strategy',
      pipeline(p) {
        const again = playKeyed<number>(p, add(1, 1), watermark(10), add(2, 2))
          .window(TEN, { allowedLateness: '1h', accumulation: 'discarding' })
          .combinePerKey(sum())
          .combinePerKey(sum());
        assertThat(panesOf(again)).containsInAnyOrder(['k=1 0-10 ON_TIME 0/0 first', 'k=2 0-10 LATE 1/1']);
      },
    },
    {
      name: 'never-shorter',
      rule: 'A later windowing cannot shorten the allowed lateness',
      source: 'WindowTest.testWindowIntoAssignesLongerAllowedLateness',
      pipeline(p) {
        const sums = playKeyed<number>(p, add(1, 1), watermark(30), add(2, 2))
          .window(fixed('5ms'), { allowedLateness: '1h', accumulation: 'accumulating' })
          .window(TEN, { allowedLateness: '1ms' })
          .combinePerKey(sum());
        assertThat(panesOf(sums)).containsInAnyOrder(['k=1 0-10 ON_TIME 0/0 first', 'k=3 0-10 LATE 1/1']);
      },
    },
  ],
  ['test-stream'],
);
