import { PipelineError } from '../errors.ts';
import { END_OF_GLOBAL_WINDOW, type Timestamp } from './timestamp.ts';

/** A finite part of event time to which elements belong (Beam's BoundedWindow). Windows are compared by their encoding. */
export interface Window {
  /** Largest timestamp an element of this window may have. */
  readonly maxTimestamp: Timestamp;
}

declare const globalBrand: unique symbol;

/** The window of all time: what every collection starts in. There is one instance, GLOBAL_WINDOW. */
export class GlobalWindow implements Window {
  /** Type carrier, never set: without it any window would pass for the global one. */
  declare readonly [globalBrand]: true;
  readonly maxTimestamp: Timestamp = END_OF_GLOBAL_WINDOW;

  toString(): string {
    return 'GlobalWindow';
  }
}

/** The half-open span of time `[start, end)`. */
export class IntervalWindow implements Window {
  /** First timestamp inside. */
  readonly start: Timestamp;
  /** First timestamp after the window. */
  readonly end: Timestamp;

  /** @throws PipelineError `WINDOW_INVALID` when the window ends before it starts. */
  constructor(start: Timestamp, end: Timestamp) {
    if (!(start <= end)) throw new PipelineError('WINDOW_INVALID', `A window cannot run from ${start} to ${end}`);
    this.start = start;
    this.end = end;
  }

  get maxTimestamp(): Timestamp {
    return (this.end - 1) as Timestamp;
  }

  /** Whether both windows have a timestamp in common. */
  intersects(other: IntervalWindow): boolean {
    return this.start < other.end && other.start < this.end;
  }

  /** The smallest window that covers both. */
  span(other: IntervalWindow): IntervalWindow {
    const start = Math.min(this.start, other.start) as Timestamp;
    return new IntervalWindow(start, Math.max(this.end, other.end) as Timestamp);
  }

  toString(): string {
    return `[${format(this.start)}..${format(this.end)})`;
  }
}

/** ISO where Date can express it: Beam's extremes lie outside its range. */
function format(time: Timestamp): string {
  return Math.abs(time) <= 8.64e15 ? new Date(time).toISOString() : `${time} ms`;
}
