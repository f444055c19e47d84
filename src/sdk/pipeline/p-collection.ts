import { type Coder, checkCoder } from '../coders/coder.ts';
import { type CombineOptions, combineGlobally, combinePerKey } from '../combine/combine.ts';
import type { CombineFn } from '../combine/combine-fn.ts';
import type { CollectionNode } from '../graph/graph.ts';
import type { StateSpecs } from '../state/state-spec.ts';
import type { TimerSpecs } from '../state/timer.ts';
import { type Collected, collect } from '../transforms/collect.ts';
import type { DoFn, OutputTags, SideInputs } from '../transforms/do-fn.ts';
import { filter, flatMap, keyBy, map, mapValues } from '../transforms/element-wise.ts';
import { GroupByKey } from '../transforms/group-by-key.ts';
import { LateCatcher } from '../transforms/late-output.ts';
import { type ParDoOutput, parDo } from '../transforms/par-do.ts';
import { ErrorCatcher, type WithErrorsOptions } from '../transforms/with-errors.ts';
import type { AnyElement, Key, KV } from '../values.ts';
import type { GlobalWindow, Window } from '../windows/window.ts';
import type { WindowFn } from '../windows/window-fn.ts';
import { type WindowOptions, windowInto } from '../windows/window-into.ts';
import type { POutput, PTransform } from './p-transform.ts';
import type { Pipeline } from './pipeline.ts';

/**
 * An immutable, distributed collection of elements of one type, each with a timestamp and a window (Beam's
 * PCollection). The methods apply the transforms that every pipeline uses; everything else comes in by `apply`.
 *
 * @typeParam T element type, @typeParam W window type
 */
export class PCollection<out T, out W extends Window = GlobalWindow> {
  readonly pipeline: Pipeline;
  readonly node: CollectionNode;
  /** Type carriers, never set. */
  declare readonly __element?: T;
  declare readonly __window?: W;

  constructor(pipeline: Pipeline, node: CollectionNode) {
    this.pipeline = pipeline;
    this.node = node;
  }

  /** Applies a transform, under a name of its own when one is given. */
  apply<O extends POutput>(transform: PTransform<this, O>): O;
  apply<O extends POutput>(name: string, transform: PTransform<this, O>): O;
  apply<O extends POutput>(nameOr: string | PTransform<this, O>, transform?: PTransform<this, O>): O {
    return this.pipeline.applyTo(this, nameOr, transform);
  }

  /** One output per element. */
  map<U extends AnyElement>(name: string, fn: (element: T) => U | Promise<U>): PCollection<U, W> {
    return this.pipeline.applyTo(this, map<T, U, W>(name, fn));
  }

  /** Any number of outputs per element. */
  flatMap<U extends AnyElement>(
    name: string,
    fn: (element: T) => Iterable<U> | AsyncIterable<U> | Promise<Iterable<U>>,
  ): PCollection<U, W> {
    return this.pipeline.applyTo(this, flatMap<T, U, W>(name, fn));
  }

  /** The elements for which `fn` is true; a type guard narrows the element type. */
  filter<U extends T>(name: string, fn: (element: T) => element is U): PCollection<U, W>;
  filter(name: string, fn: (element: T) => boolean | Promise<boolean>): PCollection<T, W>;
  filter(name: string, fn: (element: T) => boolean | Promise<boolean>): PCollection<T, W> {
    return this.pipeline.applyTo(this, filter<T, W>(name, fn));
  }

  /** Pairs each element with a key. */
  keyBy<K extends Key>(name: string, fn: (element: T) => K): PCollection<KV<K, T>, W> {
    return this.pipeline.applyTo(this, keyBy<T, K, W>(name, fn));
  }

  /** Changes the value of each KV and keeps its key. */
  mapValues<K, V, U extends AnyElement>(
    this: PCollection<KV<K, V>, W>,
    name: string,
    fn: (value: V) => U | Promise<U>,
  ): PCollection<KV<K, U>, W> {
    return this.pipeline.applyTo(this, mapValues<K, V, U, W>(name, fn));
  }

  /** Applies a DoFn. With `outputs`, the result holds the main output as `main` and each tag by its name. */
  parDo<
    O extends AnyElement = never,
    D extends SideInputs = {},
    X extends OutputTags = {},
    S extends StateSpecs = {},
    M extends TimerSpecs = {},
  >(name: string, fn: DoFn<T, O, D, X, W, S, M>): ParDoOutput<O, NoInfer<X>, W> {
    return this.pipeline.applyTo(this, parDo<T, O, D, X, W, S, M>(name, fn));
  }

  /** Puts each element into windows, by its timestamp mostly; the next grouping works per window. */
  window<W2 extends Window>(windowFn: WindowFn<W2, T>, options?: WindowOptions): PCollection<T, W2> {
    return this.pipeline.applyTo(this, windowInto<T, W2>(windowFn, options));
  }

  /** All values of each key and window. The iterable may be larger than memory and can be read again. */
  groupByKey<K extends Key, V>(this: PCollection<KV<K, V>, W>, name?: string): PCollection<KV<K, Iterable<V>>, W> {
    return this.pipeline.applyTo(this, new GroupByKey<K, V, W>(name));
  }

  /** Combines all elements of each window into one; in the global window an empty input gives the empty result. */
  combine<A, R>(fn: CombineFn<T, A, R>, options?: CombineOptions): PCollection<R, W> {
    return this.pipeline.applyTo(this, combineGlobally<T, A, R, W>(fn, options));
  }

  /** Combines the values of each key and window. */
  combinePerKey<K extends Key, V, A, R>(
    this: PCollection<KV<K, V>, W>,
    fn: CombineFn<V, A, R>,
    options?: CombineOptions,
  ): PCollection<KV<K, R>, W> {
    return this.pipeline.applyTo(this, combinePerKey<K, V, A, R, W>(fn, options));
  }

  /** The element-wise methods with a dead-letter output: `{ main, errors }` instead of a failing pipeline. */
  withErrors<R = T>(options?: WithErrorsOptions<T, R>): ErrorCatcher<T, W, R> {
    return new ErrorCatcher(this, options);
  }

  /**
   * The methods that work per key and window with an output of the elements that come too late for them: `{ main, late }`.
   * Otherwise these are dropped, and counted as `droppedDueToLateness`.
   */
  withLateOutput(): LateCatcher<T, W> {
    return new LateCatcher(this);
  }

  /**
   * Keeps the elements for the program: after the run, `result.elements(ticket)` gives them as an array, in no particular
   * order. For results that fit into memory; write larger ones to files.
   */
  collect(name = 'Collect'): Collected<T> {
    return collect(this, name);
  }

  /** Sets the coder of the elements, for what crosses languages, files and versions. */
  withCoder<C>(this: PCollection<NoInfer<C>, W>, coder: Coder<C>): PCollection<T, W> {
    checkCoder(this.node.id, coder as Coder<unknown>);
    this.node.coder = coder as Coder<unknown>;
    return this as unknown as PCollection<T, W>;
  }
}
