import {
  afterCount,
  afterWatermark,
  defaultTrigger,
  fixed,
  type KV,
  never,
  repeatedly,
  sum,
  type WindowOptions,
} from '../../../src/sdk/index.ts';
import { assertThat } from '../../../src/testing/index.ts';
import { topic } from '../conformance-case.ts';
import { timesOf } from '../elements.ts';
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

export const panes = topic(
  'streaming/panes',
  'PaneInfo; PaneInfoTracker; ReduceFnRunnerTest; Window.ClosingBehavior, OnTimeBehavior; window_panes.go',
  [
    ...late(
      'on-time/empty-always',
      'By default the on-time pane is given although nothing is new since the last early one',
      { trigger: afterWatermark({ early: afterCount(1) }), accumulation: 'discarding', allowedLateness: '0ms' },
      [add(1, 1), watermark(10)],
      ['k=1 0-10 EARLY 0/-1 first', 'k= 0-10 ON_TIME 1/0 last'],
      { needs: ['triggers'], source: 'OnTimeBehavior.FIRE_ALWAYS' },
    ),
    ...late(
      'on-time/empty-accumulating',
      'An on-time pane without new elements repeats the accumulated ones',
      { trigger: afterWatermark({ early: afterCount(1) }), accumulation: 'accumulating', allowedLateness: '0ms' },
      [add(1, 1), add(2, 2), watermark(10)],
      ['k=1 0-10 EARLY 0/-1 first', 'k=1+2 0-10 EARLY 1/-1', 'k=1+2 0-10 ON_TIME 2/0 last'],
      { needs: ['triggers'], source: 'OnTimeBehavior.FIRE_ALWAYS' },
    ),
    ...late(
      'on-time/only-when-not-empty',
      'An on-time pane may be left out when nothing is new',
      {
        trigger: afterWatermark({ early: afterCount(1) }),
        accumulation: 'discarding',
        allowedLateness: '0ms',
        onTime: 'fireIfNonEmpty',
      },
      [add(1, 1), watermark(10)],
      ['k=1 0-10 EARLY 0/-1 first'],
      { needs: ['triggers'], source: 'OnTimeBehavior.FIRE_IF_NON_EMPTY' },
    ),
    ...late(
      'on-time/then-late',
      'What comes after the on-time pane is late, whatever the watermark of the output',
      {
        trigger: afterWatermark({ early: afterCount(1), late: afterCount(1) }),
        accumulation: 'discarding',
        allowedLateness: '10ms',
        onTime: 'fireIfNonEmpty',
      },
      [add(1, 1), watermark(10), add(2, 2)],
      // The on-time pane was left out, so that the late one is the second.
      ['k=1 0-10 EARLY 0/-1 first', 'k=2 0-10 LATE 1/0'],
      { needs: ['triggers'] },
    ),
    ...late(
      'closing/if-not-empty',
      'By default a window that expires gives no pane when nothing is new',
      { trigger: defaultTrigger(), accumulation: 'discarding', allowedLateness: '10ms', closing: 'fireIfNonEmpty' },
      [add(1, 1), watermark(10), watermark(100)],
      ['k=1 0-10 ON_TIME 0/0 first'],
      { source: 'ClosingBehavior.FIRE_IF_NON_EMPTY' },
    ),
    ...late(
      'closing/always',
      'A window that expires may always give a last pane',
      { trigger: defaultTrigger(), accumulation: 'discarding', allowedLateness: '10ms', closing: 'fireAlways' },
      [add(1, 1), watermark(10), add(2, 2), watermark(100)],
      ['k=1 0-10 ON_TIME 0/0 first', 'k=2 0-10 LATE 1/1', 'k= 0-10 LATE 2/2 last'],
      { source: 'ClosingBehavior.FIRE_ALWAYS' },
    ),
    ...late(
      'closing/always-accumulating',
      'The last pane has all that was accumulated',
      { trigger: defaultTrigger(), accumulation: 'accumulating', allowedLateness: '10ms', closing: 'fireAlways' },
      [add(1, 1), watermark(10), add(2, 2), watermark(100)],
      ['k=1 0-10 ON_TIME 0/0 first', 'k=1+2 0-10 LATE 1/1', 'k=1+2 0-10 LATE 2/2 last'],
      { source: 'ClosingBehavior.FIRE_ALWAYS' },
    ),
    ...late(
      'closing/the-rest',
      'What a late trigger has not given yet comes when the window expires',
      {
        trigger: afterWatermark({ late: afterCount(10) }),
        accumulation: 'discarding',
        allowedLateness: '10ms',
      },
      [add(1, 1), watermark(10), add(2, 2), watermark(100)],
      ['k=1 0-10 ON_TIME 0/0 first', 'k=2 0-10 LATE 1/1 last'],
      { needs: ['triggers'] },
    ),
    ...late(
      'index/many',
      'The index counts all panes, the other one those that are not early',
      {
        trigger: afterWatermark({ early: afterCount(1), late: afterCount(1) }),
        accumulation: 'accumulating',
        allowedLateness: '20ms',
      },
      [add(1, 1), add(2, 2), add(3, 3), watermark(10), add(4, 4), add(5, 5), add(6, 6)],
      [
        'k=1 0-10 EARLY 0/-1 first',
        'k=1+2 0-10 EARLY 1/-1',
        'k=1+2+3 0-10 EARLY 2/-1',
        'k=1+2+3 0-10 ON_TIME 3/0',
        'k=1+2+3+4 0-10 LATE 4/1',
        'k=1+2+3+4+5 0-10 LATE 5/2',
        'k=1+2+3+4+5+6 0-10 LATE 6/3',
      ],
      { needs: ['triggers'] },
    ),
    ...late(
      'never/with-lateness',
      'With a trigger that never fires all comes when the window expires, late elements too',
      { trigger: never(), accumulation: 'discarding', allowedLateness: '20ms' },
      [add(1, 1), watermark(10), add(2, 2), watermark(100)],
      ['k=1+2 0-10 ON_TIME 0/0 first last'],
      { needs: ['triggers'], source: 'Never: fires only at garbage collection' },
    ),
    {
      name: 'per-key',
      rule: 'Each key has panes of its own',
      source: 'window_panes.go Panes',
      needs: ['triggers'],
      pipeline(p) {
        const sums = play<KV<string, number>>(p, add(1, ['a', 1]), add(1, ['b', 2]), add(1, ['a', 4]), watermark(10))
          .window(TEN, {
            trigger: repeatedly(afterCount(2)),
            accumulation: 'discarding',
            allowedLateness: '0ms',
            onTime: 'fireIfNonEmpty',
          })
          .combinePerKey(sum());
        assertThat(panesOf(sums)).containsInAnyOrder(['a=5 0-10 EARLY 0/-1 first', 'b=2 0-10 ON_TIME 0/0 first last']);
      },
    },
    {
      name: 'kept-by-element-wise-steps',
      rule: 'Outputs of a ParDo have the pane of the element',
      needs: ['triggers'],
      pipeline(p) {
        const sums = playKeyed<number>(p, add(1, 1), add(2, 2), watermark(10))
          .window(TEN, {
            trigger: repeatedly(afterCount(1)),
            accumulation: 'discarding',
            allowedLateness: '0ms',
            onTime: 'fireIfNonEmpty',
          })
          .combinePerKey(sum())
          .mapValues('times', (n) => n * 10);
        assertThat(panesOf(sums)).containsInAnyOrder(['k=10 0-10 EARLY 0/-1 first', 'k=20 0-10 EARLY 1/-1']);
      },
    },
    {
      name: 'time/end-of-window',
      rule: 'Early, on-time and late panes are at the end of the window',
      needs: ['triggers'],
      pipeline(p) {
        const sums = playKeyed<number>(p, add(1, 1), watermark(10), add(2, 2))
          .window(TEN, {
            trigger: afterWatermark({ early: afterCount(1), late: afterCount(1) }),
            accumulation: 'discarding',
            allowedLateness: '20ms',
            onTime: 'fireIfNonEmpty',
          })
          .combinePerKey(sum());
        assertThat(timesOf(sums)).containsInAnyOrder([
          [['k', 1], 9],
          [['k', 2], 9],
        ]);
      },
    },
    {
      name: 'time/earliest',
      rule: 'With the earliest timestamp each pane is at the least time of what is new in it',
      source: 'WatermarkHold; timestamp_combiner_earliest',
      needs: ['triggers'],
      pipeline(p) {
        const sums = playKeyed<number>(p, add(5, 1), add(3, 2), add(8, 4), watermark(10))
          .window(TEN, {
            trigger: afterWatermark({ early: afterCount(2) }),
            accumulation: 'discarding',
            allowedLateness: '0ms',
            timestampCombiner: 'earliest',
          })
          .combinePerKey(sum());
        assertThat(timesOf(sums)).containsInAnyOrder([
          [['k', 3], 3],
          [['k', 4], 8],
        ]);
      },
    },
    {
      name: 'time/latest',
      rule: 'With the latest timestamp each pane is at the greatest time of what is new in it',
      source: 'WatermarkHold; timestamp_combiner_latest',
      needs: ['triggers'],
      pipeline(p) {
        const sums = playKeyed<number>(p, add(5, 1), add(3, 2), add(8, 4), watermark(10))
          .window(TEN, {
            trigger: afterWatermark({ early: afterCount(2) }),
            accumulation: 'discarding',
            allowedLateness: '0ms',
            timestampCombiner: 'latest',
          })
          .combinePerKey(sum());
        assertThat(timesOf(sums)).containsInAnyOrder([
          [['k', 3], 5],
          [['k', 4], 8],
        ]);
      },
    },
  ],
  ['test-stream'],
);
