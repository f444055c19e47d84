import { PipelineError } from '../../sdk/index.ts';

/** Types of columns: `int` is a safe integer, `bigint` an integer of any size, `float` a double. */
export type CsvScalar = 'string' | 'int' | 'float' | 'boolean' | 'bigint';
/** A column's type; with `?` the null values of the file become `null`. */
export type CsvType = CsvScalar | `${CsvScalar}?`;
/** Types of columns by name, in the order in which the rows have them. */
export type CsvSchema = Readonly<Record<string, CsvType>>;

interface ValueOf {
  string: string;
  int: number;
  float: number;
  boolean: boolean;
  bigint: bigint;
}

/** The value of a column's type. */
export type CsvValue<T extends CsvType> = T extends `${infer S extends CsvScalar}?`
  ? ValueOf[S] | null
  : T extends CsvScalar
    ? ValueOf[T]
    : never;

/** The row of a schema. */
export type CsvRow<S extends CsvSchema> = { readonly [P in keyof S]: CsvValue<S[P]> };

/** A row whose types were inferred from the data. */
export type CsvInferredRow = { readonly [column: string]: string | number | boolean | bigint | null };

/** A column that a source reads. */
export interface CsvColumn {
  readonly name: string;
  readonly type: CsvScalar;
  readonly nullable: boolean;
}

const SCALARS: readonly string[] = ['string', 'int', 'float', 'boolean', 'bigint'] satisfies CsvScalar[];

/** @throws PipelineError `SCHEMA_INVALID` */
export function columnsOf(schema: CsvSchema, transform: string): CsvColumn[] {
  const columns = Object.entries(schema).map(([name, type]) => {
    const nullable = type.endsWith('?');
    const scalar = nullable ? type.slice(0, -1) : type;
    if (!SCALARS.includes(scalar)) {
      throw new PipelineError('SCHEMA_INVALID', `'${type}' of column '${name}' is no CSV type`, {
        transform,
        hint: `Choose one of ${SCALARS.join(', ')}, with a ? behind it where nulls are allowed.`,
      });
    }
    return { name, type: scalar as CsvScalar, nullable };
  });
  if (columns.length === 0) {
    throw new PipelineError('SCHEMA_INVALID', 'The schema names no column', { transform });
  }
  return columns;
}
