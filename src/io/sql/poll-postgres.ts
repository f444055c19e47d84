import type { Duration, PCollection, Pipeline, PTransform } from '../../sdk/index.ts';
import type { OptionNames } from '../check-options.ts';
import { durationMillis } from '../duration-millis.ts';
import { pollTable, TABLE_POLL_OPTIONS, type TablePollOptions } from './poll-table.ts';
import type { PostgresConnection } from './postgres-client.ts';
import { PostgresPoller } from './postgres-poller.ts';
import type { PostgresTypeOptions } from './postgres-types.ts';

/** Options of {@link pollPostgres}. */
export interface PostgresPollOptions<T> extends TablePollOptions<T>, PostgresTypeOptions {
  readonly connection: PostgresConnection;
  /**
   * For cursors that are timestamps: rows are read when they are so old. Longer than any transaction that writes them, for
   * what is committed behind the cursor is not seen. The watermark stays so much further behind. Default `'0ms'`.
   */
  readonly settle?: Duration;
}

const POLL_POSTGRES_OPTIONS: OptionNames<PostgresPollOptions<unknown>> = {
  ...TABLE_POLL_OPTIONS,
  connection: true,
  settle: true,
  integers: true,
  decimals: true,
  timestamps: true,
};

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
  const settleMillis = durationMillis(options.settle ?? '0ms');
  const frame = { name: 'PollPostgres', names: POLL_POSTGRES_OPTIONS, settleMillis };
  return pollTable(options, frame, (target) => new PostgresPoller<T>({ ...options, ...target, settleMillis }));
}
