import {
  type Coder,
  type Duration,
  type PCollection,
  type Pipeline,
  type PTransform,
  splittableParDo,
} from '../../sdk/index.ts';
import { checkIntegerOption, checkOptions, type OptionNames } from '../check-options.ts';
import { durationMillis } from '../duration-millis.ts';
import { CursorColumns } from './cursor-columns.ts';
import type { TableName } from './identifiers.ts';
import { type SourceText, sourceText } from './source-text.ts';
import { type PollStart, type TablePoller, tablePoller } from './table-poller.ts';

/** Options that the polling of all databases shares. */
export interface TablePollOptions<T> {
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
  /** The event time of a row in milliseconds; default the time at which it was read. */
  readonly timestamp?: (row: T) => number;
  /** By how much event times may lie before what was read already; default `'0ms'`. */
  readonly maxDelay?: Duration;
  /** Rows fetched at a time; default 1,000. */
  readonly batchSize?: number;
  /** Coder of the rows; the default coder when absent. */
  readonly coder?: Coder<T>;
}

/** The names of {@link TablePollOptions}. */
export const TABLE_POLL_OPTIONS: OptionNames<TablePollOptions<unknown>> = {
  table: true,
  query: true,
  columns: true,
  cursor: true,
  key: true,
  start: true,
  interval: true,
  timestamp: true,
  maxDelay: true,
  batchSize: true,
  coder: true,
};

/** What is polled. */
export interface PollTarget {
  readonly source: SourceText;
  readonly cursor: CursorColumns;
}

/** What the polling of two databases differs in. */
interface PollFrame {
  readonly name: string;
  /** All options of the source. */
  readonly names: Readonly<Record<string, true>>;
  /** How old rows are before they are read. */
  readonly settleMillis: number;
}

/**
 * The source that polls a table of a database: the frame around its poller.
 *
 * @throws PipelineError `OPTION_UNKNOWN`, `OPTION_INVALID`, `SQL_NAME`
 */
export function pollTable<T>(
  options: TablePollOptions<T>,
  { name, names, settleMillis }: PollFrame,
  makePoller: (target: PollTarget) => TablePoller<T>,
): PTransform<Pipeline, PCollection<T>> {
  checkOptions(options, names, name);
  const { start = 'beginning', interval = '5s', batchSize = 1000, timestamp: timestampOf, coder } = options;
  checkIntegerOption('batchSize', batchSize, 1, 100_000, name);
  const target = { source: sourceText(options, name), cursor: new CursorColumns(options.cursor, options.key) };
  // What is not settled yet comes later, with the time of its change.
  const maxDelayMillis = durationMillis(options.maxDelay ?? '0ms') + (timestampOf === undefined ? 0 : settleMillis);
  const poller = tablePoller(() => makePoller(target), {
    start,
    interval,
    batchSize,
    timestampOf,
    maxDelayMillis,
    coder,
  });
  return { name, expand: (pipeline) => pipeline.create([name]).apply(splittableParDo('Poll', poller)) };
}
