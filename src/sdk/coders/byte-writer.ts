import { CoderError } from '../errors.ts';

const scratch = new Float64Array(1);
const scratch32 = new Uint32Array(scratch.buffer);
/** Typed arrays have the machine's byte order: which half of the scratch double is the high one. */
const HIGH = new Uint8Array(Uint16Array.of(1).buffer)[0];
const scratchFloat = new Float32Array(scratch.buffer);

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
    const copy = new Uint8Array(this.length);
    copy.set(this.bytes.subarray(0, this.length));
    return copy;
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
    let low = Number(BigInt.asUintN(32, value));
    let high = Number(BigInt.asUintN(32, value >> 32n));
    let at = this.reserve(10);
    const bytes = this.bytes;
    while (high !== 0 || low > 0x7f) {
      bytes[at++] = (low & 0x7f) | 0x80;
      low = ((low >>> 7) | (high << 25)) >>> 0;
      high >>>= 7;
    }
    bytes[at++] = low;
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
    scratch[0] = value;
    this.words(scratch32[HIGH], scratch32[1 - HIGH]);
  }

  /** Big-endian 32-bit float; the value is rounded to the nearest. */
  float32(value: number): void {
    scratchFloat[0] = value;
    this.uint32(scratch32[0]);
  }

  /** Two big-endian 32-bit words. */
  words(high: number, low: number): void {
    const at = this.reserve(8);
    const bytes = this.bytes;
    bytes[at] = high >>> 24;
    bytes[at + 1] = high >>> 16;
    bytes[at + 2] = high >>> 8;
    bytes[at + 3] = high;
    bytes[at + 4] = low >>> 24;
    bytes[at + 5] = low >>> 16;
    bytes[at + 6] = low >>> 8;
    bytes[at + 7] = low;
    this.length = at + 8;
  }

  /**
   * UTF-8 bytes of a string, with no length.
   *
   * @throws CoderError when a surrogate stands alone: UTF-8 has no bytes for it, and a replacement would make strings equal that are not.
   */
  utf8(value: string): void {
    checkWellFormed(value);
    const at = this.reserve(mostBytes(value));
    this.length = at + this.bytes.utf8Write(value, at);
  }

  /** UTF-8 bytes behind their length as a varint; well-formed as in `utf8`. */
  string(value: string): void {
    const chars = value.length;
    if (chars > MAX_LOOP) return this.#encodedString(value);
    const at = this.reserve(chars + 1);
    const bytes = this.bytes;
    let end = at + 1;
    for (let i = 0; i < chars; i++) {
      const code = value.charCodeAt(i);
      if (code > 0x7f) return this.#encodedString(value);
      bytes[end++] = code;
    }
    bytes[at] = chars;
    this.length = end;
  }

  /** Writes behind the room that the length of an ASCII string takes, and moves the bytes if there turn out to be more. */
  #encodedString(value: string): void {
    checkWellFormed(value);
    const prefix = varintSize(value.length);
    const most = mostBytes(value);
    // With eight bytes to spare `varint` cannot grow the buffer and lose what lies behind `length`.
    const at = this.reserve(most + 8);
    const size = this.bytes.utf8Write(value, at + prefix);
    const needed = varintSize(size);
    if (needed !== prefix) this.bytes.copyWithin(at + needed, at + prefix, at + prefix + size);
    this.varint(size);
    this.length = at + needed + size;
  }
}

/** Longest string that is quicker copied character by character than handed to V8's encoder. */
const MAX_LOOP = 40;

/** Room for a string's UTF-8: three bytes for every character, unless that is too generous. */
function mostBytes(value: string): number {
  return value.length < 4096 ? value.length * 3 : Buffer.byteLength(value);
}

function varintSize(value: number): number {
  return value < 0x80 ? 1 : value < 0x4000 ? 2 : value < 0x200000 ? 3 : value < 0x10000000 ? 4 : 5;
}

function checkWellFormed(value: string): void {
  if (value.isWellFormed()) return;
  throw new CoderError(
    'CODER_LONE_SURROGATE',
    `The string ${JSON.stringify(value.slice(0, 40))} holds half a surrogate pair`,
    {
      hint: 'It was probably cut between the two halves of one character; String.prototype.toWellFormed() repairs it.',
    },
  );
}
