import { intervalWindowCoder } from '../coders/window-coders.ts';
import { PipelineError } from '../errors.ts';
import { checkKnownOptions } from '../options/known-options.ts';
import { fixedAssignment } from './fixed-windows.ts';
import { boundedWindow, mainTime, phase, positiveMillis } from './interval-limits.ts';
import { type Duration, durationMillis, type Timestamp } from './timestamp.ts';
import type { IntervalWindow } from './window.ts';
import type { TimeWindowFn } from './window-fn.ts';
import { windowPayload } from './window-payload.ts';

/** Most windows one element may fall into; each of them costs a copy of the element. */
const MAX_OVERLAP = 100_000;

/**
 * Windows of one size of which a new one starts every period (Beam's SlidingWindows), so that each element is in
 * `size / every` of them.
 *
 * @param options.size length of a window
 * @param options.every time from one window's start to the next one's; when it is longer than `size`, elements between
 *   two windows are in none and are dropped
 * @param options.offset how long after 1970-01-01T00:00Z a window starts
 * @throws PipelineError `WINDOW_INVALID` when a length is not positive or more than 100,000 windows overlap, `OPTION_UNKNOWN`
 */
export function sliding(options: {
  readonly size: Duration;
  readonly every: Duration;
  readonly offset?: Duration;
}): TimeWindowFn<IntervalWindow> {
  checkKnownOptions('sliding()', options, { size: true, every: true, offset: true });
  const size = positiveMillis('size', options.size);
  const period = positiveMillis('period', options.every);
  const offset = durationMillis(options.offset ?? '0ms') % period;
  if (size / period > MAX_OVERLAP) {
    throw new PipelineError('WINDOW_INVALID', `Windows of ${options.size} every ${options.every} overlap too often`, {
      hint: `an element may be in at most ${MAX_OVERLAP} windows`,
    });
  }
  let last: readonly IntervalWindow[] = [];
  let from = Number.NaN;
  let to = Number.NaN;
  function assign(timestamp: Timestamp): readonly IntervalWindow[] {
    if (timestamp >= from && timestamp < to) return last;
    const newest = timestamp - phase(timestamp, period, offset);
    const windows: IntervalWindow[] = [];
    let oldestEnd = newest + period;
    for (let start = newest; start > timestamp - size; start -= period) {
      windows.push(boundedWindow(start, start + size));
      oldestEnd = start + size;
    }
    // The windows stay the same from the end of the one before the oldest until the oldest ends or a new one starts.
    from = windows.length === 0 ? newest + size : Math.max(newest, oldestEnd - period);
    to = Math.min(oldestEnd, newest + period);
    last = windows;
    return windows;
  }
  return {
    urn: 'beam:window_fn:sliding_windows:v1',
    payload: () =>
      windowPayload([
        [1, size],
        [2, offset],
        [3, period],
      ]),
    coder: intervalWindowCoder,
    assign,
    ...(size === period ? { assignOne: fixedAssignment(size, offset) } : {}),
    sideInputWindow(main) {
      const before = mainTime(main) - size;
      const start = before - phase(before, period, offset) + period;
      return boundedWindow(start, start + size);
    },
  };
}
