import type { KV } from '../values.ts';
import { booleanCoder } from './boolean-coder.ts';
import { bytesCoder } from './bytes-coder.ts';
import type { Coder } from './coder.ts';
import { decimalCoder } from './decimal-coder.ts';
import { defaultCoder, keyCoder, selfContainedCoder } from './default-coder.ts';
import { doubleCoder, floatCoder } from './double-coder.ts';
import { arrayCoder, iterableCoder } from './iterable-coder.ts';
import { kvCoder } from './kv-coder.ts';
import { lengthPrefixCoder } from './length-prefix-coder.ts';
import { anyValueCoder } from './logical-type-coder.ts';
import { mapCoder } from './map-coder.ts';
import { nullableCoder } from './nullable-coder.ts';
import { optionalCoder } from './optional-coder.ts';
import { rowCoder } from './row.ts';
import { byteCoder, int16Coder } from './small-int-coders.ts';
import { stringCoder } from './string-coder.ts';
import { timestampCoder } from './timestamp-coder.ts';
import { int32Coder, int64Coder, safeIntCoder } from './varint-coder.ts';

/** Coders for explicit encodings: what crosses languages, files and versions. */
export const coders = {
  string: stringCoder,
  bytes: bytesCoder,
  boolean: booleanCoder,
  /** Every int64, as bigint. */
  int64: int64Coder,
  /** The bytes of `int64`, as number: several times cheaper; an integer beyond ±(2^53 − 1) is an error. */
  safeInt: safeIntCoder,
  /** INT32 of a row. */
  int32: int32Coder,
  /** INT16 of a row. */
  int16: int16Coder,
  /** BYTE of a row: −128 to 127. */
  byte: byteCoder,
  double: doubleCoder,
  /** FLOAT of a row: numbers are rounded to 32 bits. */
  float: floatCoder,
  /** Exact decimal numbers. */
  decimal: decimalCoder,
  timestamp: timestampCoder,
  kv: kvCoder as <K, V>(key: Coder<K>, value: Coder<V>) => Coder<KV<K, V>>,
  iterable: iterableCoder,
  array: arrayCoder,
  map: mapCoder,
  nullable: nullableCoder,
  /** A field of a row that may be left out. */
  optional: optionalCoder,
  /** Plain objects with the given fields; any language reads them. */
  row: rowCoder,
  /** A field of a row that holds anything the default coder encodes; bytes to other languages. */
  any: anyValueCoder,
  lengthPrefix: lengthPrefixCoder as <T>(value: Coder<T>) => Coder<T>,
  /** The coder of collections without an explicit one: `coders.default<Order>()` takes the type on trust. */
  default: <T = unknown>(): Coder<T> => defaultCoder as Coder<T>,
  /** The default coder with field names in each value: for bytes that leave the process. */
  selfContained: <T = unknown>(): Coder<T> => selfContainedCoder as Coder<T>,
  key: keyCoder,
} as const;
