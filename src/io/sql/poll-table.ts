import {
  type Coder,
  coders,
  type Duration,
  type PCollection,
  type Pipeline,
  type PTransform,
  resume,
  type SplittableDoFn,
  splittableParDo,
  timestamp,
} from '../../sdk/index.ts';
import { type Positioned, PositionTracker } from '../position-tracker.ts';

/** How far a table has been read: the cursor of the last row, as the database prints it, and its key among equal ones. */
export type CursorPosition = readonly [cursor: string, key?: string];

/** Where reading begins: `'beginning'` (the table as it stands comes first), `'now'`, or behind a value of the cursor. */
export type PollStart = 'beginning' | 'now' | { readonly after: string | number | bigint | Date };

/** Rows behind a position, in the order of the cursor. */
export interface PolledRows<T> {
  readonly rows: readonly T[];
  /** Of the last row. */
  readonly last: CursorPosition | undefined;
}

/** What a database does for {@link pollTable}; one per worker. */
export interface TablePoller<T> {
  /** The position of the last row that there is now. */
  last(): Promise<CursorPosition | undefined>;
  /** Up to `limit` rows behind a position. */
  poll(after: CursorPosition | undefined, limit: number): Promise<PolledRows<T>>;
  close(): Promise<void>;
}

/** What {@link pollTable} needs besides the poller. */
export interface PollOptions<T> {
  readonly name: string;
  readonly start: PollStart;
  readonly interval: Duration;
  readonly batchSize: number;
  /** Event time of a row; default the time at which it was read. */
  readonly timestampOf: ((row: T) => number) | undefined;
  readonly maxDelayMillis: number;
  readonly coder: Coder<T> | undefined;
}

/** How far: at the position of the last row, if there was one. */
type Progress = Positioned<CursorPosition | undefined>;

/** Reads the rows of a table as they come, for ever: the frame around the databases. */
export function pollTable<T>(
  makePoller: () => TablePoller<T>,
  options: PollOptions<T>,
): PTransform<Pipeline, PCollection<T>> {
  const { name } = options;
  return {
    name,
    expand: (pipeline) => pipeline.create([name]).apply(splittableParDo('Poll', tablePoller(makePoller, options))),
  };
}

function tablePoller<T>(
  makePoller: () => TablePoller<T>,
  options: PollOptions<T>,
): SplittableDoFn<string, Progress, Progress, T> {
  const { start, interval, batchSize, timestampOf, maxDelayMillis, coder } = options;
  let poller: TablePoller<T> | undefined;
  const current = () => {
    poller ??= makePoller();
    return poller;
  };
  return {
    unbounded: true,
    watermark: 'manual',
    ...(coder === undefined ? {} : { coder }),
    restriction: {
      coder: coders.default() as Coder<Progress>,
      initial: async () => {
        if (start === 'beginning') return { at: undefined, over: false };
        return { at: start === 'now' ? await current().last() : [textOf(start.after)], over: false };
      },
      size: () => 1,
      tracker: (progress) => new PositionTracker(progress),
    },
    async *process(_, { tracker, watermark }) {
      let latest = Number.NEGATIVE_INFINITY;
      for (;;) {
        const askedAt = Date.now();
        const { rows, last } = await current().poll(tracker.current().at, batchSize);
        if (rows.length === 0 || last === undefined) {
          // Whatever comes from here on is later than the question, but for the delay.
          watermark.set(timestamp(askedAt - maxDelayMillis));
          return resume(interval);
        }
        if (!tracker.tryClaim({ at: last, over: false })) return;
        const timestamps = rows.map((row) => (timestampOf === undefined ? askedAt : timestampOf(row)));
        yield { values: rows, timestamps };
        for (const time of timestamps) if (time > latest) latest = time;
        watermark.set(timestamp(Math.min(latest, askedAt) - maxDelayMillis));
      }
    },
    async teardown() {
      const open = poller;
      poller = undefined;
      await open?.close();
    },
  };
}

/** A value as both databases read it. */
function textOf(value: string | number | bigint | Date): string {
  return value instanceof Date ? value.toISOString() : String(value);
}
