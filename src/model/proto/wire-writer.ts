const INITIAL_SIZE = 4096;
/** A larger scratch buffer is dropped after use, so that one large message does not hold its memory for good. */
const LARGEST_SCRATCH = 1 << 20;

let scratch: Buffer | undefined;

/**
 * Writes the primitives of protobuf's wire format from the last byte to the first: a nested message is complete before
 * its length is written, so one pass over the objects is enough. Hence everything is written in reverse order: value,
 * then tag; last element, then first.
 */
export class WireWriter {
  #bytes: Buffer;
  /** Where the first byte written so far lies. */
  #start: number;

  constructor() {
    // Taken, not shared: a getter on a message could encode another one in between.
    this.#bytes = scratch ?? Buffer.allocUnsafeSlow(INITIAL_SIZE);
    scratch = undefined;
    this.#start = this.#bytes.length;
  }

  /** What has been written, in memory of its own. The writer is of no use afterwards. */
  finish(): Uint8Array {
    const written = Uint8Array.prototype.slice.call(this.#bytes, this.#start);
    if (this.#bytes.length <= LARGEST_SCRATCH) scratch = this.#bytes;
    return new Uint8Array(written.buffer, written.byteOffset, written.length);
  }

  /** Number of bytes written so far. */
  get length(): number {
    return this.#bytes.length - this.#start;
  }

  /** Makes room for `count` bytes before the others and returns where they start. */
  #claim(count: number): number {
    if (count > this.#start) this.#grow(count);
    this.#start -= count;
    return this.#start;
  }

  #grow(count: number): void {
    const { length } = this;
    const larger = Buffer.allocUnsafeSlow(Math.max(2 * this.#bytes.length, 2 * (length + count)));
    this.#bytes.copy(larger, larger.length - length, this.#start);
    this.#bytes = larger;
    this.#start = larger.length - length;
  }

  /** An unsigned integer of at most 32 bits, as tags and lengths are. */
  uint32(value: number): void {
    if (value < 0x80) {
      // Claimed first: it may replace the buffer.
      const at = this.#claim(1);
      this.#bytes[at] = value;
      return;
    }
    const size = value < 0x4000 ? 2 : value < 0x200000 ? 3 : value < 0x10000000 ? 4 : 5;
    let at = this.#claim(size);
    const bytes = this.#bytes;
    let rest = value;
    for (let left = size; left > 1; left--) {
      bytes[at++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    bytes[at] = rest;
  }

  /** Negative numbers take ten bytes, as if they had 64 bits. */
  int32(value: number): void {
    if (value < 0) this.uint64(BigInt.asUintN(64, BigInt(value)));
    else this.uint32(value);
  }

  sint32(value: number): void {
    this.uint32(((value << 1) ^ (value >> 31)) >>> 0);
  }

  uint64(value: bigint): void {
    if (value < 0x80000000n) {
      this.uint32(Number(value));
      return;
    }
    let size = 0;
    for (let rest = value; rest !== 0n; rest >>= 7n) size++;
    let at = this.#claim(size);
    let rest = value;
    for (let left = size; left > 1; left--) {
      this.#bytes[at++] = Number(rest & 0x7fn) | 0x80;
      rest >>= 7n;
    }
    this.#bytes[at] = Number(rest);
  }

  int64(value: bigint): void {
    this.uint64(BigInt.asUintN(64, value));
  }

  sint64(value: bigint): void {
    this.uint64(BigInt.asUintN(64, (value << 1n) ^ (value >> 63n)));
  }

  bool(value: boolean): void {
    const at = this.#claim(1);
    this.#bytes[at] = value ? 1 : 0;
  }

  fixed32(value: number): void {
    const at = this.#claim(4);
    this.#bytes.writeUInt32LE(value, at);
  }

  sfixed32(value: number): void {
    const at = this.#claim(4);
    this.#bytes.writeInt32LE(value, at);
  }

  fixed64(value: bigint): void {
    const at = this.#claim(8);
    this.#bytes.writeBigUInt64LE(value, at);
  }

  sfixed64(value: bigint): void {
    const at = this.#claim(8);
    this.#bytes.writeBigInt64LE(value, at);
  }

  float(value: number): void {
    const at = this.#claim(4);
    this.#bytes.writeFloatLE(value, at);
  }

  double(value: number): void {
    const at = this.#claim(8);
    this.#bytes.writeDoubleLE(value, at);
  }

  /** Bytes without their length. */
  raw(value: Uint8Array): void {
    const at = this.#claim(value.length);
    this.#bytes.set(value, at);
  }

  bytes(value: Uint8Array): void {
    this.raw(value);
    this.uint32(value.length);
  }

  string(value: string): void {
    const size = Buffer.byteLength(value, 'utf8');
    const at = this.#claim(size);
    this.#bytes.utf8Write(value, at, size);
    this.uint32(size);
  }
}
