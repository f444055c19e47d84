import {
  AtomicType as AtomicTypeProto,
  type Field as FieldProto,
  type FieldType as FieldTypeProto,
  Schema as SchemaProto,
} from '../../model/pipeline.ts';
import { CoderError } from '../errors.ts';
import type { AtomicType, Field, FieldType, Schema } from './schema.ts';
import { valueFromProto } from './schema-value-proto.ts';

/** Rows of such a schema have no field count and no null bitmap: not what the row coder is specified to write. */
const STATIC_ENCODING = 'beam:option:row:static_encoding';

const ATOMIC_NUMBERS: Readonly<Record<AtomicType, AtomicTypeProto>> = {
  byte: AtomicTypeProto.BYTE,
  int16: AtomicTypeProto.INT16,
  int32: AtomicTypeProto.INT32,
  int64: AtomicTypeProto.INT64,
  float: AtomicTypeProto.FLOAT,
  double: AtomicTypeProto.DOUBLE,
  string: AtomicTypeProto.STRING,
  boolean: AtomicTypeProto.BOOLEAN,
  bytes: AtomicTypeProto.BYTES,
};
const ATOMIC_NAMES = new Map(Object.entries(ATOMIC_NUMBERS).map(([name, number]) => [number, name as AtomicType]));

/**
 * Reads a `Schema` proto.
 *
 * @throws CoderError when the bytes are no such proto, or hold a type that is not known here (`SCHEMA_INVALID`).
 */
export function decodeSchema(bytes: Uint8Array): Schema {
  return schemaFromProto(SchemaProto.decode(bytes));
}

/** @throws CoderError `SCHEMA_INVALID`. */
function schemaFromProto(proto: SchemaProto): Schema {
  if (proto.options.some((option) => option.name === STATIC_ENCODING)) {
    throw invalid('Rows of static encoding are not supported');
  }
  const fields = proto.fields.map((field) => fieldFromProto(field, proto.encodingPositionsSet));
  return proto.id === '' ? { fields } : { id: proto.id, fields };
}

function fieldFromProto(proto: FieldProto, positioned: boolean): Field {
  const { name, description, encodingPosition } = proto;
  const type = typeFromProto(proto.type, name);
  return { name, type, ...(description !== '' && { description }), ...(positioned && { encodingPosition }) };
}

function typeFromProto(proto: FieldTypeProto | undefined, field: string): FieldType {
  if (proto === undefined) throw invalid(`The field ${JSON.stringify(field)} lacks a type`);
  const type = presentFromProto(proto, field);
  return proto.nullable ? { ...type, nullable: true } : type;
}

function presentFromProto(proto: FieldTypeProto, field: string): FieldType {
  const { atomicType, arrayType, iterableType, mapType, rowType, logicalType } = proto;
  const of = (inner: FieldTypeProto | undefined) => typeFromProto(inner, field);
  if (arrayType !== undefined) return { kind: 'array', element: of(arrayType.elementType) };
  if (iterableType !== undefined) return { kind: 'iterable', element: of(iterableType.elementType) };
  if (mapType !== undefined) return { kind: 'map', key: of(mapType.keyType), value: of(mapType.valueType) };
  if (rowType?.schema !== undefined) return { kind: 'row', schema: schemaFromProto(rowType.schema) };
  if (logicalType !== undefined) {
    const { urn, payload, argumentType, argument } = logicalType;
    const type = { kind: 'logical', urn, representation: of(logicalType.representation) } as const;
    const withPayload = payload.length > 0 ? { ...type, payload } : type;
    if (argumentType === undefined || argument === undefined) return withPayload;
    const typeOfArgument = of(argumentType);
    return { ...withPayload, argument: { type: typeOfArgument, value: valueFromProto(typeOfArgument, argument) } };
  }
  const atomic = ATOMIC_NAMES.get(atomicType ?? AtomicTypeProto.UNSPECIFIED);
  if (atomic === undefined) throw invalid(`The field ${JSON.stringify(field)} has a type that is not known`);
  return { kind: 'atomic', atomic };
}

function invalid(what: string): CoderError {
  return new CoderError('SCHEMA_INVALID', what);
}
