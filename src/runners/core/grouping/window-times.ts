import { END_OF_GLOBAL_WINDOW } from '../../../sdk/windows/timestamp.ts';
import type { Window } from '../../../sdk/windows/window.ts';

/** The last timestamp of a window; the watermark passes it before time ends. */
export function lastTimestamp(window: Window): number {
  return Math.min(window.maxTimestamp, END_OF_GLOBAL_WINDOW);
}

/** The last watermark at which a window still takes elements; it expires past it (Beam's garbage collection time). */
export function expiry(lastTimestamp: number, allowedLateness: number): number {
  return Math.min(lastTimestamp + allowedLateness, END_OF_GLOBAL_WINDOW);
}
