import type { KV } from '../values.ts';
import type { ByteReader } from './byte-reader.ts';
import type { ByteWriter } from './byte-writer.ts';
import { type Coder, firstNonDeterministic, wrongType } from './coder.ts';

/** `beam:coder:kv:v1`: the key, always nested, then the value. */
export class KvCoder<K, V> implements Coder<KV<K, V>> {
  readonly urn = 'beam:coder:kv:v1';
  readonly components: readonly [Coder<K>, Coder<V>];
  readonly nonDeterministic: string | undefined;

  constructor(key: Coder<K>, value: Coder<V>) {
    this.components = [key, value];
    this.nonDeterministic = firstNonDeterministic(this.components);
  }

  encode(value: KV<K, V>, out: ByteWriter, nested: boolean): void {
    if (!Array.isArray(value) || value.length !== 2) throw wrongType('a [key, value] pair', value);
    this.components[0].encode(value[0], out, true);
    this.components[1].encode(value[1], out, nested);
  }

  decode(input: ByteReader, nested: boolean): KV<K, V> {
    const key = this.components[0].decode(input, true);
    return [key, this.components[1].decode(input, nested)];
  }
}

export function kvCoder<K, V>(key: Coder<K>, value: Coder<V>): KvCoder<K, V> {
  return new KvCoder(key, value);
}
