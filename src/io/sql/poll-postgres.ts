import {
  after,
  type Coder,
  type Duration,
  type PCollection,
  type Pipeline,
  type PTransform,
  timestamp,
} from '../../sdk/index.ts';
import { checkOptions, type OptionNames } from '../check-options.ts';
import { quoteName, type TableName } from './identifiers.ts';
import { type PollStart, pollTable } from './poll-table.ts';
import type { PostgresConnection } from './postgres-client.ts';
import { PostgresPoller } from './postgres-poller.ts';
import type { PostgresTypeOptions } from './postgres-types.ts';
import { checkInteger } from './read-table.ts';
import { sourceText } from './source-text.ts';

/** Options of {@link pollPostgres}. */
export interface PostgresPollOptions<T> extends PostgresTypeOptions {
  readonly connection: PostgresConnection;
  /** The table or view to read; or `query`. */
  readonly table?: TableName;
  /** A SELECT to read, without a semicolon; or `table`. */
  readonly query?: string;
  /** The columns of a table; default all. */
  readonly columns?: readonly string[];
  /** A column that grows with every new or changed row: a serial number, or the time of the last change. Not null. */
  readonly cursor: string;
  /** A unique column that orders rows of the same cursor. Without it the cursor has to be unique. */
  readonly key?: string;
  /** Default `'beginning'`. */
  readonly start?: PollStart;
  /** How often new rows are asked for when there were none; default `'5s'`. */
  readonly interval?: Duration;
  /**
   * For cursors that are timestamps: rows are read when they are so old. Longer than any transaction that writes them, for
   * what is committed behind the cursor is not seen. Default `'0ms'`.
   */
  readonly settle?: Duration;
  /** The event time of a row in milliseconds; default the time at which it was read. */
  readonly timestamp?: (row: T) => number;
  /** By how much event times may lie before what was read already, besides `settle`; default `'0ms'`. */
  readonly maxDelay?: Duration;
  /** Rows fetched at a time; default 1,000. */
  readonly batchSize?: number;
  /** Coder of the rows; the default coder when absent. */
  readonly coder?: Coder<T>;
}

const POLL_POSTGRES_OPTIONS: OptionNames<PostgresPollOptions<unknown>> = {
  connection: true,
  table: true,
  query: true,
  columns: true,
  cursor: true,
  key: true,
  start: true,
  interval: true,
  settle: true,
  timestamp: true,
  maxDelay: true,
  batchSize: true,
  coder: true,
  integers: true,
  decimals: true,
  timestamps: true,
};

const EPOCH = timestamp(0);

/**
 * Reads the rows of a table of Postgres as they are added or changed, for ever: those whose cursor is greater than that of
 * the last row. Deleted rows are not seen, and of several changes between two polls only the last. Types as with
 * `readPostgres`.
 *
 * On restart: the cursor is part of the pipeline's checkpoint, so each version that was seen is processed exactly once with
 * regard to the pipeline's state. A row that is committed after one with a greater cursor is missed unless `settle` waits
 * for it.
 *
 * @throws as `readPostgres`
 */
export function pollPostgres<T = Record<string, unknown>>(
  options: PostgresPollOptions<T>,
): PTransform<Pipeline, PCollection<T>> {
  const name = 'PollPostgres';
  checkOptions(options, POLL_POSTGRES_OPTIONS, name);
  const batchSize = checkInteger(options.batchSize ?? 1000, 'batchSize', name, 1, 100_000);
  const source = sourceText(options, name);
  for (const column of [options.cursor, ...(options.key === undefined ? [] : [options.key])]) quoteName(column);
  const settleMillis = after(EPOCH, options.settle ?? '0ms');
  return pollTable<T>(() => new PostgresPoller<T>({ ...options, source, settleMillis }), {
    name,
    start: options.start ?? 'beginning',
    interval: options.interval ?? '5s',
    batchSize,
    timestampOf: options.timestamp,
    // What is not settled yet comes later, with the time of its change.
    maxDelayMillis: after(EPOCH, options.maxDelay ?? '0ms') + (options.timestamp === undefined ? 0 : settleMillis),
    coder: options.coder,
  });
}
