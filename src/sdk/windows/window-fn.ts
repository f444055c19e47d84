import type { Coder } from '../coders/coder.ts';
import type { Timestamp } from './timestamp.ts';
import type { Window } from './window.ts';

/** Windows that a merging WindowFn wants to become one. */
export interface WindowMerge<W extends Window> {
  readonly merged: W;
  readonly sources: readonly W[];
}

/**
 * Assigns each element to windows (Beam's WindowFn). A WindowFn is pure: the same timestamp, element and window always
 * give equal windows, on every worker.
 *
 * @typeParam T elements that it can assign: any, unless it looks at them
 */
export interface WindowFn<W extends Window, T = unknown> {
  /** Beam URN where the function is one of Beam's, so that any runner can execute it. */
  readonly urn: string;
  /** Payload of the FunctionSpec. */
  payload(): Uint8Array;
  readonly coder: Coder<W>;
  /**
   * Windows of an element, none twice; an element without a window is dropped. Told are its timestamp, the element, and the
   * window that it has had (Beam's AssignContext).
   */
  readonly assign: (timestamp: Timestamp, element: T, window: Window) => readonly W[];
  /** Present when every element falls into exactly one window: the hot path allocates no array then. */
  readonly assignOne?: (timestamp: Timestamp, element: T, window: Window) => W;
  /** Present on merging functions (sessions): which of one key's windows become one. Windows not named stay. */
  merge?(windows: readonly W[]): readonly WindowMerge<W>[];
  /** Window of a side input, windowed by this function, that belongs to a main-input window. Absent on merging functions. */
  sideInputWindow?(main: Window): W;
  /**
   * Milliseconds by which the window that `sideInputWindow` gives may end before the main one (Beam's maximumLookback): in a
   * stream, windows of a side input are kept for that much longer. Default 0.
   */
  readonly sideInputLookback?: number;
}

/** A WindowFn that looks at nothing but timestamps: all of Beam's own. */
export interface TimeWindowFn<W extends Window> extends WindowFn<W> {
  readonly assign: (timestamp: Timestamp) => readonly W[];
  readonly assignOne?: (timestamp: Timestamp) => W;
}

/** Which timestamp the output of a grouping gets (Beam's OutputTime). */
export type TimestampCombiner = 'endOfWindow' | 'earliest' | 'latest';
