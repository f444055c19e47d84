import type { MessageType } from './message-type.ts';
import { type EnumType, enumNamed, messageNamed } from './registry.ts';

/** The scalar types of protobuf. */
export type ScalarKind = 'bool' | 'bytes' | 'double' | 'float' | 'string' | Int32Kind | Int64Kind;
/** Integers that are numbers in JavaScript. */
export type Int32Kind = 'int32' | 'uint32' | 'sint32' | 'fixed32' | 'sfixed32';
/** Integers that are bigints in JavaScript. */
export type Int64Kind = 'int64' | 'uint64' | 'sint64' | 'fixed64' | 'sfixed64';
export type FieldKind = ScalarKind | 'enum' | 'message';

/** How values lie on the wire: varint, 8 bytes, behind their length, 4 bytes. */
export const VARINT = 0;
export const FIXED64 = 1;
export const DELIMITED = 2;
export const FIXED32 = 5;
export type WireType = typeof VARINT | typeof FIXED64 | typeof DELIMITED | typeof FIXED32;

const WIRE_TYPES: Readonly<Record<FieldKind, WireType>> = {
  bool: VARINT,
  int32: VARINT,
  uint32: VARINT,
  sint32: VARINT,
  int64: VARINT,
  uint64: VARINT,
  sint64: VARINT,
  enum: VARINT,
  double: FIXED64,
  fixed64: FIXED64,
  sfixed64: FIXED64,
  float: FIXED32,
  fixed32: FIXED32,
  sfixed32: FIXED32,
  bytes: DELIMITED,
  string: DELIMITED,
  message: DELIMITED,
};

/** One field of a message type. */
export interface Field {
  readonly number: number;
  /** As in the proto file, e.g. `unique_name`. */
  readonly name: string;
  /** As in objects and in JSON, e.g. `uniqueName`. */
  readonly property: string;
  /** `singular` always has a value, `optional` may be absent, `map` has strings for keys. */
  readonly cardinality: 'singular' | 'optional' | 'repeated' | 'map';
  /** Of the value, of each element, or of each map value. */
  readonly kind: FieldKind;
  readonly wireType: WireType;
  /** What stands before the field on the wire: its number, and whether a length follows. */
  readonly tag: number;
  /** Set where the kind is `message`. */
  readonly message: MessageType<object> | undefined;
  /** Set where the kind is `enum`. */
  readonly enumType: EnumType | undefined;
  readonly oneof: string | undefined;
}

/**
 * Parses the fields of a message, one a line: `NUMBER name TYPE`, where TYPE may come after `repeated` or `optional`, may
 * be `map<string,TYPE>`, and `oneof:NAME` may follow. Names of messages and enums are relative to `packageName` or start
 * with a dot; an enum is `enum:NAME`.
 */
export function parseFields(definition: string, packageName: string): readonly Field[] {
  return definition === '' ? [] : definition.split('\n').map((line) => parseField(line.trim(), packageName));
}

function parseField(line: string, packageName: string): Field {
  const [number, name, ...words] = line.split(' ');
  const oneof = words.at(-1)?.startsWith('oneof:') ? words.pop()?.slice('oneof:'.length) : undefined;
  const label = words.length > 1 ? words.shift() : undefined;
  const [, mapValue] = /^map<string,(.*)>$/.exec(words[0]) ?? [];
  const type = mapValue ?? words[0];
  const absolute = (typeName: string): string =>
    typeName[0] === '.' ? typeName.slice(1) : `${packageName}.${typeName}`;
  const enumType = type.startsWith('enum:') ? enumNamed(absolute(type.slice('enum:'.length))) : undefined;
  const isScalar = type in WIRE_TYPES;
  const kind = enumType !== undefined ? 'enum' : isScalar ? (type as ScalarKind) : 'message';
  const cardinality = cardinalityOf(mapValue !== undefined, label, oneof !== undefined || kind === 'message');
  const wireType = WIRE_TYPES[kind];
  // Lists of numbers are packed behind one length.
  const isDelimited = cardinality === 'map' || cardinality === 'repeated';
  return {
    number: Number(number),
    name,
    property: propertyName(name),
    cardinality,
    kind,
    wireType,
    tag: ((Number(number) << 3) | (isDelimited ? DELIMITED : wireType)) >>> 0,
    message: kind === 'message' ? messageNamed(absolute(type)) : undefined,
    enumType,
    oneof,
  };
}

function cardinalityOf(isMap: boolean, label: string | undefined, mayBeAbsent: boolean): Field['cardinality'] {
  if (isMap) return 'map';
  if (label === 'repeated') return 'repeated';
  return mayBeAbsent || label === 'optional' ? 'optional' : 'singular';
}

/** Maps are lists of messages with a key and a value. */
export const MAP_KEY_TAG = (1 << 3) | DELIMITED;

export function mapValueTag(field: Field): number {
  return (2 << 3) | field.wireType;
}

/** The JSON name that protobuf derives from a field name. */
export function propertyName(fieldName: string): string {
  return fieldName.replace(/_+(.?)/g, (_, next: string) => next.toUpperCase());
}

/** The value of a field that is not on the wire; a new one each time where it could be changed. */
export function defaultValue({ cardinality, kind }: Field): unknown {
  switch (cardinality) {
    case 'repeated':
      return [];
    case 'map':
      // Keys come from others: `constructor` or `__proto__` must be entries like any other.
      return Object.create(null);
    case 'optional':
      return undefined;
    default:
      return scalarDefault(kind);
  }
}

/** What proto3 takes a scalar for that is not on the wire. */
export function scalarDefault(kind: FieldKind): unknown {
  switch (kind) {
    case 'string':
      return '';
    case 'bytes':
      return new Uint8Array(0);
    case 'bool':
      return false;
    default:
      return isInt64(kind) ? 0n : 0;
  }
}

/** Whether a field of a decoded message holds what it would hold without being on the wire. */
export function isDefaultScalar(value: unknown): boolean {
  if (value instanceof Uint8Array) return value.length === 0;
  // -0 is another number than the default.
  return value === '' || value === false || value === 0n || Object.is(value, 0);
}

export function isInt64(kind: FieldKind): kind is Int64Kind {
  return kind.endsWith('64');
}
