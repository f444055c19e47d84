import type { Coder } from '../coders/coder.ts';
import type { StateSpecs } from '../state/state-spec.ts';
import type { TimerHandles, TimerSpecs } from '../state/timer.ts';
import type { PaneInfo } from '../windows/pane-info.ts';
import { type Duration, durationMillis, type Timestamp } from '../windows/timestamp.ts';
import type { Window } from '../windows/window.ts';
import type {
  Emits,
  EmittingContext,
  ExpirationContext,
  Keyed,
  KeyOf,
  OutputTags,
  SideInputs,
  TimerHandler,
  TimerHandlers,
} from './do-fn.ts';
import type { RestrictionSpec, RestrictionTracker } from './restriction.ts';

/** Outputs yielded together, with a timestamp each. */
export interface TimestampedBatch<O> {
  readonly values: readonly O[];
  /** As many as there are values. */
  readonly timestamps: ArrayLike<number>;
}

/** Outputs yielded together; anything else is refused with `BATCH_INVALID`. An array, whose elements get the context's timestamp, or values with their timestamps. */
export type Batch<O> = readonly O[] | TimestampedBatch<O>;

/**
 * What a call of `process` returns that has not finished its restriction: go on with the rest later. A delay that is no
 * number of milliseconds, or less than 0, is refused with `RESUME_INVALID`.
 */
export interface Resume {
  readonly resumeAfterMillis: number;
}

/** Returned by a splittable DoFn's `process`: call again, with the unclaimed rest, after a delay (Beam's ProcessContinuation). */
export function resume(delay: Duration = '0ms'): Resume {
  return { resumeAfterMillis: durationMillis(delay) };
}

/**
 * How the watermark of a restriction follows from its processing (Beam's WatermarkEstimator): `manual` is what the DoFn
 * sets, `monotonic` the latest timestamp of its outputs, `wallTime` the time of day, while a call is under way that of
 * when it was last asked for a batch: a source that has nothing should `resume()`, or yield an empty batch.
 */
export type WatermarkEstimation = 'manual' | 'monotonic' | 'wallTime';

/** The promise about what a restriction will still give: nothing with an earlier timestamp, or it is late. */
export interface WatermarkHandle {
  readonly current: Timestamp;
  /**
   * Raises the watermark; a time before the current one changes nothing.
   *
   * @throws PipelineError `WATERMARK_NOT_MANUAL` unless the estimation is `manual`
   */
  set(watermark: Timestamp): void;
}

/**
 * Context of a splittable DoFn: what other DoFns are told of the element, and the tracker of the restriction at hand. What goes
 * to an additional output comes out with the next batch, or with the end of the call.
 */
export interface SplittableContext<
  R,
  P,
  D extends SideInputs = {},
  X extends OutputTags = {},
  W extends Window = Window,
  S extends StateSpecs = {},
  M extends TimerSpecs = {},
> extends EmittingContext<D, X, W, S> {
  /** Timers of the key and window at hand. */
  readonly timers: TimerHandles<M>;
  readonly tracker: RestrictionTracker<R, P>;
  /** Of the element. */
  readonly pane: PaneInfo;
  /** Timestamp of what is emitted from here on; the element's timestamp at first. */
  timestamp: Timestamp;
  readonly watermark: WatermarkHandle;
  /** The time of day, in the pipeline's own clock. */
  processingTime(): Timestamp;
  /**
   * Aborted when the runner has taken back the rest of the restriction: what waits for data should stop waiting. The
   * next `tryClaim` declines.
   */
  readonly signal: AbortSignal;
}

/** What `process` of a splittable DoFn gives back; its return value may be `resume()`. */
export type Batches<O> =
  | Iterable<Batch<O>, Resume | void>
  | AsyncIterable<Batch<O>, Resume | void>
  | Promise<Iterable<Batch<O>, Resume | void>>;

/**
 * A splittable DoFn: reads one element's restriction, claiming as it goes, and yields its outputs in batches (of any
 * length), so that a source costs no generator step per element. Every source of `millrace/io` is one.
 */
export interface SplittableDoFn<
  T,
  R,
  P,
  O,
  D extends SideInputs = {},
  X extends OutputTags = {},
  W extends Window = Window,
  S extends StateSpecs = {},
  M extends TimerSpecs = {},
> {
  readonly restriction: RestrictionSpec<T, R, P>;
  /** An element waits until what it reads in its window is known. */
  readonly sides?: D;
  readonly outputs?: X;
  /**
   * State per key and window, gone when the window has expired and none of its restrictions is left. Only on pairs. With state or
   * timers there is one call after another, each with the state of its key from its beginning to its end; where others wait, its
   * rest is taken back after a batch.
   */
  readonly state?: Keyed<T, S>;
  /** Timers per key and window, each with a handler in `onTimer`. They fire between calls. */
  readonly timers?: Keyed<T, M>;
  /** Restrictions may have no end: the output is an unbounded collection (Beam's UnboundedPerElement). */
  readonly unbounded?: boolean;
  /** Default `manual`, which stays at the element's timestamp unless it is set. */
  readonly watermark?: WatermarkEstimation;
  /** Coder of the output; the default coder when absent. */
  readonly coder?: Coder<O>;
  /**
   * Whether calls ask by `afterBundleCommit` to be told of the commit. Runners other than ours must know; it is seen in the
   * function's text, and need be said only where that hands its context to other functions.
   */
  readonly requestsFinalization?: boolean;
  setup?(): void | Promise<void>;
  process(element: T, context: SplittableContext<R, P, D, X, W, S, M>): Batches<O>;
  /** Called when a timer fires, by the timer's name. What it gives goes to the main output. */
  readonly onTimer?: TimerHandlers<keyof M, TimerHandler<T, O, D, X, W, S, M>>;
  /** Called when a window expires, for each key that had an element in it. */
  readonly onWindowExpiration?: (key: KeyOf<T>, context: ExpirationContext<D, X, W, S>) => Emits<O>;
  teardown?(): void | Promise<void>;
}
