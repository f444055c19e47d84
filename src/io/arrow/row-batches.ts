import type * as A from 'apache-arrow';
import type { ColumnBuilder } from './builder.ts';
import { columnBuilder } from './column-builder.ts';
import { type ColumnStyle, columnReader, rowReader } from './column-reader.ts';
import { arrow } from './load-arrow.ts';
import { wrongValue } from './wrong-value.ts';

type Row = Readonly<Record<string, unknown>>;

/** A function that reads the rows of a batch by index. Values: see the guide to formats. */
export function batchRowReader(batch: A.RecordBatch, style: ColumnStyle): (index: number) => Row {
  return rowReader(
    batch.schema.fields.map((field) => field.name),
    batch.data.children.map((data) => columnReader(data, style)),
  );
}

/**
 * The rows of a batch as objects.
 *
 * @throws CoderError for a string that is not UTF-8, or with `int64: 'number'` an integer that has no exact number
 */
export function rowsOfBatch(batch: A.RecordBatch, style: Partial<ColumnStyle> = {}): Row[] {
  const read = batchRowReader(batch, { int64: style.int64 ?? 'bigint' });
  return Array.from({ length: batch.numRows }, (_, i) => read(i));
}

/** A batch of only the columns of the given names, in the batch's order. */
export function selectColumns(batch: A.RecordBatch, names: readonly string[]): A.RecordBatch {
  const { RecordBatch, Schema, Struct, makeData } = arrow();
  const { schema, data } = batch;
  const kept = schema.fields.flatMap((field, i) => (names.includes(field.name) ? [i] : []));
  const fields = kept.map((i) => schema.fields[i]);
  const children = kept.map((i) => data.children[i]);
  const type = new Struct(fields);
  return new RecordBatch(
    new Schema(fields, schema.metadata),
    makeData({ type, length: data.length, nullCount: 0, children }),
  );
}

/** Gathers rows into record batches. */
export class RowBatcher {
  readonly #schema: A.Schema;
  #columns: readonly ColumnBuilder[];
  #rows = 0;

  /** @throws PipelineError `SCHEMA_UNSUPPORTED` when a type cannot be built from rows */
  constructor(schema: A.Schema) {
    this.#schema = schema;
    this.#columns = this.#builders();
  }

  get rows(): number {
    return this.#rows;
  }

  /** About how much memory the rows take. */
  get bytes(): number {
    let bytes = 0;
    for (const column of this.#columns) bytes += column.bytes;
    return bytes;
  }

  /**
   * Adds a row; properties that are no columns are passed over, absent ones are null.
   *
   * @throws CoderError `ARROW_VALUE` naming the column; the row is then not added
   */
  add(row: unknown): void {
    if (typeof row !== 'object' || row === null) throw wrongValue('', 'a row object', row);
    const { fields } = this.#schema;
    try {
      for (let i = 0; i < fields.length; i++) {
        const { name } = fields[i];
        this.#columns[i].append(Object.hasOwn(row, name) ? (row as Record<string, unknown>)[name] : undefined);
      }
    } catch (error) {
      for (const column of this.#columns) column.truncate(this.#rows);
      throw error;
    }
    this.#rows++;
  }

  /** The batch of the rows so far; the next row begins another. */
  take(): A.RecordBatch {
    const { RecordBatch, Struct, makeData } = arrow();
    const children = this.#columns.map((column) => column.finish());
    const data = makeData({ type: new Struct(this.#schema.fields), length: this.#rows, nullCount: 0, children });
    this.#columns = this.#builders();
    this.#rows = 0;
    return new RecordBatch(this.#schema, data);
  }

  #builders(): readonly ColumnBuilder[] {
    return this.#schema.fields.map((field) => columnBuilder(field, field.name));
  }
}

/** A record batch of rows. @throws CoderError `ARROW_VALUE` naming the column of a value that does not fit */
export function batchOfRows(rows: Iterable<unknown>, schema: A.Schema): A.RecordBatch {
  const batcher = new RowBatcher(schema);
  for (const row of rows) batcher.add(row);
  return batcher.take();
}
