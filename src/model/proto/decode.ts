import {
  DELIMITED,
  defaultValue,
  type Field,
  type FieldKind,
  MAP_KEY_TAG,
  mapValueTag,
  scalarDefault,
} from './field.ts';
import type { MessageType } from './message-type.ts';
import { UNKNOWN_FIELDS } from './unknown-fields.ts';
import { checkDepth, type WireReader } from './wire-reader.ts';

type Target = Record<string | symbol, unknown>;

/** A message with the default of every field that is never absent. */
export function emptyMessage(type: MessageType<object>): Target {
  const message: Target = {};
  for (const field of type.layout.fields) {
    if (field.cardinality !== 'optional') message[field.property] = defaultValue(field);
  }
  return message;
}

/** Reads fields into `target` up to the reader's end; what it holds already is merged with them, as protobuf demands. */
export function decodeFields(type: MessageType<object>, target: Target, reader: WireReader, depth: number): void {
  checkDepth(depth);
  const { byNumber } = type.layout;
  let unknown: Uint8Array[] | undefined;
  while (reader.position < reader.end) {
    const start = reader.position;
    const tag = reader.tag();
    const field = byNumber.get(tag >>> 3);
    if (field === undefined || !decodeField(field, tag & 7, target, reader, depth)) {
      reader.skip(tag, depth);
      unknown ??= [];
      unknown.push(reader.slice(start));
    } else if (field.oneof !== undefined) {
      clearSiblings(type, field, target);
    }
  }
  if (unknown !== undefined) keepUnknown(target, unknown);
}

/** False where the wire type is not the field's: then it counts as unknown. */
function decodeField(field: Field, wireType: number, target: Target, reader: WireReader, depth: number): boolean {
  const { property, kind } = field;
  switch (field.cardinality) {
    case 'repeated': {
      const list = target[property] as unknown[];
      if (wireType === field.wireType) list.push(decodeValue(field, undefined, reader, depth));
      else if (wireType === DELIMITED) decodePacked(kind, list, reader);
      else return false;
      return true;
    }
    case 'map':
      if (wireType !== DELIMITED) return false;
      decodeEntry(field, target[property] as Target, reader, depth);
      return true;
    default:
      if (wireType !== field.wireType) return false;
      target[property] = decodeValue(field, target[property], reader, depth);
      return true;
  }
}

function decodePacked(kind: FieldKind, list: unknown[], reader: WireReader): void {
  const outerEnd = reader.enter();
  while (reader.position < reader.end) list.push(decodeScalar(kind, reader));
  reader.leave(outerEnd);
}

function decodeEntry(field: Field, map: Target, reader: WireReader, depth: number): void {
  const outerEnd = reader.enter();
  let key = '';
  let value: unknown;
  while (reader.position < reader.end) {
    const tag = reader.tag();
    if (tag === MAP_KEY_TAG) key = reader.string();
    else if (tag === mapValueTag(field)) value = decodeValue(field, value, reader, depth);
    else reader.skip(tag, depth);
  }
  reader.leave(outerEnd);
  map[key] = value ?? (field.message === undefined ? scalarDefault(field.kind) : emptyMessage(field.message));
}

function decodeValue(field: Field, present: unknown, reader: WireReader, depth: number): unknown {
  const { message: type } = field;
  if (type === undefined) return decodeScalar(field.kind, reader);
  const message = (present as Target | undefined) ?? emptyMessage(type);
  const outerEnd = reader.enter();
  decodeFields(type, message, reader, depth + 1);
  reader.leave(outerEnd);
  return message;
}

function decodeScalar(kind: FieldKind, reader: WireReader): unknown {
  switch (kind) {
    case 'string':
      return reader.string();
    case 'bytes':
      return reader.bytes();
    case 'bool':
      return reader.bool();
    case 'enum':
    case 'int32':
      return reader.int32();
    case 'uint32':
      return reader.uint32();
    case 'sint32':
      return reader.sint32();
    case 'fixed32':
      return reader.fixed32();
    case 'sfixed32':
      return reader.sfixed32();
    case 'int64':
      return reader.int64();
    case 'uint64':
      return reader.uint64();
    case 'sint64':
      return reader.sint64();
    case 'fixed64':
      return reader.fixed64();
    case 'sfixed64':
      return reader.sfixed64();
    case 'float':
      return reader.float();
    case 'double':
      return reader.double();
    case 'message':
      throw new Error('A message is not a scalar');
  }
}

/** Of the fields of a oneof the last on the wire wins. */
function clearSiblings(type: MessageType<object>, field: Field, target: Target): void {
  for (const members of type.layout.oneofs) {
    if (!members.includes(field)) continue;
    for (const member of members) if (member !== field && member.property in target) delete target[member.property];
  }
}

function keepUnknown(target: Target, found: readonly Uint8Array[]): void {
  const before = target[UNKNOWN_FIELDS] as Uint8Array | undefined;
  target[UNKNOWN_FIELDS] = new Uint8Array(Buffer.concat(before === undefined ? found : [before, ...found]));
}
