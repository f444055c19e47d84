import type { Coder } from '../coders/coder.ts';
import type { Timestamp } from './timestamp.ts';
import type { Window } from './window.ts';

/** Windows that a merging WindowFn wants to become one. */
export interface WindowMerge<W extends Window> {
  readonly merged: W;
  readonly sources: readonly W[];
}

/**
 * Assigns each element to windows by its timestamp (Beam's WindowFn). A WindowFn is pure: the same timestamp always
 * gives equal windows, on every worker.
 */
export interface WindowFn<W extends Window> {
  /** Beam URN where the function is one of Beam's, so that any runner can execute it. */
  readonly urn: string;
  /** Payload of the FunctionSpec. */
  payload(): Uint8Array;
  readonly coder: Coder<W>;
  /** Windows of an element with this timestamp, none twice; an element without a window is dropped. */
  assign(timestamp: Timestamp): readonly W[];
  /** Present when every element falls into exactly one window: the hot path allocates no array then. */
  assignOne?(timestamp: Timestamp): W;
  /** Present on merging functions (sessions): which of one key's windows become one. Windows not named stay. */
  merge?(windows: readonly W[]): readonly WindowMerge<W>[];
  /** Window of a side input, windowed by this function, that belongs to a main-input window. Absent on merging functions. */
  sideInputWindow?(main: Window): W;
}

/** Which timestamp the output of a grouping gets (Beam's OutputTime). */
export type TimestampCombiner = 'endOfWindow' | 'earliest' | 'latest';
