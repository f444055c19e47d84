import { IoError } from '../../sdk/index.ts';
import { copyBytes } from '../copy-bytes.ts';
import type { AvroInput } from './avro-input.ts';
import type { AvroType, EnumType, FixedType, RecordType } from './avro-schema.ts';
import { compileSkip, countEmpty } from './compile-skip.ts';
import { defaultOf } from './default-value.ts';
import { conversionOf } from './logical-types.ts';

/** Reads one value. */
export type AvroRead = (input: AvroInput) => unknown;

/** How values appear in the program. */
export interface AvroReadStyle {
  /** What a long is read as; a `number` beyond ±(2^53 - 1) is an error. */
  readonly int64: 'bigint' | 'number';
}

/**
 * A function that reads values written with one schema as those of another (Avro's schema resolution): fields by name or
 * alias, missing ones from their defaults, numbers and strings promoted. Compiled once, so that reading takes no
 * decisions about types.
 *
 * @throws IoError `AVRO_SCHEMA` when no value of the writer's schema could be read.
 */
export function compileReader(writer: AvroType, reader: AvroType, style: AvroReadStyle): AvroRead {
  return new ReaderCompiler(style).compile(writer, reader, '');
}

class ReaderCompiler {
  readonly #style: AvroReadStyle;
  /** Readers of records by writer and reader type: a record may hold itself. */
  readonly #records = new Map<AvroType, Map<AvroType, { read: AvroRead }>>();

  constructor(style: AvroReadStyle) {
    this.#style = style;
  }

  compile(writer: AvroType, reader: AvroType, path: string): AvroRead {
    if (writer.kind === 'union') return this.#writerUnion(writer.branches, reader, path);
    if (reader.kind === 'union') {
      const branch =
        reader.branches.find((each) => same(writer, each)) ?? reader.branches.find((each) => promotes(writer, each));
      if (branch === undefined) throw mismatch(writer, reader, path);
      return this.compile(writer, branch, path);
    }
    const conversion = conversionOf(reader);
    if (conversion !== undefined) {
      const { decode } = conversion;
      // The conversions of longs take bigints whatever the style.
      const base = this.#base(writer, reader, path, 'bigint') as AvroRead;
      return (input) => decode(base(input) as never);
    }
    return this.#base(writer, reader, path, this.#style.int64);
  }

  #base(writer: AvroType, reader: AvroType, path: string, int64: 'bigint' | 'number'): AvroRead {
    switch (reader.kind) {
      case 'null':
        if (writer.kind === 'null') return () => null;
        break;
      case 'boolean':
        if (writer.kind === 'boolean') return readBoolean;
        break;
      case 'int':
        if (writer.kind === 'int') return (input) => input.int();
        break;
      case 'long':
        if (writer.kind === 'long') return int64 === 'number' ? (input) => input.safeLong() : (input) => input.long();
        if (writer.kind === 'int') return int64 === 'number' ? (input) => input.int() : (input) => BigInt(input.int());
        break;
      case 'float':
      case 'double':
        if (writer.kind === 'float') return (input) => input.floatLE();
        if (writer.kind === 'double' && reader.kind === 'double') return (input) => input.doubleLE();
        if (writer.kind === 'int') return (input) => input.int();
        if (writer.kind === 'long') return (input) => input.longAsNumber();
        break;
      case 'string':
        if (isBytes(writer)) return (input) => input.utf8(input.size());
        break;
      case 'bytes':
        if (isBytes(writer)) return readBytes;
        break;
      case 'fixed':
        if (writer.kind === 'fixed' && named(writer, reader) && writer.size === reader.size)
          return readFixed(writer.size);
        break;
      case 'enum':
        if (writer.kind === 'enum' && named(writer, reader)) return readEnum(writer, reader);
        break;
      case 'array':
        if (writer.kind === 'array') return readArray(this.compile(writer.items, reader.items, `${path}[]`));
        break;
      case 'map':
        if (writer.kind === 'map') return readMap(this.compile(writer.values, reader.values, `${path}{}`));
        break;
      case 'record':
        if (writer.kind === 'record' && named(writer, reader)) return this.#record(writer, reader, path);
        break;
    }
    throw mismatch(writer, reader, path);
  }

  /** Each branch is resolved on its own; one that does not fit is an error only when a value has it. */
  #writerUnion(branches: readonly AvroType[], reader: AvroType, path: string): AvroRead {
    const errors: IoError[] = [];
    const reads = branches.map((branch): AvroRead => {
      try {
        return this.compile(branch, reader, path);
      } catch (error) {
        if (!(error instanceof IoError)) throw error;
        errors.push(error);
        return () => {
          throw error;
        };
      }
    });
    if (errors.length > 0 && errors.length === branches.length) throw errors[0];
    return (input) => {
      const index = input.safeLong();
      const read = reads[index];
      if (read === undefined) throw input.malformed(`Branch ${index} of a union of ${reads.length}`);
      return read(input);
    };
  }

  #record(writer: RecordType, reader: RecordType, path: string): AvroRead {
    let byReader = this.#records.get(writer);
    if (byReader === undefined) this.#records.set(writer, (byReader = new Map()));
    const known = byReader.get(reader);
    // Called when a value is read: the record may be under compilation here.
    if (known !== undefined) return (input) => known.read(input);
    const slot: { read: AvroRead } = { read: () => undefined };
    byReader.set(reader, slot);

    const names: string[] = [];
    const reads: AvroRead[] = [];
    const taken = new Set<string>();
    for (const field of writer.fields) {
      const target =
        reader.fields.find((each) => each.name === field.name) ??
        reader.fields.find((each) => each.aliases.includes(field.name));
      // An empty name marks a field that is read over.
      names.push(target?.name ?? '');
      const inner = path === '' ? field.name : `${path}.${field.name}`;
      reads.push(target === undefined ? compileSkip(field.type) : this.compile(field.type, target.type, inner));
      if (target !== undefined) taken.add(target.name);
    }
    const defaults: (readonly [name: string, make: () => unknown])[] = [];
    for (const field of reader.fields) {
      if (taken.has(field.name)) continue;
      if (field.fallback === undefined) {
        throw new IoError(
          'AVRO_SCHEMA',
          `The file has no field '${path === '' ? '' : `${path}.`}${field.name}', and it has no default`,
        );
      }
      defaults.push([field.name, defaultOf(field.type, field.fallback.json, this.#style)]);
    }
    slot.read = readRecord(names, reads, defaults);
    return slot.read;
  }
}

function readRecord(
  names: readonly string[],
  reads: readonly AvroRead[],
  defaults: readonly (readonly [name: string, make: () => unknown])[],
): AvroRead {
  const special = names.includes('__proto__');
  return (input) => {
    input.enter();
    const record: Record<string, unknown> = {};
    for (let i = 0; i < reads.length; i++) {
      const value = reads[i](input);
      const name = names[i];
      if (special && name === '__proto__') define(record, name, value);
      else if (name !== '') record[name] = value;
    }
    for (let i = 0; i < defaults.length; i++) record[defaults[i][0]] = defaults[i][1]();
    input.leave();
    return record;
  };
}

function readBoolean(input: AvroInput): boolean {
  const byte = input.byte();
  if (byte > 1) throw input.malformed(`The boolean ${byte}`);
  return byte === 1;
}

function readBytes(input: AvroInput): Uint8Array {
  const size = input.size();
  const at = input.take(size);
  return copyBytes(input.bytes, at, at + size);
}

function readFixed(size: number): AvroRead {
  return (input) => {
    const at = input.take(size);
    return copyBytes(input.bytes, at, at + size);
  };
}

function readEnum(writer: EnumType, reader: EnumType): AvroRead {
  const symbols = writer.symbols.map((symbol) => (reader.symbols.includes(symbol) ? symbol : reader.fallback));
  return (input) => {
    const index = input.int();
    const symbol = symbols[index];
    if (symbol !== undefined) return symbol;
    if (index in symbols)
      throw input.malformed(`The symbol '${writer.symbols[index]}', which the reader's enum lacks,`);
    throw input.malformed(`Symbol ${index} of an enum of ${symbols.length}`);
  };
}

/** Blocks of items: a count, its negative before a size in bytes, or 0 at the end. */
function itemsIn(input: AvroInput): number {
  const count = input.safeLong();
  if (count >= 0) return count;
  input.size();
  return -count;
}

function readArray(read: AvroRead): AvroRead {
  return (input) => {
    const items: unknown[] = [];
    for (let count = itemsIn(input); count > 0; count = itemsIn(input)) {
      for (let i = 0; i < count; i++) {
        const start = input.position;
        items.push(read(input));
        if (input.position === start) countEmpty(input);
      }
    }
    return items;
  };
}

function readMap(read: AvroRead): AvroRead {
  return (input) => {
    const map: Record<string, unknown> = {};
    for (let count = itemsIn(input); count > 0; count = itemsIn(input)) {
      for (let i = 0; i < count; i++) {
        const key = input.utf8(input.size());
        const value = read(input);
        if (key === '__proto__') define(map, key, value);
        else map[key] = value;
      }
    }
    return map;
  };
}

function define(target: object, name: string, value: unknown): void {
  Object.defineProperty(target, name, { value, enumerable: true, configurable: true, writable: true });
}

function isBytes(type: AvroType): boolean {
  return type.kind === 'bytes' || type.kind === 'string';
}

/** Whether names agree; only the part behind the namespace counts, as in most implementations. */
function named(writer: RecordType | EnumType | FixedType, reader: RecordType | EnumType | FixedType): boolean {
  const short = (name: string) => name.slice(name.lastIndexOf('.') + 1);
  return (
    short(writer.name) === short(reader.name) || reader.aliases.some((alias) => short(alias) === short(writer.name))
  );
}

function same(writer: AvroType, reader: AvroType): boolean {
  if (writer.kind !== reader.kind) return false;
  return !('name' in writer) || named(writer, reader as RecordType);
}

function promotes(writer: AvroType, reader: AvroType): boolean {
  if (isBytes(writer)) return isBytes(reader);
  const rank = ['int', 'long', 'float', 'double'];
  const from = rank.indexOf(writer.kind);
  return from >= 0 && rank.indexOf(reader.kind) > from;
}

function mismatch(writer: AvroType, reader: AvroType, path: string): IoError {
  const at = path === '' ? 'The file' : `Field '${path}' of the file`;
  return new IoError('AVRO_SCHEMA', `${at} holds ${nameOf(writer)}, which cannot be read as ${nameOf(reader)}`);
}

/** A type in words. */
function nameOf(type: AvroType): string {
  if ('name' in type) return `${type.kind} ${type.name}`;
  return type.kind === 'union' ? `a union of ${type.branches.map(nameOf).join(', ')}` : type.kind;
}
