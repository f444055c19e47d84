import type { Coder } from '../coders/coder.ts';

/** How far a tracker is, in the unit of the restriction (bytes, rows, offsets). */
export interface RestrictionProgress {
  readonly completed: number;
  readonly remaining: number;
}

/**
 * Guards one restriction while an element is processed (Beam's RestrictionTracker). The DoFn claims each position
 * before it emits what lies there; the runner may take away the unclaimed rest at any claim.
 */
export interface RestrictionTracker<R, P = unknown> {
  /** The restriction as it stands; it shrinks when it is split. */
  current(): R;
  /** False: the position is not part of the restriction any more, return without emitting it. */
  tryClaim(position: P): boolean;
  /** Gives away about `1 - fraction` of what is left; `undefined` when nothing can be given away. 0 is a checkpoint. */
  trySplit(fraction: number): { readonly primary: R; readonly residual: R } | undefined;
  progress(): RestrictionProgress;
  /** @throws when the DoFn returned without claiming the whole restriction, which would lose data. */
  checkDone(): void;
}

/** What makes a DoFn splittable: one element's work described as a restriction that can be divided. */
export interface RestrictionSpec<T, R, P = unknown> {
  readonly coder: Coder<R>;
  initial(element: T): R | Promise<R>;
  /** Initial division for parallelism; the whole restriction when absent. `bundleSize` is the wanted size of a part. */
  split?(element: T, restriction: R, bundleSize: number): Iterable<R> | Promise<Iterable<R>>;
  /** Work in bytes (or rows where no bytes are known); used to balance workers. */
  size?(element: T, restriction: R): number;
  /**
   * What is left to do of a restriction when the pipeline is drained; `undefined`: nothing. When absent, bounded
   * restrictions are finished and unbounded ones given up.
   */
  truncate?(element: T, restriction: R): R | undefined;
  tracker(restriction: R): RestrictionTracker<R, P>;
}

/** A range of offsets `[start, end)`: bytes of a file, rows, partition offsets. */
export interface OffsetRange {
  readonly start: number;
  readonly end: number;
}
