import { mayFinish } from '../triggers/trigger-rules.ts';
import { DEFAULT_TRIGGER } from '../triggers/triggers.ts';
import { isGlobal } from './global-windows.ts';
import { END_OF_GLOBAL_WINDOW, MIN_TIMESTAMP } from './timestamp.ts';
import type { WindowingStrategy } from './windowing-strategy.ts';

/** An allowed lateness with which no window expires before time ends, in milliseconds. */
export const UNLIMITED_LATENESS = END_OF_GLOBAL_WINDOW - MIN_TIMESTAMP;

/**
 * The windowing of elements that were too late in another: they keep their windows, and nothing behind drops them once more.
 * What groups them fires at each, as their windows have ended.
 */
export function lateWindowing(windowing: WindowingStrategy): WindowingStrategy {
  const { trigger } = windowing;
  // The global window does not end: of its elements a grouping has to be told when to fire.
  const firesInTime = isGlobal(windowing) && !mayFinish(trigger);
  return {
    ...windowing,
    allowedLateness: UNLIMITED_LATENESS,
    accumulation: 'discarding',
    trigger: firesInTime ? trigger : DEFAULT_TRIGGER,
    closing: 'fireIfNonEmpty',
  };
}
