import { isUtf8 } from 'node:buffer';
import type { CsvScalar } from './csv-schema.ts';

/** Powers of ten that a double holds exactly. */
const POWERS = Array.from({ length: 23 }, (_, power) => 10 ** power);

/**
 * A decimal number in bytes as the nearest double; NaN when it is not written in the common way (the caller then asks
 * {@link parseFloatText}). Up to 15 digits and a power of ten up to 22 are both exact, so one division rounds correctly.
 */
export function floatOf(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  const negative = bytes[at] === 0x2d;
  if (negative) at++;
  const first = at;
  let digits = 0;
  let value = 0;
  let point = -1;
  for (; at < end; at++) {
    const byte = bytes[at];
    if (byte >= 0x30 && byte <= 0x39) {
      value = value * 10 + (byte - 0x30);
      digits++;
    } else if (byte === 0x2e && point < 0) point = at;
    else return Number.NaN;
  }
  if (digits === 0 || digits > 15 || at - first > 23) return Number.NaN;
  if (point >= 0) value /= POWERS[end - point - 1];
  return negative ? -value : value;
}

/** An integer in bytes; `undefined` when it is none. */
export function bigintOf(bytes: Buffer, start: number, end: number): bigint | undefined {
  const first = bytes[start] === 0x2d || bytes[start] === 0x2b ? start + 1 : start;
  if (first === end || end - start > MAX_BIGINT_DIGITS) return undefined;
  for (let at = first; at < end; at++) if (bytes[at] < 0x30 || bytes[at] > 0x39) return undefined;
  return BigInt(bytes.latin1Slice(bytes[start] === 0x2b ? first : start, end));
}

/** Reading digits takes time that grows with the square of their number. */
const MAX_BIGINT_DIGITS = 4096;

/** `true`, `false` in any case, `1`, `0`; `undefined` for all else. */
export function booleanOf(bytes: Buffer, start: number, end: number): boolean | undefined {
  const length = end - start;
  if (length === 1) return bytes[start] === 0x31 ? true : bytes[start] === 0x30 ? false : undefined;
  if (length !== 4 && length !== 5) return undefined;
  const text = bytes.latin1Slice(start, end).toLowerCase();
  return text === 'true' ? true : text === 'false' ? false : undefined;
}

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const SPECIAL = /^([+-]?)(inf|infinity|nan)$/i;

/** A number in any of the forms that programs write: exponents, `NaN`, `inf`, `Infinity`; `undefined` for all else. */
export function parseFloatText(text: string): number | undefined {
  if (NUMBER.test(text)) return Number(text);
  const special = SPECIAL.exec(text);
  if (special === null) return undefined;
  if (special[2].toLowerCase() === 'nan') return Number.NaN;
  return special[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
}

/** A safe integer; `undefined` for all else. */
function parseIntText(text: string): number | undefined {
  if (!/^[+-]?\d{1,400}$/.test(text)) return undefined;
  const value = Number(text);
  return Number.isSafeInteger(value) ? value + 0 : undefined;
}

/** A field of any form as a value; `undefined` when it is not of the type. Spaces around all but strings are ignored. */
export function parseValue(type: CsvScalar, text: string): string | number | boolean | bigint | undefined {
  if (type === 'string') return text;
  const trimmed = text.trim();
  if (type === 'int') return parseIntText(trimmed);
  if (type === 'float') return parseFloatText(trimmed);
  const bytes = Buffer.from(trimmed);
  return type === 'boolean' ? booleanOf(bytes, 0, bytes.length) : bigintOf(bytes, 0, bytes.length);
}

/** The text of a field; `undefined` when it is not valid UTF-8. */
export function textOf(bytes: Buffer, start: number, end: number): string | undefined {
  return isUtf8(bytes.subarray(start, end)) ? bytes.utf8Slice(start, end) : undefined;
}

/** Whether a field is one of the null values. */
export function isNull(nulls: readonly Buffer[], bytes: Buffer, start: number, end: number): boolean {
  for (const value of nulls) {
    if (value.length === end - start && bytes.compare(value, 0, value.length, start, end) === 0) return true;
  }
  return false;
}
