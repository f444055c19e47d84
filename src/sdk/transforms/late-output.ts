import type { CombineOptions } from '../combine/combine.ts';
import { combinePerKey } from '../combine/combine.ts';
import type { CombineFn } from '../combine/combine-fn.ts';
import type { PCollection } from '../pipeline/p-collection.ts';
import type { StateSpecs } from '../state/state-spec.ts';
import type { TimerSpecs } from '../state/timer.ts';
import type { AnyElement, Key, KV } from '../values.ts';
import type { Window } from '../windows/window.ts';
import type { DoFn, OutputTags, SideInputs } from './do-fn.ts';
import { GroupByKey } from './group-by-key.ts';
import { type ParDoWithLate, parDo } from './par-do.ts';

/**
 * Results of a transform that works per key and window, and the elements that were too late for it. Those have an unlimited
 * allowed lateness in their windows, so that no grouping behind drops them again: it fires at each of them.
 */
export type WithLate<T, U, W extends Window> = {
  readonly main: PCollection<U, W>;
  readonly late: PCollection<T, W>;
};

/** The methods of a PCollection that drop what comes too late, each with an output for it. */
export class LateCatcher<T, W extends Window> {
  readonly #input: PCollection<T, W>;

  constructor(input: PCollection<T, W>) {
    this.#input = input;
  }

  groupByKey<K extends Key, V>(
    this: LateCatcher<KV<K, V>, W>,
    name?: string,
  ): WithLate<KV<K, V>, KV<K, Iterable<V>>, W> {
    return this.#input.pipeline.applyTo(this.#input, new GroupByKey<K, V, W>(name).withLateOutput());
  }

  combinePerKey<K extends Key, V, A, R>(
    this: LateCatcher<KV<K, V>, W>,
    fn: CombineFn<V, A, R>,
    options?: CombineOptions,
  ): WithLate<KV<K, V>, KV<K, R>, W> {
    return this.#input.pipeline.applyTo(this.#input, combinePerKey<K, V, A, R, W>(fn, options).withLateOutput());
  }

  /** The DoFn must have state or timers, or want its input by time: others drop nothing. */
  parDo<
    O extends AnyElement = never,
    D extends SideInputs = {},
    X extends OutputTags = {},
    S extends StateSpecs = {},
    M extends TimerSpecs = {},
  >(name: string, fn: DoFn<T, O, D, X, W, S, M>): ParDoWithLate<T, O, NoInfer<X>, W> {
    return this.#input.pipeline.applyTo(this.#input, parDo<T, O, D, X, W, S, M>(name, fn).withLateOutput());
  }
}
