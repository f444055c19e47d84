import type { ByteReader, ByteWriter } from '../../sdk/index.ts';

/** Types of Thrift's compact protocol. A boolean field has its value in place of the type. */
const TRUE = 1;
const FALSE = 2;
const I8 = 3;
const I64 = 6;
const DOUBLE = 7;
const BINARY = 8;
const LIST = 9;
const SET = 10;
const STRUCT = 12;

/** A value with its type, so that what is read can be written again without knowing what it means. */
export type ThriftValue =
  | { readonly type: typeof TRUE | typeof FALSE }
  | { readonly type: number; integer: bigint }
  | { readonly type: number; readonly bytes: Uint8Array }
  | { readonly type: number; readonly elementType: number; readonly items: ThriftValue[] }
  | { readonly type: number; readonly fields: ThriftStruct };

/** The fields of a struct by number, in their order. */
export type ThriftStruct = Map<number, ThriftValue>;

const MAX_DEPTH = 64;
/** Values of one struct and all in it: a value of one byte becomes an object, so that bytes alone are no bound. */
const MAX_VALUES = 8_000_000;

/** Reads a struct. @throws CoderError when the bytes are none */
export function readStruct(input: ByteReader): ThriftStruct {
  return readFields(input, 0, { left: MAX_VALUES });
}

function readFields(input: ByteReader, depth: number, budget: { left: number }): ThriftStruct {
  if (depth > MAX_DEPTH) throw input.malformed(`Structs nested deeper than ${MAX_DEPTH}`);
  const fields: ThriftStruct = new Map();
  let id = 0;
  for (;;) {
    const head = input.byte();
    if (head === 0) return fields;
    const delta = head >>> 4;
    id = delta === 0 ? Number(readInteger(input)) : id + delta;
    const type = head & 15;
    fields.set(id, type === TRUE || type === FALSE ? { type } : readValue(type, input, depth, budget));
  }
}

function readValue(type: number, input: ByteReader, depth: number, budget: { left: number }): ThriftValue {
  if (--budget.left < 0) throw input.malformed(`More than ${MAX_VALUES} Thrift values`);
  if (type === I8) return { type, integer: BigInt(input.byte()) };
  if (type > I8 && type <= I64) return { type, integer: readInteger(input) };
  if (type === DOUBLE) return { type, bytes: input.raw(8) };
  if (type === BINARY) return { type, bytes: input.raw(input.varint()) };
  if (type === STRUCT) return { type, fields: readFields(input, depth + 1, budget) };
  if (type !== LIST && type !== SET) throw input.malformed(`The Thrift type ${type}`);
  const head = input.byte();
  const elementType = head & 15;
  const count = head >>> 4 === 15 ? input.varint() : head >>> 4;
  if (count > input.remaining) throw input.malformed(`A list of ${count}`);
  const items: ThriftValue[] = [];
  for (let i = 0; i < count; i++) {
    // In a list a boolean takes a byte.
    const boolean = elementType === TRUE || elementType === FALSE;
    items.push(
      boolean ? { type: input.byte() === 1 ? TRUE : FALSE } : readValue(elementType, input, depth + 1, budget),
    );
  }
  return { type, elementType, items };
}

function readInteger(input: ByteReader): bigint {
  const value = BigInt.asUintN(64, input.varint64());
  return (value >> 1n) ^ -(value & 1n);
}

/** Appends a struct. */
export function writeStruct(fields: ThriftStruct, out: ByteWriter): void {
  let before = 0;
  for (const [id, value] of fields) {
    const delta = id - before;
    if (delta > 0 && delta < 16) out.byte((delta << 4) | value.type);
    else {
      out.byte(value.type);
      writeInteger(BigInt(id), out);
    }
    before = id;
    writeValue(value, out);
  }
  out.byte(0);
}

function writeValue(value: ThriftValue, out: ByteWriter): void {
  if ('integer' in value) {
    if (value.type === I8) out.byte(Number(value.integer) & 0xff);
    else writeInteger(value.integer, out);
  } else if ('bytes' in value) {
    if (value.type === BINARY) out.varint(value.bytes.length);
    out.raw(value.bytes);
  } else if ('fields' in value) writeStruct(value.fields, out);
  else if ('items' in value) {
    const count = value.items.length;
    out.byte((Math.min(count, 15) << 4) | value.elementType);
    if (count >= 15) out.varint(count);
    for (const item of value.items) {
      if (item.type === TRUE || item.type === FALSE) out.byte(item.type);
      else writeValue(item, out);
    }
  }
}

function writeInteger(value: bigint, out: ByteWriter): void {
  out.varint64(BigInt.asIntN(64, (value << 1n) ^ (value >> 63n)));
}
