import type { RecordBatch } from 'apache-arrow';
import { type Coder, CoderError, coders, PipelineError } from '../../sdk/index.ts';
import { checkChoiceOption, type OptionNames } from '../check-options.ts';
import { type DataError, dataError } from '../on-error.ts';
import { recordBatchCoder } from './record-batch-coder.ts';
import { batchRowReader } from './row-batches.ts';

/** Rows that are made and handed on at a time. */
const ROWS_PER_STEP = 4096;

/** What a columnar source makes of its record batches. */
export interface BatchReadOptions<T> {
  /** `rows` (default): one object per row. `batches`: Arrow record batches, for work on whole columns. */
  readonly as?: 'rows' | 'batches';
  /** Read only these columns, in the order of the file. */
  readonly columns?: readonly string[];
  /** What a 64-bit integer is in a row: `bigint` (default), or `number`, where one beyond ±(2^53 - 1) is bad data. */
  readonly int64?: 'bigint' | 'number';
  /** Coder of the rows, such as `coders.row(…)`; default the default coder. */
  readonly coder?: Coder<T>;
}

/** Names of {@link BatchReadOptions}. */
export const BATCH_READ_OPTIONS: OptionNames<BatchReadOptions<unknown>> = {
  as: true,
  columns: true,
  int64: true,
  coder: true,
};

/** @throws PipelineError `OPTION_INVALID` */
export function checkBatchOptions(options: BatchReadOptions<never>, transform: string): void {
  const { as = 'rows', int64 = 'bigint', columns } = options;
  if (columns?.length === 0) throw new PipelineError('OPTION_INVALID', 'columns names no column', { transform });
  checkChoiceOption('as', as, ['rows', 'batches'], transform);
  checkChoiceOption('int64', int64, ['bigint', 'number'], transform);
}

/** The coder of what a source with these options gives. */
export function elementCoder<T>(options: BatchReadOptions<T>): Coder<T> {
  if (options.as === 'batches') return recordBatchCoder as unknown as Coder<T>;
  return options.coder ?? (coders.default() as Coder<T>);
}

/**
 * The elements of a batch: itself, or its rows in steps.
 *
 * @throws CoderError when a value cannot be read
 */
export function* elementsOf<T>(batch: RecordBatch, options: BatchReadOptions<T>): Generator<readonly T[], void> {
  if (options.as === 'batches') {
    yield [batch as unknown as T];
    return;
  }
  const read = batchRowReader(batch, { int64: options.int64 ?? 'bigint' });
  for (let start = 0; start < batch.numRows; start += ROWS_PER_STEP) {
    const rows = new Array<T>(Math.min(ROWS_PER_STEP, batch.numRows - start));
    for (let i = 0; i < rows.length; i++) rows[i] = read(start + i) as T;
    yield rows;
  }
}

/** A failure to decode as bad data of a file; other errors as they are. */
export function asDataError(error: unknown, path: string, offset: number): DataError | unknown {
  return error instanceof CoderError ? dataError(error.code, error.summary, path, offset, error.context.hint) : error;
}
