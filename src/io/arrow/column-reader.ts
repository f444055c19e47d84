import { isUtf8 } from 'node:buffer';
import type * as A from 'apache-arrow';
import { CoderError, Decimal } from '../../sdk/index.ts';
import { copyBytes } from '../copy-bytes.ts';
import { arrow } from './load-arrow.ts';

/** Gives the value at an index of a column. */
export type ColumnReader = (index: number) => unknown;

/** How values appear in rows. */
export interface ColumnStyle {
  /** What a 64-bit integer is read as; a `number` beyond ±(2^53 - 1) is an error. */
  readonly int64: 'bigint' | 'number';
}

/**
 * A function that reads the values of one column, nulls as null. It goes at the column's memory directly: the general
 * access of apache-arrow costs several times as much, most of all for strings.
 *
 * The column must be sound, see `checkColumn`.
 */
export function columnReader(data: A.Data, style: ColumnStyle): ColumnReader {
  const read = presentReader(data, style);
  const { nullBitmap, offset } = data;
  // Nulls and unions count nulls too, but have no bitmap.
  if (data.nullCount === 0 || nullBitmap === undefined || nullBitmap.length === 0) return read;
  return (i) => {
    const at = offset + i;
    return ((nullBitmap[at >> 3] >> (at & 7)) & 1) === 0 ? null : read(i);
  };
}

function presentReader(data: A.Data, style: ColumnStyle): ColumnReader {
  const { DataType } = arrow();
  const { type } = data;
  if (DataType.isNull(type)) return () => null;
  if (DataType.isInt(type)) return type.bitWidth === 64 ? int64Reader(data, style) : plainReader(data);
  if (DataType.isFloat(type)) return type.precision === 0 ? halfReader(data) : plainReader(data);
  if (DataType.isBool(type)) return boolReader(data);
  if (DataType.isUtf8(type) || DataType.isLargeUtf8(type)) return stringReader(data);
  if (DataType.isBinary(type) || DataType.isLargeBinary(type)) return bytesReader(data);
  if (DataType.isFixedSizeBinary(type)) return fixedReader(data, type.byteWidth);
  if (DataType.isTimestamp(type)) return timestampReader(data, type);
  if (DataType.isDate(type)) return dateReader(data, type);
  if (DataType.isTime(type) || DataType.isDuration(type)) return plainReader(data);
  if (DataType.isDecimal(type)) return decimalReader(data, type);
  if (DataType.isList(type) || DataType.isLargeList(type)) return listReader(data, style);
  if (DataType.isFixedSizeList(type)) return fixedListReader(data, type.listSize, style);
  if (DataType.isStruct(type)) return structReader(data, style);
  if (DataType.isMap(type)) return mapReader(data, style);
  if (DataType.isDictionary(type)) return dictionaryReader(data, style);
  const { Vector } = arrow();
  const vector = new Vector([data]);
  return (i) => vector.get(i);
}

function plainReader(data: A.Data): ColumnReader {
  const values = data.values as Float64Array;
  return (i) => values[i];
}

function int64Reader(data: A.Data, style: ColumnStyle): ColumnReader {
  const values = data.values as BigInt64Array;
  if (style.int64 === 'bigint') return (i) => values[i];
  return (i) => {
    const number = Number(values[i]);
    if (Number.isSafeInteger(number)) return number;
    throw new CoderError('ARROW_UNSAFE_INTEGER', `The integer ${values[i]} has no exact JavaScript number`, {
      hint: "Read 64-bit integers with { int64: 'bigint' }.",
    });
  };
}

function halfReader(data: A.Data): ColumnReader {
  const { Vector } = arrow();
  const vector = new Vector([data]);
  return (i) => vector.get(i);
}

function boolReader(data: A.Data): ColumnReader {
  const bits = data.values as Uint8Array;
  const { offset } = data;
  return (i) => ((bits[(offset + i) >> 3] >> ((offset + i) & 7)) & 1) === 1;
}

function stringReader(data: A.Data): ColumnReader {
  const bytes = bufferOf(data.values as Uint8Array);
  const offsets = data.valueOffsets as Int32Array | BigInt64Array;
  // Plain ASCII is worth a look at all bytes: a latin1 string costs half of what a UTF-8 one does.
  const first = Number(offsets[0]);
  const ascii = isAscii(bytes, first, Number(offsets[data.length]));
  const start = numbersOf(offsets);
  if (ascii) return (i) => bytes.latin1Slice(start[i], start[i + 1]);
  return (i) => {
    const text = bytes.utf8Slice(start[i], start[i + 1]);
    if (text.includes('\ufffd') && !isUtf8(bytes.subarray(start[i], start[i + 1]))) {
      throw new CoderError('ARROW_BAD_UTF8', `The string in row ${i} is not UTF-8`);
    }
    return text;
  };
}

function bytesReader(data: A.Data): ColumnReader {
  const bytes = data.values as Uint8Array;
  const start = numbersOf(data.valueOffsets as Int32Array | BigInt64Array);
  return (i) => copyBytes(bytes, start[i], start[i + 1]);
}

function fixedReader(data: A.Data, width: number): ColumnReader {
  const bytes = data.values as Uint8Array;
  return (i) => copyBytes(bytes, i * width, (i + 1) * width);
}

/** Seconds and milliseconds as a Timestamp, which counts milliseconds; finer units as a bigint of that unit. */
function timestampReader(data: A.Data, type: A.Timestamp): ColumnReader {
  const values = data.values as unknown as BigInt64Array;
  const { TimeUnit } = arrow();
  if (type.unit === TimeUnit.SECOND) return (i) => Number(values[i]) * 1000;
  if (type.unit === TimeUnit.MILLISECOND) return (i) => Number(values[i]);
  return (i) => values[i];
}

function dateReader(data: A.Data, type: A.Date_): ColumnReader {
  const values = data.values as Int32Array | BigInt64Array;
  if (type.unit === arrow().DateUnit.DAY) return (i) => new Date(Number(values[i]) * 86_400_000);
  return (i) => new Date(Number(values[i]));
}

function decimalReader(data: A.Data, type: A.Decimal): ColumnReader {
  const words = data.values as Uint32Array;
  const { scale, bitWidth } = type;
  const count = bitWidth / 32;
  return (i) => {
    let unscaled = 0n;
    for (let word = count - 1; word >= 0; word--) unscaled = (unscaled << 32n) | BigInt(words[i * count + word]);
    return new Decimal(BigInt.asIntN(bitWidth, unscaled), scale);
  };
}

function listReader(data: A.Data, style: ColumnStyle): ColumnReader {
  const item = columnReader(data.children[0], style);
  const start = numbersOf(data.valueOffsets as Int32Array | BigInt64Array);
  return (i) => readItems(item, start[i], start[i + 1]);
}

function fixedListReader(data: A.Data, size: number, style: ColumnStyle): ColumnReader {
  const item = columnReader(data.children[0], style);
  return (i) => readItems(item, i * size, (i + 1) * size);
}

function readItems(item: ColumnReader, from: number, to: number): unknown[] {
  const items = new Array<unknown>(to - from);
  for (let at = from; at < to; at++) items[at - from] = item(at);
  return items;
}

function structReader(data: A.Data, style: ColumnStyle): ColumnReader {
  const names = (data.type as A.Struct).children.map((child) => child.name);
  return rowReader(
    names,
    data.children.map((child) => columnReader(child, style)),
  );
}

/** Reads rows as objects from the columns of given names. */
export function rowReader(
  names: readonly string[],
  columns: readonly ColumnReader[],
): (index: number) => Readonly<Record<string, unknown>> {
  const special = names.includes('__proto__');
  return (i) => {
    const row: Record<string, unknown> = {};
    for (let c = 0; c < names.length; c++) {
      if (special && names[c] === '__proto__') define(row, columns[c](i));
      else row[names[c]] = columns[c](i);
    }
    return row;
  };
}

function define(row: object, value: unknown): void {
  Object.defineProperty(row, '__proto__', { value, enumerable: true, configurable: true, writable: true });
}

function mapReader(data: A.Data, style: ColumnStyle): ColumnReader {
  const [keys, values] = data.children[0].children;
  const key = columnReader(keys, style);
  const value = columnReader(values, style);
  const start = numbersOf(data.valueOffsets as Int32Array);
  return (i) => {
    const map = new Map<unknown, unknown>();
    for (let at = start[i]; at < start[i + 1]; at++) map.set(key(at), value(at));
    return map;
  };
}

/** Each value of the dictionary is read once, so equal strings of a column are one string. */
function dictionaryReader(data: A.Data, style: ColumnStyle): ColumnReader {
  const values = (data.dictionary?.data ?? []).flatMap((chunk) => {
    const read = columnReader(chunk, style);
    return Array.from({ length: chunk.length }, (_, i) => read(i));
  });
  const indices = data.values as Int32Array | BigInt64Array;
  return (i) => values[Number(indices[i])];
}

function numbersOf(offsets: Int32Array | BigInt64Array): ArrayLike<number> {
  return offsets instanceof Int32Array ? offsets : Float64Array.from(offsets, Number);
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function isAscii(bytes: Uint8Array, start: number, end: number): boolean {
  let seen = 0;
  for (let i = start; i < end; i++) seen |= bytes[i];
  return seen < 0x80;
}
