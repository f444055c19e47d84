import type { PCollection, PTransform, Window } from '../../sdk/index.ts';
import type { OptionNames } from '../check-options.ts';
import { ROW_WRITE_OPTIONS, type RowWriteOptions, rowSink } from './row-sink.ts';
import { SqliteWriter } from './sqlite-writer.ts';
import type { OnRowError, RowSinkOutput } from './write-rows.ts';

/** Options of {@link writeSqlite}. */
export interface SqliteWriteOptions<E extends OnRowError = 'fail'> extends RowWriteOptions<E> {
  /** Path of the database file, which has the table already. */
  readonly file: string;
}

const WRITE_SQLITE_OPTIONS: OptionNames<SqliteWriteOptions<OnRowError>> = { ...ROW_WRITE_OPTIONS, file: true };

/**
 * Writes rows to a table of an SQLite file, one transaction per bundle. Numbers that are integers become integers, other
 * numbers reals, bigints integers, booleans 0 and 1, Dates texts in ISO 8601, Uint8Arrays blobs, Decimals texts; objects
 * and arrays become JSON, undefined null. SQLite has one writer at a time: more workers than one wait for each other.
 *
 * Delivery as with `writePostgres`: exactly once as far as the key determines the row with `'upsert'` and `'ignore'`, at
 * least once with `'insert'`.
 *
 * @throws PipelineError `OPTION_INVALID`, `SQL_NAME`; when it runs `SQL_STATEMENT`, and IoError `SQL_CONNECTION`,
 *   `SQL_VALUE`, `SQL_CONSTRAINT`, `SQL_CONFLICT` when others write for longer than a minute (the bundle is tried again)
 */
export function writeSqlite<T extends object, W extends Window = Window>(
  options: SqliteWriteOptions<'deadLetter'> & { readonly onError: 'deadLetter' },
): PTransform<PCollection<T, W>, RowSinkOutput<T, 'deadLetter'>>;
export function writeSqlite<T extends object, W extends Window = Window>(
  options: SqliteWriteOptions<'fail'>,
): PTransform<PCollection<T, W>, RowSinkOutput<T, 'fail'>>;
export function writeSqlite<T extends object, W extends Window = Window>(
  options: SqliteWriteOptions<OnRowError>,
): PTransform<PCollection<T, W>, RowSinkOutput<T, OnRowError>> {
  const frame = { name: 'WriteSqlite', names: WRITE_SQLITE_OPTIONS, batchSize: 10_000, mostRows: 1_000_000 };
  return rowSink(options, frame, (target) => new SqliteWriter<T>({ ...target, file: options.file }));
}
