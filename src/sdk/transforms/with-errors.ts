import type { PCollection } from '../pipeline/p-collection.ts';
import type { StateSpecs } from '../state/state-spec.ts';
import type { TimerSpecs } from '../state/timer.ts';
import type { AnyElement, Key, KV } from '../values.ts';
import type { Window } from '../windows/window.ts';
import type { DoFn, SideInputs } from './do-fn.ts';
import { filter, flatMap, keyBy, map, mapValues, type WithErrors } from './element-wise.ts';
import { parDoWithErrors } from './par-do.ts';

/** Options of a dead-letter output. */
export interface WithErrorsOptions<T, R = T> {
  /** What is kept of an element that fails, in the dead-letter output and in messages; default all of it. */
  redact?(element: T): R;
}

/** The element-wise methods of a PCollection, each with a dead-letter output. */
export class ErrorCatcher<T, W extends Window, R = T> {
  readonly #input: PCollection<T, W>;
  readonly #options: WithErrorsOptions<T, R> | undefined;

  constructor(input: PCollection<T, W>, options: WithErrorsOptions<T, R> | undefined) {
    this.#input = input;
    this.#options = options;
  }

  map<U extends AnyElement>(name: string, fn: (element: T) => U | Promise<U>): WithErrors<R, U, W> {
    return this.#input.pipeline.applyTo(this.#input, map<T, U, W>(name, fn).withErrors(this.#options));
  }

  flatMap<U extends AnyElement>(
    name: string,
    fn: (element: T) => Iterable<U> | AsyncIterable<U> | Promise<Iterable<U>>,
  ): WithErrors<R, U, W> {
    return this.#input.pipeline.applyTo(this.#input, flatMap<T, U, W>(name, fn).withErrors(this.#options));
  }

  filter(name: string, fn: (element: T) => boolean | Promise<boolean>): WithErrors<R, T, W> {
    return this.#input.pipeline.applyTo(this.#input, filter<T, W>(name, fn).withErrors(this.#options));
  }

  keyBy<K extends Key>(name: string, fn: (element: T) => K): WithErrors<R, KV<K, T>, W> {
    return this.#input.pipeline.applyTo(this.#input, keyBy<T, K, W>(name, fn).withErrors(this.#options));
  }

  mapValues<K, V, U extends AnyElement>(
    this: ErrorCatcher<KV<K, V>, W, R>,
    name: string,
    fn: (value: V) => U | Promise<U>,
  ): WithErrors<R, KV<K, U>, W> {
    return this.#input.pipeline.applyTo(this.#input, mapValues<K, V, U, W>(name, fn).withErrors(this.#options));
  }

  /**
   * `process` of an element that fails has emitted nothing. The DoFn cannot have outputs of its own. What it has written to
   * state and set as timers until it failed stays; what `onTimer` and `onWindowExpiration` throw fails the job.
   */
  parDo<O extends AnyElement = never, D extends SideInputs = {}, S extends StateSpecs = {}, M extends TimerSpecs = {}>(
    name: string,
    fn: DoFn<T, O, D, {}, W, S, M>,
  ): WithErrors<R, O, W> {
    return this.#input.pipeline.applyTo(this.#input, parDoWithErrors<T, O, D, W, R, S, M>(name, fn, this.#options));
  }
}
