import { type PCollection, type Pipeline, PipelineError, type PTransform } from '../../sdk/index.ts';
import type { OptionNames } from '../check-options.ts';
import type { CursorValue } from './cursor-columns.ts';
import { pollTable, TABLE_POLL_OPTIONS, type TablePollOptions } from './poll-table.ts';
import { SqlitePoller } from './sqlite-poller.ts';
import type { SqliteTypeOptions } from './sqlite-values.ts';

/** Options of {@link pollSqlite}. */
export interface SqlitePollOptions<T> extends TablePollOptions<T>, SqliteTypeOptions {
  /** Path of the database file. */
  readonly file: string;
  /**
   * Default `'beginning'`. SQLite has no type for times and compares texts and numbers as they are, so `after` is a value
   * as the column has them: the text `'2024-01-01 12:00:00'`, or a number.
   */
  readonly start?: 'beginning' | 'now' | { readonly after: CursorValue };
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
 * @throws as `readSqlite`, PipelineError `OPTION_INVALID` for a Date to start after; when it runs IoError `SQL_VALUE` for a cursor that is null or a blob
 */
export function pollSqlite<T = Record<string, unknown>>(
  options: SqlitePollOptions<T>,
): PTransform<Pipeline, PCollection<T>> {
  checkStart(options.start);
  const frame = { name: 'PollSqlite', names: POLL_SQLITE_OPTIONS, settleMillis: 0 };
  return pollTable(options, frame, (target) => new SqlitePoller<T>({ ...options, ...target }));
}

function checkStart(start: TablePollOptions<unknown>['start']): void {
  if (typeof start !== 'object' || !(start?.after instanceof Date)) return;
  throw new PipelineError('OPTION_INVALID', 'start: { after } is a Date, and SQLite has no type for times', {
    transform: 'PollSqlite',
    hint: "give the text or the number as the column has it: '2024-01-01 12:00:00', date.toISOString(), date.getTime()",
  });
}
