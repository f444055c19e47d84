import { CoderError, PipelineError } from '../../sdk/index.ts';
import type { Example, ExampleInput, Feature } from './example.ts';
import { ExampleDecoder } from './example-decoder.ts';
import { compareUtf8 } from './utf8-order.ts';

/**
 * The kinds of a column: `int` is an int64 as a safe integer, `bigint` any int64, `float` a float32, `string` a byte
 * string of UTF-8, `bytes` any byte string. Where `readCsv` knows them too they are called the same.
 */
export type ExampleColumnKind = 'int' | 'bigint' | 'float' | 'string' | 'bytes';

/** A column: one value, `?` one value or null, `[]` any number of values. */
export type ExampleColumn = ExampleColumnKind | `${ExampleColumnKind}?` | `${ExampleColumnKind}[]`;

/** The columns of a row by name, e.g. `{ fare: 'float', company: 'string?', tags: 'string[]' }`. */
export type ExampleColumns = Readonly<Record<string, ExampleColumn>>;

type KindValue<K> = K extends 'bigint'
  ? bigint
  : K extends 'int' | 'float'
    ? number
    : K extends 'string'
      ? string
      : Uint8Array;

type ColumnValue<C extends ExampleColumn> = C extends `${infer K}?`
  ? KindValue<K> | null
  : C extends `${infer K}[]`
    ? readonly KindValue<K>[]
    : KindValue<C>;

/** The row type of columns. */
export type ExampleRow<C extends ExampleColumns> = { readonly [P in keyof C]: ColumnValue<C[P]> };

interface ParsedColumn {
  readonly name: string;
  readonly kind: ExampleColumnKind;
  readonly type: 'int64' | 'float' | 'bytes';
  readonly arity: 'one' | 'optional' | 'many';
}

const TYPES = { int: 'int64', bigint: 'int64', float: 'float', string: 'bytes', bytes: 'bytes' } as const;

/** Turns rows with known columns into Examples and back. */
export class ExampleRowCodec<C extends ExampleColumns> {
  readonly #columns: readonly ParsedColumn[];
  /** In the order in which an Example is written, so that it need not be sorted each time. */
  readonly #sorted: readonly ParsedColumn[];
  readonly #decoder: ExampleDecoder<'bigint', 'bytes' | 'auto'>;

  /** @throws PipelineError `OPTION_INVALID` when a column has no known kind. */
  constructor(columns: C) {
    this.#columns = Object.entries(columns).map(([name, column]) => parseColumn(name, column));
    this.#sorted = this.#columns.toSorted((a, b) => compareUtf8(a.name, b.name));
    const raw = this.#columns.some((column) => column.kind === 'bytes');
    this.#decoder = new ExampleDecoder<'bigint', 'bytes' | 'auto'>({
      features: this.#columns.map((column) => column.name),
      bytes: raw ? 'bytes' : 'auto',
    });
  }

  /**
   * The row as an Example. A null leaves the feature out; an empty list is kept.
   *
   * @throws CoderError `EXAMPLE_VALUE` when a value is missing or not of its column's kind.
   */
  toExample(row: ExampleRow<C>): ExampleInput {
    const example: Record<string, Feature<bigint | number, Uint8Array | string>> = {};
    for (const column of this.#sorted) {
      const value = (row as Record<string, unknown>)[column.name];
      if (value === null || value === undefined) {
        if (column.arity !== 'optional') throw wrongValue(column, value);
        continue;
      }
      if (column.arity === 'many' ? !Array.isArray(value) : !fits(column.kind, value)) throw wrongValue(column, value);
      const values = column.arity === 'many' ? (value as unknown[]) : [value];
      if (column.arity === 'many')
        for (const each of values) if (!fits(column.kind, each)) throw wrongValue(column, each);
      example[column.name] = { type: column.type, values } as Feature<bigint | number, Uint8Array | string>;
    }
    return example;
  }

  /**
   * The row of an Example; features that are no columns are passed over.
   *
   * @throws CoderError `EXAMPLE_ROW` when a feature has another type, or not exactly one value where one is wanted.
   */
  fromExample(example: Example<bigint, Uint8Array | string>): ExampleRow<C> {
    const row: Record<string, unknown> = {};
    for (const column of this.#columns) row[column.name] = columnValue(column, example[column.name]);
    return row as ExampleRow<C>;
  }

  /** The row of a serialised Example; only the columns are decoded. @throws CoderError */
  decode(bytes: Uint8Array): ExampleRow<C> {
    return this.fromExample(this.#decoder.decode(bytes));
  }
}

/**
 * A row as an Example. With columns, each value is checked against its column; without, the JavaScript type decides:
 * a bigint is an int64, a number a float (even 1), a string or Uint8Array is bytes, an array holds values of one of
 * these, and null or undefined leaves the feature out.
 *
 * @throws CoderError `EXAMPLE_VALUE` when a value has none of these types.
 */
export function exampleFromRow<C extends ExampleColumns>(row: ExampleRow<C>, columns: C): ExampleInput;
export function exampleFromRow(row: object): ExampleInput;
export function exampleFromRow(row: object, columns?: ExampleColumns): ExampleInput {
  if (columns !== undefined) return new ExampleRowCodec(columns).toExample(row as never);
  const example: Record<string, Feature<bigint | number, Uint8Array | string>> = {};
  for (const [name, value] of Object.entries(row)) {
    if (value === null || value === undefined) continue;
    const values: unknown[] = Array.isArray(value) ? value : [value];
    const type = values.length === 0 ? 'empty' : typeOf(values[0]);
    if (type === undefined || values.some((each) => typeOf(each) !== type && type !== 'empty')) {
      throw new CoderError('EXAMPLE_VALUE', `The value of '${name}' cannot be a feature`, {
        hint: 'Features hold bigint, number, string or Uint8Array values, all of one type; give columns to be exact.',
      });
    }
    example[name] = { type, values } as Feature<bigint | number, Uint8Array | string>;
  }
  return example;
}

function typeOf(value: unknown): 'int64' | 'float' | 'bytes' | undefined {
  if (typeof value === 'bigint') return 'int64';
  if (typeof value === 'number') return 'float';
  return typeof value === 'string' || value instanceof Uint8Array ? 'bytes' : undefined;
}

function parseColumn(name: string, column: string): ParsedColumn {
  const match = /^(int|bigint|float|string|bytes)(\?|\[\])?$/.exec(column);
  if (match === null) {
    throw new PipelineError('OPTION_INVALID', `Column '${name}' has the unknown kind '${column}'`, {
      hint: 'Kinds are int, bigint, float, string and bytes, each alone, with ? or with [].',
    });
  }
  const kind = match[1] as ExampleColumnKind;
  return { name, kind, type: TYPES[kind], arity: match[2] === '?' ? 'optional' : match[2] === '[]' ? 'many' : 'one' };
}

function fits(kind: ExampleColumnKind, value: unknown): boolean {
  switch (kind) {
    case 'bigint':
      return typeof value === 'bigint' || Number.isSafeInteger(value);
    case 'int':
      return Number.isSafeInteger(value);
    case 'float':
      return typeof value === 'number';
    case 'string':
      return typeof value === 'string';
    case 'bytes':
      return value instanceof Uint8Array;
  }
}

function columnValue(column: ParsedColumn, feature: Feature<bigint, Uint8Array | string> | undefined): unknown {
  const many = column.arity === 'many';
  if (feature === undefined || feature.values.length === 0) {
    if (many) return [];
    if (column.arity === 'optional') return null;
    throw wrongFeature(column, 'no value');
  }
  if (feature.type !== column.type) throw wrongFeature(column, `values of type ${feature.type}`);
  if (many) return feature.values.map((value) => convert(column, value));
  if (feature.values.length > 1) throw wrongFeature(column, `${feature.values.length} values`);
  return convert(column, feature.values[0]);
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function convert(column: ParsedColumn, value: bigint | number | string | Uint8Array): unknown {
  if (column.kind === 'int') {
    const number = Number(value);
    if (!Number.isSafeInteger(number)) throw wrongFeature(column, `${value}, which has no exact JavaScript number`);
    return number;
  }
  if (column.kind === 'bytes') return typeof value === 'string' ? new TextEncoder().encode(value) : value;
  if (column.kind !== 'string' || typeof value === 'string') return value;
  try {
    return utf8.decode(value as Uint8Array);
  } catch {
    throw wrongFeature(column, 'bytes that are not UTF-8');
  }
}

function wrongFeature(column: ParsedColumn, found: string): CoderError {
  return new CoderError('EXAMPLE_ROW', `Feature '${column.name}' holds ${found}`, {
    hint: `Its column is declared as ${nameOf(column)}.`,
  });
}

function wrongValue(column: ParsedColumn, value: unknown): CoderError {
  const shown =
    typeof value === 'string'
      ? JSON.stringify(value.slice(0, 40))
      : typeof value === 'object' && value !== null
        ? 'an object'
        : String(value);
  return new CoderError('EXAMPLE_VALUE', `Column '${column.name}' holds ${shown}`, {
    hint: `It is declared as ${nameOf(column)}.`,
  });
}

function nameOf(column: ParsedColumn): string {
  return `'${column.kind}${{ one: '', optional: '?', many: '[]' }[column.arity]}'`;
}
