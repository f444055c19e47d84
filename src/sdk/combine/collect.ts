import type { Coder } from '../coders/coder.ts';
import { defaultCoder } from '../coders/default-coder.ts';
import { mapCoder } from '../coders/map-coder.ts';
import { UserCodeError } from '../errors.ts';
import type { KV } from '../values.ts';
import type { CombineFn } from './combine-fn.ts';
import { arrayCoderOf } from './element-coders.ts';

/** Values that a Map or Set finds by content, and not by identity. */
export type Primitive = string | number | bigint | boolean | null;

/** All inputs in one array, in no particular order (Beam's ToList). They must fit into memory. */
export function toList<T>(): CombineFn<T, T[], readonly T[]> {
  return {
    name: 'ToList',
    create: () => [],
    add(accumulator, input) {
      accumulator.push(input);
      return accumulator;
    },
    merge(accumulators) {
      let merged: T[] | undefined;
      for (const accumulator of accumulators) {
        if (merged === undefined) merged = accumulator;
        else for (const element of accumulator) merged.push(element);
      }
      return merged ?? [];
    },
    extract: (accumulator) => accumulator,
    accumulatorCoder: (input) => arrayCoderOf(input) as Coder<T[]>,
    outputCoder: arrayCoderOf,
  };
}

/** The distinct inputs (Beam's ToSet). They must fit into memory. */
export function toSet<T extends Primitive>(): CombineFn<T, Set<T>, ReadonlySet<T>> {
  return {
    name: 'ToSet',
    create: () => new Set(),
    add: (accumulator, input) => accumulator.add(input),
    merge(accumulators) {
      let merged: Set<T> | undefined;
      for (const accumulator of accumulators) {
        if (merged === undefined) merged = accumulator;
        else for (const element of accumulator) merged.add(element);
      }
      return merged ?? new Set();
    },
    extract: (accumulator) => accumulator,
  };
}

/** What a map does with a second value of the same key: nothing is dropped silently. */
export interface ToMapOptions<V> {
  /** The value to keep; must be associative and commutative. Without it a second value is an error. */
  readonly onDuplicate?: (a: V, b: V) => V;
}

/**
 * The inputs as one map (Beam's ToDict). It must fit into memory.
 *
 * @throws UserCodeError `DUPLICATE_KEY` while the pipeline runs, when a key comes twice and `onDuplicate` is not given
 */
export function toMap<K extends Primitive, V>(
  options: ToMapOptions<V> = {},
): CombineFn<KV<K, V>, Map<K, V>, ReadonlyMap<K, V>> {
  const { onDuplicate } = options;
  function put(map: Map<K, V>, key: K, value: V): void {
    if (!map.has(key)) map.set(key, value);
    else if (onDuplicate !== undefined) map.set(key, onDuplicate(map.get(key) as V, value));
    else {
      throw new UserCodeError('DUPLICATE_KEY', `toMap() found two values for the key ${JSON.stringify(String(key))}`, {
        final: true,
        hint: 'combine the values of a key first, or give onDuplicate',
      });
    }
  }
  return {
    name: 'ToMap',
    create: () => new Map(),
    add(accumulator, [key, value]) {
      put(accumulator, key, value);
      return accumulator;
    },
    merge(accumulators) {
      let merged: Map<K, V> | undefined;
      for (const accumulator of accumulators) {
        if (merged === undefined) merged = accumulator;
        else for (const [key, value] of accumulator) put(merged, key, value);
      }
      return merged ?? new Map();
    },
    extract: (accumulator) => accumulator,
    accumulatorCoder: (input) => mapCoderOf(input) as Coder<Map<K, V>>,
    outputCoder: mapCoderOf,
  };
}

/** Of maps, from the coder of their entries. */
function mapCoderOf<K, V>(entry: Coder<KV<K, V>>): Coder<ReadonlyMap<K, V>> {
  const [key, value] = entry.components;
  const isKv = entry.urn === 'beam:coder:kv:v1' && value !== defaultCoder;
  return isKv ? mapCoder(key as Coder<K>, value as Coder<V>) : (defaultCoder as Coder<ReadonlyMap<K, V>>);
}
