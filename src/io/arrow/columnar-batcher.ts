import type * as A from 'apache-arrow';
import { CoderError, IoError } from '../../sdk/index.ts';
import { arrow } from './load-arrow.ts';
import { RowBatcher } from './row-batches.ts';

/** What columnar sinks take: rows as objects, or Arrow record batches. */
export type ColumnarElement = object | A.RecordBatch;

/** Values gathered into one batch: a wide row weighs more than its count. */
const BATCH_BYTES = 16 * 1024 * 1024;
/** Rows between two looks at how much memory they take. */
const CHECK_ROWS = 256;

/** Gathers the elements of a columnar sink into record batches of one schema. */
export class ColumnarBatcher {
  #schema: A.Schema | undefined;
  readonly #batchRows: number;
  readonly #batchBytes: number;
  #rows: RowBatcher | undefined;

  /** @param schema of rows; the one of the first record batch when absent */
  constructor(schema: A.Schema | undefined, batchRows: number, batchBytes: number = BATCH_BYTES) {
    this.#schema = schema;
    this.#batchRows = batchRows;
    this.#batchBytes = batchBytes;
  }

  /**
   * Adds an element; gives a batch when one is complete.
   *
   * @throws CoderError `ARROW_VALUE`, `ARROW_SCHEMA` when the element does not fit the schema, IoError `SCHEMA_MISSING`
   * when rows come without one
   */
  add(element: unknown): A.RecordBatch | undefined {
    if (arrow().RecordBatch.isRecordBatch(element)) return this.#batch(element);
    if (this.#rows === undefined) this.#rows = new RowBatcher(this.#requireSchema());
    const rows = this.#rows;
    rows.add(element);
    const full = rows.rows >= this.#batchRows || (rows.rows % CHECK_ROWS === 0 && rows.bytes >= this.#batchBytes);
    return full ? rows.take() : undefined;
  }

  /** The rows that make no whole batch. */
  rest(): A.RecordBatch | undefined {
    return this.#rows !== undefined && this.#rows.rows > 0 ? this.#rows.take() : undefined;
  }

  /** That of all batches; `undefined` as long as nothing told it. */
  get schema(): A.Schema | undefined {
    return this.#schema;
  }

  #requireSchema(): A.Schema {
    if (this.#schema !== undefined) return this.#schema;
    throw new IoError('SCHEMA_MISSING', 'Nothing tells the columns of the file', {
      final: true,
      hint: 'Pass schema: coders.row({ … }), or give the collection a row coder with withCoder.',
    });
  }

  #batch(batch: A.RecordBatch): A.RecordBatch {
    this.#schema ??= batch.schema;
    if (!sameColumns(batch.schema, this.#schema)) {
      throw new CoderError(
        'ARROW_SCHEMA',
        `A record batch of ${String(batch.schema)} does not fit a file of ${String(this.#schema)}`,
      );
    }
    return batch;
  }
}

function sameColumns(a: A.Schema, b: A.Schema): boolean {
  const { util } = arrow();
  return a === b || util.compareSchemas(a, b);
}
