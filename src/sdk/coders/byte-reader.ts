import { CoderError } from '../errors.ts';

/** Reads bytes front to back; every read is checked against `end`, so truncated input is a typed error. */
export class ByteReader {
  bytes: Buffer;
  position: number;
  end: number;

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

  /** A view of the next bytes; it shares the reader's memory. */
  view(count: number): Buffer {
    const at = this.take(count);
    return this.bytes.subarray(at, at + count);
  }

  /** A copy of the next bytes. */
  raw(count: number): Uint8Array {
    const at = this.take(count);
    return Uint8Array.prototype.slice.call(this.bytes, at, at + count);
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
      if (scale > 0x1000000000000) throw this.malformed('A varint beyond 2^53');
    }
    if (value > Number.MAX_SAFE_INTEGER) throw this.malformed('A varint beyond 2^53');
    this.position = at;
    return value;
  }

  /** A 64-bit varint as a signed integer. */
  varint64(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.byte();
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) {
        if (value > 0xffffffffffffffffn) throw this.malformed('A varint beyond 64 bits');
        return BigInt.asIntN(64, value);
      }
    }
    throw this.malformed('A varint longer than 10 bytes');
  }

  uint32(): number {
    return this.bytes.readUInt32BE(this.take(4));
  }

  int32(): number {
    return this.bytes.readInt32BE(this.take(4));
  }

  int64(): bigint {
    return this.bytes.readBigInt64BE(this.take(8));
  }

  float64(): number {
    return this.bytes.readDoubleBE(this.take(8));
  }

  /** `count` bytes as UTF-8; malformed sequences are an error. */
  utf8(count: number): string {
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
