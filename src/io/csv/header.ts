import { PipelineError } from '../../sdk/index.ts';
import { type DataError, dataError } from '../on-error.ts';
import type { CsvDialect } from './csv-dialect.ts';
import type { CsvColumn } from './csv-schema.ts';
import { textOf } from './field-values.ts';
import { unquote } from './quoting.ts';
import { ESCAPED, PLAIN, RecordTokens } from './record-tokens.ts';
import type { RowLayout } from './row-scanner.ts';

/** The first bytes of a file's content; fewer than asked for only at its end. */
export type HeadReader = (length: number) => Promise<Buffer>;

const HEAD_BYTES = 64 * 1024;
/** Longest header, with the lines before it. */
const MAX_HEADER_BYTES = 16 * 1024 * 1024;

/** The names of a file's columns, and where its rows begin. */
export interface CsvHeader {
  readonly names: readonly string[];
  /** Offset of the first byte behind the header. */
  readonly contentStart: number;
}

/**
 * Reads the header line of a file, or takes the names given for files without one. A file of no bytes has no columns and
 * no rows: a sink that has nothing to write to a shard does not know its columns either.
 *
 * @returns `undefined` for a file without content
 * @throws DataError `CSV_HEADER`
 */
export async function readHeader(
  head: HeadReader,
  path: string,
  dialect: CsvDialect,
  header: true | readonly string[],
): Promise<CsvHeader | undefined> {
  for (let length = HEAD_BYTES; ; length *= 4) {
    const bytes = await head(length);
    const last = bytes.length < length;
    let at = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
    if (at >= bytes.length && last) return undefined;
    if (header !== true) return { names: header, contentStart: at };
    const tokens = new RecordTokens(dialect);
    let status: ReturnType<RecordTokens['read']> = 'none';
    while (status === 'none') {
      if (at >= bytes.length && last)
        throw dataError('CSV_HEADER', 'The file has no header line', path, at, HEADER_HINT);
      status = at >= bytes.length ? 'more' : tokens.read(bytes, at, bytes.length, last);
      if (status === 'none') at = tokens.next;
    }
    if (status === 'row') return { names: namesOf(bytes, tokens, dialect, path, at), contentStart: tokens.next };
    if (status !== 'more') throw dataError('CSV_HEADER', 'The header line is malformed', path, at, HEADER_HINT);
    if (length >= MAX_HEADER_BYTES) throw dataError('CSV_HEADER', 'The header line is too long', path, at, HEADER_HINT);
  }
}

const RETURN_HINT = 'Lines end with LF or CR LF; CR alone, as on old Macs, ends none.';
const HEADER_HINT = 'For files without a header line pass their column names as header.';

function namesOf(bytes: Buffer, tokens: RecordTokens, dialect: CsvDialect, path: string, at: number): string[] {
  const names: string[] = [];
  for (let field = 0; field < tokens.count; field++) {
    const text = textOf(bytes, tokens.starts[field], tokens.ends[field]);
    if (text === undefined) throw dataError('BAD_UTF8', 'The header line is not valid UTF-8', path, at);
    if (tokens.kinds[field] === PLAIN && text.includes('\r')) {
      throw dataError('CSV_HEADER', 'The header line holds a carriage return', path, at, RETURN_HINT);
    }
    names.push(tokens.kinds[field] === ESCAPED ? unquote(text, dialect) : text);
  }
  return names;
}

/**
 * Finds the columns to read in a file.
 *
 * @throws DataError `COLUMN_MISSING`, `COLUMN_TWICE`
 */
export function layOut(columns: readonly CsvColumn[], names: readonly string[], path: string): RowLayout {
  const fields = new Array<number>(names.length).fill(-1);
  for (const [slot, { name }] of columns.entries()) {
    const field = names.indexOf(name);
    if (field < 0) throw columnError('COLUMN_MISSING', `The file has no column '${name}'`, names, path);
    if (names.indexOf(name, field + 1) >= 0) {
      throw columnError('COLUMN_TWICE', `The file has more than one column '${name}'`, names, path);
    }
    fields[field] = slot;
  }
  return { columns, fields };
}

function columnError(code: string, summary: string, names: readonly string[], path: string): DataError {
  const shown = names.slice(0, 30).join(', ') + (names.length > 30 ? `, … (${names.length})` : '');
  return dataError(code, summary, path, 0, `Its columns are ${shown}.`);
}

/** @throws PipelineError `OPTION_INVALID` */
export function checkHeader(header: unknown, transform: string): void {
  const names = Array.isArray(header) && header.length > 0 && header.every((name) => typeof name === 'string');
  if (header === true || names) return;
  throw new PipelineError('OPTION_INVALID', 'header must be true or the names of the columns', { transform });
}
