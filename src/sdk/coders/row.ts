import { CoderError } from '../errors.ts';
import type { Field, FieldType, Schema } from '../schema/schema.ts';
import { schemaId } from '../schema/schema-id.ts';
import type { FieldCoder } from './coder.ts';
import { fieldTypeCoder } from './field-type-coder.ts';
import { NullableCoder } from './nullable-coder.ts';
import { OptionalCoder } from './optional-coder.ts';
import { type Row, RowCoder, type RowField } from './row-coder.ts';

/** The fields of {@link rowCoder}: name to coder. */
export type RowFields = Readonly<Record<string, FieldCoder<unknown>>>;

type OptionalNames<F> = { [P in keyof F]: F[P] extends OptionalCoder<unknown> ? P : never }[keyof F];
type FieldValue<C> = C extends OptionalCoder<infer T> ? T : C extends FieldCoder<infer T> ? T : never;

/** The object type that a row of these fields has. */
export type RowOf<F extends RowFields> = [OptionalNames<F>] extends [never]
  ? { readonly [P in keyof F]: FieldValue<F[P]> }
  : Flatten<
      { readonly [P in Exclude<keyof F, OptionalNames<F>>]: FieldValue<F[P]> } & {
        readonly [P in OptionalNames<F>]?: FieldValue<F[P]>;
      }
    >;
type Flatten<T> = { [P in keyof T]: T[P] };

/** A row coder from the coders of its fields. */
export function rowCoder<const F extends RowFields>(fields: F): RowCoder<RowOf<F>> {
  const names = Object.keys(fields);
  const schema: Schema = { fields: names.map((name): Field => ({ name, type: fields[name].fieldType })) };
  return new RowCoder(
    { ...schema, id: schemaId(schema) },
    names.map((name) => rowField(name, fields[name])),
  );
}

/**
 * A row coder from a schema alone: int64 is bigint, maps are Map, arrays are arrays, null is null, and a logical type
 * that is not known has the values of its representation.
 *
 * @param payload the schema's encoding as it came, to be passed on unchanged.
 * @throws CoderError `SCHEMA_INVALID`.
 */
export function rowCoderOf(schema: Schema, payload?: Uint8Array): RowCoder<Row> {
  return buildRow(schema, 0, payload);
}

function buildRow(schema: Schema, depth: number, payload?: Uint8Array): RowCoder<Row> {
  const coderOf = (type: FieldType) => fieldTypeCoder(type, depth, (inner, at) => buildRow(inner, at));
  if (new Set(schema.fields.map((field) => field.name)).size !== schema.fields.length) {
    throw new CoderError('SCHEMA_INVALID', 'Two fields of a schema have the same name');
  }
  return new RowCoder(
    schema,
    schema.fields.map(({ name, type }) => rowField(name, coderOf(type))),
    payload,
  );
}

/** Nulls of a field are in the row's bitmap, so its own coder is the one of present values. */
function rowField(name: string, coder: FieldCoder<unknown>): RowField {
  const absent = coder instanceof OptionalCoder ? undefined : null;
  if (!(coder instanceof NullableCoder || coder instanceof OptionalCoder)) return { name, coder, absent: undefined };
  return { name, coder: coder.components[0] as FieldCoder<unknown>, absent: { value: absent } };
}
