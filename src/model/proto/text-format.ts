import { type Field, isDefaultScalar } from './field.ts';
import type { MessageType } from './message-type.ts';
import { shortestFloat } from './shortest-float.ts';
import { UNKNOWN_FIELDS } from './unknown-fields.ts';

/**
 * A message in protobuf's text format, one field a line in the order of the field numbers, map entries by key. Fields
 * with their default are left out. Fields unknown to the type have no name and so no text: a comment says how many bytes
 * they take.
 */
export function toTextProto<T extends object>(type: MessageType<T>, message: T): string {
  const lines: string[] = [];
  printFields(type, message as Readonly<Record<string | symbol, unknown>>, '', lines);
  return lines.map((line) => `${line}\n`).join('');
}

type Source = Readonly<Record<string | symbol, unknown>>;

function printFields(type: MessageType<object>, message: Source, indent: string, lines: string[]): void {
  for (const field of type.layout.fields) {
    const value = message[field.property];
    if (value === undefined) continue;
    switch (field.cardinality) {
      case 'repeated':
        for (const element of value as readonly unknown[]) printValue(field, field.name, element, indent, lines);
        break;
      case 'map':
        printMap(field, value as Source, indent, lines);
        break;
      case 'singular':
        if (!isDefaultScalar(value)) printValue(field, field.name, value, indent, lines);
        break;
      case 'optional':
        printValue(field, field.name, value, indent, lines);
    }
  }
  const unknown = message[UNKNOWN_FIELDS];
  if (unknown instanceof Uint8Array) lines.push(`${indent}# ${unknown.length} bytes of unknown fields`);
}

function printMap(field: Field, map: Source, indent: string, lines: string[]): void {
  for (const key of Object.keys(map).sort()) {
    lines.push(`${indent}${field.name} {`, `${indent}  key: ${quoteText(key)}`);
    printValue(field, 'value', map[key], `${indent}  `, lines);
    lines.push(`${indent}}`);
  }
}

function printValue(field: Field, name: string, value: unknown, indent: string, lines: string[]): void {
  if (field.message === undefined) {
    lines.push(`${indent}${name}: ${scalarText(field, value)}`);
    return;
  }
  lines.push(`${indent}${name} {`);
  printFields(field.message, value as Source, `${indent}  `, lines);
  lines.push(`${indent}}`);
}

function scalarText(field: Field, value: unknown): string {
  switch (field.kind) {
    case 'string':
      return quoteText(value as string);
    case 'bytes':
      return quoteBytes(value as Uint8Array);
    case 'enum':
      return field.enumType?.nameOf(value as number) ?? String(value);
    case 'float':
      return numberText(shortestFloat(value as number));
    case 'double':
      return numberText(value as number);
    default:
      return String(value);
  }
}

function numberText(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  return Object.is(value, -0) ? '-0' : String(value);
}

const ESCAPES: Readonly<Record<string, string>> = { '"': '\\"', '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** Text stays readable: only what would break the line or the quotes is escaped. */
function quoteText(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is escaped.
  return `"${text.replace(/["\\\u0000-\u001f\u007f]/g, (char) => ESCAPES[char] ?? octal(char.charCodeAt(0)))}"`;
}

function quoteBytes(bytes: Uint8Array): string {
  let text = '"';
  for (const byte of bytes) {
    const char = String.fromCharCode(byte);
    text += ESCAPES[char] ?? (byte < 0x20 || byte > 0x7e ? octal(byte) : char);
  }
  return `${text}"`;
}

/** Always three digits, so that a digit that follows is not taken for part of it. */
function octal(code: number): string {
  return `\\${code.toString(8).padStart(3, '0')}`;
}
