import type { ByteReader } from '../../coders/byte-reader.ts';
import type { ByteWriter } from '../../coders/byte-writer.ts';
import { type Coder, firstNonDeterministic, wrongType } from '../../coders/coder.ts';

/** A value of one of several collections, with the number of its collection (Beam's RawUnionValue). */
export class TaggedValue {
  readonly tag: number;
  readonly value: unknown;

  constructor(tag: number, value: unknown) {
    this.tag = tag;
    this.value = value;
  }
}

/** The tag as a varint, then the value in the coder of its collection (Beam's UnionCoder). */
export class UnionCoder implements Coder<TaggedValue> {
  readonly urn = 'millrace:coder:union:v1';
  readonly components: readonly Coder<unknown>[];
  readonly nonDeterministic: string | undefined;

  constructor(components: readonly Coder<unknown>[]) {
    this.components = components;
    this.nonDeterministic = firstNonDeterministic(components);
  }

  encode(tagged: TaggedValue, out: ByteWriter, nested: boolean): void {
    if (!(tagged instanceof TaggedValue)) throw wrongType('a TaggedValue', tagged);
    out.varint(tagged.tag);
    this.components[tagged.tag].encode(tagged.value, out, nested);
  }

  decode(input: ByteReader, nested: boolean): TaggedValue {
    const tag = input.varint();
    if (tag >= this.components.length) throw input.malformed(`The tag ${tag} of ${this.components.length}`);
    return new TaggedValue(tag, this.components[tag].decode(input, nested));
  }
}
