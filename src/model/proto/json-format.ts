import { type Field, isDefaultScalar } from './field.ts';
import type { MessageType } from './message-type.ts';
import { shortestFloat } from './shortest-float.ts';

/** What `JSON.stringify` takes. */
export type JsonValue = null | boolean | number | string | JsonValue[] | { [key: string]: JsonValue };

type Source = Readonly<Record<string, unknown>>;

/**
 * A message in ProtoJSON, for `JSON.stringify`: int64 as decimal strings, bytes as base64, enums by name, NaN, the
 * infinities and -0 as strings; Timestamp, Duration and Struct in their own forms. Fields with their default are left
 * out, and so are fields unknown to the type, for which ProtoJSON has no form.
 */
export function toJson<T extends object>(type: MessageType<T>, message: T): JsonValue {
  return messageJson(type, message as Source);
}

function messageJson(type: MessageType<object>, message: Source): JsonValue {
  const special = SPECIAL_FORMS[type.typeName]?.(message);
  return special === undefined ? fieldsJson(type, message) : special;
}

function fieldsJson(type: MessageType<object>, message: Source): { [key: string]: JsonValue } {
  const json: { [key: string]: JsonValue } = {};
  for (const field of type.layout.fields) {
    const value = message[field.property];
    if (value === undefined) continue;
    const text = fieldJson(field, value);
    if (text !== undefined) json[field.property] = text;
  }
  return json;
}

/** Undefined where the value is the default of a field that is never absent. */
function fieldJson(field: Field, value: unknown): JsonValue | undefined {
  switch (field.cardinality) {
    case 'repeated': {
      const list = value as readonly unknown[];
      return list.length === 0 ? undefined : list.map((element) => valueJson(field, element));
    }
    case 'map': {
      const entries = Object.entries(value as Source);
      return entries.length === 0 ? undefined : mapJson(entries.map(([key, each]) => [key, valueJson(field, each)]));
    }
    case 'singular':
      return isDefaultScalar(value) ? undefined : valueJson(field, value);
    case 'optional':
      return valueJson(field, value);
  }
}

/** `Object.fromEntries` makes even `__proto__` a property; keys are sorted so that equal messages have equal JSON. */
function mapJson(entries: [string, JsonValue][]): { [key: string]: JsonValue } {
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

function valueJson(field: Field, value: unknown): JsonValue {
  switch (field.kind) {
    case 'message':
      return field.message === undefined ? null : messageJson(field.message, value as Source);
    case 'bytes': {
      const { buffer, byteOffset, byteLength } = value as Uint8Array;
      return Buffer.from(buffer, byteOffset, byteLength).toString('base64');
    }
    case 'enum':
      return field.enumType?.nameOf(value as number) ?? (value as number);
    case 'float':
      return numberJson(shortestFloat(value as number));
    case 'double':
      return numberJson(value as number);
    default:
      return typeof value === 'bigint' ? String(value) : (value as JsonValue);
  }
}

function numberJson(value: number): JsonValue {
  if (!Number.isFinite(value)) return String(value);
  // JSON.stringify would drop the sign; readers of ProtoJSON take strings too.
  return Object.is(value, -0) ? '-0' : value;
}

/** Types with a form of their own; undefined where a value has none and is written as any other message. */
const SPECIAL_FORMS: Readonly<Record<string, (message: Source) => JsonValue | undefined>> = {
  'google.protobuf.Timestamp': timestampJson,
  'google.protobuf.Duration': durationJson,
  'google.protobuf.Struct': structJson,
  'google.protobuf.ListValue': (message) => (message.values as Source[]).map(structValueJson),
  'google.protobuf.Value': structValueJson,
};

const FIRST_SECOND = -62135596800n;
const LAST_SECOND = 253402300799n;

/** RFC 3339, which reaches from the year 1 to 9999; Beam's times reach further. */
function timestampJson({ seconds, nanos }: Source): JsonValue | undefined {
  const second = seconds as bigint;
  if (second < FIRST_SECOND || second > LAST_SECOND) return undefined;
  const date = new Date(Number(second) * 1000).toISOString().slice(0, 'YYYY-MM-DDTHH:MM:SS'.length);
  return `${date}${fraction(nanos as number)}Z`;
}

function durationJson({ seconds, nanos }: Source): JsonValue {
  const whole = seconds as bigint;
  const part = nanos as number;
  const isNegative = whole < 0n || part < 0;
  return `${isNegative ? '-' : ''}${whole < 0n ? -whole : whole}${fraction(Math.abs(part))}s`;
}

/** 3, 6 or 9 digits, as many as are needed. */
function fraction(nanos: number): string {
  if (nanos === 0) return '';
  const digits = String(nanos).padStart(9, '0');
  return `.${digits.replace(/(000){1,2}$/, '')}`;
}

function structJson(message: Source): JsonValue {
  const fields = Object.entries(message.fields as Readonly<Record<string, Source>>);
  return mapJson(fields.map(([key, value]) => [key, structValueJson(value)]));
}

function structValueJson(value: Source): JsonValue {
  if (value.structValue !== undefined) return structJson(value.structValue as Source);
  if (value.listValue !== undefined) return ((value.listValue as Source).values as Source[]).map(structValueJson);
  if (value.numberValue !== undefined) return numberJson(value.numberValue as number);
  return (value.stringValue ?? value.boolValue ?? null) as JsonValue;
}
