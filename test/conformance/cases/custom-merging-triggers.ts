import {
  afterCount,
  defaultTrigger,
  fixed,
  type IntervalWindow,
  repeatedly,
  type WindowFn,
  type WindowOptions,
} from '../../../src/sdk/index.ts';
import { assertThat } from '../../../src/testing/index.ts';
import { type TopicCase, topic } from '../conformance-case.ts';
import { sorted, windowsOf } from '../elements.ts';
import { type Firing, firing } from '../firings.ts';
import { add, playKeyed, watermark } from '../streams.ts';

/** One millisecond each at first; those of one hundred become one. */
const merged: WindowFn<IntervalWindow> = {
  ...fixed('1ms'),
  urn: 'conformance:window_fn:merged_hundreds:v1',
  merge(windows) {
    const hundreds = Map.groupBy(windows, ({ start }) => Math.floor(start / 100));
    return [...hundreds.values()]
      .filter((sources) => sources.length > 1)
      .map((sources) => ({ merged: sources.reduce((a, b) => a.span(b)), sources }));
  },
};

/** Panes with all they tell. */
function told(
  name: string,
  rule: string,
  options: WindowOptions,
  events: Firing['events'],
  panes: readonly string[],
): TopicCase[] {
  const windowing = { allowedLateness: '0ms', onTime: 'fireIfNonEmpty', ...options } as const;
  return firing({ name, rule, windowFn: merged, options: windowing, events, panes });
}

/** As {@link told}; of the panes only values and window, since what a merge makes of their numbers is open. */
function gives(
  name: string,
  rule: string,
  options: WindowOptions,
  events: Firing['events'],
  values: readonly string[],
): TopicCase {
  return {
    name,
    rule,
    pipeline(p) {
      const grouped = playKeyed<number>(p, ...events)
        .window(merged, { allowedLateness: '0ms', onTime: 'fireIfNonEmpty', ...options })
        .groupByKey();
      const text = windowsOf(sorted(grouped)).map('text', ([[, list], window]) => `${list.join('+')} ${window}`);
      assertThat(text).containsInAnyOrder(values);
    },
  };
}

export const customMergingTriggers = topic(
  'streaming/custom-merging',
  'WindowFn.mergeWindows; WindowTest.testMergingCustomWindows; ReduceFnRunnerTest',
  [
    ...told(
      'default',
      'Windows of a custom merging function give their pane at the end of the merged window',
      { accumulation: 'discarding', trigger: defaultTrigger() },
      [add(5, 1), add(40, 2), add(120, 4), watermark(110), watermark(200)],
      // Without an element at 6 to 39 the window lies open from 5 to 41.
      ['k=1+2 5-41 ON_TIME 0/0 first last', 'k=4 120-121 ON_TIME 0/0 first last'],
    ),
    ...told(
      'count',
      'The elements of merged windows are counted together',
      { accumulation: 'discarding', trigger: repeatedly(afterCount(3)) },
      [add(5, 1), add(40, 2), add(20, 4), add(120, 8), watermark(200)],
      ['k=1+2+4 5-41 EARLY 0/-1 first', 'k=8 120-121 ON_TIME 0/0 first last'],
    ),
    gives(
      'accumulating',
      'Panes repeat what the windows held that were merged',
      { accumulation: 'accumulating', trigger: repeatedly(afterCount(1)) },
      [add(5, 1), add(40, 2), add(20, 4), watermark(200)],
      ['1 5-6', '1+2 5-41', '1+2+4 5-41'],
    ),
    gives(
      'discarding',
      'Each element comes once, in the window of its time',
      { accumulation: 'discarding', trigger: repeatedly(afterCount(1)) },
      [add(5, 1), add(40, 2), add(20, 4), watermark(200)],
      ['1 5-6', '2 5-41', '4 5-41'],
    ),
  ],
  ['test-stream', 'custom-windows', 'custom-merging-windows', 'triggers'],
);
