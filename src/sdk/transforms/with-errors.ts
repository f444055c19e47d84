import type { PCollection } from '../pipeline/p-collection.ts';
import type { AnyElement } from '../values.ts';
import type { Window } from '../windows/window.ts';
import { filter, flatMap, map, type WithErrors } from './element-wise.ts';

/** Options of a dead-letter output. */
export interface WithErrorsOptions<T> {
  /** Shortens or blanks an element before it is kept. */
  redact?(element: T): unknown;
}

/** The element-wise methods of a PCollection, each with a dead-letter output. */
export class ErrorCatcher<T, W extends Window> {
  readonly #input: PCollection<T, W>;
  readonly #options: WithErrorsOptions<T> | undefined;

  constructor(input: PCollection<T, W>, options: WithErrorsOptions<T> | undefined) {
    this.#input = input;
    this.#options = options;
  }

  map<U extends AnyElement>(name: string, fn: (element: T) => U | Promise<U>): WithErrors<T, U, W> {
    return this.#input.pipeline.applyTo(this.#input, map<T, U, W>(name, fn).withErrors(this.#options));
  }

  flatMap<U extends AnyElement>(
    name: string,
    fn: (element: T) => Iterable<U> | AsyncIterable<U> | Promise<Iterable<U>>,
  ): WithErrors<T, U, W> {
    return this.#input.pipeline.applyTo(this.#input, flatMap<T, U, W>(name, fn).withErrors(this.#options));
  }

  filter(name: string, fn: (element: T) => boolean | Promise<boolean>): WithErrors<T, T, W> {
    return this.#input.pipeline.applyTo(this.#input, filter<T, W>(name, fn).withErrors(this.#options));
  }
}
