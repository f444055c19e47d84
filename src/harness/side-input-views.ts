import { ByteWriter } from '../sdk/coders/byte-writer.ts';
import { keyCoder } from '../sdk/coders/default-coder.ts';
import { PipelineError } from '../sdk/errors.ts';
import type { SideInputNode } from '../sdk/graph/graph.ts';
import { notPairs } from '../sdk/transforms/side-input.ts';
import { type Key, keyText } from '../sdk/values.ts';

/**
 * Builds the view of a side input from its elements in one window. All elements of a worker read the same view, so it
 * cannot be changed; `deep` freezes what is in it too.
 */
export function buildView(name: string, side: SideInputNode, elements: Iterable<unknown>, deep: boolean): unknown {
  switch (side.view) {
    case 'iterable':
      return elements;
    case 'list':
      return Object.freeze(Array.from(elements, (element) => (deep ? freezeDeep(element) : element)));
    case 'singleton': {
      const only = singleton(name, side, elements);
      return deep && only !== side.fallback?.value ? freezeDeep(only) : only;
    }
    case 'map':
      return mapView(name, elements, deep);
    case 'multimap':
      return multimapView(name, elements, deep);
  }
}

/** Freezes arrays and plain objects all the way down; they were decoded for the view, so nobody else holds them. */
function freezeDeep<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  if (!Array.isArray(value) && Object.getPrototypeOf(value) !== Object.prototype) return value;
  Object.freeze(value);
  for (const part of Object.values(value)) freezeDeep(part);
  return value;
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

function mapView(name: string, elements: Iterable<unknown>, deep: boolean): ReadonlyMap<Key, unknown> {
  const map = new ContentMap<unknown>(name);
  for (const [key, value] of pairs(name, 'map', elements, deep)) {
    if (map.has(key)) {
      throw new PipelineError('SIDE_INPUT_DUPLICATE_KEY', `Side input '${name}' has the key ${keyText(key)} twice`, {
        hint: 'read it with asMultimap, or combine the values per key first',
      });
    }
    map.set(key, value);
  }
  map.seal();
  return map;
}

function multimapView(name: string, elements: Iterable<unknown>, deep: boolean): ReadonlyMap<Key, readonly unknown[]> {
  const map = new ContentMap<unknown[]>(name);
  for (const [key, value] of pairs(name, 'multimap', elements, deep)) {
    const values = map.get(key);
    if (values === undefined) map.set(key, [value]);
    else values.push(value);
  }
  for (const values of map.values()) Object.freeze(values);
  map.seal();
  return map;
}

function* pairs(
  name: string,
  view: 'map' | 'multimap',
  elements: Iterable<unknown>,
  deep: boolean,
): Generator<readonly [Key, unknown]> {
  const scratch = new ByteWriter(64);
  for (const element of elements) {
    if (!Array.isArray(element) || element.length !== 2) throw notPairs(name, view);
    const [key, value] = element;
    // Refuses what has no equality of its own, as grouping would.
    if (typeof key !== 'string' && typeof key !== 'number') {
      scratch.clear();
      keyCoder.encode(key, scratch, false);
    }
    yield [key, deep ? freezeDeep(value) : value];
  }
}

/** A Map that compares bytes and tuples by content, as grouping does, and other keys as a Map. */
class ContentMap<V> extends Map<Key, V> {
  readonly #name: string;
  #isSealed = false;
  /** The key object under which a bytes or tuple key is stored, by its content. */
  readonly #canonical = new Map<string, Key>();

  constructor(name: string) {
    super();
    this.#name = name;
  }

  /** From here on, changing the map is an error. */
  seal(): void {
    this.#isSealed = true;
  }

  #checkOpen(): void {
    if (!this.#isSealed) return;
    throw new PipelineError(
      'SIDE_INPUT_READ_ONLY',
      `Side input '${this.#name}' was changed by a function that reads it`,
      {
        hint: 'copy it first: new Map(sides.name)',
      },
    );
  }

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

  override delete(key: Key): boolean {
    this.#checkOpen();
    return super.delete(key);
  }

  override clear(): void {
    this.#checkOpen();
    super.clear();
  }

  override set(key: Key, value: V): this {
    this.#checkOpen();
    const found = this.#find(key);
    if (typeof key === 'object' && key !== null && found === key) {
      this.#canonical.set(keyText(key), key);
    }
    return super.set(found, value);
  }
}
