import type { WindowingStrategy } from '../../../sdk/windows/windowing-strategy.ts';
import { foldTimestamps } from '../shuffle/timestamp-fold.ts';
import { NONE, type WindowGroup } from './group-state.ts';
import { expiry, lastTimestamp } from './window-times.ts';

/**
 * Where the groups of a grouping hold its output watermark (Beam's WatermarkHold): at the timestamp that the next pane
 * gets from the elements that came in time, and at the window's expiry for those that did not, lest their pane be too
 * late for what is downstream.
 */
export class PaneHolds {
  readonly #combiner: WindowingStrategy['timestampCombiner'];
  readonly #lateness: number;
  readonly #alwaysLast: boolean;

  constructor({ timestampCombiner, allowedLateness, closing }: WindowingStrategy) {
    this.#combiner = timestampCombiner;
    this.#lateness = allowedLateness;
    this.#alwaysLast = closing === 'fireAlways';
  }

  /** The earlier hold of a group; +Infinity without one. */
  of(group: WindowGroup): number {
    // The hold of elements lies in the window, before its expiry.
    if (group.held) return this.#combiner === 'endOfWindow' ? lastTimestamp(group.window) : group.heldAt;
    return group.heldAtExpiry ? this.#expiryOf(group) : NONE;
  }

  /** Timestamp of the pane that a group would give now. */
  paneTimestamp(group: WindowGroup): number {
    return Math.min(this.of(group), lastTimestamp(group.window));
  }

  /** Takes in an element; it holds nothing when the output watermark has gone past where that would do any good. */
  add(group: WindowGroup, timestamp: number, watermark: number): void {
    if (group.ended) {
      group.heldAtExpiry = true;
      return;
    }
    if (this.#combiner === 'endOfWindow') {
      group.held = true;
      return;
    }
    // The group's own hold keeps the output watermark back.
    const hold = Math.min(timestamp, lastTimestamp(group.window));
    if (hold < Math.min(watermark, this.of(group))) group.heldAtExpiry = true;
    else this.#hold(group, hold);
  }

  #hold(group: WindowGroup, time: number): void {
    group.heldAt = group.held ? foldTimestamps(this.#combiner, group.heldAt, time) : time;
    group.held = true;
  }

  /** A pane is given out: its elements hold nothing any more. */
  release(group: WindowGroup, last: boolean): void {
    group.held = false;
    group.heldAtExpiry = this.#alwaysLast && !last;
  }

  /** A group takes in what another holds. */
  take(group: WindowGroup, other: WindowGroup): void {
    if (other.held) this.#hold(group, other.heldAt);
  }

  /** A group has got another window by merging. */
  merged(group: WindowGroup): void {
    if (this.#combiner === 'endOfWindow') group.held = !group.ended && group.fresh > 0;
    group.heldAtExpiry = true;
  }

  #expiryOf(group: WindowGroup): number {
    return expiry(lastTimestamp(group.window), this.#lateness);
  }
}
