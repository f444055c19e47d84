import type { Key, KV } from '../values.ts';
import type { Window } from '../windows/window.ts';
import { type ElementWise, flatMap, keyBy, map } from './element-wise.ts';

/** Pairs each element with a key: one for all, or the function's (Beam's WithKeys; `keyBy` under a name of your own). */
export function withKeys<T, K extends Key, W extends Window>(
  key: K | ((element: T) => K),
): ElementWise<T, KV<K, T>, W> {
  return keyBy<T, K, W>('WithKeys', typeof key === 'function' ? key : () => key);
}

/** Makes keys values and values keys (Beam's KvSwap). */
export function kvSwap<K, V, W extends Window>(name = 'KvSwap'): ElementWise<KV<K, V>, KV<V, K>, W> {
  return map<KV<K, V>, KV<V, K>, W>(name, ([key, value]) => [value, key]);
}

/** The elements of iterables (Beam's Flatten.iterables). */
export function flattenIterables<T, W extends Window>(name = 'FlattenIterables'): ElementWise<Iterable<T>, T, W> {
  return flatMap<Iterable<T>, T, W>(name, (elements) => elements);
}
