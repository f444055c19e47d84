import { isAscii, isUtf8 } from 'node:buffer';
import type { Block, RecordParser } from '../file-format.ts';
import { type BadRecordSink, type DataError, dataError } from '../on-error.ts';
import type { CsvDialect } from './csv-dialect.ts';
import { isNull, parseValue, textOf } from './field-values.ts';
import { unquote } from './quoting.ts';
import { ESCAPED, PLAIN, QUOTED, RecordTokens } from './record-tokens.ts';
import { generateScanner, type RowLayout, type RowMaker, type RowScanner, rowMaker } from './row-scanner.ts';

/** What to do with a row whose number of fields is not that of the header. */
export type RaggedRows = 'error' | 'pad' | 'skip';

/** What a parser knows about its file. */
export interface CsvParserOptions {
  readonly path: string;
  readonly layout: RowLayout;
  readonly dialect: CsvDialect;
  readonly ragged: RaggedRows;
  readonly bad: BadRecordSink;
  /** Counts the rows that `ragged: 'skip'` leaves out. */
  readonly countRagged: () => void;
  /** Longest row with its line end. */
  readonly maxRowBytes: number;
  /** Offset behind byte order mark and header. */
  readonly contentStart: number;
  /** Offset at which the range's first record starts. */
  readonly start: number;
  /** Whether the types are guesses from a sample: then errors say so. */
  readonly inferred: boolean;
  /** See {@link RecordParser.verify}. */
  readonly verify?: (end: number, next: number) => Promise<void>;
}

const NEWLINE = 0x0a;

/** Reads the rows of one file range: common ones by the generated scanner, the others field by field. */
export class CsvParser<O> implements RecordParser<O> {
  readonly start: number;
  readonly verify?: (end: number, next: number) => Promise<void>;
  readonly #options: CsvParserOptions;
  readonly #tokens: RecordTokens;
  readonly #scan: RowScanner | undefined;
  readonly #make: RowMaker;
  readonly #values: unknown[];
  #block!: Block<O>;
  /** Rows of the range in the blocks before, and rows of this block that are not among its records. */
  #rowsBefore = 0;
  #rowsApart = 0;
  /** Offset behind the block before. */
  #end: number;

  constructor(options: CsvParserOptions) {
    this.#options = options;
    this.start = options.start;
    this.#end = options.start;
    if (options.verify !== undefined) this.verify = options.verify;
    this.#tokens = new RecordTokens(options.dialect);
    this.#scan = generateScanner(options.layout, options.dialect, options.maxRowBytes);
    this.#make = rowMaker(options.layout.columns);
    this.#values = new Array(options.layout.columns.length).fill(null);
  }

  parse(block: Block<O>): number {
    this.#block = block;
    // Between two blocks there may be a row that was too long for either.
    if (block.base + block.start > this.#end) this.#rowsBefore++;
    const next = this.#parse(block);
    this.#end = block.base + next;
    this.#rowsBefore += block.records.length + this.#rowsApart;
    this.#rowsApart = 0;
    return next;
  }

  #parse(block: Block<O>): number {
    const { bytes, end } = block;
    const start = Math.max(block.start, Math.min(this.#options.contentStart - block.base, end));
    const limit = Math.min(block.limit, end);
    // The scanner relies on a line end behind every field, so it stops at the last one.
    const whole = start >= limit ? start : bytes.lastIndexOf(NEWLINE, end - 1) + 1;
    let at = start;
    if (whole > start && this.#scan !== undefined) {
      const content = bytes.subarray(start, whole);
      if (isAscii(content) || isUtf8(content)) {
        at = this.#scan(bytes, start, Math.min(limit, whole), whole, block.records, this.#slow);
        if (at < Math.min(limit, whole)) return at;
      }
    }
    while (at < limit) {
      const next = this.#slow(at);
      if (next < 0) break;
      at = next;
    }
    return at;
  }

  /** Takes the record at an index of the block, whatever its form; −1 when the block ends before it does. */
  readonly #slow = (at: number): number => {
    const { bytes, end, last } = this.#block;
    const tokens = this.#tokens;
    const status = tokens.read(bytes, at, end, last);
    if (status === 'more') return -1;
    if (status === 'none') return tokens.next;
    const { maxRowBytes } = this.#options;
    if (tokens.next - at > maxRowBytes) this.#report(this.#tooLong(at), at);
    else if (status === 'row') this.#row(at);
    else this.#report(this.#tokenError(status, at), at);
    return tokens.next;
  };

  #row(at: number): void {
    const { layout, ragged, countRagged } = this.#options;
    const { count } = this.#tokens;
    const expected = layout.fields.length;
    if (count !== expected && ragged !== 'pad') {
      if (ragged === 'skip') {
        this.#rowsApart++;
        return countRagged();
      }
      return this.#report(
        this.#error('RAGGED_ROW', `A row has ${count} fields instead of ${expected}`, at, RAGGED_HINT),
        at,
      );
    }
    const values = this.#values;
    for (let field = 0; field < expected; field++) {
      const slot = layout.fields[field];
      if (slot < 0) continue;
      const value = field < count ? this.#value(field, slot) : this.#missing(slot);
      if (value instanceof Problem) return this.#report(this.#error(value.code, value.summary, at, value.hint), at);
      values[slot] = value;
    }
    this.#block.records.push(this.#make(values) as O);
  }

  #value(field: number, slot: number): unknown {
    const { bytes } = this.#block;
    const { dialect, layout, inferred } = this.#options;
    const { starts, ends, kinds } = this.#tokens;
    const { name, type, nullable } = layout.columns[slot];
    const [start, end, kind] = [starts[field], ends[field], kinds[field]];
    if (nullable && kind === PLAIN && isNull(dialect.nulls, bytes, start, end)) return null;
    const written = textOf(bytes, start, end);
    if (written === undefined) return new Problem('BAD_UTF8', `Column '${name}' is not valid UTF-8`);
    const text = kind === ESCAPED ? unquote(written, dialect) : written;
    const value = parseValue(type, text);
    if (value !== undefined) return value;
    // A quoted empty field is a string of its own, but no number.
    if (nullable && kind === QUOTED && text === '') return null;
    const shown = JSON.stringify(text.length > 100 ? `${text.slice(0, 100)}…` : text);
    return new Problem('BAD_VALUE', `${shown} in column '${name}' is no ${type}`, inferred ? INFERRED_HINT : undefined);
  }

  #missing(slot: number): unknown {
    const { name, nullable } = this.#options.layout.columns[slot];
    return nullable ? null : new Problem('RAGGED_ROW', `A row has no field for column '${name}', which cannot be null`);
  }

  #error(code: string, summary: string, at: number, hint?: string): DataError {
    return dataError(code, summary, this.#options.path, this.#block.base + at, hint, this.#rowName());
  }

  /** Rows are counted from 1, without the header: in the file, or where that is not known, in the range. */
  #rowName(): string {
    const { start } = this.#options;
    const row = `row ${this.#rowsBefore + this.#block.records.length + this.#rowsApart + 1}`;
    return start === 0 ? row : `${row} of the range that starts at byte ${start}`;
  }

  #tooLong(at: number): DataError {
    const { maxRowBytes } = this.#options;
    return this.#error('RECORD_TOO_LONG', `A row is longer than ${maxRowBytes} bytes`, at, TOO_LONG_HINT);
  }

  #tokenError(status: 'unclosed' | 'stray' | 'wide', at: number): DataError {
    if (status === 'wide') return this.#error('RAGGED_ROW', 'A row has more than 100,000 fields', at);
    return status === 'unclosed'
      ? this.#error('BAD_QUOTES', 'A quote is never closed', at, "quote: '' reads files that have no quoting.")
      : this.#error('BAD_QUOTES', 'Something stands between a closing quote and the next delimiter', at);
  }

  #report(error: DataError, at: number): void {
    this.#rowsApart++;
    this.#options.bad.report(error, this.#block.bytes.subarray(at, this.#tokens.next));
  }
}

/** Why a field is no value. */
class Problem {
  readonly code: string;
  readonly summary: string;
  readonly hint: string | undefined;

  constructor(code: string, summary: string, hint?: string) {
    this.code = code;
    this.summary = summary;
    this.hint = hint;
  }
}

const RAGGED_HINT = "Pass ragged: 'pad' or 'skip' if rows of different lengths are expected.";
const TOO_LONG_HINT = 'Are the delimiter and the quotes right? maxRowBytes raises the limit.';
const INFERRED_HINT =
  "The type was inferred from the first rows; pass a schema to set it. onError: 'skip' leaves such rows out.";
