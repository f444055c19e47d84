import type { ByteReader } from './byte-reader.ts';
import type { ByteWriter } from './byte-writer.ts';
import { bytesCoder } from './bytes-coder.ts';
import type { Coder } from './coder.ts';

/** A key and the shard of its values, so that one hot key can be worked on in several places. */
export interface ShardedKey<K> {
  readonly key: K;
  /** Opaque; unique among the shards of the key. */
  readonly shardId: Uint8Array;
}

/** `beam:coder:sharded_key:v1`: the shard id, then the key, both nested. */
export class ShardedKeyCoder<K> implements Coder<ShardedKey<K>> {
  readonly urn = 'beam:coder:sharded_key:v1';
  readonly components: readonly [Coder<K>];
  readonly nonDeterministic: string | undefined;

  constructor(key: Coder<K>) {
    this.components = [key];
    this.nonDeterministic = key.nonDeterministic;
  }

  encode(value: ShardedKey<K>, out: ByteWriter, _nested: boolean): void {
    bytesCoder.encode(value.shardId, out, true);
    this.components[0].encode(value.key, out, true);
  }

  decode(input: ByteReader, _nested: boolean): ShardedKey<K> {
    const shardId = bytesCoder.decode(input, true);
    return { key: this.components[0].decode(input, true), shardId };
  }
}
