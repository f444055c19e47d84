import { intervalWindowCoder } from '../coders/window-coders.ts';
import { checkKnownOptions } from '../options/known-options.ts';
import { boundedWindow, mainTime, phase, positiveMillis } from './interval-limits.ts';
import { type Duration, durationMillis, type Timestamp } from './timestamp.ts';
import type { IntervalWindow, Window } from './window.ts';
import type { TimeWindowFn } from './window-fn.ts';
import { windowPayload } from './window-payload.ts';

const SLOTS = 256;

/**
 * Windows of one size that follow each other without a gap (Beam's FixedWindows): with `fixed('1h')` an element of
 * 10:59:59.999 is in [10:00, 11:00) and one of 11:00 in [11:00, 12:00), UTC.
 *
 * @param size length of a window
 * @param options.offset how long after 1970-01-01T00:00Z a window starts, e.g. `'6h'` for days from six to six
 * @throws PipelineError when the size is not positive, a duration is malformed or an option unknown
 */
export function fixed(size: Duration, options: { readonly offset?: Duration } = {}): TimeWindowFn<IntervalWindow> {
  checkKnownOptions('fixed()', options, { offset: true });
  const millis = positiveMillis('size', size);
  const offset = durationMillis(options.offset ?? '0ms') % millis;
  const assignOne = fixedAssignment(millis, offset);
  return {
    urn: 'beam:window_fn:fixed_windows:v1',
    payload: () =>
      windowPayload([
        [1, millis],
        [2, offset],
      ]),
    coder: intervalWindowCoder,
    assign: (timestamp) => [assignOne(timestamp)],
    assignOne,
    sideInputWindow: (main: Window) => assignOne(mainTime(main)),
  };
}

/**
 * The one window of a timestamp. Recent windows are kept by their number modulo {@link SLOTS}, so that elements close
 * in time share one window object and whoever compares windows is done with `===`.
 */
export function fixedAssignment(size: number, offset: number): (timestamp: Timestamp) => IntervalWindow {
  const recent: (IntervalWindow | undefined)[] = new Array(SLOTS).fill(undefined);
  let start = Number.NaN;
  let end = Number.NaN;
  let last: IntervalWindow | undefined;
  return (timestamp) => {
    if (timestamp >= start && timestamp < end) return last as IntervalWindow;
    start = timestamp - phase(timestamp, size, offset);
    const slot = Math.floor(start / size) & (SLOTS - 1);
    const known = recent[slot];
    last = known !== undefined && known.start === start ? known : boundedWindow(start, start + size);
    recent[slot] = last;
    end = last.end;
    return last;
  };
}
