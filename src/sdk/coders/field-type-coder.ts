import { CoderError } from '../errors.ts';
import type { AtomicType, FieldType, Schema } from '../schema/schema.ts';
import { booleanCoder } from './boolean-coder.ts';
import { bytesCoder } from './bytes-coder.ts';
import type { FieldCoder } from './coder.ts';
import { doubleCoder, floatCoder } from './double-coder.ts';
import { arrayCoder, iterableCoder } from './iterable-coder.ts';
import { logicalTypeCoder } from './logical-type-coder.ts';
import { mapCoder } from './map-coder.ts';
import { nullableCoder } from './nullable-coder.ts';
import { byteCoder, int16Coder } from './small-int-coders.ts';
import { stringCoder } from './string-coder.ts';
import { int32Coder, int64Coder } from './varint-coder.ts';

/** Deepest nesting of types in a schema. */
const MAX_DEPTH = 64;

const ATOMIC: Record<AtomicType, FieldCoder<unknown>> = {
  byte: byteCoder,
  int16: int16Coder,
  int32: int32Coder,
  int64: int64Coder,
  float: floatCoder,
  double: doubleCoder,
  string: stringCoder,
  boolean: booleanCoder,
  bytes: bytesCoder,
};

/** Makes the coder of a nested row. */
type BuildRow = (schema: Schema, depth: number) => FieldCoder<unknown>;

/**
 * The coder of a field's values. In a list or a map a nullable type has a byte before each value.
 *
 * @throws CoderError `SCHEMA_INVALID` when types are nested too deep or contradict each other.
 */
export function fieldTypeCoder(type: FieldType, depth: number, buildRow: BuildRow): FieldCoder<unknown> {
  if (depth > MAX_DEPTH) throw new CoderError('SCHEMA_INVALID', `A schema nested deeper than ${MAX_DEPTH}`);
  const of = (inner: FieldType) => fieldTypeCoder(inner, depth + 1, buildRow);
  const coder = presentCoder(type, depth, of, buildRow);
  return type.nullable === true ? nullableCoder(coder) : coder;
}

function presentCoder(
  type: FieldType,
  depth: number,
  of: (inner: FieldType) => FieldCoder<unknown>,
  buildRow: BuildRow,
): FieldCoder<unknown> {
  switch (type.kind) {
    case 'atomic':
      return ATOMIC[type.atomic];
    case 'array':
      return arrayCoder(of(type.element));
    case 'iterable':
      return iterableCoder(of(type.element));
    case 'map':
      return mapCoder(of(type.key), of(type.value));
    case 'row':
      return buildRow(type.schema, depth + 1);
    case 'logical':
      return logicalTypeCoder(type, of);
  }
}
