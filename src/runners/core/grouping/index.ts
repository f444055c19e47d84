/**
 * Grouping by key and window over unbounded input, for one transform:
 *
 *     const grouping = new WindowedGrouping({ windowing, contentsCoder, fn, host });
 *     const state = grouping.create();                        // one per key, kept by the caller
 *     grouping.element(key, state, value, timestamp, window, clock);
 *     if (state.nextEventTime <= clock.watermark || state.nextProcessingTime <= clock.processingTime) {
 *       grouping.advance(key, state, clock);                  // after the elements of a step, under its new watermark
 *     }
 *
 * `host.emit` and `host.dropped` are called meanwhile. After each call `state.hold` bounds the output watermark, and a
 * state that `isEmpty` may be forgotten.
 */

export type { GroupState } from './group-state.ts';
export type { GroupingClock, GroupingHost } from './grouping-host.ts';
export type { WindowEntry } from './open-window.ts';
export { CollectedContents, CombinedContents, NOTHING, type PaneContents } from './pane-contents.ts';
export { WindowTable } from './window-table.ts';
export { lastTimestamp } from './window-times.ts';
export { WindowedGrouping } from './windowed-grouping.ts';
