import type { ByteReader } from '../../../sdk/coders/byte-reader.ts';
import type { Coder } from '../../../sdk/coders/coder.ts';
import type { Window } from '../../../sdk/windows/window.ts';

/*
 * A group record names a group: the record of its key and, where there are windows, the record of its window. A record
 * is a header word and bytes, zero-padded to words. The header holds the byte length and the class of the key. Every key
 * belongs to one class only, so equal keys have equal records; and no record is the beginning of another one.
 */
/** The bytes are the coder's. */
export const ENCODED = 0;
/** The bytes are the characters of an ASCII string. */
export const ASCII = 1;
/** The bytes are a 32-bit integer, as one word. */
export const INT32 = 2;

/** The header of a record of a class and byte length. */
export function recordHeader(kind: number, length: number): number {
  return (length << 2) | kind;
}

/** Words of the record with this header. */
export function recordLength(header: number): number {
  return 1 + ((header + 12) >>> 4);
}

/** Copies one record and returns where it ends in the target. */
export function copyRecord(source: Int32Array, from: number, target: Int32Array, at: number): number {
  const end = at + recordLength(source[from]);
  while (at < end) target[at++] = source[from++];
  return at;
}

/** Words of a group's record, with the window's where there are windows. */
export function groupLength(words: Int32Array, at: number, hasWindows: boolean): number {
  const key = recordLength(words[at]);
  return hasWindows ? key + recordLength(words[at + key]) : key;
}

const SIGN = 0x80000000 | 0;

/** Orders two records word by word. The result says nothing but the order. */
export function compareRecords(a: Int32Array, atA: number, b: Int32Array, atB: number, length: number): number {
  // Unequal headers come before any difference in length, so both records have `length` words as far as they are equal.
  for (let i = 0; i < length; i++) {
    const x = a[atA + i];
    const y = b[atB + i];
    // As unsigned numbers, without leaving the range of 32-bit integers, which would cost.
    if (x !== y) return (x ^ SIGN) < (y ^ SIGN) ? -1 : 1;
  }
  return 0;
}

/** The key of the record at word `at`; `bytes` shows the same memory as `words`. */
export function decodeKey(
  words: Int32Array,
  at: number,
  bytes: Buffer,
  coder: Coder<unknown>,
  input: ByteReader,
): unknown {
  const header = words[at];
  const start = (at + 1) * 4;
  const end = start + (header >>> 2);
  switch (header & 3) {
    case ASCII:
      return bytes.latin1Slice(start, end);
    case INT32:
      return words[at + 1];
    default:
      return coder.decode(input.reset(bytes, start, end), false);
  }
}

const scratch = Buffer.alloc(64);

/** The window of the record at word `at`, which has big-endian words. */
export function decodeWindow(words: Int32Array, at: number, coder: Coder<Window>, input: ByteReader): Window {
  const length = words[at] >>> 2;
  const count = (length + 3) >>> 2;
  const bytes = count * 4 > scratch.length ? Buffer.alloc(count * 4) : scratch;
  for (let i = 0; i < count; i++) bytes.writeInt32BE(words[at + 1 + i], i * 4);
  return coder.decode(input.reset(bytes, 0, length), false);
}
