import type { WindowingStrategy } from '../../../sdk/windows/windowing-strategy.ts';

/** Whether the grouping itself has to merge windows. */
export function isMerging(windowing: WindowingStrategy): boolean {
  return windowing.windowFn.merge !== undefined && !windowing.alreadyMerged;
}

/** Whether windows take bytes at all: all windows but the global one do. */
export function hasWindows(windowing: WindowingStrategy): boolean {
  return windowing.windowFn.coder.urn !== 'beam:coder:global_window:v1';
}

/** Whether groups carry a timestamp of their own; otherwise it follows from the window. */
export function hasTimestamps(windowing: WindowingStrategy): boolean {
  return windowing.timestampCombiner !== 'endOfWindow';
}
