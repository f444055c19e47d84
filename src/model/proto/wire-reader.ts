import { isUtf8 } from 'node:buffer';
import { CoderError } from '../../sdk/errors.ts';
import { DELIMITED, FIXED32, FIXED64, VARINT } from './field.ts';

/** Deepest nesting of messages, as in protobuf's own implementations: hostile bytes must not exhaust the stack. */
const MAX_DEPTH = 100;

const START_GROUP = 3;
const END_GROUP = 4;

/** Reads the primitives of protobuf's wire format; every read is checked against `end`. */
export class WireReader {
  readonly #bytes: Buffer;
  #view: DataView | undefined;
  position = 0;
  /** End of the message being read; never past the bytes. */
  end: number;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.end = bytes.length;
  }

  /** Advances over `count` bytes and returns where they start. */
  take(count: number): number {
    const at = this.position;
    if (!(count <= this.end - at)) {
      const left = this.end - at;
      throw new CoderError('PROTO_TRUNCATED', `${count} more bytes are needed at offset ${at}, but ${left} are left`);
    }
    this.position = at + count;
    return at;
  }

  malformed(what: string): CoderError {
    return new CoderError('PROTO_MALFORMED', `${what} at offset ${this.position}`);
  }

  /** A varint's low 32 bits, unsigned: the rest of a longer one is dropped, as protobuf demands. */
  uint32(): number {
    let value = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = this.#bytes[this.take(1)];
      if (shift < 32) value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value >>> 0;
    }
    throw this.malformed('A varint longer than 10 bytes');
  }

  int32(): number {
    return this.uint32() | 0;
  }

  sint32(): number {
    const value = this.uint32();
    return (value >>> 1) ^ -(value & 1);
  }

  bool(): boolean {
    let bits = 0;
    for (let length = 1; length <= 10; length++) {
      const byte = this.#bytes[this.take(1)];
      bits |= byte & 0x7f;
      if (byte < 0x80) return bits !== 0;
    }
    throw this.malformed('A varint longer than 10 bytes');
  }

  uint64(): bigint {
    let low = 0;
    let high = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = this.#bytes[this.take(1)];
      const bits = byte & 0x7f;
      if (shift < 28) low |= bits << shift;
      else if (shift === 28) {
        low |= bits << 28;
        high = bits >>> 4;
      } else high |= bits << (shift - 32);
      if (byte < 0x80) {
        return high === 0 ? BigInt(low >>> 0) : (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
      }
    }
    throw this.malformed('A varint longer than 10 bytes');
  }

  int64(): bigint {
    return BigInt.asIntN(64, this.uint64());
  }

  sint64(): bigint {
    const value = this.uint64();
    return (value >> 1n) ^ -(value & 1n);
  }

  fixed32(): number {
    return this.#dataView().getUint32(this.take(4), true);
  }

  sfixed32(): number {
    return this.#dataView().getInt32(this.take(4), true);
  }

  fixed64(): bigint {
    return this.#dataView().getBigUint64(this.take(8), true);
  }

  sfixed64(): bigint {
    return this.#dataView().getBigInt64(this.take(8), true);
  }

  float(): number {
    return this.#dataView().getFloat32(this.take(4), true);
  }

  double(): number {
    return this.#dataView().getFloat64(this.take(8), true);
  }

  /** Made on demand: most messages hold no fixed-width number. */
  #dataView(): DataView {
    this.#view ??= new DataView(this.#bytes.buffer, this.#bytes.byteOffset, this.#bytes.byteLength);
    return this.#view;
  }

  /** A tag or the length of what follows; all its bits count, so that no large length passes for a small one. */
  length(): number {
    const byte = this.#bytes[this.position];
    if (this.position < this.end && byte < 0x80) {
      this.position++;
      return byte;
    }
    return Number(this.uint64());
  }

  /** Confines the reader to the bytes behind the length that comes next; returns what `leave` needs. */
  enter(): number {
    const outerEnd = this.end;
    const length = this.length();
    const start = this.take(length);
    this.position = start;
    this.end = start + length;
    return outerEnd;
  }

  leave(outerEnd: number): void {
    this.end = outerEnd;
  }

  /** Bytes behind their length; they share memory with the input. */
  bytes(): Uint8Array {
    return this.slice(this.take(this.length()));
  }

  /** The bytes from `start` to the present position. */
  slice(start: number): Uint8Array {
    return new Uint8Array(this.#bytes.buffer, this.#bytes.byteOffset + start, this.position - start);
  }

  string(): string {
    const at = this.take(this.length());
    const text = this.#bytes.utf8Slice(at, this.position);
    // Node puts the replacement character in place of what is malformed, but it may also be meant.
    if (text.includes('\ufffd') && !isUtf8(this.slice(at))) {
      throw new CoderError('PROTO_BAD_UTF8', `Malformed UTF-8 in the string at offset ${at}`);
    }
    return text;
  }

  /** Skips the value that follows a tag. */
  skip(tag: number, depth: number): void {
    switch (tag & 7) {
      case VARINT:
        this.uint64();
        return;
      case FIXED64:
        this.take(8);
        return;
      case DELIMITED:
        this.take(this.length());
        return;
      case FIXED32:
        this.take(4);
        return;
      case START_GROUP:
        this.#skipGroup(tag >>> 3, depth + 1);
        return;
      default:
        throw this.malformed(`Wire type ${tag & 7}`);
    }
  }

  #skipGroup(number: number, depth: number): void {
    checkDepth(depth);
    for (;;) {
      const tag = this.tag();
      if ((tag & 7) === END_GROUP) {
        if (tag >>> 3 !== number) throw this.malformed('The end of another group');
        return;
      }
      this.skip(tag, depth);
    }
  }

  /** The tag of the next field. */
  tag(): number {
    const tag = this.length();
    if (tag > 0xffffffff || tag < 8) throw this.malformed(`The tag ${tag}`);
    return tag;
  }
}

/** Throws past MAX_DEPTH. */
export function checkDepth(depth: number): void {
  if (depth > MAX_DEPTH) throw new CoderError('PROTO_TOO_DEEP', `Messages are nested more than ${MAX_DEPTH} deep`);
}
