/** Values whose standard coder is deterministic: the only ones usable as keys. */
export type Key = string | number | bigint | boolean | null | Uint8Array | readonly Key[];

/** A key and a value, as a two-element array. */
export type KV<K, V> = readonly [key: K, value: V];

/** Builds a KV; the same as writing `[key, value]`, with the tuple type kept. */
export function kv<K, V>(key: K, value: V): KV<K, V> {
  return [key, value];
}
