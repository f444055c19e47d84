import { CoderError } from '../errors.ts';
import type { Field, FieldType, Schema } from '../schema/schema.ts';
import { encodeSchema } from '../schema/schema-payload.ts';
import type { ByteReader } from './byte-reader.ts';
import type { ByteWriter } from './byte-writer.ts';
import { type FieldCoder, firstNonDeterministic, wrongType } from './coder.ts';
import { type CompiledRow, compileRow } from './compiled-row.ts';

/** A row as a plain object: field names to values. */
export type Row = Readonly<Record<string, unknown>>;

/** How a row coder treats one field. */
export interface RowField {
  readonly name: string;
  /** Encodes values that are present. */
  readonly coder: FieldCoder<unknown>;
  /** What a null decodes to; the field refuses null when there is nothing. */
  readonly absent: { readonly value: null | undefined } | undefined;
}

/**
 * `beam:coder:row:v1`: the number of fields, a bitmap of the null ones, the others nested. Payload: the schema.
 *
 * Fields are encoded in the order of their encoding positions, and the bits of the bitmap follow the same order, as in
 * Java; without positions that is the order of the schema. Rows written before fields were added decode with nulls there.
 */
export class RowCoder<T> implements FieldCoder<T> {
  readonly urn = 'beam:coder:row:v1';
  readonly components = [];
  readonly schema: Schema;
  readonly fieldType: FieldType;
  readonly nonDeterministic: string | undefined;
  /** In encoding order. */
  readonly #fields: readonly RowField[];
  readonly #compiled: CompiledRow | undefined;
  #payload: Uint8Array | undefined;

  /** @param fields in the order of the schema. */
  constructor(schema: Schema, fields: readonly RowField[], payload?: Uint8Array) {
    this.schema = schema;
    this.fieldType = { kind: 'row', schema };
    this.nonDeterministic = firstNonDeterministic(fields.map((field) => field.coder));
    const order = encodingOrder(schema.fields);
    this.#fields = order.map((i) => fields[i]);
    if (order.every((i, at) => i === at)) this.#compiled = compileRow(fields);
    this.#payload = payload;
  }

  /** The schema as a Beam proto. */
  get payload(): Uint8Array {
    const payload = this.#payload ?? encodeSchema(this.schema);
    this.#payload = payload;
    return payload;
  }

  encode(row: T, out: ByteWriter, _nested: boolean): void {
    if (typeof row !== 'object' || row === null) throw wrongType('a row object', row);
    const at = out.length;
    if (this.#compiled !== undefined) {
      try {
        if (this.#compiled.write(row, out)) return;
      } catch (error) {
        if (!(error instanceof CoderError)) throw error;
      }
      // Something is wrong: the loop says with which field.
      out.length = at;
    }
    this.#encodeSlowly(row as Row, out);
  }

  decode(input: ByteReader, nested: boolean): T {
    const count = input.varint();
    const size = input.varint();
    const at = input.take(size);
    const compiled = this.#compiled;
    if (compiled !== undefined && count === this.#fields.length && size <= 4) {
      let nulls = 0;
      for (let i = 0; i < size; i++) nulls |= input.bytes[at + i] << (8 * i);
      if ((nulls & ~compiled.nullable) === 0) return compiled.read(input, nulls) as T;
    }
    return this.#decodeSlowly(input, nested, count, at, size) as T;
  }

  #encodeSlowly(row: Row, out: ByteWriter): void {
    const fields = this.#fields;
    out.varint(fields.length);
    encodeNulls(fields, row, out);
    for (const { name, coder, absent } of fields) {
      const value = row[name];
      if (value === null || value === undefined) {
        if (absent === undefined) throw missing(name);
        continue;
      }
      try {
        coder.encode(value, out, true);
      } catch (error) {
        throw inField(error, name);
      }
    }
  }

  #decodeSlowly(input: ByteReader, nested: boolean, count: number, nulls: number, size: number): Row {
    const fields = this.#fields;
    const bits = input.bytes;
    const values = new Map<string, unknown>();
    for (let i = 0; i < fields.length; i++) {
      const { name, coder, absent } = fields[i];
      if (i < count && !(i >> 3 < size && (bits[nulls + (i >> 3)] >> (i & 7)) & 1)) {
        values.set(name, coder.decode(input, true));
      } else if (absent !== undefined) values.set(name, absent.value);
      else throw input.malformed(`A row without the field ${JSON.stringify(name)}, which is not nullable,`);
    }
    if (count > fields.length) {
      if (nested) throw input.malformed(`A row of ${count} fields for a schema of ${fields.length}`);
      // A later schema has more fields, and they come last.
      input.position = input.end;
    }
    return Object.fromEntries(this.schema.fields.map(({ name }) => [name, values.get(name)]));
  }
}

/** Indices of the fields in the order in which they are encoded. */
function encodingOrder(fields: readonly Field[]): number[] {
  const order = fields.map((_, i) => i);
  if (fields.every((field) => field.encodingPosition === undefined)) return order;
  for (const [i, { name, encodingPosition }] of fields.entries()) {
    if (encodingPosition !== undefined && fields[encodingPosition] !== undefined) order[encodingPosition] = i;
    else
      throw new CoderError(
        'SCHEMA_INVALID',
        `Field ${JSON.stringify(name)} has the encoding position ${encodingPosition}`,
      );
  }
  if (new Set(order).size !== fields.length) {
    throw new CoderError('SCHEMA_INVALID', 'Two fields of a schema have the same encoding position');
  }
  return order;
}

/** Length and bits; no bytes when nothing is null. */
function encodeNulls(fields: readonly RowField[], values: Row, out: ByteWriter): void {
  const at = out.length;
  out.byte(0);
  let any = 0;
  let bits = 0;
  for (let i = 0; i < fields.length; i++) {
    const value = values[fields[i].name];
    if (value === null || value === undefined) bits |= 1 << (i & 7);
    if ((i & 7) === 7 || i === fields.length - 1) {
      out.byte(bits);
      any |= bits;
      bits = 0;
    }
  }
  const size = out.length - at - 1;
  if (any === 0) out.length = at + 1;
  else if (size < 0x80) out.bytes[at] = size;
  else {
    const copy = Uint8Array.from(out.bytes.subarray(at + 1, out.length));
    out.length = at;
    out.varint(size);
    out.raw(copy);
  }
}

function missing(name: string): CoderError {
  return new CoderError('CODER_MISSING_FIELD', `The row has no value for the field ${JSON.stringify(name)}`, {
    hint: 'Declare the field with coders.nullable or coders.optional if it may be absent.',
  });
}

/** Names the field an error happened in; nested rows make a path. */
function inField(error: unknown, name: string): unknown {
  if (!(error instanceof CoderError)) return error;
  return new CoderError(error.code, `In the field ${JSON.stringify(name)}: ${error.summary}`, error.context);
}
