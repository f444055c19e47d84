import type { Coder, PCollection, Pipeline, PTransform } from '../../sdk/index.ts';
import { checkIntegerOption, checkOptions, type OptionNames } from '../check-options.ts';
import { quoteName, type TableName } from './identifiers.ts';
import { readTable } from './read-table.ts';
import { sourceText } from './source-text.ts';
import { SqliteReader } from './sqlite-reader.ts';
import type { SqliteTypeOptions } from './sqlite-values.ts';

/** Options of {@link readSqlite}. */
export interface SqliteReadOptions<T> extends SqliteTypeOptions {
  /** Path of the database file. */
  readonly file: string;
  /** The table or view to read; or `query`. */
  readonly table?: TableName;
  /** A SELECT to read, without a semicolon; or `table`. */
  readonly query?: string;
  /** The columns of a table; default all. */
  readonly columns?: readonly string[];
  /**
   * The column by whose ranges the rows are read in parallel; it holds integers, or nulls. Default: the `rowid` of a
   * table that has one. Without a key one worker reads everything.
   */
  readonly key?: string;
  /** Least number of ranges at the start; default 1. Large tables are divided further, by size. */
  readonly splits?: number;
  /** Rows handed on at a time; default 5,000. */
  readonly batchSize?: number;
  /** Coder of the rows; the default coder when absent. */
  readonly coder?: Coder<T>;
}

const READ_SQLITE_OPTIONS: OptionNames<SqliteReadOptions<unknown>> = {
  file: true,
  table: true,
  query: true,
  columns: true,
  key: true,
  splits: true,
  integers: true,
  batchSize: true,
  coder: true,
};

/**
 * Reads a table or a query of an SQLite file in parallel, by ranges of a key. The rows are plain objects by column name;
 * `T` is taken on trust. Integers are numbers (see `integers`), reals numbers, texts strings, blobs Uint8Arrays.
 *
 * Bounded. Each range is one consistent snapshot, taken when its reading begins; on a retry or restart it is read
 * again as a whole. Rows whose key does not change while the job runs come exactly once, in one of their versions.
 *
 * @throws PipelineError `OPTION_INVALID`, `SQL_NAME`; when it runs `SQL_STATEMENT`, and IoError `FILE_NOT_FOUND`,
 *   `SQL_CONNECTION`, `SQL_VALUE`, `SQL_DAMAGED`
 */
export function readSqlite<T = Record<string, unknown>>(
  options: SqliteReadOptions<T>,
): PTransform<Pipeline, PCollection<T>> {
  const name = 'ReadSqlite';
  checkOptions(options, READ_SQLITE_OPTIONS, name);
  const { batchSize = 5000, splits = 1 } = options;
  checkIntegerOption('batchSize', batchSize, 1, 1_000_000, name);
  checkIntegerOption('splits', splits, 1, 1000, name);
  const source = sourceText(options, name);
  if (options.key !== undefined) quoteName(options.key);
  return readTable<T>(() => new SqliteReader<T>({ ...options, source, batchSize }), {
    name,
    maxParts: 1000,
    minParts: splits,
    ...(options.coder === undefined ? {} : { coder: options.coder }),
  });
}
