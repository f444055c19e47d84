import type { Window } from './window.ts';
import type { TimestampCombiner, WindowFn } from './window-fn.ts';

/** How a PCollection is divided into windows and how its groupings behave (Beam's WindowingStrategy). */
export interface WindowingStrategy<W extends Window = Window> {
  readonly windowFn: WindowFn<W>;
  readonly timestampCombiner: TimestampCombiner;
  /** The windows come out of a grouping that has merged them, so the next grouping does not merge them again. */
  readonly alreadyMerged: boolean;
  /** Milliseconds. */
  readonly allowedLateness: number;
  readonly accumulation: 'discarding' | 'accumulating';
}
