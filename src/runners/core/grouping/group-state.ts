import type { Window } from '../../../sdk/windows/window.ts';
import type { TriggerState } from '../triggers/trigger-node.ts';
import { NOTHING } from './pane-contents.ts';

/** No time: a hold that is not there, or a time that never comes. */
export const NONE = Number.POSITIVE_INFINITY;

/**
 * What a grouping has of one key and window. There may be millions, so what follows from the window is not kept, and
 * times that few have are `undefined` or 0 where there is none.
 */
export class WindowGroup {
  window: Window;
  /** Whether time has been advanced past the window's end. */
  ended: boolean;
  /** Whether the trigger has finished: the group is kept until it expires so that it stays closed. */
  closed = false;
  /** As {@link PaneContents} keeps it. */
  contents: unknown = NOTHING;
  /** Elements in `contents`, and those of them that no pane has had yet. */
  count = 0;
  fresh = 0;
  /** Whether elements that came in time hold the output watermark; then, unless that is at the window's end, where. */
  held = false;
  heldAt = 0;
  /** Whether there is a hold at the window's expiry. */
  heldAtExpiry = false;
  /** `undefined` for triggers without memory. */
  trigger: TriggerState | undefined = undefined;
  /** Processing time at which the trigger may have to fire. */
  wakeTime: number | undefined = undefined;
  /** Index of the last pane; −1 before the first. */
  paneIndex = -1;
  /** Non-speculative index of the last pane; −1 when all were early. */
  lastingIndex = -1;

  constructor(window: Window, ended: boolean) {
    this.window = window;
    this.ended = ended;
  }
}

/**
 * The windows of one key in one grouping. The numbers are kept up to date by the grouping for the stage to read after
 * each call.
 */
export class GroupState {
  groups: WindowGroup[] = [];
  /** The watermark and the processing time at which the grouping has to be advanced; +Infinity when there is none. */
  nextEventTime = NONE;
  nextProcessingTime = NONE;
  /** The time past which the output watermark must not go; +Infinity when there is none. */
  hold = NONE;

  /** Elements in the contents of all groups. */
  count = 0;
  /** Where the last group was found: elements of neighbouring windows come one after the other. */
  cursor = 0;

  /** Of many groups, one that ends at each time; `undefined` until it is asked for, and when groups have gone. */
  byEnd: Map<number, WindowGroup> | undefined = undefined;

  /** Nothing is left to remember of the key. */
  get isEmpty(): boolean {
    return this.groups.length === 0;
  }
}
