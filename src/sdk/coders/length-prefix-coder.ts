import type { ByteReader } from './byte-reader.ts';
import type { ByteWriter } from './byte-writer.ts';
import type { Coder } from './coder.ts';

/** `beam:coder:length_prefix:v1`: the outer encoding behind its length, so that a runner can pass over values it cannot read. */
export class LengthPrefixCoder<T> implements Coder<T> {
  readonly urn = 'beam:coder:length_prefix:v1';
  readonly components: readonly [Coder<T>];
  readonly nonDeterministic: string | undefined;

  constructor(value: Coder<T>) {
    this.components = [value];
    this.nonDeterministic = value.nonDeterministic;
  }

  encode(value: T, out: ByteWriter, _nested: boolean): void {
    // Most values are shorter than 128 bytes: leave one byte for the length and move the value if it needs more.
    const at = out.length;
    out.byte(0);
    this.components[0].encode(value, out, false);
    const size = out.length - at - 1;
    if (size < 0x80) {
      out.bytes[at] = size;
      return;
    }
    const end = out.length;
    out.varint(size);
    const prefix = out.length - end;
    out.bytes.copyWithin(at + prefix, at + 1, end);
    out.length = at;
    out.varint(size);
    out.length = at + prefix + size;
  }

  decode(input: ByteReader, _nested: boolean): T {
    const size = input.varint();
    const end = input.end;
    const valueEnd = input.take(size) + size;
    input.position = valueEnd - size;
    input.end = valueEnd;
    const value = this.components[0].decode(input, false);
    if (input.position !== valueEnd) throw input.malformed(`${valueEnd - input.position} bytes left behind a value`);
    input.end = end;
    return value;
  }
}

export function lengthPrefixCoder<T>(value: Coder<T>): LengthPrefixCoder<T> {
  return new LengthPrefixCoder(value);
}
