import type { PCollection, PTransform, Window } from '../../sdk/index.ts';
import type { OptionNames } from '../check-options.ts';
import type { PostgresConnection } from './postgres-client.ts';
import { PostgresWriter } from './postgres-writer.ts';
import { ROW_WRITE_OPTIONS, type RowWriteOptions, rowSink } from './row-sink.ts';
import type { OnRowError, RowSinkOutput } from './write-rows.ts';

/** Options of {@link writePostgres}. */
export interface PostgresWriteOptions<E extends OnRowError = 'fail'> extends RowWriteOptions<E> {
  readonly connection: PostgresConnection;
}

const WRITE_POSTGRES_OPTIONS: OptionNames<PostgresWriteOptions<OnRowError>> = {
  ...ROW_WRITE_OPTIONS,
  connection: true,
};

/**
 * Writes rows to a table of Postgres: many per statement, one transaction per bundle. Values are written as by
 * `readPostgres`; objects go into `json` columns, undefined is null.
 *
 * Delivery: a bundle that is tried again after its commit writes its rows again. With `'upsert'` and with `'ignore'` the
 * table is the same then, which makes them exactly once as far as the key determines the row; `'insert'` is at least
 * once, unless a constraint refuses the second. Rows with the same key in different bundles come in any order.
 *
 * @throws PipelineError `OPTION_INVALID`, `SQL_NAME`; when it runs `SQL_STATEMENT`, `PACKAGE_MISSING`, and IoError
 *   `SQL_CONNECTION`, `SQL_ACCESS`, `SQL_VALUE`, `SQL_CONSTRAINT`, `SQL_CONFLICT` after a deadlock (the bundle is tried again)
 */
export function writePostgres<T extends object, W extends Window = Window>(
  options: PostgresWriteOptions<'deadLetter'> & { readonly onError: 'deadLetter' },
): PTransform<PCollection<T, W>, RowSinkOutput<T, 'deadLetter'>>;
export function writePostgres<T extends object, W extends Window = Window>(
  options: PostgresWriteOptions<'fail'>,
): PTransform<PCollection<T, W>, RowSinkOutput<T, 'fail'>>;
export function writePostgres<T extends object, W extends Window = Window>(
  options: PostgresWriteOptions<OnRowError>,
): PTransform<PCollection<T, W>, RowSinkOutput<T, OnRowError>> {
  const frame = { name: 'WritePostgres', names: WRITE_POSTGRES_OPTIONS, batchSize: 1000, mostRows: 100_000 };
  return rowSink(options, frame, (target) => new PostgresWriter<T>({ ...target, connection: options.connection }));
}
