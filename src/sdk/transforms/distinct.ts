import type { Coder } from '../coders/coder.ts';
import { any } from '../combine/any.ts';
import { combinePerKey } from '../combine/combine.ts';
import type { CombineFn } from '../combine/combine-fn.ts';
import type { PCollection } from '../pipeline/p-collection.ts';
import { type PTransform, transform } from '../pipeline/p-transform.ts';
import type { Key, KV } from '../values.ts';
import type { Window } from '../windows/window.ts';
import { keyBy, keys, map } from './element-wise.ts';

/**
 * Each element once per window (Beam's Distinct). Elements that are no keys need `by`: of the elements for which it
 * gives equal values any one is kept (Beam's withRepresentativeValueFn).
 */
export function distinct<T extends Key, W extends Window>(): PTransform<PCollection<T, W>, PCollection<T, W>>;
export function distinct<T, W extends Window>(
  by: (element: T) => Key,
): PTransform<PCollection<T, W>, PCollection<T, W>>;
export function distinct<T, W extends Window>(
  by?: (element: T) => Key,
): PTransform<PCollection<T, W>, PCollection<T, W>> {
  return by === undefined
    ? (distinctKeys<Key, W>() as unknown as PTransform<PCollection<T, W>, PCollection<T, W>>)
    : distinctBy(by);
}

const PRESENT: CombineFn<null, null, null> = {
  name: 'Present',
  create: () => null,
  add: () => null,
  merge: () => null,
  extract: () => null,
};

function distinctKeys<T extends Key, W extends Window>(): PTransform<PCollection<T, W>, PCollection<T, W>> {
  return transform('Distinct', (input) =>
    input
      .apply(map<T, KV<T, null>, W>('ElementAsKey', (element) => [element, null]))
      .apply(combinePerKey<T, null, null, null, W>(PRESENT))
      .apply(keys<T, null, W>()),
  );
}

function distinctBy<T, W extends Window>(by: (element: T) => Key): PTransform<PCollection<T, W>, PCollection<T, W>> {
  return transform('Distinct', (input) =>
    input
      .apply(keyBy<T, Key, W>('RepresentativeAsKey', by))
      .apply(combinePerKey<Key, T, T[], readonly T[], W>(any(1)))
      .apply(map<KV<Key, readonly T[]>, T, W>('Element', ([, [element]]) => element))
      .withCoder(input.node.coder as Coder<T>),
  );
}
