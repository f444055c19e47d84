import type { Coder, Infer } from '../coders/coder.ts';
import type { MetricsScope } from '../metrics/metrics.ts';
import type { PaneInfo } from '../windows/pane-info.ts';
import type { Timestamp } from '../windows/timestamp.ts';
import type { Window } from '../windows/window.ts';
import type { RestrictionSpec, RestrictionTracker } from './restriction.ts';
import type { SideInput } from './side-input.ts';

/** What a DoFn method may give back: any number of outputs, at once or over time. */
export type Emits<O> = Iterable<O> | AsyncIterable<O> | Promise<Iterable<O> | void> | void;

/** Side inputs by the name under which the DoFn reads them. */
export type SideInputs = Readonly<Record<string, SideInput<unknown>>>;
/** Additional outputs by tag, each with the coder of its elements. */
export type OutputTags = Readonly<Record<string, Coder<unknown>>>;

/** What `process` is told about the element. The object is reused: read from it before the first `await` or copy. */
export interface ProcessContext<D extends SideInputs = {}, X extends OutputTags = {}, W extends Window = Window> {
  readonly timestamp: Timestamp;
  readonly window: W;
  readonly pane: PaneInfo;
  /** Side inputs of the element's window. */
  readonly sides: { readonly [P in keyof D]: D[P] extends SideInput<infer V> ? V : never };
  /** Counters, distributions, gauges of this transform. */
  readonly metrics: MetricsScope;
  /** Emits to an additional output, with the element's timestamp. */
  output<P extends keyof X>(tag: P, value: Infer<X[P]>): void;
}

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

/**
 * A user function with a life cycle (Beam's DoFn): `setup` once per worker, then for each bundle `startBundle`,
 * `process` per element, `finishBundle`; `teardown` at the end, also after a failure. A bundle that fails runs again
 * from its start, so effects outside of the pipeline must be idempotent.
 *
 * The output type is inferred from what `process` yields or returns.
 */
export interface DoFn<T, O, D extends SideInputs = {}, X extends OutputTags = {}, W extends Window = Window> {
  readonly sides?: D;
  readonly outputs?: X;
  /** Coder of the main output; the default coder when absent. */
  readonly coder?: Coder<O>;
  /** How many asynchronous `process` calls of one worker may be under way at once; default 16. Order is not kept. */
  readonly concurrency?: number;
  setup?(): void | Promise<void>;
  startBundle?(context: BundleContext): void | Promise<void>;
  /** A method of a class, or a function; the compiler refuses elements of more types than `T`. */
  readonly process: (element: T, context: ProcessContext<D, X, W>) => Emits<O>;
  finishBundle?(
    context: BundleContext,
  ): Iterable<TimestampedOutput<O>> | Promise<Iterable<TimestampedOutput<O>> | void> | void;
  teardown?(): void | Promise<void>;
}

/** Context of a splittable DoFn: the tracker of the restriction at hand as well. */
export interface SplittableContext<R, P> {
  readonly tracker: RestrictionTracker<R, P>;
  readonly metrics: MetricsScope;
  /** Timestamp of what is yielded from here on; the element's timestamp at first. */
  timestamp: Timestamp;
}

/**
 * A splittable DoFn: reads one element's restriction, claiming as it goes, and yields its outputs in batches (arrays of
 * any length), so that a source costs no generator step per element. Every source of `millrace/io` is one.
 */
export interface SplittableDoFn<T, R, P, O> {
  readonly restriction: RestrictionSpec<T, R, P>;
  /** Coder of the output; the default coder when absent. */
  readonly coder?: Coder<O>;
  setup?(): void | Promise<void>;
  process(
    element: T,
    context: SplittableContext<R, P>,
  ): Iterable<readonly O[]> | AsyncIterable<readonly O[]> | Promise<Iterable<readonly O[]>>;
  teardown?(): void | Promise<void>;
}
