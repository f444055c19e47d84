import { type PCollection, PipelineError, type PTransform, type Window } from '../../sdk/index.ts';
import { checkOptions, type OptionNames } from '../check-options.ts';
import { quoteName, quoteTable, type TableName } from './identifiers.ts';
import type { PostgresConnection } from './postgres-client.ts';
import { PostgresWriter } from './postgres-writer.ts';
import { checkInteger } from './read-table.ts';
import { type OnRowError, type RowSinkOutput, writeRows } from './write-rows.ts';

/** What happens to a row whose key is in the table already. */
export type WriteMode = 'insert' | 'upsert' | 'ignore';

/** Options that the sinks of all databases share. */
export interface RowWriteOptions<E extends OnRowError = 'fail'> {
  readonly table: TableName;
  /** The fields of a row that are written, which are the columns of the table; the default of a column takes the place of others. */
  readonly columns: readonly string[];
  /**
   * `'insert'` (default): an error, by the table's constraints. `'upsert'`: the row of the table is replaced, in the given
   * columns. `'ignore'`: the row of the table stays.
   */
  readonly mode?: WriteMode;
  /** The columns of a unique constraint by which a row is found again; needed for `'upsert'`. */
  readonly key?: readonly string[];
  /** Rows of one statement; default 1,000. */
  readonly batchSize?: number;
  /** What happens to rows that the database refuses (constraints, values out of range); default `'fail'`. */
  readonly onError?: E;
}

/** Options of {@link writePostgres}. */
export interface PostgresWriteOptions<E extends OnRowError = 'fail'> extends RowWriteOptions<E> {
  readonly connection: PostgresConnection;
}

const WRITE_POSTGRES_OPTIONS: OptionNames<PostgresWriteOptions<OnRowError>> = {
  connection: true,
  table: true,
  columns: true,
  mode: true,
  key: true,
  batchSize: true,
  onError: true,
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
  const name = 'WritePostgres';
  checkOptions(options, WRITE_POSTGRES_OPTIONS, name);
  const batchSize = checkInteger(options.batchSize ?? 1000, 'batchSize', name, 1, 100_000);
  checkRowWrite(options, name);
  const writing = {
    connection: options.connection,
    table: options.table,
    columns: options.columns,
    mode: options.mode ?? 'insert',
    key: options.key ?? [],
  };
  return writeRows(() => new PostgresWriter<T>(writing), {
    name,
    table: quoteTable(options.table),
    batchSize,
    onError: options.onError ?? 'fail',
  });
}

/** @throws PipelineError `OPTION_INVALID`, `SQL_NAME` */
export function checkRowWrite(options: RowWriteOptions<OnRowError>, transform: string): void {
  const { table, columns, key = [], mode = 'insert' } = options;
  const invalid = (message: string): never => {
    throw new PipelineError('OPTION_INVALID', message, { transform });
  };
  quoteTable(table);
  if (!Array.isArray(columns) || columns.length === 0) invalid('columns names the fields to be written, at least one');
  for (const column of [...columns, ...key]) quoteName(column);
  if (new Set(columns).size < columns.length) invalid('columns names a field twice');
  if (!['insert', 'upsert', 'ignore'].includes(mode))
    invalid(`mode cannot be '${mode}': choose 'insert', 'upsert' or 'ignore'`);
  if (mode === 'upsert' && key.length === 0) invalid("mode 'upsert' needs the key by which a row is found again");
  for (const column of key) if (!columns.includes(column)) invalid(`The key ${column} is not one of the columns`);
}
