import type { FieldType } from '../schema/schema.ts';
import type { ByteReader } from './byte-reader.ts';
import type { ByteWriter } from './byte-writer.ts';
import { type Coder, type FieldCoder, wrongType } from './coder.ts';
import { chargeEmpty } from './elements.ts';

/** The MAP of rows: a count, then key and value of each entry, nested. */
export class MapCoder<K, V> implements Coder<ReadonlyMap<K, V>> {
  readonly urn = 'millrace:coder:map:v1';
  readonly components: readonly [Coder<K>, Coder<V>];
  readonly nonDeterministic = 'the entries of a map are encoded in the order in which it was filled';
  readonly fieldType?: FieldType;

  constructor(key: Coder<K>, value: Coder<V>) {
    this.components = [key, value];
    if (key.fieldType !== undefined && value.fieldType !== undefined) {
      this.fieldType = { kind: 'map', key: key.fieldType, value: value.fieldType };
    }
  }

  encode(map: ReadonlyMap<K, V>, out: ByteWriter, _nested: boolean): void {
    if (!(map instanceof Map)) throw wrongType('a Map', map);
    const [keyCoder, valueCoder] = this.components;
    out.uint32(map.size);
    for (const [key, value] of map) {
      keyCoder.encode(key, out, true);
      valueCoder.encode(value, out, true);
    }
  }

  decode(input: ByteReader, _nested: boolean): ReadonlyMap<K, V> {
    const [keyCoder, valueCoder] = this.components;
    const count = input.int32();
    if (count < 0) throw input.malformed(`An entry count of ${count}`);
    const map = new Map<K, V>();
    for (let i = 0; i < count; i++) {
      const at = input.position;
      const key = keyCoder.decode(input, true);
      map.set(key, valueCoder.decode(input, true));
      if (input.position === at) chargeEmpty(input, i);
    }
    return map;
  }
}

export function mapCoder<K, V>(key: FieldCoder<K>, value: FieldCoder<V>): FieldCoder<ReadonlyMap<K, V>>;
export function mapCoder<K, V>(key: Coder<K>, value: Coder<V>): Coder<ReadonlyMap<K, V>>;
export function mapCoder<K, V>(key: Coder<K>, value: Coder<V>): Coder<ReadonlyMap<K, V>> {
  return new MapCoder(key, value);
}
