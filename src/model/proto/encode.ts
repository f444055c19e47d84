import { CoderError } from '../../sdk/errors.ts';
import {
  DELIMITED,
  type Field,
  type FieldKind,
  type Int32Kind,
  type Int64Kind,
  isInt64,
  MAP_KEY_TAG,
  mapValueTag,
  scalarDefault,
} from './field.ts';
import type { MessageType } from './message-type.ts';
import { UNKNOWN_FIELDS } from './unknown-fields.ts';
import { checkDepth } from './wire-reader.ts';
import type { WireWriter } from './wire-writer.ts';

type Source = Readonly<Record<string | symbol, unknown>>;

/** Range of each integer kind: [least, greatest]. */
const INT32_RANGES: Readonly<Record<Int32Kind | 'enum', readonly [number, number]>> = {
  enum: [-0x80000000, 0x7fffffff],
  int32: [-0x80000000, 0x7fffffff],
  sint32: [-0x80000000, 0x7fffffff],
  sfixed32: [-0x80000000, 0x7fffffff],
  uint32: [0, 0xffffffff],
  fixed32: [0, 0xffffffff],
};
const SIGNED_RANGE = [-(2n ** 63n), 2n ** 63n - 1n] as const;
const UNSIGNED_RANGE = [0n, 2n ** 64n - 1n] as const;
const INT64_RANGES: Readonly<Record<Int64Kind, readonly [bigint, bigint]>> = {
  int64: SIGNED_RANGE,
  sint64: SIGNED_RANGE,
  sfixed64: SIGNED_RANGE,
  uint64: UNSIGNED_RANGE,
  fixed64: UNSIGNED_RANGE,
};

/**
 * Writes the fields of a message in the order of their numbers and map entries in the order of their keys, so that equal
 * messages have equal bytes. Values that proto3 takes for absent are left out.
 */
export function encodeFields(type: MessageType<object>, message: Source, writer: WireWriter, depth: number): void {
  checkDepth(depth);
  const { fields, oneofs } = type.layout;
  for (const members of oneofs) checkOneof(type, members, message);
  const unknown = message[UNKNOWN_FIELDS];
  if (unknown !== undefined) writer.raw(unknown as Uint8Array);
  for (let i = fields.length - 1; i >= 0; i--) {
    const field = fields[i];
    const value = message[field.property];
    if (value !== undefined && value !== null) encodeField(type, field, value, writer, depth);
  }
}

function encodeField(type: MessageType<object>, field: Field, value: unknown, writer: WireWriter, depth: number): void {
  switch (field.cardinality) {
    case 'repeated':
      if (!Array.isArray(value)) throw badValue(type, field, 'an array', value);
      if (field.wireType === DELIMITED) encodeList(type, field, value, writer, depth);
      else if (value.length > 0) encodePacked(type, field, value, writer);
      return;
    case 'map':
      if (typeof value !== 'object') throw badValue(type, field, 'an object', value);
      encodeMap(type, field, value as Source, writer, depth);
      return;
    case 'singular':
      if (isDefault(field.kind, value)) return;
      break;
    case 'optional':
      break;
  }
  encodeValue(type, field, value, writer, depth);
  writer.uint32(field.tag);
}

function encodeList(
  type: MessageType<object>,
  field: Field,
  list: readonly unknown[],
  writer: WireWriter,
  depth: number,
): void {
  for (let i = list.length - 1; i >= 0; i--) {
    encodeValue(type, field, list[i], writer, depth);
    writer.uint32(field.tag);
  }
}

function encodePacked(type: MessageType<object>, field: Field, list: readonly unknown[], writer: WireWriter): void {
  const end = writer.length;
  for (let i = list.length - 1; i >= 0; i--) encodeScalar(type, field, list[i], writer);
  writer.uint32(writer.length - end);
  writer.uint32(field.tag);
}

function encodeMap(type: MessageType<object>, field: Field, map: Source, writer: WireWriter, depth: number): void {
  const keys = Object.keys(map).sort();
  for (let i = keys.length - 1; i >= 0; i--) {
    const value = map[keys[i]];
    if (value === undefined || value === null) continue;
    const end = writer.length;
    encodeValue(type, field, value, writer, depth);
    writer.uint32(mapValueTag(field));
    writer.string(wellFormed(type, field, keys[i]));
    writer.uint32(MAP_KEY_TAG);
    writer.uint32(writer.length - end);
    writer.uint32(field.tag);
  }
}

function encodeValue(type: MessageType<object>, field: Field, value: unknown, writer: WireWriter, depth: number): void {
  if (field.message === undefined) {
    encodeScalar(type, field, value, writer);
    return;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw badValue(type, field, field.message.typeName, value);
  }
  const end = writer.length;
  encodeFields(field.message, value as Source, writer, depth + 1);
  writer.uint32(writer.length - end);
}

function encodeScalar(type: MessageType<object>, field: Field, value: unknown, writer: WireWriter): void {
  const { kind } = field;
  switch (kind) {
    case 'string':
      if (typeof value !== 'string') throw badValue(type, field, 'a string', value);
      writer.string(wellFormed(type, field, value));
      return;
    case 'bytes':
      if (!(value instanceof Uint8Array)) throw badValue(type, field, 'a Uint8Array', value);
      writer.bytes(value);
      return;
    case 'bool':
      if (typeof value !== 'boolean') throw badValue(type, field, 'a boolean', value);
      writer.bool(value);
      return;
    case 'double':
    case 'float':
      if (typeof value !== 'number') throw badValue(type, field, 'a number', value);
      writer[kind](value);
      return;
    case 'int64':
    case 'uint64':
    case 'sint64':
    case 'fixed64':
    case 'sfixed64':
      writer[kind](int64(type, field, kind, value));
      return;
    case 'message':
      throw new Error('A message is not a scalar');
    default:
      writer[kind === 'enum' ? 'int32' : kind](int32(type, field, kind, value));
  }
}

function int32(type: MessageType<object>, field: Field, kind: Int32Kind | 'enum', value: unknown): number {
  const [least, greatest] = INT32_RANGES[kind];
  if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= greatest) return value;
  throw badValue(type, field, `an integer from ${least} to ${greatest}`, value);
}

function int64(type: MessageType<object>, field: Field, kind: Int64Kind, value: unknown): bigint {
  const [least, greatest] = INT64_RANGES[kind];
  // A number past 2^53 has been rounded already.
  const integer = typeof value === 'number' && Number.isSafeInteger(value) ? BigInt(value) : value;
  if (typeof integer === 'bigint' && integer >= least && integer <= greatest) return integer;
  throw badValue(type, field, `a bigint from ${least} to ${greatest}`, value);
}

/** A lone surrogate has no UTF-8 encoding and would turn into another character. */
function wellFormed(type: MessageType<object>, field: Field, text: string): string {
  if (text.isWellFormed()) return text;
  throw badValue(type, field, 'well-formed Unicode', text);
}

function isDefault(kind: FieldKind, value: unknown): boolean {
  if (kind === 'bytes') return value instanceof Uint8Array && value.length === 0;
  // -0 is not the default.
  return Object.is(value, scalarDefault(kind)) || (value === 0 && isInt64(kind));
}

function checkOneof(type: MessageType<object>, members: readonly Field[], message: Source): void {
  let set: string | undefined;
  for (const { property } of members) {
    const value = message[property];
    if (value === undefined || value === null) continue;
    if (set !== undefined) {
      const message = `${type.typeName} has both ${set} and ${property}, of which only one can be set`;
      throw new CoderError('PROTO_BAD_VALUE', message);
    }
    set = property;
  }
}

function badValue(type: MessageType<object>, field: Field, expected: string, value: unknown): CoderError {
  const found = value === null ? 'null' : typeof value === 'object' ? 'an object' : `${typeof value} ${String(value)}`;
  return new CoderError('PROTO_BAD_VALUE', `${type.typeName}.${field.name} must be ${expected}, not ${found}`);
}
