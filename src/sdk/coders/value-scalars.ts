import { CoderError } from '../errors.ts';
import type { ByteWriter } from './byte-writer.ts';
import * as tag from './value-tags.ts';

const TWO_32 = 0x100000000;
const TWO_47 = 0x800000000000;
const MAX_LOOP = 40;

/** A number in its one form; −0 stays −0. */
export function writeNumber(value: number, out: ByteWriter): void {
  const int = value | 0;
  if (int === value && (int !== 0 || 1 / value > 0)) writeInt32(int, out);
  else if (value >= -TWO_47 && value < TWO_47 && Math.floor(value) === value && value !== 0) writeInt48(value, out);
  else {
    const at = out.reserve(9);
    out.bytes[at] = tag.FLOAT64;
    out.length = at + 1;
    // A NaN made by a typed array may have any of 2^53 bit patterns.
    if (Number.isNaN(value)) out.words(0x7ff80000, 0);
    else out.float64(value);
  }
}

function writeInt32(int: number, out: ByteWriter): void {
  const at = out.reserve(5);
  const bytes = out.bytes;
  if (int >= -16 && int < 128) {
    bytes[at] = int >= 0 ? int : tag.NEGATIVE + ~int;
    out.length = at + 1;
  } else if (int === (int << 16) >> 16) {
    bytes[at] = tag.INT16;
    bytes[at + 1] = int >> 8;
    bytes[at + 2] = int;
    out.length = at + 3;
  } else {
    bytes[at] = tag.INT32;
    bytes[at + 1] = int >> 24;
    bytes[at + 2] = int >> 16;
    bytes[at + 3] = int >> 8;
    bytes[at + 4] = int;
    out.length = at + 5;
  }
}

function writeInt48(value: number, out: ByteWriter): void {
  const high = Math.floor(value / TWO_32);
  const low = value - high * TWO_32;
  const at = out.reserve(7);
  const bytes = out.bytes;
  bytes[at] = tag.INT48;
  bytes[at + 1] = high >> 8;
  bytes[at + 2] = high;
  bytes[at + 3] = low >>> 24;
  bytes[at + 4] = low >>> 16;
  bytes[at + 5] = low >>> 8;
  bytes[at + 6] = low;
  out.length = at + 7;
}

/** @throws CoderError in a key with half a surrogate pair, which has no UTF-8. */
export function writeString(value: string, out: ByteWriter, isKey: boolean): void {
  const chars = value.length;
  if (chars > MAX_LOOP) return writeLongString(value, out, isKey);
  const at = out.reserve(chars + 1);
  const bytes = out.bytes;
  let end = at + 1;
  for (let i = 0; i < chars; i++) {
    const code = value.charCodeAt(i);
    if (code > 0x7f) return writeLongString(value, out, isKey);
    bytes[end++] = code;
  }
  bytes[at] = tag.SHORT_STRING | chars;
  out.length = end;
}

function writeLongString(value: string, out: ByteWriter, isKey: boolean): void {
  if (!value.isWellFormed()) {
    if (!isKey) return writeUtf16(value, out);
    throw new CoderError('CODER_LONE_SURROGATE', 'A string with half a surrogate pair cannot be a key', {
      hint: 'It was probably cut between the two halves of one character; String.prototype.toWellFormed() repairs it.',
    });
  }
  const chars = value.length;
  if (chars <= tag.SHORT_STRING_MAX) {
    const at = out.reserve(chars * 3 + 1);
    const size = out.bytes.utf8Write(value, at + 1);
    if (size <= tag.SHORT_STRING_MAX) {
      out.bytes[at] = tag.SHORT_STRING | size;
      out.length = at + 1 + size;
      return;
    }
  }
  out.byte(tag.STRING);
  out.string(value);
}

function writeUtf16(value: string, out: ByteWriter): void {
  out.byte(tag.STRING16);
  out.varint(value.length);
  const at = out.reserve(value.length * 2);
  out.length = at + out.bytes.write(value, at, 'utf16le');
}

export function writeBytes(value: Uint8Array, out: ByteWriter): void {
  out.byte(tag.BYTES);
  out.varint(value.length);
  out.raw(value);
}

export function writeBigInt(value: bigint, out: ByteWriter): void {
  if (value >= -0x800000000000n && value < 0x800000000000n) {
    out.byte(tag.BIGINT48);
    writeNumber(Number(value), out);
  } else if (BigInt.asIntN(64, value) === value) {
    out.byte(tag.BIGINT64);
    out.int64(value);
  } else {
    let hex = (value < 0n ? -value : value).toString(16);
    if (hex.length % 2 === 1) hex = `0${hex}`;
    if (hex.length / 2 > tag.MAX_BIGINT_BYTES) {
      throw new CoderError('CODER_TOO_LARGE', `A bigint of ${hex.length / 2} bytes`);
    }
    out.byte(tag.BIGINT);
    out.byte(value < 0n ? 1 : 0);
    out.varint(hex.length / 2);
    out.raw(Buffer.from(hex, 'hex'));
  }
}

export function writeArrayHeader(count: number, out: ByteWriter): void {
  if (count <= tag.SHORT_ARRAY_MAX) return out.byte(tag.SHORT_ARRAY | count);
  out.byte(tag.ARRAY);
  out.varint(count);
}
