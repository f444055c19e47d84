import { type ByteWriter, CoderError } from '../../sdk/index.ts';
import { writeBigLong, writeBytes, writeLong, writeString } from './avro-output.ts';
import type { AvroType, RecordType } from './avro-schema.ts';
import { defaultOf } from './default-value.ts';
import { conversionOf, wrongValue } from './logical-types.ts';

/** Writes one value. @throws CoderError `AVRO_VALUE` naming the field, when the value is not of the type. */
export type AvroWrite = (value: unknown, out: ByteWriter) => void;

/**
 * A function that writes values of a schema. A field that is missing is written as its default, or as null where the
 * type allows; properties that are no fields are not written. In a union, the first branch that the value fits is taken.
 *
 * @throws IoError `AVRO_SCHEMA` when a default is no value of its type.
 */
export function compileWriter(type: AvroType): AvroWrite {
  return new WriterCompiler().compile(type);
}

class WriterCompiler {
  readonly #records = new Map<RecordType, { write: AvroWrite }>();

  compile(type: AvroType): AvroWrite {
    const conversion = conversionOf(type);
    const base = this.#base(type);
    if (conversion === undefined) return base;
    const { encode } = conversion;
    return (value, out) => base(encode(value), out);
  }

  #base(type: AvroType): AvroWrite {
    switch (type.kind) {
      case 'null':
        return (value) => {
          if (value !== null && value !== undefined) throw wrongValue('null', value);
        };
      case 'boolean':
        return (value, out) => {
          if (typeof value !== 'boolean') throw wrongValue('a boolean', value);
          out.byte(value ? 1 : 0);
        };
      case 'int':
        return (value, out) => {
          if (typeof value !== 'number' || (value | 0) !== value) throw wrongValue('an int of 32 bits', value);
          writeLong(value, out);
        };
      case 'long':
        return (value, out) => {
          if (typeof value === 'bigint' && BigInt.asIntN(64, value) === value) writeBigLong(value, out);
          else if (Number.isSafeInteger(value)) writeLong(value as number, out);
          else throw wrongValue('a long: a bigint of 64 bits or a safe integer', value);
        };
      case 'float':
        return (value, out) => {
          if (typeof value !== 'number') throw wrongValue('a number', value);
          const at = out.reserve(4);
          out.bytes.writeFloatLE(value, at);
          out.length = at + 4;
        };
      case 'double':
        return (value, out) => {
          if (typeof value !== 'number') throw wrongValue('a number', value);
          const at = out.reserve(8);
          out.bytes.writeDoubleLE(value, at);
          out.length = at + 8;
        };
      case 'string':
        return (value, out) => {
          if (typeof value !== 'string') throw wrongValue('a string', value);
          writeString(value, out);
        };
      case 'bytes':
        return (value, out) => {
          if (!(value instanceof Uint8Array)) throw wrongValue('a Uint8Array', value);
          writeBytes(value, out);
        };
      case 'fixed':
        return (value, out) => {
          if (!(value instanceof Uint8Array) || value.length !== type.size)
            throw wrongValue(`a Uint8Array of ${type.size}`, value);
          out.raw(value);
        };
      case 'enum': {
        const indices = new Map(type.symbols.map((symbol, index) => [symbol, index]));
        return (value, out) => {
          const index = indices.get(value as string);
          if (index === undefined) throw wrongValue(`a symbol of ${type.name}`, value);
          writeLong(index, out);
        };
      }
      case 'array':
        return writeArray(this.compile(type.items));
      case 'map':
        return writeMap(this.compile(type.values));
      case 'union':
        return this.#union(type.branches);
      case 'record':
        return this.#record(type);
    }
  }

  #union(branches: readonly AvroType[]): AvroWrite {
    const writes = branches.map((branch) => this.compile(branch));
    const nullIndex = branches.findIndex((branch) => branch.kind === 'null');
    const other = branches.length === 2 && nullIndex >= 0 ? 1 - nullIndex : -1;
    const wanted = `a value of one of ${branches.map((branch) => ('name' in branch ? branch.name : branch.kind)).join(', ')}`;
    return (value, out) => {
      let index = nullIndex;
      if (value === null || value === undefined) {
        if (nullIndex < 0) throw wrongValue(wanted, value);
      } else {
        // With one other branch nothing has to be chosen, and its own error says more.
        index = other >= 0 ? other : branches.findIndex((branch) => matches(branch, value, 0));
        if (index < 0) throw wrongValue(wanted, value);
      }
      writeLong(index, out);
      writes[index](value, out);
    };
  }

  #record(type: RecordType): AvroWrite {
    const known = this.#records.get(type);
    if (known !== undefined) return (value, out) => known.write(value, out);
    const slot: { write: AvroWrite } = { write: () => undefined };
    this.#records.set(type, slot);
    const fields = type.fields.map((field) => ({
      name: field.name,
      write: this.compile(field.type),
      fallback: field.fallback && defaultOf(field.type, field.fallback.json, { int64: 'bigint' }),
    }));
    slot.write = (value, out) => {
      if (typeof value !== 'object' || value === null) throw wrongValue(`a row of ${type.name}`, value);
      let i = 0;
      try {
        for (; i < fields.length; i++) {
          const { name, write, fallback } = fields[i];
          const item = Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined;
          write(item === undefined && fallback !== undefined ? fallback() : item, out);
        }
      } catch (error) {
        throw inField(error, fields[i].name);
      }
    };
    return slot.write;
  }
}

function writeArray(write: AvroWrite): AvroWrite {
  return (value, out) => {
    if (!Array.isArray(value)) throw wrongValue('an array', value);
    if (value.length > 0) writeLong(value.length, out);
    let i = 0;
    try {
      for (; i < value.length; i++) write(value[i], out);
    } catch (error) {
      throw inField(error, String(i));
    }
    out.byte(0);
  };
}

function writeMap(write: AvroWrite): AvroWrite {
  return (value, out) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrongValue('an object', value);
    const entries = Object.entries(value);
    if (entries.length > 0) writeLong(entries.length, out);
    for (const [key, item] of entries) {
      writeString(key, out);
      try {
        write(item, out);
      } catch (error) {
        throw inField(error, key);
      }
    }
    out.byte(0);
  };
}

/** Deepest look into a value when a union's branch is chosen. */
const MAX_MATCH_DEPTH = 8;

/** Whether a value may be of a type. Records match when they have all fields that have no default, and no others. */
function matches(type: AvroType, value: unknown, depth: number): boolean {
  const conversion = conversionOf(type);
  if (conversion !== undefined) return conversion.matches(value);
  switch (type.kind) {
    case 'null':
      return value === null || value === undefined;
    case 'boolean':
      return typeof value === 'boolean';
    case 'int':
      return typeof value === 'number' && (value | 0) === value;
    case 'long':
      return typeof value === 'bigint' || Number.isSafeInteger(value);
    case 'float':
    case 'double':
      return typeof value === 'number';
    case 'string':
      return typeof value === 'string';
    case 'bytes':
      return value instanceof Uint8Array;
    case 'fixed':
      return value instanceof Uint8Array && value.length === type.size;
    case 'enum':
      return type.symbols.includes(value as string);
    case 'array':
      return (
        Array.isArray(value) && (depth > MAX_MATCH_DEPTH || value.every((item) => matches(type.items, item, depth + 1)))
      );
    case 'map':
      if (!isPlainObject(value)) return false;
      return depth > MAX_MATCH_DEPTH || Object.values(value).every((item) => matches(type.values, item, depth + 1));
    case 'record':
      if (!isPlainObject(value)) return false;
      return (
        Object.keys(value).every((key) => type.fields.some((field) => field.name === key)) &&
        type.fields.every((field) => {
          const item = value[field.name];
          if (item === undefined && field.fallback !== undefined) return true;
          return depth > MAX_MATCH_DEPTH || matches(field.type, item, depth + 1);
        })
      );
    case 'union':
      return type.branches.some((branch) => matches(branch, value, depth));
  }
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array);
}

/** The error of a value inside of another, with the path to it. */
function inField(error: unknown, name: string): unknown {
  if (!(error instanceof CoderError)) return error;
  const inner = /^Field '(.*?)': (.*)$/s.exec(error.summary);
  const summary = inner === null ? `Field '${name}': ${error.summary}` : `Field '${name}.${inner[1]}': ${inner[2]}`;
  return new CoderError(error.code, summary, error.context);
}
