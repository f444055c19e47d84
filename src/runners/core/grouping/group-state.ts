import type { Window } from '../../../sdk/windows/window.ts';
import type { TriggerState } from '../triggers/trigger-node.ts';
import { NOTHING } from './pane-contents.ts';

/** No time: a hold that is not there, or a time that never comes. */
export const NONE = Number.POSITIVE_INFINITY;

/** What a grouping has of one key and window. */
export class WindowGroup {
  window: Window;
  /** Last timestamp of the window, and the last watermark at which it takes elements. */
  end: number;
  expiry: number;
  /** Whether time has been advanced past the window's end. */
  ended: boolean;
  /** Whether the trigger has finished: the group is kept until it expires so that it stays closed. */
  closed = false;
  /** As {@link PaneContents} keeps it. */
  contents: unknown = NOTHING;
  /** Elements in `contents`, and those of them that no pane has had yet. */
  count = 0;
  fresh = 0;
  /** Output timestamp of the elements that came in time, where the output watermark is held; NONE without. */
  elementHold = NONE;
  /** Hold at the expiry, so that a last pane does not come too late for what is downstream; NONE without. */
  expiryHold = NONE;
  /** `undefined` for triggers without memory. */
  trigger: TriggerState | undefined = undefined;
  /** Processing time at which the trigger may have to fire. */
  wakeTime = NONE;
  /** Index of the last pane; −1 before the first. */
  paneIndex = -1;
  /** Non-speculative index of the last pane; −1 when all were early. */
  lastingIndex = -1;

  constructor(window: Window, end: number, expiry: number, ended: boolean) {
    this.window = window;
    this.end = end;
    this.expiry = expiry;
    this.ended = ended;
  }

  get hold(): number {
    return Math.min(this.elementHold, this.expiryHold);
  }
}

/**
 * The windows of one key in one grouping. The numbers are kept up to date by the grouping for the stage to read after
 * each call.
 */
export class GroupState {
  readonly groups: WindowGroup[] = [];
  /** The watermark and the processing time at which the grouping has to be advanced; +Infinity when there is none. */
  nextEventTime = NONE;
  nextProcessingTime = NONE;
  /** The time past which the output watermark must not go; +Infinity when there is none. */
  hold = NONE;

  /** Where the last group was found: elements of neighbouring windows come one after the other. */
  cursor = 0;

  /** Nothing is left to remember of the key. */
  get isEmpty(): boolean {
    return this.groups.length === 0;
  }
}
