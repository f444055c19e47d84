import type { Coder, CoderFor, Infer } from '../coders/coder.ts';
import type { MetricsScope } from '../metrics/metrics.ts';
import type { StateHandles, StateSpecs } from '../state/state-spec.ts';
import type { TimerHandles, TimerSpecs } from '../state/timer.ts';
import type { KV } from '../values.ts';
import type { PaneInfo } from '../windows/pane-info.ts';
import type { Timestamp } from '../windows/timestamp.ts';
import type { Window } from '../windows/window.ts';
import type { SideInput } from './side-input.ts';

/** What a DoFn method may give back: any number of outputs, at once or over time. */
export type Emits<O> = Iterable<O> | AsyncIterable<O> | Promise<Iterable<O> | void> | void;

/** Side inputs by the name under which the DoFn reads them. */
export type SideInputs = Readonly<Record<string, SideInput<unknown>>>;
/** Additional outputs by tag, each with the coder of its elements. */
export type OutputTags = Readonly<Record<string, Coder<unknown>>>;

/** What every call that may emit is told. The object is reused: read from it before the first `await` or copy. */
export interface EmittingContext<D extends SideInputs, X extends OutputTags, W extends Window, S extends StateSpecs> {
  /** Timestamp of what is emitted. */
  readonly timestamp: Timestamp;
  readonly window: W;
  /** Side inputs of the window at hand. */
  readonly sides: { readonly [P in keyof D]: D[P] extends SideInput<infer V> ? V : never };
  /** State of the key and window at hand. */
  readonly state: StateHandles<S>;
  /** Counters, distributions, gauges of this transform. */
  readonly metrics: MetricsScope;
  /** Emits to an additional output, with the timestamp at hand. */
  output<P extends keyof X>(tag: P, value: Infer<X[P]>): void;
  /**
   * Calls back when the effects of this call are durable (Beam's BundleFinalizer): to acknowledge to an outside system.
   * At best once: after a crash in between, never.
   */
  afterBundleCommit(callback: () => void | Promise<void>): void;
}

/** What `process` is told about the element; `timestamp` is the element's. */
export interface ProcessContext<
  D extends SideInputs = {},
  X extends OutputTags = {},
  W extends Window = Window,
  S extends StateSpecs = {},
  M extends TimerSpecs = {},
> extends EmittingContext<D, X, W, S> {
  readonly pane: PaneInfo;
  /** Timers of the key and window at hand. */
  readonly timers: TimerHandles<M>;
}

/** What a timer's handler is told; `timestamp` is the timer's output timestamp. */
export interface TimerContext<
  D extends SideInputs = {},
  X extends OutputTags = {},
  W extends Window = Window,
  S extends StateSpecs = {},
  M extends TimerSpecs = {},
> extends EmittingContext<D, X, W, S> {
  /** The time that the timer was set to. */
  readonly fireTimestamp: Timestamp;
  /** Which of a family has fired; empty for a timer that stands alone. */
  readonly tag: string;
  readonly timers: TimerHandles<M>;
}

/**
 * What `onWindowExpiration` is told; `timestamp` is the time of the expiry, the window's last one and the allowed lateness.
 * Timers can no longer be set.
 */
export interface ExpirationContext<
  D extends SideInputs = {},
  X extends OutputTags = {},
  W extends Window = Window,
  S extends StateSpecs = {},
> extends EmittingContext<D, X, W, S> {}

/** The key type of pairs. */
export type KeyOf<T> = T extends KV<infer K, unknown> ? K : never;
/** `Y` for a DoFn of pairs, else `never`: state, timers and order in time are per key. */
export type Keyed<T, Y> = [T] extends [KV<unknown, unknown>] ? Y : never;

/** Context of a bundle's start and end. */
export interface BundleContext {
  readonly metrics: MetricsScope;
}

/** An output of `finishBundle`: no element is at hand there, so it names its timestamp and window. */
export interface TimestampedOutput<O, W extends Window = Window> {
  readonly value: O;
  readonly timestamp: Timestamp;
  readonly window: W;
}

/** Handles the firing of one timer, or of a family. */
export type TimerHandler<
  T,
  O,
  D extends SideInputs,
  X extends OutputTags,
  W extends Window,
  S extends StateSpecs,
  M extends TimerSpecs,
> = (key: KeyOf<T>, context: TimerContext<D, X, W, S, M>) => Emits<O>;

/** A handler for each name. The compiler infers the output type from the index signature and not from the other part. */
export type TimerHandlers<N extends PropertyKey, H> = Readonly<Record<N, H>> & Readonly<Record<string, H>>;

/**
 * A user function with a life cycle (Beam's DoFn): `setup` once per worker, then for each bundle `startBundle`,
 * `process` per element, `finishBundle`; `teardown` at the end, also after a failure. A bundle that fails runs again
 * from its start, so effects outside of the pipeline must be idempotent.
 *
 * The output type is inferred from what `process` yields or returns.
 */
export interface DoFn<
  T,
  O,
  D extends SideInputs = {},
  X extends OutputTags = {},
  W extends Window = Window,
  S extends StateSpecs = {},
  M extends TimerSpecs = {},
> {
  readonly sides?: D;
  readonly outputs?: X;
  /** State per key and window, gone when the window has expired. Only on pairs: the first of a pair is the key. */
  readonly state?: Keyed<T, S>;
  /** Timers per key and window, each with a handler in `onTimer`. */
  readonly timers?: Keyed<T, M>;
  /**
   * Elements of a key come in the order of their timestamps: they wait until the watermark has passed them and the
   * allowed lateness; later ones are dropped.
   */
  readonly requiresTimeSortedInput?: Keyed<T, boolean>;
  /**
   * After a failure `process` is called with the same elements again, none other and none missing: elements wait until
   * they are durable. For what writes to the outside.
   */
  readonly requiresStableInput?: boolean;
  /**
   * Whether calls ask by `afterBundleCommit` to be told of the commit. Runners other than ours must know; it is seen in the
   * function's text, and need be said only where that hands its context to other functions.
   */
  readonly requestsFinalization?: boolean;
  /** Coder of the main output, of all that `process` gives; the default coder when absent. */
  readonly coder?: CoderFor<O>;
  /**
   * How many asynchronous `process` calls of one worker may be under way at once; default 16. Order is not kept. With
   * state or timers there is one call after another.
   */
  readonly concurrency?: number;
  setup?(): void | Promise<void>;
  startBundle?(context: BundleContext): void | Promise<void>;
  /** A method of a class, or a function; the compiler refuses elements of more types than `T`. */
  readonly process: (element: T, context: ProcessContext<D, X, W, S, M>) => Emits<O>;
  /** Called when a timer fires, by the timer's name. */
  readonly onTimer?: TimerHandlers<keyof M, TimerHandler<T, O, D, X, W, S, M>>;
  /**
   * Called when a window expires, at its end and the allowed lateness, for each key that had an element in it: the last
   * chance to emit what the state holds. Until then the watermark is held back to the expiry.
   */
  readonly onWindowExpiration?: (key: KeyOf<T>, context: ExpirationContext<D, X, W, S>) => Emits<O>;
  finishBundle?(
    context: BundleContext,
  ): Iterable<TimestampedOutput<O>> | Promise<Iterable<TimestampedOutput<O>> | void> | void;
  teardown?(): void | Promise<void>;
}
