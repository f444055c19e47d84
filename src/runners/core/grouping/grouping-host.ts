import type { PaneInfo } from '../../../sdk/windows/pane-info.ts';
import type { Window } from '../../../sdk/windows/window.ts';

/** The clocks of a stage, in milliseconds. */
export interface GroupingClock {
  /** Input watermark: no element with an earlier timestamp is expected, though one may come. */
  readonly watermark: number;
  readonly processingTime: number;
  /** Processing time up to which all stages upstream have done what was due; never more than `processingTime`. */
  readonly synchronizedProcessingTime: number;
}

/** Why a grouping did not take an element: its window has expired, or the window's trigger has finished. */
export type DropReason = 'expired' | 'closed';

/** What a grouping tells the stage it is in. Called while an element is taken or time advances. */
export interface GroupingHost {
  /** @param value an array that is the receiver's, or the result of the CombineFn */
  emit(key: unknown, value: unknown, timestamp: number, window: Window, pane: PaneInfo): void;
  dropped(key: unknown, value: unknown, timestamp: number, window: Window, reason: DropReason): void;
}
