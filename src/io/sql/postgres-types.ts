import { Decimal, IoError } from '../../sdk/index.ts';
import { parseArray } from './postgres-array.ts';

/** How values stand in the program where there is a choice. */
export interface PostgresTypeOptions {
  /**
   * `int8`: `'number'` (default) fails on an integer beyond ±(2^53 − 1); `'bigint'` gives every int8 as a bigint.
   */
  readonly integers?: 'number' | 'bigint';
  /**
   * `numeric`: `'text'` (default) is exact; `'number'` is the nearest double; `'decimal'` a Decimal, which needs a coder
   * that carries it.
   */
  readonly decimals?: 'text' | 'number' | 'decimal';
  /** `timestamp`, `timestamptz`: `'date'` (default) drops microseconds; `'text'` keeps them, as ISO 8601 in UTC. */
  readonly timestamps?: 'date' | 'text';
}

/** A column of a table or query. */
export interface PostgresColumn {
  readonly name: string;
  readonly type: PostgresType;
}

/** A row of `pg_type`, as far as it is needed. */
export interface PostgresType {
  readonly oid: number;
  readonly name: string;
  /** Type of the elements, for arrays. */
  readonly element?: number;
}

/** From the text that the server sends to the value. */
export type Decode = (text: string) => unknown;

const BOOL = 16;
const BYTEA = 17;
const INT8 = 20;
const JSON_TYPES = new Set([114, 3802]);
const FLOATS = new Set([700, 701]);
const SMALL_INTEGERS = new Set([21, 23, 26]);
const NUMERIC = 1700;
const DATE = 1082;
const TIMESTAMPS = new Set([1114, 1184]);

/** Types whose order is total and the same everywhere, so that ranges of them can be read apart. */
const KEYS = new Map<number, 'integer' | 'linear' | 'ordered'>([
  [21, 'integer'],
  [23, 'integer'],
  [INT8, 'integer'],
  [700, 'linear'],
  [701, 'linear'],
  [NUMERIC, 'linear'],
  [DATE, 'linear'],
  [1114, 'linear'],
  [1184, 'linear'],
  [18, 'ordered'],
  [19, 'ordered'],
  [25, 'ordered'],
  [1042, 'ordered'],
  [1043, 'ordered'],
  [2950, 'ordered'],
  [1083, 'ordered'],
]);

/**
 * How ranges of a type are found: integers by arithmetic here, `linear` ones by arithmetic of the server, `ordered` ones
 * from a sample; `undefined` for types that cannot be a key of ranges.
 */
export function keyKindOf(type: PostgresType): 'integer' | 'linear' | 'ordered' | undefined {
  return KEYS.get(type.oid);
}

/** The decoder of a column; types that are not listed come as the text that Postgres prints. */
export function decoderOf(column: PostgresColumn, options: PostgresTypeOptions): Decode {
  const decode = elementDecoder(column.type, options);
  return (text) => {
    try {
      return decode(text);
    } catch (cause) {
      const shown = text.length > 60 ? `${text.slice(0, 60)}…` : text;
      const reason = cause instanceof IoError ? cause.summary : String((cause as Error).message);
      throw new IoError('SQL_VALUE', `Column ${column.name} (${column.type.name}) has the value ${shown}: ${reason}`, {
        ...(cause instanceof IoError && cause.context.hint !== undefined ? { hint: cause.context.hint } : {}),
        cause,
      });
    }
  };
}

function elementDecoder({ oid, element }: PostgresType, options: PostgresTypeOptions): Decode {
  if (element !== undefined) {
    const decode = elementDecoder({ oid: element, name: '' }, options);
    return (text) => parseArray(text, decode);
  }
  if (oid === BOOL) return (text) => text === 't';
  if (SMALL_INTEGERS.has(oid) || FLOATS.has(oid)) return Number;
  if (oid === INT8) return options.integers === 'bigint' ? BigInt : safeInteger;
  if (oid === NUMERIC) return decimalDecoder(options.decimals);
  if (oid === BYTEA) return decodeBytes;
  if (JSON_TYPES.has(oid)) return JSON.parse as Decode;
  if (oid === DATE) return decodeDate;
  if (TIMESTAMPS.has(oid)) return options.timestamps === 'text' ? isoText : decodeTimestamp;
  return (text) => text;
}

function decimalDecoder(decimals: PostgresTypeOptions['decimals']): Decode {
  if (decimals === 'decimal') return Decimal.parse;
  return decimals === 'number' ? Number : (text) => text;
}

function safeInteger(text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value)) return value;
  throw new IoError('SQL_VALUE', 'the integer lies beyond ±(2^53 − 1)', { hint: "Pass integers: 'bigint'." });
}

function decodeBytes(text: string): Uint8Array {
  if (!text.startsWith('\\x')) throw new IoError('SQL_VALUE', 'bytes are not in hexadecimal');
  return new Uint8Array(Buffer.from(text.slice(2), 'hex'));
}

const DATE_TEXT = /^(\d{4,7})-(\d\d)-(\d\d)(?: (\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))?(?:\+00)?)?( BC)?$/;

function decodeDate(text: string): Date {
  return new Date(millisOf(text));
}

function decodeTimestamp(text: string): Date {
  // The common form, for which the engine's own parser is many times faster.
  if (text.length >= 19 && text.length <= 29 && text.charCodeAt(4) === 45 && !text.endsWith('BC')) {
    const millis = Date.parse(
      text.endsWith('+00') ? `${text.slice(0, 10)}T${text.slice(11, -3)}Z` : `${text.slice(0, 10)}T${text.slice(11)}Z`,
    );
    if (!Number.isNaN(millis)) return new Date(millis);
  }
  return new Date(millisOf(text));
}

function isoText(text: string): string {
  if (!DATE_TEXT.test(text)) return text;
  return text.replace(' ', 'T').replace(/(?:\+00)?( BC)?$/, 'Z$1');
}

function millisOf(text: string): number {
  const match = DATE_TEXT.exec(text);
  if (match === null) {
    throw new IoError('SQL_VALUE', 'a Date cannot hold it', {
      hint: "Pass timestamps: 'text', or cast it in a query.",
    });
  }
  const [, year, month, day, hour = '0', minute = '0', second = '0', fraction = '0', before] = match;
  const date = new Date(0);
  date.setUTCFullYear(before === undefined ? Number(year) : 1 - Number(year), Number(month) - 1, Number(day));
  date.setUTCHours(Number(hour), Number(minute), Number(second), Math.floor(Number(`0.${fraction}`) * 1000));
  const millis = date.getTime();
  if (Number.isNaN(millis)) throw new IoError('SQL_VALUE', 'a Date cannot hold it');
  return millis;
}
