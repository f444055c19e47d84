import { CoderError } from '../errors.ts';
import { readAscii } from './ascii-reader.ts';

const scratch = new Float64Array(1);
const scratch32 = new Uint32Array(scratch.buffer);
/** Which half of the scratch double is the high one. */
const HIGH = new Uint8Array(Uint16Array.of(1).buffer)[0];
const MAX_EMPTY_ELEMENTS = 1 << 16;

/** Reads bytes front to back; every read is checked against `end`, so truncated input is a typed error. */
export class ByteReader {
  bytes: Buffer;
  position: number;
  end: number;
  /** How many elements that take no bytes may still be read: without a bound, four bytes could claim 2^31 of them. */
  emptyElements: number = MAX_EMPTY_ELEMENTS;

  constructor(bytes: Uint8Array, start = 0, end: number = bytes.length) {
    this.bytes = toBuffer(bytes);
    this.position = start;
    this.end = end;
  }

  /** Points the reader at other bytes, so that one reader serves many values. */
  reset(bytes: Uint8Array, start = 0, end: number = bytes.length): this {
    if (this.bytes !== bytes) this.bytes = toBuffer(bytes);
    this.position = start;
    this.end = end;
    this.emptyElements = MAX_EMPTY_ELEMENTS;
    return this;
  }

  get remaining(): number {
    return this.end - this.position;
  }

  /** Advances over `count` bytes and returns where they start. */
  take(count: number): number {
    const at = this.position;
    // Written so that a NaN count fails too.
    if (!(count <= this.end - at)) throw this.truncated(count);
    this.position = at + count;
    return at;
  }

  truncated(needed: number): CoderError {
    return new CoderError(
      'CODER_TRUNCATED',
      `The encoding needs ${needed} more bytes at offset ${this.position}, but ${this.remaining} are left`,
    );
  }

  malformed(what: string): CoderError {
    return new CoderError('CODER_MALFORMED', `${what} at offset ${this.position}`);
  }

  byte(): number {
    return this.bytes[this.take(1)];
  }

  /** A view of the next bytes; it shares the reader's memory, which may be used again once decoding is over. */
  view(count: number): Buffer {
    const at = this.take(count);
    return this.bytes.subarray(at, at + count);
  }

  /** A copy of the next bytes. */
  raw(count: number): Uint8Array {
    const at = this.take(count);
    // Not `slice`: of a Buffer it is a Buffer, and a view of the same memory.
    const copy = new Uint8Array(count);
    copy.set(this.bytes.subarray(at, at + count));
    return copy;
  }

  /** A varint that must fit a safe integer: lengths, counts, indices. */
  varint(): number {
    const bytes = this.bytes;
    let at = this.position;
    let value = 0;
    let scale = 1;
    for (;;) {
      if (at >= this.end) throw this.truncated(1);
      const byte = bytes[at++];
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) break;
      scale *= 128;
      if (scale > 0x2000000000000) throw this.malformed('A varint beyond 2^53');
    }
    if (value > Number.MAX_SAFE_INTEGER) throw this.malformed('A varint beyond 2^53');
    this.position = at;
    return value;
  }

  /** A 64-bit varint as a signed integer. */
  varint64(): bigint {
    const bytes = this.bytes;
    let at = this.position;
    let low = 0;
    let high = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      if (at >= this.end) throw this.truncated(1);
      const byte = bytes[at++];
      const bits = byte & 0x7f;
      if (shift < 28) low |= bits << shift;
      else if (shift === 28) {
        low |= bits << 28;
        high = bits >>> 4;
      } else high |= bits << (shift - 32);
      if (byte > 0x7f) continue;
      if (shift === 63 && bits > 1) throw this.malformed('A varint beyond 64 bits');
      this.position = at;
      if (high >= 0 && high < 0x200000) return BigInt(high * 0x100000000 + (low >>> 0));
      return (BigInt(high | 0) << 32n) | BigInt(low >>> 0);
    }
    throw this.malformed('A varint longer than 10 bytes');
  }

  uint32(): number {
    return this.int32() >>> 0;
  }

  int32(): number {
    const at = this.take(4);
    const bytes = this.bytes;
    return (bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3];
  }

  int64(): bigint {
    return this.bytes.readBigInt64BE(this.take(8));
  }

  float32(): number {
    return this.bytes.readFloatBE(this.take(4));
  }

  float64(): number {
    const at = this.take(8);
    const bytes = this.bytes;
    scratch32[HIGH] = (bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3];
    scratch32[1 - HIGH] = (bytes[at + 4] << 24) | (bytes[at + 5] << 16) | (bytes[at + 6] << 8) | bytes[at + 7];
    return scratch[0];
  }

  /** `count` bytes as UTF-8; malformed sequences are an error. */
  utf8(count: number): string {
    if (count <= this.end - this.position) {
      const ascii = readAscii(this.bytes, this.position, count);
      if (ascii !== undefined) {
        this.position += count;
        return ascii;
      }
    }
    if (count > MAX_STRING) throw this.malformed(`A string of ${count} bytes`);
    const at = this.take(count);
    const text = this.bytes.utf8Slice(at, at + count);
    if (text.includes('\ufffd')) checkUtf8(this.bytes.subarray(at, at + count), at);
    return text;
  }

  /** A string behind its length as a varint. */
  string(): string {
    return this.utf8(this.varint());
  }
}

/** V8 holds no longer string. */
const MAX_STRING = 0x1fffffe8;
const strict = new TextDecoder('utf-8', { fatal: true });

function checkUtf8(bytes: Uint8Array, offset: number): void {
  try {
    strict.decode(bytes);
  } catch (cause) {
    throw new CoderError('CODER_BAD_UTF8', `Malformed UTF-8 in the string at offset ${offset}`, { cause });
  }
}

function toBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
