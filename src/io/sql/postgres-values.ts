import { Decimal, IoError } from '../../sdk/index.ts';
import { arrayLiteral } from './postgres-array.ts';

/** What a column takes, as far as it decides how a value is written. */
export interface TargetColumn {
  readonly name: string;
  /** The type's name for a cast, with its schema: a cast to `varchar(5)`, or to `char`, would cut what is longer. */
  readonly type: string;
  readonly isArray: boolean;
  readonly isJson: boolean;
}

/**
 * A value as the text that Postgres reads; null and undefined are NULL.
 *
 * @throws IoError `SQL_VALUE` for what the column cannot take
 */
export function encodeValue(value: unknown, column: TargetColumn): string | null {
  if (value === null || value === undefined) return null;
  if (column.isJson) return encodeJson(value, column);
  if (Array.isArray(value)) {
    if (!column.isArray) throw wrong(column, 'an array');
    return encodeArray(value, column, 1);
  }
  return encodeScalar(value, column);
}

function encodeScalar(value: unknown, column: TargetColumn): string {
  switch (typeof value) {
    case 'string':
      // Node would replace a lone surrogate by another character without a word.
      if (!value.isWellFormed()) throw wrong(column, 'a string with half of a surrogate pair');
      return value;
    case 'number':
    case 'bigint':
    case 'boolean':
      return String(value);
    case 'object':
      if (value instanceof Date) {
        if (Number.isNaN(value.getTime())) throw wrong(column, 'an invalid date');
        return encodeDate(value);
      }
      if (value instanceof Uint8Array) {
        return `\\x${Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('hex')}`;
      }
      if (value instanceof Decimal) return value.toString();
      throw wrong(column, 'an object');
    default:
      throw wrong(column, `a ${typeof value}`);
  }
}

/** Postgres has no signed years: years before 1 are marked with BC. */
function encodeDate(date: Date): string {
  const year = date.getUTCFullYear();
  const rest = date.toISOString().replace(/^[+-]?\d+/, '');
  return year > 0 ? `${String(year).padStart(4, '0')}${rest}` : `${String(1 - year).padStart(4, '0')}${rest} BC`;
}

function encodeArray(values: readonly unknown[], column: TargetColumn, depth: number): string {
  if (depth > 6) throw wrong(column, 'an array of more than six dimensions');
  const nested = values.some(Array.isArray);
  if (!nested) {
    return arrayLiteral(
      values.map((value) => (value === null || value === undefined ? null : encodeScalar(value, column))),
    );
  }
  const parts = values.map((value) => {
    if (!Array.isArray(value)) throw wrong(column, 'an array of arrays and other values');
    return encodeArray(value, column, depth + 1);
  });
  return `{${parts.join(',')}}`;
}

function encodeJson(value: unknown, column: TargetColumn): string {
  let json: string | undefined;
  try {
    json = JSON.stringify(value);
  } catch (cause) {
    throw new IoError('SQL_VALUE', `Column ${column.name}: ${(cause as Error).message}`, { cause });
  }
  if (json === undefined) throw wrong(column, `a ${typeof value}`);
  return json;
}

function wrong(column: TargetColumn, what: string): IoError {
  return new IoError('SQL_VALUE', `Column ${column.name} (${column.type}) cannot take ${what}`);
}
