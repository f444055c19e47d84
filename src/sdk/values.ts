/** Values whose standard coder is deterministic: the only ones usable as keys. */
export type Key = string | number | bigint | boolean | null | Uint8Array | readonly Key[];

/**
 * Any element at all. As the constraint of an output's type parameter it makes the compiler take `[key, value]` for a
 * pair; with `unknown` it would take it for an array of either.
 */
export type AnyElement = {} | null | undefined | void | readonly [unknown, unknown];

/** A key and a value, as a two-element array. */
export type KV<K, V> = readonly [key: K, value: V];

/** Builds a KV; the same as writing `[key, value]`, with the tuple type kept. */
export function kv<K, V>(key: K, value: V): KV<K, V> {
  return [key, value];
}

/** A text that is the same for equal keys and differs for different ones; also good to read. */
export function keyText(key: Key): string {
  if (typeof key === 'string') return JSON.stringify(key);
  if (typeof key === 'bigint') return `${key}n`;
  if (key instanceof Uint8Array) return `bytes:${Buffer.from(key).toString('hex')}`;
  if (Array.isArray(key)) return `[${key.map(keyText).join(',')}]`;
  return String(key === 0 ? 0 : key);
}
