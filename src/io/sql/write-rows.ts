import {
  type DoFn,
  globalWindows,
  type PCollection,
  type PTransform,
  parDo,
  type TimestampedOutput,
  type Window,
} from '../../sdk/index.ts';
import { checkChoiceOption } from '../check-options.ts';

/** What a sink does with a row that the database refuses: fail the job (default), or send it to the dead letters. */
export type OnRowError = 'fail' | 'deadLetter';

/** A row that the database has refused. */
export interface FailedRow<T> {
  readonly row: T;
  readonly error: { readonly code: string; readonly message: string };
}

/** What one bundle has written, once it is committed. */
export interface WrittenRows {
  readonly table: string;
  /** Rows handed to the database; of several rows with one key in a batch, the last. */
  readonly rows: number;
}

/** What a sink gives: what was committed, and with dead letters the rows that were refused. */
export type RowSinkOutput<T, E extends OnRowError> = E extends 'deadLetter'
  ? { readonly written: PCollection<WrittenRows>; readonly errors: PCollection<FailedRow<T>> }
  : PCollection<WrittenRows>;

/** One worker's connection for writing. All calls of a bundle are one transaction. */
export interface RowWriter<T> {
  /** Writes rows within the transaction, which the first call begins. The refused ones come back when asked for. */
  write(rows: readonly T[], refused: FailedRow<T>[] | undefined): Promise<number>;
  /** Ends the transaction if one was begun. */
  commit(): Promise<void>;
  /** Undoes what a failed bundle has left. */
  rollback(): Promise<void>;
  close(): Promise<void>;
}

/** What {@link writeRows} needs besides the writer. */
export interface RowSinkOptions {
  readonly name: string;
  readonly table: string;
  readonly batchSize: number;
  readonly onError: OnRowError;
}

type Result<T> = readonly ['written', WrittenRows] | readonly ['error', FailedRow<T>];

/** Writes rows in batches, a transaction per bundle: the frame around the databases. */
export function writeRows<T, W extends Window>(
  makeWriter: () => RowWriter<T>,
  options: RowSinkOptions,
): PTransform<PCollection<T, W>, RowSinkOutput<T, OnRowError>> {
  const { name, onError } = options;
  checkChoiceOption('onError', onError, ['fail', 'deadLetter'], name);
  return {
    name,
    expand(input) {
      const results = input.apply(parDo<T, Result<T>, {}, {}, W>('Write', rowWriterFn(makeWriter, options)));
      const all = (results as PCollection<Result<T>, W>).window(globalWindows());
      const written = all.flatMap('Written', (entry) => (entry[0] === 'written' ? [entry[1]] : []));
      if (onError === 'fail') return written;
      return { written, errors: all.flatMap('Errors', (entry) => (entry[0] === 'error' ? [entry[1]] : [])) };
    },
  };
}

/** The DoFn behind {@link writeRows}. */
function rowWriterFn<T, W extends Window>(
  makeWriter: () => RowWriter<T>,
  { table, batchSize, onError }: RowSinkOptions,
): DoFn<T, Result<T>, {}, {}, W> {
  let writer: RowWriter<T> | undefined;
  let pending: T[] = [];
  let refused: FailedRow<T>[] = [];
  let rows = 0;
  let window: W | undefined;
  const flush = async () => {
    const batch = pending;
    pending = [];
    writer ??= makeWriter();
    rows += await writer.write(batch, onError === 'deadLetter' ? refused : undefined);
  };
  return {
    // One transaction: its statements come one after another.
    concurrency: 1,
    async startBundle() {
      pending = [];
      refused = [];
      rows = 0;
      window = undefined;
      // What a bundle that failed half way has left.
      await writer?.rollback();
    },
    process(row, context) {
      window = context.window;
      pending.push(row);
      return pending.length >= batchSize ? flush() : undefined;
    },
    async finishBundle(context) {
      if (pending.length > 0) await flush();
      await writer?.commit();
      const last = window;
      if (last === undefined) return [];
      context.metrics.counter('rowsWritten').inc(rows);
      context.metrics.counter('rowsRefused').inc(refused.length);
      const output = (value: Result<T>): TimestampedOutput<Result<T>, W> => ({
        value,
        timestamp: last.maxTimestamp,
        window: last,
      });
      return [output(['written', { table, rows }]), ...refused.map((failed) => output(['error', failed]))];
    },
    async teardown() {
      const open = writer;
      writer = undefined;
      await open?.close();
    },
  };
}

/** A refused row with the reason. */
export function failure<T>(row: T, error: { readonly code: string; readonly summary: string }): FailedRow<T> {
  return { row, error: { code: error.code, message: error.summary } };
}
