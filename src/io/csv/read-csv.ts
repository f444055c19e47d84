import { IoError, type Pipeline, PipelineError, type PTransform } from '../../sdk/index.ts';
import { checkChoiceOption, checkIntegerOption, checkOptions, type OptionNames } from '../check-options.ts';
import {
  FILE_SOURCE_OPTIONS,
  type FileSourceOptions,
  type Globs,
  readFiles,
  type SourceOutput,
} from '../file-based-source.ts';
import type { OpenContext, SourceFormat } from '../file-format.ts';
import { resourceAt } from '../filesystem/io-errors.ts';
import { DataError, type OnError } from '../on-error.ts';
import { CSV_DIALECT_OPTIONS, type CsvDialect, type CsvDialectOptions, csvDialect } from './csv-dialect.ts';
import { CsvParser, type RaggedRows } from './csv-parser.ts';
import { type CsvColumn, type CsvInferredRow, type CsvRow, type CsvSchema, columnsOf } from './csv-schema.ts';
import { checkHeader, layOut, readHeader } from './header.ts';
import { TypeInference } from './infer-types.ts';
import { findRecordStart } from './record-boundary.ts';

/** Options of {@link readCsv} beside the schema. */
export interface CsvReadOptions<E extends OnError = 'fail'> extends FileSourceOptions<E>, CsvDialectOptions {
  /** `true` (default): the first row of each file names its columns. Otherwise the names, for files without header. */
  readonly header?: true | readonly string[];
  /** Rows with more or fewer fields than the header: an error (default), cut and filled with null, or left out. */
  readonly ragged?: RaggedRows;
  /** Longest row in bytes, its line end included; default 16 MiB, at most 256 MiB. */
  readonly maxRowBytes?: number;
  /** False: each file is read from its start to its end by one worker; see {@link readCsv} on quotes. Default true. */
  readonly split?: boolean;
}

/** Options of {@link readCsv} with a schema. */
export interface CsvSchemaOptions<S extends CsvSchema, E extends OnError = 'fail'> extends CsvReadOptions<E> {
  /** The columns to read and their types; others are not decoded. */
  readonly schema: S;
}

/** Options of {@link readCsv} without a schema. */
export interface CsvInferOptions<E extends OnError = 'fail'> extends CsvReadOptions<E> {
  readonly schema?: undefined;
  /** The columns to read; default all. */
  readonly columns?: readonly string[];
}

const OPTIONS: OptionNames<CsvSchemaOptions<CsvSchema>> & OptionNames<CsvInferOptions> = {
  ...FILE_SOURCE_OPTIONS,
  ...CSV_DIALECT_OPTIONS,
  header: true,
  ragged: true,
  maxRowBytes: true,
  split: true,
  schema: true,
  columns: true,
};

/**
 * Reads CSV files (RFC 4180) as one object per row. With a schema the rows are typed by it; without one the types are
 * inferred from the first rows of the first files, and every value may be null.
 *
 * ```ts
 * const sales = pipeline.apply(readCsv('sales-*.csv', { schema: { city: 'string', amount: 'float?' } }));
 * ```
 *
 * Large uncompressed files are read in parallel ranges although quoted fields may hold line ends: where a range begins
 * is found by following the quotes, and checked by the reader of the range before, so that a wrong guess is the error
 * `CSV_SPLIT_AMBIGUOUS` and never a wrong row. `split: false` then reads the file in one piece.
 *
 * Bad rows (`onError`): `BAD_VALUE`, `RAGGED_ROW`, `BAD_QUOTES`, `BAD_UTF8`, `RECORD_TOO_LONG`; the error names the byte and
 * the row, counted from 1 without the header, in the file or in the range. Bad files: `CSV_HEADER`, `COLUMN_MISSING`,
 * `COLUMN_TWICE` and those of `readText`.
 */
export function readCsv<const S extends CsvSchema, E extends OnError = 'fail'>(
  globs: Globs,
  options: CsvSchemaOptions<S, E>,
): PTransform<Pipeline, SourceOutput<CsvRow<S>, E>>;
export function readCsv<E extends OnError = 'fail'>(
  globs: Globs,
  options?: CsvInferOptions<E>,
): PTransform<Pipeline, SourceOutput<CsvInferredRow, E>>;
export function readCsv(
  globs: Globs,
  options: CsvSchemaOptions<CsvSchema, OnError> | CsvInferOptions<OnError> = {},
): PTransform<Pipeline, SourceOutput<CsvInferredRow, OnError>> {
  checkOptions(options, OPTIONS, 'ReadCsv');
  return readFiles<CsvInferredRow, readonly CsvColumn[], OnError>(csvFormat(options), globs, options);
}

/** Bytes at the start of each sampled file from which types are inferred. */
const SAMPLE_BYTES = 256 * 1024;
const SAMPLE_FILES = 8;
/** Files that are opened to find as many with content. */
const MOST_LOOKED_AT = 1000;
const MAX_ROW_BYTES = 16 * 1024 * 1024;
const MOST_ROW_BYTES = 256 * 1024 * 1024;

/** Rows of CSV files as objects. */
export function csvFormat<O = CsvInferredRow>(
  options: CsvSchemaOptions<CsvSchema, OnError> | CsvInferOptions<OnError> = {},
): SourceFormat<O, readonly CsvColumn[]> {
  const name = 'Csv';
  const transform = `Read${name}`;
  const { header = true, ragged = 'error', maxRowBytes = MAX_ROW_BYTES, split = true } = options;
  const dialect = csvDialect(options, transform);
  const given = options.schema === undefined ? undefined : columnsOf(options.schema, transform);
  checkHeader(header, transform);
  checkIntegerOption('maxRowBytes', maxRowBytes, 1, MOST_ROW_BYTES, transform);
  checkChoiceOption('ragged', ragged, ['error', 'pad', 'skip'], transform);
  const isStrict = options.onError === undefined || options.onError === 'fail';
  const inference = {
    async prepare(files: Parameters<NonNullable<SourceFormat<O, readonly CsvColumn[]>['prepare']>>[0], head: HeadOf) {
      let result: { names: readonly string[]; types: TypeInference } | undefined;
      let samples = 0;
      let failure: unknown;
      for (const file of files.slice(0, MOST_LOOKED_AT)) {
        try {
          const found = await readHeader((n) => head(file, n), file.path, dialect, header);
          if (found === undefined) continue;
          const { names, contentStart } = found;
          const wanted = 'columns' in options && options.columns !== undefined ? options.columns : names;
          result ??= { names: wanted, types: new TypeInference(wanted.length, dialect) };
          const sample = await head(file, SAMPLE_BYTES);
          const fields = result.names.map((column) => names.indexOf(column));
          const known = fields.map((field) => (field < 0 ? Number.POSITIVE_INFINITY : field));
          result.types.addSample(sample, contentStart, sample.length < SAMPLE_BYTES, known);
          if (++samples === SAMPLE_FILES) break;
        } catch (error) {
          // It comes up again where bad data are dealt with, when the file is read.
          if (isStrict || !(error instanceof DataError)) throw error;
          failure ??= error;
        }
      }
      if (result !== undefined) return result.types.columns(result.names);
      // Of rows without columns nothing would be left.
      if (files.length > MOST_LOOKED_AT) throw failure ?? noColumns(transform);
      return [];
    },
  };
  return {
    name,
    splittable: split,
    maxRecordBytes: maxRowBytes,
    ...(given === undefined ? inference : {}),
    async open(context) {
      const { file, bad, metrics } = context;
      const columns = given ?? context.prepared;
      // At most a byte order mark.
      const empty = { names: columns.map((column) => column.name), contentStart: 3 };
      const { names, contentStart } = (await readHeader(context.head, file.path, dialect, header)) ?? empty;
      const layout = layOut(columns, names, file.path);
      const find = (position: number) =>
        recordStart(context, position, contentStart, dialect, names.length, maxRowBytes);
      return new CsvParser<O>({
        path: file.path,
        layout,
        dialect,
        ragged,
        bad,
        countRagged: () => metrics.counter('raggedRows').inc(),
        maxRowBytes,
        contentStart,
        start: context.start === 0 ? 0 : await find(context.start),
        inferred: given === undefined,
        // Without line ends in quotes every line end ends a row, which is no guess.
        ...(dialect.quotedNewlines && dialect.quote >= 0
          ? { verify: async (end, next) => verifyBoundary(await find(end), next, end, file.path) }
          : {}),
      });
    },
  };
}

type HeadOf = Parameters<NonNullable<SourceFormat<unknown, unknown>['prepare']>>[1];

/** First record that starts at a position or later; known up to the first row. */
async function recordStart(
  context: OpenContext<unknown>,
  position: number,
  contentStart: number,
  dialect: CsvDialect,
  fields: number,
  most: number,
): Promise<number> {
  if (position <= contentStart) return contentStart;
  const simple = { ...dialect, quote: -1, escapedBy: -1 };
  return findRecordStart(context.readAt, position, dialect.quotedNewlines ? dialect : simple, fields, most);
}

function noColumns(transform: string): PipelineError {
  return new PipelineError('SCHEMA_INVALID', `The first ${MOST_LOOKED_AT} files have no rows to infer types from`, {
    transform,
    hint: 'Pass a schema.',
  });
}

function verifyBoundary(guessed: number, actual: number, end: number, path: string): void {
  if (guessed === actual) return;
  throw new IoError('CSV_SPLIT_AMBIGUOUS', 'Where a row starts could not be told from the middle of the file', {
    resource: resourceAt(path, end),
    hint: 'Pass split: false to read each file from its start, or quotedNewlines: false if no field holds a line end.',
  });
}
