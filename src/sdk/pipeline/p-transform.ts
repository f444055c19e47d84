import type { Window } from '../windows/window.ts';
import type { PCollection } from './p-collection.ts';

/** What a transform may return: nothing, one collection, or several by name. */
export type POutput = void | PCollection<unknown, Window> | { readonly [name: string]: PCollection<unknown, Window> };

/**
 * A step of a pipeline: takes a collection (or the pipeline's begin) and applies further transforms to it. `expand`
 * runs while the pipeline is built, on every worker, and must always build the same graph.
 */
export interface PTransform<I, O extends POutput> {
  /** Default name of the application; must be unique among its siblings or is made so by a suffix. */
  readonly name: string;
  expand(input: I): O;
  /** Type carrier, never set: without it a transform of numbers would take numbers and nulls. */
  readonly __input?: (input: I) => void;
}

/**
 * A composite from a function: `const countWords = transform('CountWords', (lines: PCollection<string>) => …)`. What is
 * to work in every windowing passes the window type on:
 *
 * ```ts
 * const countWords = <W extends Window>() =>
 *   transform('CountWords', (lines: PCollection<string, W>) => lines.flatMap(…).apply(Count.perElement()));
 * ```
 */
export function transform<I, O extends POutput>(name: string, expand: (input: I) => O): PTransform<I, O> {
  return { name, expand };
}
