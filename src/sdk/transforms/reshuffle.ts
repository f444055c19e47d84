import type { PCollection } from '../pipeline/p-collection.ts';
import type { PTransform } from '../pipeline/p-transform.ts';
import type { Window } from '../windows/window.ts';

/** Spreads elements evenly over all workers and keeps them for retries; a barrier to fusion (Beam's Reshuffle). */
export function reshuffle<T, W extends Window>(name = 'Reshuffle'): PTransform<PCollection<T, W>, PCollection<T, W>> {
  return {
    name,
    expand: (input) =>
      input.pipeline.primitive(input, { kind: 'reshuffle' }, { main: input.node.coder }).main as PCollection<T, W>,
  };
}

/**
 * Asks for elements to be spread anew, with nothing said about keys or order (Beam's Redistribute.arbitrarily); what
 * `reshuffle` does, under the name that says why.
 */
export function redistribute<T, W extends Window>(
  name = 'Redistribute',
): PTransform<PCollection<T, W>, PCollection<T, W>> {
  return reshuffle(name);
}
