import {
  type Coder,
  coders,
  type Duration,
  MIN_TIMESTAMP,
  resume,
  type SplittableDoFn,
  type Timestamp,
} from '../../sdk/index.ts';
import type { Block, RecordParser, SourceFormat } from '../file-format.ts';
import type { RandomAccessFile } from '../filesystem/file-system.ts';
import { BadRecordSink, dataError, type OnError } from '../on-error.ts';
import { type Positioned, PositionTracker } from '../position-tracker.ts';
import { timeBehind } from '../time-behind.ts';
import { type Followed, follow, openFollowed, type TailedFile, type TailPosition } from './followed-file.ts';

/** How files are followed; all options checked and with their defaults. */
export interface TailSettings<O> {
  /** With event times of lines, the format adds them to `times`. */
  readonly formatWith: (times: Timestamp[]) => SourceFormat<O>;
  readonly interval: Duration;
  /** Whether lines have event times of their own. */
  readonly isTimed: boolean;
  readonly maxDelayMillis: number;
  /** `undefined`: a file without lines holds the watermark. */
  readonly idleMillis: number | undefined;
  readonly onLost: 'fail' | 'restart';
  readonly onError: OnError;
  readonly stopAfterIdleMillis: number | undefined;
}

type Position = Positioned<TailPosition>;

/** Bytes read at a time; a longer line is read with more. */
const BLOCK_BYTES = 256 * 1024;

/** The splittable DoFn that follows one file, line by line. */
export function fileTail<O>(settings: TailSettings<O>): SplittableDoFn<TailedFile, Position, Position, unknown> {
  const { interval, onError, stopAfterIdleMillis } = settings;
  return {
    unbounded: true,
    watermark: settings.isTimed ? 'manual' : 'wallTime',
    restriction: {
      coder: coders.default() as Coder<Position>,
      initial: () => ({ at: { offset: 0, lastNew: -1 }, over: false }),
      tracker: (position) => new PositionTracker(position),
    },
    async *process(file, { tracker, watermark, processingTime, metrics }) {
      const begun = tracker.current().at;
      const now = processingTime();
      let position: TailPosition = begun.lastNew < 0 ? { ...begun, lastNew: now } : begun;
      const countLoss = () => metrics.counter('filesLost').inc();
      const followed = await follow(file, position.offset, now, settings.onLost, countLoss);
      const opened = followed === undefined ? undefined : await openFollowed(followed.path, file.identity);
      if (followed !== undefined && opened !== undefined) {
        const { path, offset } = followed;
        if (offset < position.offset) position = { ...position, offset };
        const bad = new BadRecordSink(onError, path, metrics);
        const times: Timestamp[] = [];
        for await (const { records, next } of blocksOf(settings.formatWith(times), opened, followed, bad)) {
          const errors = bad.take();
          position = { offset: next, lastNew: processingTime() };
          if (!tracker.tryClaim({ at: position, over: false })) return undefined;
          const readAt = processingTime();
          const timestamps = settings.isTimed ? times.splice(0) : records.map(() => readAt);
          if (settings.isTimed && records.length > 0) {
            watermark.set(timeBehind(maxOf(timestamps), settings.maxDelayMillis));
          }
          if (onError !== 'deadLetter') yield { values: records, timestamps };
          else {
            const tagged = errors.map((each): unknown => ['error', each]);
            for (const each of records) tagged.push(['record', each]);
            yield { values: tagged, timestamps: [...errors.map(() => watermark.current), ...timestamps] };
          }
        }
      }
      if (followed === undefined || (followed.isFinal && opened !== undefined)) {
        tracker.tryClaim({ at: position, over: true });
        return undefined;
      }
      const over = stopAfterIdleMillis !== undefined && processingTime() - position.lastNew >= stopAfterIdleMillis;
      if (!tracker.tryClaim({ at: position, over }) || over) return undefined;
      const { idleMillis, maxDelayMillis, isTimed } = settings;
      const idle = processingTime() - position.lastNew;
      if (isTimed && idleMillis !== undefined && idle >= idleMillis) {
        watermark.set(timeBehind(processingTime(), maxDelayMillis));
      }
      return resume(interval);
    },
  };
}

function maxOf(timestamps: readonly number[]): number {
  let latest: number = MIN_TIMESTAMP;
  for (const each of timestamps) if (each > latest) latest = each;
  return latest;
}

/** The whole lines that a file has from an offset on, with the offset behind them. */
async function* blocksOf<O>(
  format: SourceFormat<O>,
  file: RandomAccessFile,
  { path, offset, isFinal }: Followed,
  bad: BadRecordSink,
): AsyncGenerator<{ readonly records: O[]; readonly next: number }> {
  try {
    const parser = await openParser(format, path, file, bad);
    let at = offset;
    let size = BLOCK_BYTES;
    for (;;) {
      const bytes = Buffer.allocUnsafeSlow(size);
      const count = await file.read(at, bytes);
      const atEnd = count < size;
      const block: Block<O> = {
        bytes,
        start: 0,
        end: count,
        limit: Number.MAX_SAFE_INTEGER,
        base: at,
        last: atEnd && isFinal,
        records: [],
      };
      const taken = count === 0 ? 0 : parser.parse(block);
      if (taken > 0) {
        at += taken;
        size = BLOCK_BYTES;
        yield { records: block.records, next: at };
      } else if (!atEnd) {
        if (size > format.maxRecordBytes) throw tooLong(path, at, format.maxRecordBytes);
        size = Math.min(size * 2, format.maxRecordBytes + 1);
      }
      if (atEnd) return;
    }
  } finally {
    await file.close();
  }
}

async function openParser<O>(
  format: SourceFormat<O>,
  path: string,
  file: RandomAccessFile,
  bad: BadRecordSink,
): Promise<RecordParser<O>> {
  const readAt = async (position: number, length: number) => {
    const bytes = Buffer.allocUnsafeSlow(length);
    return bytes.subarray(0, await file.read(position, bytes));
  };
  return format.open({
    file: { path, size: file.size, modified: 0, seekable: true },
    prepared: undefined,
    start: 0,
    bad,
    metrics: undefined as never,
    head: (length) => readAt(0, length),
    readAt,
  });
}

/** Where it ends is not known, so it cannot be left out. */
function tooLong(path: string, offset: number, bytes: number) {
  return dataError(
    'RECORD_TOO_LONG',
    `A line has more than ${bytes} bytes`,
    path,
    offset,
    'maxLineBytes raises the limit.',
  );
}
