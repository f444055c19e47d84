import { defaultCoder } from '../coders/default-coder.ts';
import { PipelineError } from '../errors.ts';
import { checkCollection } from '../pipeline/check-collection.ts';
import type { PCollection } from '../pipeline/p-collection.ts';
import type { PTransform } from '../pipeline/p-transform.ts';
import { checkSameWindows } from '../windows/same-windows.ts';
import type { Window } from '../windows/window.ts';
import type { WindowingStrategy } from '../windows/windowing-strategy.ts';

type ElementOf<C> = C extends PCollection<infer T, infer _W> ? T : never;
type WindowOf<C> = C extends PCollection<infer _T, infer W> ? W : never;
/** Whether one member of a union covers all of it. */
type OneCovers<U, All = U> = U extends unknown ? ([All] extends [U] ? true : false) : never;
type WindowedAlike<C> = true extends OneCovers<WindowOf<C>> ? unknown : 'the collections must be windowed alike';

/**
 * All elements of several collections in one (Beam's Flatten); of collections of different types, the union.
 *
 * @throws PipelineError `FLATTEN_EMPTY` without a collection, `COLLECTION_INVALID`, `WINDOWS_DIFFER` when they are not windowed alike
 */
export function flatten<T, W extends Window>(
  collections: readonly PCollection<T, W>[],
  name?: string,
): PCollection<T, W>;
export function flatten<C extends PCollection<unknown, Window>>(
  collections: readonly (C & WindowedAlike<C>)[],
  name?: string,
): PCollection<ElementOf<C>, WindowOf<C>>;
export function flatten<T, W extends Window>(
  collections: readonly PCollection<T, W>[],
  name = 'Flatten',
): PCollection<T, W> {
  if (!Array.isArray(collections)) {
    throw new PipelineError('COLLECTION_INVALID', `'${name}' takes an array of collections`, {
      hint: 'flatten([a, b])',
    });
  }
  for (const [i, collection] of collections.entries()) checkCollection(`Input ${i + 1} of '${name}'`, collection);
  const [first] = collections as readonly PCollection<T, W>[];
  if (first === undefined) throw new PipelineError('FLATTEN_EMPTY', `'${name}' needs at least one collection`);
  const coders = new Set(collections.map(({ node }) => node.coder));
  const merge: PTransform<readonly PCollection<T, W>[], PCollection<T, W>> = {
    name,
    expand(inputs) {
      checkSameWindows(
        name,
        inputs.map(({ node }) => [node.id, node]),
      );
      const main = coders.size === 1 ? first.node.coder : defaultCoder;
      return first.pipeline.primitive(inputs, { kind: 'flatten' }, { main }, commonStrategy(inputs))
        .main as PCollection<T, W>;
    },
  };
  return first.pipeline.applyTo(collections, merge);
}

/** Sessions that are merged already may meet others that are not: the next grouping has to merge them all. */
function commonStrategy(inputs: readonly PCollection<unknown, Window>[]): WindowingStrategy {
  const [{ windowing }] = inputs.map(({ node }) => node);
  const alreadyMerged = inputs.every(({ node }) => node.windowing.alreadyMerged);
  return windowing.alreadyMerged === alreadyMerged ? windowing : { ...windowing, alreadyMerged };
}
