import { CoderError } from '../errors.ts';

const float = new DataView(new ArrayBuffer(8));
const floatBytes = new Uint8Array(float.buffer);

/**
 * An append-only byte buffer that grows by doubling. One writer is reused for many values; `bytes` and `length` are
 * public so that a hot loop can write in place after `reserve`.
 */
export class ByteWriter {
  bytes: Buffer;
  length = 0;
  /** Most bytes the writer may hold; a larger value is an encoding error, not an allocation failure. */
  readonly limit: number;

  constructor(capacity = 1024, limit = 0x7fffffff) {
    this.bytes = Buffer.allocUnsafeSlow(capacity);
    this.limit = limit;
  }

  /** Makes room for `count` more bytes and returns the offset where they start; does not advance. */
  reserve(count: number): number {
    const needed = this.length + count;
    if (needed > this.bytes.length) this.#grow(needed);
    return this.length;
  }

  #grow(needed: number): void {
    if (needed > this.limit) {
      throw new CoderError('CODER_TOO_LARGE', `An encoding of ${needed} bytes exceeds the limit of ${this.limit}`);
    }
    const grown = Buffer.allocUnsafeSlow(Math.min(this.limit, Math.max(needed, this.bytes.length * 2)));
    grown.set(this.bytes.subarray(0, this.length));
    this.bytes = grown;
  }

  clear(): void {
    this.length = 0;
  }

  /** A view of what was written; valid until the next write. */
  view(): Buffer {
    return this.bytes.subarray(0, this.length);
  }

  /** A copy of what was written. */
  copy(): Uint8Array {
    return Uint8Array.prototype.slice.call(this.bytes, 0, this.length);
  }

  byte(value: number): void {
    const at = this.reserve(1);
    this.bytes[at] = value;
    this.length = at + 1;
  }

  raw(source: Uint8Array): void {
    const at = this.reserve(source.length);
    this.bytes.set(source, at);
    this.length = at + source.length;
  }

  /** Base-128 varint of a non-negative integer up to 2^53 - 1. */
  varint(value: number): void {
    let at = this.reserve(8);
    const bytes = this.bytes;
    while (value >= 0x80) {
      if (value < 0x80000000) {
        bytes[at++] = (value & 0x7f) | 0x80;
        value >>>= 7;
      } else {
        bytes[at++] = (value % 128) | 0x80;
        value = Math.floor(value / 128);
      }
    }
    bytes[at++] = value;
    this.length = at;
  }

  /** Base-128 varint of a 64-bit integer; a negative one takes its two's complement (10 bytes). */
  varint64(value: bigint): void {
    if (value >= 0n && value <= 0x1fffffffffffffn) return this.varint(Number(value));
    let rest = BigInt.asUintN(64, value);
    let at = this.reserve(10);
    while (rest >= 0x80n) {
      this.bytes[at++] = Number(rest & 0x7fn) | 0x80;
      rest >>= 7n;
    }
    this.bytes[at++] = Number(rest);
    this.length = at;
  }

  uint32(value: number): void {
    const at = this.reserve(4);
    this.bytes[at] = value >>> 24;
    this.bytes[at + 1] = value >>> 16;
    this.bytes[at + 2] = value >>> 8;
    this.bytes[at + 3] = value;
    this.length = at + 4;
  }

  /** Big-endian 64-bit integer; negative values as two's complement. */
  int64(value: bigint): void {
    const at = this.reserve(8);
    this.bytes.writeBigUInt64BE(BigInt.asUintN(64, value), at);
    this.length = at + 8;
  }

  float64(value: number): void {
    const at = this.reserve(8);
    float.setFloat64(0, value);
    this.bytes.set(floatBytes, at);
    this.length = at + 8;
  }

  /** UTF-8 bytes of a string, with no length. Lone surrogates become U+FFFD, as in every UTF-8 encoder. */
  utf8(value: string): void {
    const at = this.reserve(value.length * 3);
    this.length = at + this.bytes.utf8Write(value, at);
  }

  /** UTF-8 bytes behind their length as a varint. */
  string(value: string): void {
    const chars = value.length;
    if (chars > 64) {
      const size = Buffer.byteLength(value);
      this.varint(size);
      const at = this.reserve(size);
      this.bytes.utf8Write(value, at, size);
      this.length = at + size;
      return;
    }
    // Short strings are mostly ASCII: write the characters and go back only if one is not.
    const at = this.reserve(chars * 3 + 2);
    const bytes = this.bytes;
    let end = at + 1;
    for (let i = 0; i < chars; i++) {
      const code = value.charCodeAt(i);
      if (code > 0x7f) {
        end = at + (chars > 42 ? 2 : 1);
        const size = bytes.utf8Write(value, end);
        if (end === at + 2 && size < 0x80) bytes.copyWithin(--end, end + 1, end + 1 + size);
        if (size >= 0x80) {
          bytes[at] = (size & 0x7f) | 0x80;
          bytes[at + 1] = size >>> 7;
        } else bytes[at] = size;
        this.length = end + size;
        return;
      }
      bytes[end++] = code;
    }
    bytes[at] = chars;
    this.length = end;
  }
}
