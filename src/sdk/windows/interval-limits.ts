import { PipelineError } from '../errors.ts';
import { type Duration, durationMillis, END_OF_GLOBAL_WINDOW, type Timestamp } from './timestamp.ts';
import { GlobalWindow, IntervalWindow, type Window } from './window.ts';

/** First time after the global window. Times there are 2 ms apart, so this is the next one there is. */
const END_OF_TIME = (END_OF_GLOBAL_WINDOW + 2) as Timestamp;

/** A window that ends with time at the latest, so that its end can still be reached. */
export function boundedWindow(start: number, end: number): IntervalWindow {
  return new IntervalWindow(start as Timestamp, Math.max(start, Math.min(end, END_OF_TIME)) as Timestamp);
}

/**
 * How far `time` lies into its period of `size` ms, 0 to `size` - 1, where a period starts at `offset`. Each step is
 * exact, also for times beyond 2^53.
 */
export function phase(time: number, size: number, offset: number): number {
  return ((time % size) - offset + 2 * size) % size;
}

/** Milliseconds of a window function's parameter, which must be longer than nothing. */
export function positiveMillis(what: string, duration: Duration): number {
  const millis = durationMillis(duration);
  if (millis > 0) return millis;
  throw new PipelineError('WINDOW_INVALID', `The ${what} of a window must be positive, not '${duration}'`);
}

/** The time by which a main-input window finds its side-input window (Beam: the window's largest timestamp). */
export function mainTime(main: Window): Timestamp {
  if (!(main instanceof GlobalWindow)) return main.maxTimestamp;
  throw new PipelineError(
    'SIDE_INPUT_WINDOW',
    'A main input in the global window has no one window of this side input',
    {
      hint: 'window the main input too, or put the side input into the global window: side.window(globalWindows())',
    },
  );
}
