import { isAscii, isUtf8 } from 'node:buffer';
import type { Block, OpenContext, RecordParser } from '../file-format.ts';
import { type BadRecordSink, DataError, dataError } from '../on-error.ts';

/** Text encodings of line formats; `latin1` takes each byte as the character of that number and never fails. */
export type TextEncoding = 'utf8' | 'latin1';

/** How bytes become lines. */
export interface LineShape {
  /** What ends a line; `\n` also takes a `\r` before it away. */
  readonly delimiter: Buffer;
  readonly encoding: TextEncoding;
  /** Longest line in bytes, without its delimiter. */
  readonly maxLineBytes: number;
  /** Lines at the start of each file that are no records. */
  readonly skipHeaderLines: number;
}

/** How bytes become lines, and lines records. */
export interface LineOptions<O> extends LineShape {
  /**
   * Turns many lines into records at once; `undefined` when that fails for any of them. Absent where each record needs
   * its offset.
   */
  readonly many?: (lines: string[]) => O[] | undefined;
  /** Adds the record of one line to `records`. @throws DataError without offset when the line is no record */
  readonly one: (line: string, offset: number, records: O[]) => void;
}

const NEWLINE = 0x0a;
const RETURN = 0x0d;
/**
 * Bytes decoded to one string, of which the lines are slices. Longer pieces are hardly faster, and a line that lives on
 * keeps its whole piece in memory.
 */
const PIECE_BYTES = 8 * 1024;

/** Cuts blocks into lines. A line belongs to the range in which its first byte lies. */
export class LineParser<O> implements RecordParser<O> {
  readonly #options: LineOptions<O>;
  readonly #path: string;
  readonly #bad: BadRecordSink;
  /** Offset of the first line that is a record. */
  readonly #contentStart: number;
  /** Whether nothing but a byte order mark stands before the content. */
  readonly #mark: boolean;
  readonly #plain: boolean;
  readonly #overlapping: boolean;

  /** @param contentStart offset behind byte order mark and header lines; see {@link findContentStart} */
  constructor(options: LineOptions<O>, path: string, bad: BadRecordSink, contentStart: number) {
    this.#options = options;
    this.#path = path;
    this.#bad = bad;
    this.#contentStart = contentStart;
    this.#mark = contentStart > 0 && options.skipHeaderLines === 0;
    this.#plain = options.delimiter.length === 1 && options.delimiter[0] === NEWLINE;
    this.#overlapping = overlapsItself(options.delimiter);
  }

  sync(bytes: Buffer, from: number, end: number): number {
    const { delimiter } = this.#options;
    const found = indexOf(bytes, delimiter, Math.max(0, from - delimiter.length), end);
    return found < 0 ? -1 : found + delimiter.length;
  }

  parse(block: Block<O>): number {
    const { bytes, end, last } = block;
    const start = Math.max(block.start, Math.min(this.#contentStart - block.base, end));
    let limit = Math.min(block.limit, end);
    // A byte order mark is part of the first line, which so starts at the file's first byte whatever range that is in.
    const marked = this.#mark && block.base + block.start === 0;
    if (marked) limit = Math.max(limit, start + 1);
    if (start >= Math.min(limit, end)) return marked && !last ? block.start : start;
    const whole = this.#endOfWholeLines(bytes, start, limit, end);
    // A last line without its delimiter, which the next block cannot complete.
    const tail = last && whole < limit ? end : whole;
    if (whole > start) this.#take(block, start, whole);
    if (tail > whole) this.#oneByOne(block, whole, tail, tail);
    return marked && tail === start ? block.start : tail;
  }

  /** Index behind the last line that starts before `limit` and ends at hand; at most `start` when there is none. */
  #endOfWholeLines(bytes: Buffer, start: number, limit: number, end: number): number {
    const { delimiter } = this.#options;
    if (this.#overlapping) {
      let at = start;
      for (let found = start; at < limit; at = found + delimiter.length) {
        found = indexOf(bytes, delimiter, at, end);
        if (found < 0) break;
      }
      return at;
    }
    const crossing = indexOf(bytes, delimiter, Math.max(start, limit - delimiter.length), end);
    if (crossing >= 0) return crossing + delimiter.length;
    const before = bytes.subarray(start, end).lastIndexOf(delimiter);
    return before < 0 ? start : start + before + delimiter.length;
  }

  #take(block: Block<O>, start: number, whole: number): void {
    const { many, encoding, maxLineBytes } = this.#options;
    if (many !== undefined && this.#plain && maxLineBytes >= PIECE_BYTES) {
      const content = block.bytes.subarray(start, whole);
      const simple = encoding === 'latin1' || isAscii(content);
      if (simple || isUtf8(content)) {
        const lines = this.#cut(block.bytes, start, whole, simple);
        const records = lines === undefined ? undefined : many(lines);
        if (records !== undefined) {
          if (block.records.length === 0) block.records = records;
          else for (const record of records) block.records.push(record);
          return;
        }
      }
    }
    this.#oneByOne(block, start, whole, whole);
  }

  /** Lines of bytes that decode without error; `undefined` when one is too long. */
  #cut(bytes: Buffer, start: number, whole: number, simple: boolean): string[] | undefined {
    const lines: string[] = [];
    let at = start;
    while (at < whole) {
      let end = whole;
      if (whole - at > PIECE_BYTES) {
        // Finds the delimiter before `at` when the piece holds none.
        end = bytes.lastIndexOf(NEWLINE, at + PIECE_BYTES - 1) + 1;
        if (end <= at) {
          end = bytes.indexOf(NEWLINE, at + PIECE_BYTES) + 1;
          if (end - 1 - at > this.#options.maxLineBytes) return undefined;
        }
      }
      const text = simple ? bytes.latin1Slice(at, end) : bytes.utf8Slice(at, end);
      const returns = text.includes('\r');
      let from = 0;
      for (let to = text.indexOf('\n'); to >= 0; to = text.indexOf('\n', from)) {
        const cut = returns && to > from && text.charCodeAt(to - 1) === RETURN ? to - 1 : to;
        lines.push(text.slice(from, cut));
        from = to + 1;
      }
      at = end;
    }
    return lines;
  }

  /** Line by line, each with its offset: where lines are bad, or their offsets wanted. */
  #oneByOne(block: Block<O>, start: number, end: number, limit: number): void {
    const { delimiter, one, encoding, maxLineBytes } = this.#options;
    const { bytes } = block;
    for (let at = start; at < limit; ) {
      const found = indexOf(bytes, delimiter, at, end);
      const next = found < 0 ? end : found + delimiter.length;
      let stop = found < 0 ? end : found;
      if (this.#plain && found > at && bytes[found - 1] === RETURN) stop--;
      const line = bytes.subarray(at, stop);
      const offset = block.base + at;
      try {
        if (stop - at > maxLineBytes) throw this.#tooLong(offset);
        if (encoding === 'utf8' && !isUtf8(line)) throw this.#badUtf8(line, offset);
        one(encoding === 'utf8' ? line.utf8Slice() : line.latin1Slice(), offset, block.records);
      } catch (error) {
        if (!(error instanceof DataError)) throw error;
        const { code, summary, context } = error;
        this.#bad.report(
          error.offset === undefined ? dataError(code, summary, this.#path, offset, context.hint) : error,
          line,
        );
      }
      at = next;
    }
  }

  #tooLong(offset: number): DataError {
    return dataError(
      'RECORD_TOO_LONG',
      `A line is longer than ${this.#options.maxLineBytes} bytes`,
      this.#path,
      offset,
      'maxLineBytes raises the limit.',
    );
  }

  #badUtf8(line: Buffer, offset: number): DataError {
    return dataError(
      'BAD_UTF8',
      'A line is not valid UTF-8',
      this.#path,
      offset + firstBadByte(line),
      "Pass encoding: 'latin1' for files in a single-byte encoding.",
    );
  }
}

/**
 * Whether a delimiter ends as it begins, like a blank line: then where one line ends depends on where the one before
 * ended, and a file can only be read from its start.
 */
export function overlapsItself(delimiter: Buffer): boolean {
  for (let length = 1; length < delimiter.length; length++) {
    if (delimiter.subarray(0, length).equals(delimiter.subarray(delimiter.length - length))) return true;
  }
  return false;
}

/** Where the first sequence that is no UTF-8 begins. */
function firstBadByte(line: Buffer): number {
  // A prefix of valid text that ends between characters is valid: the longest valid one is found by halving.
  let good = 0;
  let bad = line.length;
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    if (isUtf8(line.subarray(0, boundary(line, middle)))) good = middle;
    else bad = middle;
  }
  return boundary(line, good);
}

/** The nearest index at or before `at` that does not lie within a character. */
function boundary(line: Buffer, at: number): number {
  let index = at;
  while (index > 0 && index < line.length && at - index < 3 && (line[index] & 0xc0) === 0x80) index--;
  return index;
}

/** Like Buffer.indexOf, but never looks past `end`. */
function indexOf(bytes: Buffer, delimiter: Buffer, from: number, end: number): number {
  if (delimiter.length === 1) {
    const found = bytes.indexOf(delimiter[0], from);
    return found < end ? found : -1;
  }
  return bytes.subarray(0, end).indexOf(delimiter, from);
}

/** Bytes looked at first for the end of a file's header. */
const HEAD_BYTES = 64 * 1024;

/**
 * Offset behind a file's byte order mark and header lines. Every range of the file needs to know: a range may begin in
 * the middle of them.
 */
export async function findContentStart<P>(
  options: LineShape,
  context: Pick<OpenContext<P>, 'head' | 'file'>,
): Promise<number> {
  const { skipHeaderLines, delimiter, encoding, maxLineBytes } = options;
  const most = (maxLineBytes + delimiter.length) * Math.max(1, skipHeaderLines) + 3;
  for (let length = skipHeaderLines === 0 ? 3 : HEAD_BYTES; ; length *= 4) {
    const head = await context.head(Math.min(length, most));
    let at = encoding === 'utf8' && head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf ? 3 : 0;
    let skipped = 0;
    while (skipped < skipHeaderLines) {
      const found = head.indexOf(delimiter, at);
      if (found < 0) break;
      at = found + delimiter.length;
      skipped++;
    }
    if (skipped === skipHeaderLines) return at;
    if (head.length < Math.min(length, most)) return head.length;
    if (length >= most) {
      throw dataError('RECORD_TOO_LONG', `A header line is longer than ${maxLineBytes} bytes`, context.file.path, at);
    }
  }
}
