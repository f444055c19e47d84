import type { Trigger } from '../triggers/trigger.ts';
import type { Window } from './window.ts';
import type { TimestampCombiner, WindowFn } from './window-fn.ts';

/** Whether a pane fires that brings no new elements. */
export type PaneBehavior = 'fireAlways' | 'fireIfNonEmpty';

/** How a PCollection is divided into windows and how its groupings behave (Beam's WindowingStrategy). */
export interface WindowingStrategy<W extends Window = Window> {
  readonly windowFn: WindowFn<W>;
  readonly timestampCombiner: TimestampCombiner;
  /** The windows come out of a grouping that has merged them, so the next grouping does not merge them again. */
  readonly alreadyMerged: boolean;
  /** Milliseconds. */
  readonly allowedLateness: number;
  readonly accumulation: 'discarding' | 'accumulating';
  /** When a grouping gives out what it has of a window. */
  readonly trigger: Trigger;
  /** Whether a window that expires gives a last pane although nothing is new in it. */
  readonly closing: PaneBehavior;
  /** Whether a window gives its on-time pane although nothing is new in it. */
  readonly onTime: PaneBehavior;
}
