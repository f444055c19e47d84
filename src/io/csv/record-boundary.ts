import type { CsvDialect } from './csv-dialect.ts';

/** Reads bytes of a file at a position; fewer than asked for only at its end. */
export type PositionReader = (position: number, length: number) => Promise<Buffer>;

const WINDOW_BYTES = 64 * 1024;
const NEWLINE = 0x0a;
const RETURN = 0x0d;

/**
 * Where the first record starts at a position of the file or later, found without reading what lies before.
 *
 * A line end is the end of a record unless it stands in quotes, and whether it does depends on all quotes before it. But
 * quotes also tell themselves: one in front of which no delimiter stands closes a field, one behind which none stands
 * opens it. So both possibilities are followed until one of them contradicts the grammar. Where the text fits both, the
 * one with rows of the right length is taken. This is a guess, if one that text written by a program hardly ever
 * fails; so whoever reads the range before compares its own end with the same guess and refuses to go on if they differ.
 *
 * @param fields number of fields of a row
 * @param most longest record
 * @returns the offset; that of the file's end or beyond `most` bytes when there is none
 */
export async function findRecordStart(
  read: PositionReader,
  position: number,
  dialect: CsvDialect,
  fields: number,
  most: number,
): Promise<number> {
  // The byte before tells whether a line starts right here.
  const from = position - 1;
  for (let length = WINDOW_BYTES; ; length *= 4) {
    const bytes = await read(from, length);
    const last = bytes.length < length;
    const newline = bytes.indexOf(NEWLINE);
    if (newline < 0) {
      if (last || length > most) return from + bytes.length;
      continue;
    }
    const line = newline + 1;
    const outside = follow(bytes, line, false, last, dialect, fields);
    // Without a quote nothing says that the line stands in quotes.
    if (outside.quotes === 0) return from + line;
    const inside = follow(bytes, line, true, last, dialect, fields);
    if (!isMoreLikely(inside, outside)) return from + line;
    if (inside.recordEnd >= 0) return from + inside.recordEnd;
    if (last || length > most) return from + bytes.length;
  }
}

/** What became of the assumption that a line starts inside or outside of quotes. */
interface Trial {
  readonly valid: boolean;
  /** Whole rows with the right number of fields, less those with another. */
  readonly score: number;
  readonly quotes: number;
  /** Index behind the first record's end; −1 when there is none. */
  readonly recordEnd: number;
}

function isMoreLikely(inside: Trial, outside: Trial): boolean {
  if (inside.valid !== outside.valid) return inside.valid;
  return inside.score > outside.score;
}

function follow(
  bytes: Buffer,
  from: number,
  quoted: boolean,
  last: boolean,
  dialect: CsvDialect,
  fields: number,
): Trial {
  const { delimiter, quote, escapedBy, comment } = dialect;
  let inQuotes = quoted;
  let fieldStart = !quoted;
  let lineStart = !quoted;
  // The row in which the text begins has lost its first fields.
  let count = quoted ? Number.NaN : 1;
  let score = 0;
  let quotes = 0;
  let recordEnd = -1;
  let valid = true;
  let at = from;
  for (; at < bytes.length && valid; at++) {
    const byte = bytes[at];
    if (inQuotes) {
      if (byte === escapedBy && escapedBy !== quote) at++;
      else if (byte === quote) {
        quotes++;
        const next = bytes[at + 1];
        if (next === quote && escapedBy === quote) at++;
        else {
          inQuotes = false;
          const ends = next === delimiter || next === NEWLINE || next === RETURN || next === undefined;
          if (!ends) valid = false;
        }
      }
      continue;
    }
    if (lineStart && byte === comment) {
      const end = bytes.indexOf(NEWLINE, at);
      if (end < 0) break;
      at = end;
      continue;
    }
    lineStart = false;
    if (byte === quote) {
      quotes++;
      if (fieldStart) inQuotes = true;
      else valid = false;
      fieldStart = false;
    } else if (byte === delimiter) {
      count++;
      fieldStart = true;
    } else if (byte === NEWLINE) {
      if (recordEnd < 0) recordEnd = at + 1;
      if (count === fields) score++;
      else if (!Number.isNaN(count) && !(count === 1 && fieldStart)) score--;
      count = 1;
      fieldStart = true;
      lineStart = true;
    } else if (byte !== RETURN) fieldStart = false;
  }
  if (last && inQuotes && at >= bytes.length) valid = false;
  return { valid, score, quotes, recordEnd };
}
