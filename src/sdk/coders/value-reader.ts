import { GLOBAL_WINDOW, IntervalWindow } from '../windows/window.ts';
import type { ByteReader } from './byte-reader.ts';
import { setField, shapeTable } from './shape-table.ts';
import { decodeTimestamp } from './timestamp-coder.ts';
import { TYPED_ARRAYS } from './typed-arrays.ts';
import * as tag from './value-tags.ts';
import { typeById } from './value-types.ts';

/** Reads one value of the default coder. Every element takes a byte at least, so input bounds what is allocated. */
export function readValue(input: ByteReader, depth: number): unknown {
  const at = input.position;
  if (at >= input.end) throw input.truncated(1);
  const byte = input.bytes[at];
  input.position = at + 1;
  if (byte < 0x80) return byte;
  if (byte <= (tag.SHORT_STRING | tag.SHORT_STRING_MAX)) return input.utf8(byte & tag.SHORT_STRING_MAX);
  if (byte >= tag.SHORT_ARRAY && byte <= (tag.SHORT_ARRAY | tag.SHORT_ARRAY_MAX)) {
    return readArray(input, byte & tag.SHORT_ARRAY_MAX, depth);
  }
  switch (byte) {
    case tag.NULL:
      return null;
    case tag.UNDEFINED:
      return undefined;
    case tag.FALSE:
      return false;
    case tag.TRUE:
      return true;
    case tag.INT16:
      return (((input.byte() << 8) | input.byte()) << 16) >> 16;
    case tag.INT32:
      return input.int32();
    case tag.INT48:
      return readInt48(input);
    case tag.FLOAT64:
      return input.float64();
    case tag.OBJECT:
      if (depth >= tag.MAX_DEPTH) throw tooDeep(input);
      return shapeTable.get(input.int32()).readObject(readValue, input, depth + 1);
    case tag.STRING:
      return input.string();
    case tag.BYTES:
      return input.raw(input.varint());
  }
  if (byte >= tag.NEGATIVE && byte < tag.OBJECT) return ~(byte - tag.NEGATIVE);
  return readRare(byte, input, depth);
}

function readRare(byte: number, input: ByteReader, depth: number): unknown {
  switch (byte) {
    case tag.STRING16:
      return readUtf16(input);
    case tag.ARRAY:
      return readArray(input, input.varint(), depth);
    case tag.BIGINT48:
      return readBigInt48(input);
    case tag.BIGINT64:
      return input.int64();
    case tag.BIGINT:
      return readBigInt(input);
    case tag.DATE:
      return new Date(input.float64());
    case tag.INLINE_OBJECT:
      return readInline(input, depth);
    case tag.MAP:
      return readMap(input, depth);
    case tag.SET:
      return new Set(readArray(input, input.varint(), depth));
    case tag.TYPED_ARRAY:
      return readTypedArray(input);
    case tag.REGISTERED: {
      if (depth >= tag.MAX_DEPTH) throw tooDeep(input);
      const type = typeById(input.uint32() | 0);
      return type.codec.decode(readValue(input, depth + 1));
    }
    case tag.GLOBAL:
      return GLOBAL_WINDOW;
    case tag.INTERVAL: {
      const start = decodeTimestamp(input);
      const end = decodeTimestamp(input);
      if (start > end) throw input.malformed('A window that ends before it starts');
      return new IntervalWindow(start, end);
    }
  }
  input.position--;
  throw input.malformed(`Unknown tag ${byte}`);
}

function readArray(input: ByteReader, count: number, depth: number): unknown[] {
  if (depth >= tag.MAX_DEPTH) throw tooDeep(input);
  if (count > input.end - input.position) throw input.truncated(count);
  if (count === 2) return [readValue(input, depth + 1), readValue(input, depth + 1)];
  const result: unknown[] = [];
  for (let i = 0; i < count; i++) result.push(readValue(input, depth + 1));
  return result;
}

function readInt48(input: ByteReader): number {
  const at = input.take(6);
  const bytes = input.bytes;
  const high = (((bytes[at] << 8) | bytes[at + 1]) << 16) >> 16;
  return high * 0x100000000 + bytes.readUInt32BE(at + 2);
}

function readUtf16(input: ByteReader): string {
  const size = input.varint() * 2;
  const at = input.take(size);
  return input.bytes.toString('utf16le', at, at + size);
}

function readBigInt48(input: ByteReader): bigint {
  const byte = input.byte();
  input.position--;
  const integer =
    byte < 0x80 || (byte >= tag.INT16 && byte <= tag.INT48) || (byte >= tag.NEGATIVE && byte < tag.OBJECT);
  if (!integer) throw input.malformed('A bigint that is no integer');
  return BigInt(readValue(input, 0) as number);
}

function readBigInt(input: ByteReader): bigint {
  const negative = input.byte();
  const size = input.varint();
  if (negative > 1 || size === 0 || size > tag.MAX_BIGINT_BYTES) throw input.malformed(`A bigint of ${size} bytes`);
  const at = input.take(size);
  const magnitude = BigInt(`0x${input.bytes.toString('hex', at, at + size)}`);
  return negative === 1 ? -magnitude : magnitude;
}

function readInline(input: ByteReader, depth: number): unknown {
  if (depth >= tag.MAX_DEPTH) throw tooDeep(input);
  const count = input.varint();
  if (count * 2 > input.remaining) throw input.truncated(count * 2);
  const result: Record<string, unknown> = {};
  for (let i = 0; i < count; i++) {
    const name = readValue(input, depth + 1);
    if (typeof name !== 'string') throw input.malformed('A field without a name');
    setField(result, name, readValue(input, depth + 1));
  }
  return result;
}

function readMap(input: ByteReader, depth: number): Map<unknown, unknown> {
  if (depth >= tag.MAX_DEPTH) throw tooDeep(input);
  const count = input.varint();
  if (count * 2 > input.remaining) throw input.truncated(count * 2);
  const result = new Map<unknown, unknown>();
  for (let i = 0; i < count; i++) result.set(readValue(input, depth + 1), readValue(input, depth + 1));
  return result;
}

function readTypedArray(input: ByteReader): unknown {
  const kind = input.byte();
  const type = TYPED_ARRAYS[kind];
  if (type === undefined) throw input.malformed(`Unknown typed array ${kind}`);
  const size = input.varint();
  if (size % type.BYTES_PER_ELEMENT !== 0) throw input.malformed(`A ${type.name} of ${size} bytes`);
  // The copy starts at offset 0 of its own buffer, so it is aligned.
  const copy = input.raw(size);
  return new type(copy.buffer as ArrayBuffer, copy.byteOffset, size / type.BYTES_PER_ELEMENT);
}

function tooDeep(input: ByteReader): Error {
  return input.malformed(`A value nested deeper than ${tag.MAX_DEPTH}`);
}
