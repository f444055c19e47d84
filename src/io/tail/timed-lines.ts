import { MillraceError, type Timestamp, timestamp } from '../../sdk/index.ts';
import type { SourceFormat } from '../file-format.ts';
import { resourceAt } from '../filesystem/io-errors.ts';
import { DataError, type OnError } from '../on-error.ts';
import { type LineSourceOptions, lineFormat } from '../text/line-format.ts';
import type { TextRecord } from '../text/read-text.ts';

/** The event time of a line, as the user's function says. */
export type TimeOf<L> = (line: L) => number | Date | string;

/** Lines whose event times are added to `times`, in order; one of which the function tells no time is a bad record. */
export function timedText(
  options: LineSourceOptions,
  timeOf: TimeOf<string>,
  onError: OnError,
  times: Timestamp[],
): SourceFormat<string> {
  return lineFormat<string>('Text', options, (path) => ({
    many(lines) {
      const before = times.length;
      try {
        for (const line of lines) times.push(timestamp(timeOf(line)));
        return lines;
      } catch {
        // The parser goes through the lines again, one by one, to find which are bad.
        times.length = before;
        return undefined;
      }
    },
    one(line, offset, records) {
      times.push(checkedTime(timeOf, line, onError, path, offset));
      records.push(line);
    },
  }));
}

/** The same of lines with file and offset. */
export function timedTextRecords(
  options: LineSourceOptions,
  timeOf: TimeOf<TextRecord>,
  onError: OnError,
  times: Timestamp[],
): SourceFormat<TextRecord> {
  return lineFormat<TextRecord>('TextRecords', options, (file) => ({
    one(text, offset, records) {
      const record = { file, offset, text };
      times.push(checkedTime(timeOf, record, onError, file, offset));
      records.push(record);
    },
  }));
}

function checkedTime<L>(timeOf: TimeOf<L>, line: L, onError: OnError, path: string, offset: number): Timestamp {
  try {
    return timestamp(timeOf(line));
  } catch (cause) {
    const isOurs = cause instanceof MillraceError;
    // A function that failed is named as its own failure, with its stack, where that ends the job.
    if (onError === 'fail') throw isOurs ? cause.with({ resource: resourceAt(path, offset) }) : cause;
    if (isOurs) throw new DataError(cause.code, cause.summary, { cause });
    const reason = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
    throw new DataError('USER_CODE', `The function timestamp has failed: ${reason}`, { cause });
  }
}
