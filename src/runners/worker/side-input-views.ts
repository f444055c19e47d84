import { PipelineError } from '../../sdk/errors.ts';
import type { SideInputNode } from '../../sdk/graph/graph.ts';
import { type Key, type KV, keyText } from '../../sdk/values.ts';

/** Builds the view of a side input from its elements in one window. */
export function buildView(name: string, side: SideInputNode, elements: Iterable<unknown>): unknown {
  switch (side.view) {
    case 'iterable':
      return elements;
    case 'list':
      return [...elements];
    case 'singleton':
      return singleton(name, side, elements);
    case 'map':
      return mapView(name, elements as Iterable<KV<Key, unknown>>);
    case 'multimap':
      return multimapView(elements as Iterable<KV<Key, unknown>>);
  }
}

function singleton(name: string, side: SideInputNode, elements: Iterable<unknown>): unknown {
  let count = 0;
  let only: unknown;
  for (const element of elements) {
    only = element;
    if (++count > 1) break;
  }
  if (count === 1) return only;
  if (count === 0 && side.fallback !== undefined) return side.fallback.value;
  throw new PipelineError(
    'SIDE_INPUT_SINGLETON',
    `Side input '${name}' is read as a singleton and has ${count === 0 ? 'no element' : 'more than one element'}`,
    {
      hint:
        count === 0
          ? 'give asSingleton a fallback, or combine() the collection in the global window'
          : 'combine() the collection first, or read it with asList or asIterable',
    },
  );
}

function mapView(name: string, elements: Iterable<KV<Key, unknown>>): ReadonlyMap<Key, unknown> {
  const map = new ContentMap<unknown>();
  for (const [key, value] of elements) {
    if (map.has(key)) {
      throw new PipelineError('SIDE_INPUT_DUPLICATE_KEY', `Side input '${name}' has the key ${keyText(key)} twice`, {
        hint: 'read it with asMultimap, or combine the values per key first',
      });
    }
    map.set(key, value);
  }
  return map;
}

function multimapView(elements: Iterable<KV<Key, unknown>>): ReadonlyMap<Key, readonly unknown[]> {
  const map = new ContentMap<unknown[]>();
  for (const [key, value] of elements) {
    const values = map.get(key);
    if (values === undefined) map.set(key, [value]);
    else values.push(value);
  }
  return map;
}

/** A Map that compares bytes and tuples by content, as grouping does, and other keys as a Map. */
class ContentMap<V> extends Map<Key, V> {
  /** The key object under which a bytes or tuple key is stored, by its content. */
  readonly #canonical = new Map<string, Key>();

  #find(key: Key): Key {
    if (typeof key !== 'object' || key === null) return key;
    return this.#canonical.get(keyText(key)) ?? key;
  }

  override get(key: Key): V | undefined {
    return super.get(this.#find(key));
  }

  override has(key: Key): boolean {
    return super.has(this.#find(key));
  }

  override set(key: Key, value: V): this {
    const found = this.#find(key);
    if (typeof key === 'object' && key !== null && found === key) {
      this.#canonical.set(keyText(key), key);
    }
    return super.set(found, value);
  }
}
