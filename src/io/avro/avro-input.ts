import { ByteReader } from '../../sdk/index.ts';

/** Deepest nesting of records that a value may have: a recursive schema sets no bound of its own. */
const MAX_DEPTH = 256;

/** Reads the primitive encodings of Avro. Every method throws a CoderError on truncated or malformed input. */
export class AvroInput extends ByteReader {
  #depth = 0;

  /** A zigzag varint of 32 bits. */
  int(): number {
    const value = this.varint();
    if (value > 0xffffffff) throw this.malformed('An int beyond 32 bits');
    return (value >>> 1) ^ -(value & 1);
  }

  /** A zigzag varint of 64 bits. */
  long(): bigint {
    const small = this.#smallLong();
    return small === undefined ? this.#largeLong() : BigInt(small);
  }

  /** A zigzag varint of 64 bits as the nearest number. */
  longAsNumber(): number {
    return this.#smallLong() ?? Number(this.#largeLong());
  }

  /** A zigzag varint that must be a safe integer: lengths, counts, and int64 values wanted as numbers. */
  safeLong(): number {
    const value = this.longAsNumber();
    if (!Number.isSafeInteger(value)) throw this.malformed('A long beyond 2^53');
    return value;
  }

  /** A length or count. */
  size(): number {
    const value = this.safeLong();
    if (value < 0) throw this.malformed(`The length ${value}`);
    return value;
  }

  floatLE(): number {
    return this.bytes.readFloatLE(this.take(4));
  }

  doubleLE(): number {
    return this.bytes.readDoubleLE(this.take(8));
  }

  enter(): void {
    if (this.#depth === MAX_DEPTH) throw this.malformed(`Records nested deeper than ${MAX_DEPTH}`);
    this.#depth++;
  }

  leave(): void {
    this.#depth--;
  }

  override reset(bytes: Uint8Array, start?: number, end?: number): this {
    this.#depth = 0;
    return super.reset(bytes, start, end);
  }

  /** Up to 7 bytes, which is what nearly all longs take; `undefined` and nothing read when it is longer. */
  #smallLong(): number | undefined {
    const { bytes, end } = this;
    let at = this.position;
    let value = 0;
    for (let scale = 1; scale <= 0x40000000000; scale *= 128) {
      if (at >= end) throw this.truncated(1);
      const byte = bytes[at++];
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) {
        this.position = at;
        return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
      }
    }
    return undefined;
  }

  #largeLong(): bigint {
    const value = BigInt.asUintN(64, this.varint64());
    return (value >> 1n) ^ -(value & 1n);
  }
}
