import type { RecordBatch } from 'apache-arrow';
import type { Pipeline, PTransform } from '../../sdk/index.ts';
import {
  asDataError,
  BATCH_READ_OPTIONS,
  type BatchReadOptions,
  checkBatchOptions,
  elementCoder,
  elementsOf,
} from '../arrow/batch-elements.ts';
import { checkIntegerOption, checkOptions, type OptionNames } from '../check-options.ts';
import type { Globs, SourceOutput } from '../file-based-source.ts';
import { fileSystemOf } from '../filesystem/registry.ts';
import type { OnError } from '../on-error.ts';
import { PARTED_SOURCE_OPTIONS, type PartedFormat, type PartedSourceOptions, readParted } from '../parted-source.ts';
import { ParquetFile } from './parquet-file.ts';

/** Rows that are decoded at a time. */
const BATCH_ROWS = 8192;
const MAX_BATCH_ROWS = 1_048_576;
/** Largest row group unless told otherwise: 1 GiB. */
const MAX_ROW_GROUP_BYTES = 1024 * 1024 * 1024;
/** The decoder has 4 GiB for the row group and what it makes of it. */
const MOST_ROW_GROUP_BYTES = 2 * 1024 * 1024 * 1024;

/** Options of {@link readParquet}. */
export interface ParquetReadOptions<T, E extends OnError = 'fail'> extends BatchReadOptions<T>, PartedSourceOptions<E> {
  /** Most rows of a record batch; default 8,192. */
  readonly batchRows?: number;
  /** Most stored bytes that the columns read may have in one row group; default 1 GiB, at most 2 GiB. */
  readonly maxRowGroupBytes?: number;
}

const OPTIONS: OptionNames<ParquetReadOptions<unknown>> = {
  ...BATCH_READ_OPTIONS,
  ...PARTED_SOURCE_OPTIONS,
  batchRows: true,
  maxRowGroupBytes: true,
};

/**
 * Reads Parquet files, in parallel by row group. Only the footer and the column chunks of the wanted columns are read
 * from the store; of a row group, one worker holds the stored bytes twice and about 64 MiB of decoded rows. Checksums of
 * pages are verified where a file has them.
 *
 * The elements are rows as objects, or with `as: 'batches'` Arrow record batches. Bad data is an IoError with the file,
 * or goes where `onError` says; what can be passed over is a row group.
 *
 * @typeParam T row type, as the file's schema has it: it is not checked
 */
export function readParquet<E extends OnError = 'fail'>(
  globs: Globs,
  options: ParquetReadOptions<RecordBatch, E> & { readonly as: 'batches' },
): PTransform<Pipeline, SourceOutput<RecordBatch, E>>;
export function readParquet<T = Readonly<Record<string, unknown>>, E extends OnError = 'fail'>(
  globs: Globs,
  options?: ParquetReadOptions<T, E>,
): PTransform<Pipeline, SourceOutput<T, E>>;
export function readParquet<T, E extends OnError>(
  globs: Globs,
  options: ParquetReadOptions<T, E> = {},
): PTransform<Pipeline, SourceOutput<T, E>> {
  checkOptions(options, OPTIONS, 'ReadParquet');
  return readParted(parquetFormat(options), globs, options, elementCoder(options));
}

/** How Parquet files are read. @throws PipelineError `OPTION_INVALID` */
export function parquetFormat<T>(options: ParquetReadOptions<T, OnError>): PartedFormat<T> {
  checkBatchOptions(options as BatchReadOptions<never>, 'ReadParquet');
  const { columns, batchRows = BATCH_ROWS, maxRowGroupBytes = MAX_ROW_GROUP_BYTES } = options;
  checkIntegerOption('batchRows', batchRows, 1, MAX_BATCH_ROWS, 'ReadParquet');
  checkIntegerOption('maxRowGroupBytes', maxRowGroupBytes, 1, MOST_ROW_GROUP_BYTES, 'ReadParquet');
  return {
    name: 'Parquet',
    async open(info) {
      const { path, size } = info;
      const handle = await fileSystemOf(path).open(path, info);
      let file: ParquetFile;
      try {
        file = await ParquetFile.open(handle, { columns, maxRowGroupBytes, size });
      } catch (error) {
        await handle.close();
        throw error;
      }
      return {
        parts: file.rowGroups,
        async *read(part) {
          for await (const batch of file.batches(part, batchRows)) {
            try {
              yield* elementsOf(batch, options);
            } catch (error) {
              throw asDataError(error, path, 0);
            }
          }
        },
        close: () => file.close(),
      };
    },
  };
}
