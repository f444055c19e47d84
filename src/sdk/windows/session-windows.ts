import { intervalWindowCoder } from '../coders/window-coders.ts';
import { checkKnownOptions } from '../options/known-options.ts';
import { boundedWindow, positiveMillis } from './interval-limits.ts';
import type { Duration } from './timestamp.ts';
import type { IntervalWindow } from './window.ts';
import type { TimeWindowFn, WindowMerge } from './window-fn.ts';
import { windowPayload } from './window-payload.ts';

/**
 * One window per burst of activity of a key (Beam's Sessions): elements less than `gap` apart belong together. A session
 * runs from its first element to `gap` after its last one.
 *
 * @param options.gap the silence that ends a session
 * @throws PipelineError when the gap is not positive or an option unknown
 */
export function sessions(options: { readonly gap: Duration }): TimeWindowFn<IntervalWindow> {
  checkKnownOptions('sessions()', options, { gap: true });
  const gap = positiveMillis('gap', options.gap);
  const assignOne = (timestamp: number) => boundedWindow(timestamp, timestamp + gap);
  return {
    urn: 'beam:window_fn:session_windows:v1',
    payload: () => windowPayload([[1, gap]]),
    coder: intervalWindowCoder,
    assign: (timestamp) => [assignOne(timestamp)],
    assignOne,
    merge: mergeOverlapping,
  };
}

/** The groups of windows that overlap, directly or through others; windows that only touch stay apart. */
export function mergeOverlapping(windows: readonly IntervalWindow[]): WindowMerge<IntervalWindow>[] {
  const merges: WindowMerge<IntervalWindow>[] = [];
  const sorted = windows.toSorted((a, b) => a.start - b.start || a.end - b.end);
  for (let first = 0; first < sorted.length; ) {
    let merged = sorted[first];
    let next = first + 1;
    while (next < sorted.length && merged.intersects(sorted[next])) merged = merged.span(sorted[next++]);
    if (next > first + 1) merges.push({ merged, sources: sorted.slice(first, next) });
    first = next;
  }
  return merges;
}
