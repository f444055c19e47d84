import { ByteWriter } from '../coders/byte-writer.ts';
import { CoderError } from '../errors.ts';
import type { AtomicType, Field, FieldType, LogicalFieldType, Schema } from './schema.ts';
import { schemaId } from './schema-id.ts';

/*
 * The bytes of a Beam `Schema` proto, written without the message types: these are many, and every program that starts
 * would load them for the sake of this one message. Fields come in the order of their numbers, defaults are left out.
 */

type Write = (out: ByteWriter) => void;

/** Numbers of the enum AtomicType, and of the fields of AtomicTypeValue. */
const ATOMIC: Readonly<Record<AtomicType, number>> = {
  byte: 1,
  int16: 2,
  int32: 3,
  int64: 4,
  float: 5,
  double: 6,
  string: 7,
  boolean: 8,
  bytes: 9,
};
const VARINT = 0;
const FIXED64 = 1;
const DELIMITED = 2;
const FIXED32 = 5;

/**
 * A schema as the payload of a row coder: a Beam `Schema` proto.
 *
 * @throws CoderError `SCHEMA_INVALID` when the argument of a logical type is not of its type.
 */
export function encodeSchema(schema: Schema): Uint8Array {
  const out = new ByteWriter(256);
  writeSchema(out, schema);
  return out.copy();
}

function writeSchema(out: ByteWriter, schema: Schema): void {
  for (const field of schema.fields) message(out, 1, (inner) => writeField(inner, field));
  text(out, 2, schema.id ?? schemaId(schema));
  flag(
    out,
    4,
    schema.fields.some((field) => field.encodingPosition !== undefined),
  );
}

function writeField(out: ByteWriter, { name, type, description = '', encodingPosition = 0 }: Field): void {
  text(out, 1, name);
  text(out, 2, description);
  message(out, 3, (inner) => writeType(inner, type));
  if (encodingPosition !== 0) {
    tag(out, 5, VARINT);
    out.varint64(BigInt(encodingPosition));
  }
}

function writeType(out: ByteWriter, type: FieldType): void {
  flag(out, 1, type.nullable === true);
  switch (type.kind) {
    case 'atomic':
      tag(out, 2, VARINT);
      out.varint(ATOMIC[type.atomic]);
      return;
    case 'array':
    case 'iterable':
      message(out, type.kind === 'array' ? 3 : 4, typeIn(1, type.element));
      return;
    case 'map':
      message(out, 5, (inner) => {
        typeIn(1, type.key)(inner);
        typeIn(2, type.value)(inner);
      });
      return;
    case 'row':
      message(out, 6, (inner) => message(inner, 1, (schema) => writeSchema(schema, type.schema)));
      return;
    case 'logical':
      message(out, 7, (inner) => writeLogical(inner, type));
  }
}

function typeIn(number: number, type: FieldType): Write {
  return (out) => message(out, number, (inner) => writeType(inner, type));
}

function writeLogical(out: ByteWriter, { urn, payload, representation, argument }: LogicalFieldType): void {
  text(out, 1, urn);
  if (payload !== undefined && payload.length > 0) delimited(out, 2, payload);
  typeIn(3, representation)(out);
  if (argument === undefined) return;
  typeIn(4, argument.type)(out);
  valueIn(5, argument.type, argument.value)(out);
}

function valueIn(number: number, type: FieldType, value: unknown): Write {
  return (out) => message(out, number, (inner) => writeValue(inner, type, value));
}

/** A `FieldValue`; null is one with nothing in it. */
function writeValue(out: ByteWriter, type: FieldType, value: unknown): void {
  if (value === null || value === undefined) return;
  switch (type.kind) {
    case 'atomic':
      return message(out, 1, (inner) => writeAtomic(inner, type.atomic, value));
    case 'array':
    case 'iterable':
      return message(out, type.kind === 'array' ? 2 : 3, (inner) => {
        for (const item of value as Iterable<unknown>) valueIn(1, type.element, item)(inner);
      });
    case 'map':
      return message(out, 4, (inner) => {
        for (const [key, item] of value as ReadonlyMap<unknown, unknown>) {
          message(inner, 1, (entry) => {
            valueIn(1, type.key, key)(entry);
            valueIn(2, type.value, item)(entry);
          });
        }
      });
    case 'row':
      return message(out, 5, (inner) => {
        const row = value as Readonly<Record<string, unknown>>;
        for (const field of type.schema.fields) valueIn(1, field.type, row[field.name])(inner);
      });
    case 'logical':
      return message(out, 6, valueIn(1, type.representation, value));
  }
}

/** One field of an `AtomicTypeValue`, written even if it is the default: which one is there tells the type. */
function writeAtomic(out: ByteWriter, type: AtomicType, value: unknown): void {
  const number = ATOMIC[type];
  const wrong = () =>
    new CoderError('SCHEMA_INVALID', `The argument of a logical type is no ${type}: ${String(value)}`);
  switch (type) {
    case 'float':
    case 'double': {
      if (typeof value !== 'number') throw wrong();
      const size = type === 'float' ? 4 : 8;
      tag(out, number, type === 'float' ? FIXED32 : FIXED64);
      const at = out.reserve(size);
      if (type === 'float') out.bytes.writeFloatLE(value, at);
      else out.bytes.writeDoubleLE(value, at);
      out.length = at + size;
      return;
    }
    case 'string':
      if (typeof value !== 'string') throw wrong();
      tag(out, number, DELIMITED);
      out.string(value);
      return;
    case 'boolean':
      if (typeof value !== 'boolean') throw wrong();
      tag(out, number, VARINT);
      out.byte(value ? 1 : 0);
      return;
    case 'bytes':
      if (!(value instanceof Uint8Array)) throw wrong();
      delimited(out, number, value);
      return;
    default:
      if (typeof value !== 'bigint' && !Number.isInteger(value)) throw wrong();
      tag(out, number, VARINT);
      out.varint64(BigInt(value as number | bigint));
  }
}

function tag(out: ByteWriter, number: number, wireType: number): void {
  out.varint(number * 8 + wireType);
}

function text(out: ByteWriter, number: number, value: string): void {
  if (value === '') return;
  tag(out, number, DELIMITED);
  out.string(value);
}

function flag(out: ByteWriter, number: number, value: boolean): void {
  if (!value) return;
  tag(out, number, VARINT);
  out.byte(1);
}

function delimited(out: ByteWriter, number: number, bytes: Uint8Array): void {
  tag(out, number, DELIMITED);
  out.varint(bytes.length);
  out.raw(bytes);
}

function message(out: ByteWriter, number: number, write: Write): void {
  const inner = new ByteWriter(64);
  write(inner);
  delimited(out, number, inner.view());
}
