import { CoderError } from '../errors.ts';
import { GlobalWindow, IntervalWindow } from '../windows/window.ts';
import type { ByteWriter } from './byte-writer.ts';
import { shapeTable } from './shape-table.ts';
import { encodeTimestamp } from './timestamp-coder.ts';
import { TYPED_ARRAYS } from './typed-arrays.ts';
import { writeArrayHeader, writeBigInt, writeBytes, writeNumber, writeString } from './value-scalars.ts';
import * as tag from './value-tags.ts';
import { type RegisteredType, typeOfPrototype } from './value-types.ts';

/** Thrown where a value has no encoding; whoever holds the whole value turns it into an error that names the place. */
export class Unencodable extends CoderError {}

const objectPrototype = Object.prototype;

/** Writes any value of the default coder. `inlineShapes` writes field names in place, for bytes that must stand alone. */
export function writeValue(value: unknown, out: ByteWriter, depth: number, inlineShapes: boolean): void {
  switch (typeof value) {
    case 'number':
      return writeNumber(value, out);
    case 'string':
      return writeString(value, out, false);
    case 'boolean':
      return out.byte(value ? tag.TRUE : tag.FALSE);
    case 'object':
      if (value === null) return out.byte(tag.NULL);
      if (depth >= tag.MAX_DEPTH) throw new Unencodable('CODER_UNENCODABLE', `is nested deeper than ${tag.MAX_DEPTH}`);
      if (Array.isArray(value)) {
        const count = value.length;
        writeArrayHeader(count, out);
        for (let i = 0; i < count; i++) writeValue(value[i], out, depth + 1, inlineShapes);
        return;
      }
      if (Object.getPrototypeOf(value) !== objectPrototype) return writeInstance(value, out, depth, inlineShapes);
      return writeObject(value as Record<string, unknown>, out, depth + 1, inlineShapes);
    case 'undefined':
      return out.byte(tag.UNDEFINED);
    case 'bigint':
      return writeBigInt(value, out);
    default:
      throw new Unencodable('CODER_UNENCODABLE', `is a ${typeof value}`);
  }
}

/** Writes the values while it walks the names down the shape table, and fills in the shape when it has arrived. */
function writeObject(value: Record<string, unknown>, out: ByteWriter, depth: number, inlineShapes: boolean): void {
  if (inlineShapes) return writeInline(value, out, depth, true);
  const at = out.reserve(5);
  out.length = at + 5;
  let node = shapeTable.root;
  for (const name in value) {
    const next = node.lastName === name ? node.last : shapeTable.step(node, name);
    if (next === undefined) {
      out.length = at;
      return writeInline(value, out, depth, false);
    }
    node = next;
    writeValue(value[name], out, depth, false);
  }
  const shape = node.shape ?? shapeTable.shapeAt(node);
  if (shape === undefined) {
    out.length = at;
    return writeInline(value, out, depth, false);
  }
  const id = shape.id;
  const bytes = out.bytes;
  bytes[at] = tag.OBJECT;
  bytes[at + 1] = id >> 24;
  bytes[at + 2] = id >> 16;
  bytes[at + 3] = id >> 8;
  bytes[at + 4] = id;
}

function writeInline(value: Record<string, unknown>, out: ByteWriter, depth: number, inlineShapes: boolean): void {
  const names = Object.keys(value);
  out.byte(tag.INLINE_OBJECT);
  out.varint(names.length);
  for (const name of names) {
    writeString(name, out, false);
    writeValue(value[name], out, depth, inlineShapes);
  }
}

/** Objects that are not plain: registered classes, windows, built-in collections. Subclasses of these are refused. */
function writeInstance(value: object, out: ByteWriter, depth: number, inlineShapes: boolean): void {
  const prototype = Object.getPrototypeOf(value);
  switch (prototype) {
    case Uint8Array.prototype:
    case Buffer.prototype:
      return writeBytes(value as Uint8Array, out);
    case Date.prototype:
      return writeDate(value as Date, out);
    case Map.prototype:
      return writeMap(value as Map<unknown, unknown>, out, depth, inlineShapes);
    case Set.prototype:
      out.byte(tag.SET);
      out.varint((value as Set<unknown>).size);
      for (const item of value as Set<unknown>) writeValue(item, out, depth + 1, inlineShapes);
      return;
    case IntervalWindow.prototype:
      out.byte(tag.INTERVAL);
      encodeTimestamp((value as IntervalWindow).start, out);
      return encodeTimestamp((value as IntervalWindow).end, out);
    case GlobalWindow.prototype:
      return out.byte(tag.GLOBAL);
  }
  const registered = typeOfPrototype(prototype);
  if (registered !== undefined) return writeRegistered(registered, value, out, depth, inlineShapes);
  const typedArray = TYPED_ARRAYS.findIndex((type) => prototype === type.prototype);
  if (typedArray >= 0) return writeTypedArray(value as ArrayBufferView, typedArray, out);
  if (isPlain(prototype)) return writeInline(value as Record<string, unknown>, out, depth + 1, inlineShapes);
  throw new Unencodable('CODER_UNENCODABLE', `is an instance of ${prototype.constructor?.name || 'an unnamed class'}`);
}

function writeDate(value: Date, out: ByteWriter): void {
  const time = value.getTime();
  out.byte(tag.DATE);
  if (Number.isNaN(time)) out.words(0x7ff80000, 0);
  else out.float64(time);
}

function writeMap(value: Map<unknown, unknown>, out: ByteWriter, depth: number, inlineShapes: boolean): void {
  out.byte(tag.MAP);
  out.varint(value.size);
  for (const [key, item] of value) {
    writeValue(key, out, depth + 1, inlineShapes);
    writeValue(item, out, depth + 1, inlineShapes);
  }
}

/** Objects without a prototype, and plain ones of another realm (vm contexts, test runners). */
function isPlain(prototype: object | null): boolean {
  return prototype === null || (Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype, 'isPrototypeOf'));
}

function writeRegistered(
  type: RegisteredType,
  value: object,
  out: ByteWriter,
  depth: number,
  inlineShapes: boolean,
): void {
  out.byte(tag.REGISTERED);
  out.uint32(type.id);
  writeValue(type.codec.encode(value), out, depth + 1, inlineShapes);
}

function writeTypedArray(value: ArrayBufferView, kind: number, out: ByteWriter): void {
  out.byte(tag.TYPED_ARRAY);
  out.byte(kind);
  out.varint(value.byteLength);
  out.raw(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
}
