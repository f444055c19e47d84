import { type Coder, coders, type Duration, resume, type SplittableDoFn } from '../../sdk/index.ts';
import { type Positioned, PositionTracker } from '../position-tracker.ts';
import { timeBehind } from '../time-behind.ts';
import type { CursorPosition, CursorValue } from './cursor-columns.ts';

/** Where reading begins: `'beginning'` (the table as it stands comes first), `'now'`, or behind a value of the cursor. */
export type PollStart = 'beginning' | 'now' | { readonly after: CursorValue | Date };

/** Rows behind a position, in the order of the cursor. */
export interface PolledRows<T> {
  readonly rows: readonly T[];
  /** Of the last row. */
  readonly last: CursorPosition | undefined;
}

/** What a database does for polling; one per worker. */
export interface TablePoller<T> {
  /** The position of the last row that there is now. */
  last(): Promise<CursorPosition | undefined>;
  /** Up to `limit` rows behind a position. */
  poll(after: CursorPosition | undefined, limit: number): Promise<PolledRows<T>>;
  close(): Promise<void>;
}

/** How a table is polled; all options checked and with their defaults. */
export interface PollSettings<T> {
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

/** The splittable DoFn that reads the rows of a table as they come, for ever. */
export function tablePoller<T>(
  makePoller: () => TablePoller<T>,
  settings: PollSettings<T>,
): SplittableDoFn<string, Progress, Progress, T> {
  const { start, interval, batchSize, timestampOf, maxDelayMillis, coder } = settings;
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
        if (start === 'now') return { at: await current().last(), over: false };
        const { after } = start;
        return { at: [after instanceof Date ? after.toISOString() : after], over: false };
      },
      size: () => 1,
      tracker: (progress) => new PositionTracker(progress),
    },
    async *process(_, { tracker, watermark, processingTime }) {
      let latest = Number.NEGATIVE_INFINITY;
      for (;;) {
        const askedAt = processingTime();
        const { rows, last } = await current().poll(tracker.current().at, batchSize);
        if (rows.length === 0 || last === undefined) {
          // Whatever comes from here on is later than the question, but for the delay.
          watermark.set(timeBehind(askedAt, maxDelayMillis));
          return resume(interval);
        }
        if (!tracker.tryClaim({ at: last, over: false })) return;
        const timestamps = rows.map((row) => (timestampOf === undefined ? askedAt : timestampOf(row)));
        yield { values: rows, timestamps };
        for (const time of timestamps) if (time > latest) latest = time;
        watermark.set(timeBehind(Math.min(latest, askedAt), maxDelayMillis));
      }
    },
    async teardown() {
      const open = poller;
      poller = undefined;
      await open?.close();
    },
  };
}
