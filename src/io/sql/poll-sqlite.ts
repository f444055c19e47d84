import type { PCollection, Pipeline, PTransform } from '../../sdk/index.ts';
import type { OptionNames } from '../check-options.ts';
import { pollTable, TABLE_POLL_OPTIONS, type TablePollOptions } from './poll-table.ts';
import { SqlitePoller } from './sqlite-poller.ts';
import type { SqliteTypeOptions } from './sqlite-values.ts';

/** Options of {@link pollSqlite}. */
export interface SqlitePollOptions<T> extends TablePollOptions<T>, SqliteTypeOptions {
  /** Path of the database file. */
  readonly file: string;
}

const POLL_SQLITE_OPTIONS: OptionNames<SqlitePollOptions<unknown>> = {
  ...TABLE_POLL_OPTIONS,
  file: true,
  integers: true,
};

/**
 * Reads the rows of a table of an SQLite file as they are added or changed, for ever: those whose cursor is greater than
 * that of the last row. Deleted rows are not seen, and of several changes between two polls only the last. Types as with
 * `readSqlite`; the cursor and the key hold integers, reals or texts.
 *
 * On restart: the cursor is part of the pipeline's checkpoint, so each version that was seen is processed exactly once with
 * regard to the pipeline's state. SQLite has one writer at a time, so a number that grows within the transaction of the
 * change (an AUTOINCREMENT key, a version counted by a trigger) misses nothing. A time does, where a row can be given one
 * that is not greater than what was read: one taken before the transaction began, or a second change in the same second.
 *
 * @throws as `readSqlite`; when it runs IoError `SQL_VALUE` for a cursor that is null or a blob
 */
export function pollSqlite<T = Record<string, unknown>>(
  options: SqlitePollOptions<T>,
): PTransform<Pipeline, PCollection<T>> {
  const frame = { name: 'PollSqlite', names: POLL_SQLITE_OPTIONS, settleMillis: 0 };
  return pollTable(options, frame, (target) => new SqlitePoller<T>({ ...options, ...target }));
}
