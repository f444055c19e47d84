import type { Coder, PCollection, Pipeline, PTransform } from '../../sdk/index.ts';
import { checkIntegerOption, checkOptions, type OptionNames } from '../check-options.ts';
import { quoteName, type TableName } from './identifiers.ts';
import type { PostgresConnection } from './postgres-client.ts';
import { PostgresReader } from './postgres-reader.ts';
import type { PostgresTypeOptions } from './postgres-types.ts';
import { readTable } from './read-table.ts';
import { sourceText } from './source-text.ts';

/** Options of {@link readPostgres}. */
export interface PostgresReadOptions<T> extends PostgresTypeOptions {
  readonly connection: PostgresConnection;
  /** The table or view to read; or `query`. */
  readonly table?: TableName;
  /** A SELECT to read, without a semicolon; or `table`. */
  readonly query?: string;
  /** The columns of a table; default all. */
  readonly columns?: readonly string[];
  /**
   * The column by whose ranges the rows are read in parallel: of an integer, numeric, date, timestamp, text or uuid
   * type, best with an index. Default: the primary key of a table where that is one such column. Without a key one
   * worker reads everything.
   */
  readonly key?: string;
  /** Least number of ranges at the start; default 1. Large tables are divided further, by size. */
  readonly splits?: number;
  /**
   * `'range'` (default): each range is one consistent snapshot of its own, taken when its reading begins. `'shared'`: all
   * ranges show the moment at which the job began; a transaction is kept open until the end of the job, and the source
   * cannot go on in another process.
   */
  readonly snapshot?: 'range' | 'shared';
  /** Rows fetched at a time; default 5,000. */
  readonly batchSize?: number;
  /** Connections of one worker at most, besides that of a shared snapshot; default 4. */
  readonly connections?: number;
  /** Coder of the rows; the default coder when absent. */
  readonly coder?: Coder<T>;
}

/** Most ranges of the initial division. */
const MAX_PARTS = 1000;

const READ_POSTGRES_OPTIONS: OptionNames<PostgresReadOptions<unknown>> = {
  connection: true,
  table: true,
  query: true,
  columns: true,
  key: true,
  splits: true,
  snapshot: true,
  batchSize: true,
  connections: true,
  coder: true,
  integers: true,
  decimals: true,
  timestamps: true,
};

/**
 * Reads a table or a query of Postgres in parallel, by ranges of a key. The rows are plain objects by column name; `T` is
 * taken on trust. Types: `int2`, `int4`, `int8`, `float4`, `float8` are numbers (see `integers`), `numeric` is text (see `decimals`),
 * `bool` a boolean, `bytea` a Uint8Array, `date`, `timestamp` (taken as UTC) and `timestamptz` Dates, `json` and `jsonb`
 * what they hold, arrays arrays; everything else is the text that Postgres prints.
 *
 * Bounded. On a retry or restart a range is read again as a whole from a new snapshot: rows whose key does not change while
 * the job runs come exactly once, in one of their versions.
 *
 * @throws PipelineError `OPTION_INVALID`, `SQL_NAME`; when it runs `SQL_STATEMENT`, `PACKAGE_MISSING`, and IoError
 *   `SQL_CONNECTION`, `SQL_ACCESS`, `SQL_VALUE` for a value that its type cannot hold, `SQL_SNAPSHOT_LOST`
 */
export function readPostgres<T = Record<string, unknown>>(
  options: PostgresReadOptions<T>,
): PTransform<Pipeline, PCollection<T>> {
  const name = 'ReadPostgres';
  checkOptions(options, READ_POSTGRES_OPTIONS, name);
  const { batchSize = 5000, connections = 4, splits = 1 } = options;
  checkIntegerOption('batchSize', batchSize, 1, 1_000_000, name);
  checkIntegerOption('connections', connections, 1, 1000, name);
  checkIntegerOption('splits', splits, 1, MAX_PARTS, name);
  const source = sourceText(options, name);
  if (options.key !== undefined) quoteName(options.key);
  return readTable<T>(() => new PostgresReader<T>({ ...options, source, batchSize, connections }), {
    name,
    maxParts: MAX_PARTS,
    minParts: splits,
    ...(options.coder === undefined ? {} : { coder: options.coder }),
  });
}
