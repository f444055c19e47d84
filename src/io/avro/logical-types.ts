import { CoderError, Decimal } from '../../sdk/index.ts';
import type { AvroType } from './avro-schema.ts';

/** An Avro duration: the three parts do not convert into each other. */
export interface AvroDuration {
  readonly months: number;
  readonly days: number;
  readonly milliseconds: number;
}

/** How the values of a logical type stand in the program, and how in the file. */
export interface LogicalConversion {
  /** From what the base type reads as; a long comes as a bigint. */
  readonly decode: (base: never) => unknown;
  /** To what the base type writes. @throws CoderError `AVRO_VALUE` */
  readonly encode: (value: unknown) => unknown;
  /** Whether a value may be of this type: for the choice of a union's branch. */
  readonly matches: (value: unknown) => boolean;
}

const DAY = 86_400_000;
const MAX_DECIMAL_BYTES = 4096;

/** The conversion of a type; `undefined` when its values stand for themselves. */
export function conversionOf(type: AvroType): LogicalConversion | undefined {
  const logical = 'logical' in type ? type.logical : undefined;
  switch (logical) {
    case 'date':
      return { decode: (days: number) => new Date(days * DAY), encode: encodeDays, matches: isDate };
    case 'timestamp-millis':
      return { decode: decodeMillis, encode: encodeMillis, matches: isMillis };
    case 'decimal': {
      const { scale = 0 } = type as { scale?: number };
      const size = type.kind === 'fixed' ? type.size : undefined;
      return {
        decode: (bytes: Uint8Array) => new Decimal(decodeUnscaled(bytes), scale),
        encode: (value) => encodeDecimal(value, scale, size),
        matches: (value) => value instanceof Decimal,
      };
    }
    case 'uuid':
      if (type.kind !== 'fixed') return undefined;
      return {
        decode: decodeUuid,
        encode: encodeUuid,
        matches: (value) => typeof value === 'string' && UUID.test(value),
      };
    case 'duration':
      return { decode: decodeDuration, encode: encodeDuration, matches: (value) => isDuration(value) };
    default:
      // Times of day and finer timestamps are counts: a Date has no place for them.
      return undefined;
  }
}

function isDate(value: unknown): value is Date {
  return value instanceof Date && !Number.isNaN(value.getTime());
}

function isMillis(value: unknown): boolean {
  return Number.isSafeInteger(value) || isDate(value);
}

function decodeMillis(millis: bigint): number {
  const number = Number(millis);
  if (!Number.isSafeInteger(number)) throw new CoderError('AVRO_VALUE', `The timestamp ${millis} is beyond 2^53 ms`);
  return number;
}

function encodeMillis(value: unknown): unknown {
  if (isDate(value)) return value.getTime();
  if (!Number.isSafeInteger(value)) throw wrongValue('a time in whole milliseconds or a valid Date', value);
  return value;
}

function encodeDays(value: unknown): unknown {
  if (!isDate(value)) throw wrongValue('a valid Date', value);
  if (value.getTime() % DAY !== 0) throw wrongValue('a Date at midnight UTC', value.toISOString());
  return value.getTime() / DAY;
}

/** Two's complement, big endian. */
function decodeUnscaled(bytes: Uint8Array): bigint {
  if (bytes.length === 0) return 0n;
  if (bytes.length > MAX_DECIMAL_BYTES) throw new CoderError('AVRO_VALUE', `A decimal of ${bytes.length} bytes`);
  const value = BigInt(`0x${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex')}`);
  return BigInt.asIntN(bytes.length * 8, value);
}

function encodeDecimal(value: unknown, scale: number, size: number | undefined): Uint8Array {
  const decimal = typeof value === 'string' ? Decimal.parse(value) : value;
  if (!(decimal instanceof Decimal)) throw wrongValue('a Decimal or a decimal string', value);
  const shift = scale - decimal.scale;
  const factor = 10n ** BigInt(Math.min(Math.abs(shift), MAX_DECIMAL_BYTES));
  if (Math.abs(shift) > MAX_DECIMAL_BYTES || (shift < 0 && decimal.unscaled % factor !== 0n)) {
    throw wrongValue(`a decimal with ${scale} digits behind the point`, String(decimal));
  }
  const unscaled = shift < 0 ? decimal.unscaled / factor : decimal.unscaled * factor;
  const length = size ?? bytesFor(unscaled);
  if (bytesFor(unscaled) > length) throw wrongValue(`a decimal of ${length} bytes`, String(decimal));
  const hex = BigInt.asUintN(length * 8, unscaled).toString(16);
  return Buffer.from(hex.padStart(length * 2, '0'), 'hex');
}

function bytesFor(value: bigint): number {
  // One bit for the sign; -128 fits a byte as 127 does.
  const magnitude = value < 0n ? -value - 1n : value;
  return magnitude === 0n ? 1 : Math.floor(magnitude.toString(2).length / 8) + 1;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

function decodeUuid(bytes: Uint8Array): string {
  const hex = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

function encodeUuid(value: unknown): Uint8Array {
  if (typeof value !== 'string' || !UUID.test(value)) throw wrongValue('a UUID', value);
  return Buffer.from(value.replaceAll('-', ''), 'hex');
}

function decodeDuration(bytes: Uint8Array): AvroDuration {
  const view = new DataView(bytes.buffer, bytes.byteOffset, 12);
  return { months: view.getUint32(0, true), days: view.getUint32(4, true), milliseconds: view.getUint32(8, true) };
}

function encodeDuration(value: unknown): Uint8Array {
  if (!isDuration(value))
    throw wrongValue('a duration { months, days, milliseconds } of unsigned 32-bit integers', value);
  const bytes = Buffer.alloc(12);
  bytes.writeUInt32LE(value.months, 0);
  bytes.writeUInt32LE(value.days, 4);
  bytes.writeUInt32LE(value.milliseconds, 8);
  return bytes;
}

function isDuration(value: unknown): value is AvroDuration {
  const { months, days, milliseconds } = (value ?? {}) as Partial<AvroDuration>;
  return [months, days, milliseconds].every((part) => typeof part === 'number' && part >>> 0 === part);
}

/** The error for a value that a type cannot hold. */
export function wrongValue(wanted: string, value: unknown): CoderError {
  const shown =
    typeof value === 'string'
      ? JSON.stringify(value.slice(0, 60))
      : typeof value === 'object' && value !== null
        ? Array.isArray(value)
          ? 'an array'
          : `an object of class ${value.constructor?.name ?? 'null'}`
        : String(value);
  return new CoderError('AVRO_VALUE', `${shown} stands where ${wanted} belongs`);
}
