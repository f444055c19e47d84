import { END_OF_GLOBAL_WINDOW, type Timestamp } from './timestamp.ts';
import type { Window } from './window.ts';

/** The last time at which elements of a window count: its end and the allowed lateness, but within the global window. */
export function garbageCollectionTime(window: Window, allowedLateness: number): Timestamp {
  return Math.min(window.maxTimestamp + allowedLateness, END_OF_GLOBAL_WINDOW) as Timestamp;
}
