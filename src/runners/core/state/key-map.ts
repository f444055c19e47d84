import type { KeyId } from './key-identity.ts';

/** Entries from which on a map is in parts. */
const WHOLE = 1 << 16;
const PARTS = 64;

/**
 * A Map by key that never stands still for long: one of V8's that has a million keys takes 100 ms to double, and none takes
 * more than 2^24. So a large one is cut into parts, each of which grows by itself.
 */
export class KeyMap<V> {
  #parts: Map<KeyId, V>[] = [new Map()];
  /** One less than the number of parts, which is a power of two. */
  #mask = 0;
  size = 0;

  get(key: KeyId): V | undefined {
    return this.#partOf(key).get(key);
  }

  set(key: KeyId, value: V): void {
    const part = this.#partOf(key);
    const before = part.size;
    part.set(key, value);
    this.size += part.size - before;
    if (this.size > WHOLE && this.#mask === 0) this.#cut();
  }

  delete(key: KeyId): void {
    if (this.#partOf(key).delete(key)) this.size--;
  }

  /** The values, in no particular order, but for those that have gone meanwhile; when the map is cut there are no more. */
  *values(): Generator<V> {
    for (const part of this.#parts) yield* part.values();
  }

  clear(): void {
    this.#parts = [new Map()];
    this.#mask = 0;
    this.size = 0;
  }

  #partOf(key: KeyId): Map<KeyId, V> {
    return this.#parts[this.#mask === 0 ? 0 : hashOf(key) & this.#mask];
  }

  #cut(): void {
    const [whole] = this.#parts;
    this.#parts = Array.from({ length: PARTS }, () => new Map());
    this.#mask = PARTS - 1;
    for (const [key, value] of whole) this.#partOf(key).set(key, value);
    whole.clear();
  }
}

/** A number of which the lowest bits tell keys apart well enough. */
function hashOf(key: KeyId): number {
  switch (typeof key) {
    case 'number':
      return key ^ (key >> 6) ^ (key >> 12);
    case 'string': {
      const last = key.length - 1;
      return last < 0 ? 0 : key.charCodeAt(last) ^ (key.charCodeAt(last >> 1) << 1) ^ (key.charCodeAt(last - 1) << 3);
    }
    case 'bigint':
      return Number(BigInt.asIntN(32, key));
    default:
      return key ? 1 : 0;
  }
}
