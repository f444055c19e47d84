import type { CsvDialect } from './csv-dialect.ts';

/** What a look at one record found. */
export type TokenStatus =
  /** A row. */
  | 'row'
  /** An empty line or a comment. */
  | 'none'
  /** The bytes end before the record does. */
  | 'more'
  /** A quote is never closed. */
  | 'unclosed'
  /** Something stands between a closing quote and the next delimiter. */
  | 'stray'
  /** More than 100,000 fields. */
  | 'wide';

/** How a field is written. */
export const PLAIN = 0;
export const QUOTED = 1;
/** In quotes, with escapes inside. */
export const ESCAPED = 2;

/** Most fields of a record. */
const MAX_FIELDS = 100_000;

const NEWLINE = 0x0a;
const RETURN = 0x0d;

/**
 * Cuts one record at a time into fields, checking every byte: the complete, slower way beside the generated scanner,
 * which hands over to it whatever is unusual.
 */
export class RecordTokens {
  readonly #dialect: CsvDialect;
  /** Fields of the record; positions in the bytes. */
  starts: Int32Array = new Int32Array(64);
  ends: Int32Array = new Int32Array(64);
  kinds: Uint8Array = new Uint8Array(64);
  count = 0;
  /** Index behind the record and its line end; after an error, where the next line begins. */
  next = 0;

  constructor(dialect: CsvDialect) {
    this.#dialect = dialect;
  }

  /** Looks at the record that starts at `at`. @param last whether the file ends at `end` */
  read(bytes: Buffer, at: number, end: number, last: boolean): TokenStatus {
    const { delimiter, quote, comment } = this.#dialect;
    this.count = 0;
    const skipped = this.#skipLine(bytes, at, end, last, comment);
    if (skipped !== undefined) return skipped;
    let from = at;
    for (;;) {
      if (this.count === MAX_FIELDS) return this.#fail('wide', bytes, from, end, last);
      let stop: number;
      if (from < end && bytes[from] === quote) {
        const status = this.#quoted(bytes, from + 1, end, last);
        if (status !== 'row') return status;
        stop = this.ends[this.count - 1] + 1;
        if (stop < end && bytes[stop] === RETURN) {
          if (stop + 1 === end && !last) return 'more';
          if (stop + 1 === end || bytes[stop + 1] === NEWLINE) stop++;
        }
      } else {
        stop = from;
        while (stop < end && bytes[stop] !== delimiter && bytes[stop] !== NEWLINE) stop++;
        const lineEnds = stop === end ? last : bytes[stop] === NEWLINE;
        this.#push(from, lineEnds && stop > from && bytes[stop - 1] === RETURN ? stop - 1 : stop, PLAIN);
      }
      if (stop >= end) {
        this.next = end;
        return last ? 'row' : 'more';
      }
      if (bytes[stop] === NEWLINE) {
        this.next = stop + 1;
        return 'row';
      }
      if (bytes[stop] !== delimiter) return this.#fail('stray', bytes, stop, end, last);
      from = stop + 1;
    }
  }

  #skipLine(bytes: Buffer, at: number, end: number, last: boolean, comment: number): TokenStatus | undefined {
    if (bytes[at] === comment) {
      const stop = bytes.indexOf(NEWLINE, at);
      const found = stop >= 0 && stop < end;
      if (!found && !last) return 'more';
      this.next = found ? stop + 1 : end;
      return 'none';
    }
    const newline = bytes[at] === RETURN ? at + 1 : at;
    if (newline === end) {
      this.next = end;
      return last ? 'none' : 'more';
    }
    if (bytes[newline] !== NEWLINE) return undefined;
    this.next = newline + 1;
    return 'none';
  }

  #quoted(bytes: Buffer, start: number, end: number, last: boolean): TokenStatus {
    const { quote, escapedBy, quotedNewlines } = this.#dialect;
    let kind = QUOTED;
    let at = start;
    for (; at < end; at++) {
      const byte = bytes[at];
      if (byte === escapedBy) {
        if (at + 1 === end) {
          if (!last) return 'more';
          if (escapedBy === quote) break;
          return this.#fail('unclosed', bytes, end, end, last);
        }
        // With the quote as escape only a second quote makes it one.
        if (escapedBy !== quote || bytes[at + 1] === quote) {
          kind = ESCAPED;
          at++;
          if (bytes[at] === NEWLINE && !quotedNewlines) return this.#fail('unclosed', bytes, at, end, last);
          continue;
        }
        break;
      }
      if (byte === quote) break;
      if (byte === NEWLINE && !quotedNewlines) return this.#fail('unclosed', bytes, at, end, last);
    }
    if (at >= end) return last ? this.#fail('unclosed', bytes, end, end, last) : 'more';
    if (at + 1 === end && !last) return 'more';
    this.#push(start, at, kind);
    return 'row';
  }

  /** The next line begins behind the line end at `from` or later. */
  #fail(status: TokenStatus, bytes: Buffer, from: number, end: number, last: boolean): TokenStatus {
    const stop = from < end ? bytes.indexOf(NEWLINE, from) : -1;
    const found = stop >= 0 && stop < end;
    if (!found && !last) return 'more';
    this.next = found ? stop + 1 : end;
    return status;
  }

  #push(start: number, end: number, kind: number): void {
    const index = this.count++;
    if (index === this.starts.length) {
      this.starts = grown(this.starts, new Int32Array(index * 2));
      this.ends = grown(this.ends, new Int32Array(index * 2));
      this.kinds = grown(this.kinds, new Uint8Array(index * 2));
    }
    this.starts[index] = start;
    this.ends[index] = end;
    this.kinds[index] = kind;
  }
}

function grown<A extends Int32Array | Uint8Array>(old: A, larger: A): A {
  larger.set(old);
  return larger;
}
