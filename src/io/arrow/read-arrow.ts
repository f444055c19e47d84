import type { RecordBatch } from 'apache-arrow';
import type { Pipeline, PTransform } from '../../sdk/index.ts';
import { checkColumns } from '../check-columns.ts';
import { checkOptions, type OptionNames } from '../check-options.ts';
import type { Compression } from '../compression.ts';
import type { Globs, SourceOutput } from '../file-based-source.ts';
import type { FileInfo } from '../filesystem/file-system.ts';
import { fileSystemOf } from '../filesystem/registry.ts';
import { DataError, dataError, type OnError } from '../on-error.ts';
import { type ContentOptions, compressionIn, contentOptions, openContent, readHead } from '../open-source.ts';
import {
  checkUnchanged,
  PARTED_SOURCE_OPTIONS,
  type PartedFile,
  type PartedFormat,
  type PartedSourceOptions,
  readParted,
} from '../parted-source.ts';
import {
  asDataError,
  BATCH_READ_OPTIONS,
  type BatchReadOptions,
  checkBatchOptions,
  elementCoder,
  elementsOf,
} from './batch-elements.ts';
import { IPC_MAGIC, IPC_PREAMBLE, IpcFile } from './ipc-file.ts';
import { streamBatches } from './ipc-stream.ts';
import { selectColumns } from './row-batches.ts';

/** Largest batch unless told otherwise: 256 MiB. */
const MAX_BATCH_BYTES = 256 * 1024 * 1024;

/** Options of {@link readArrow}. */
export interface ArrowReadOptions<T, E extends OnError = 'fail'> extends BatchReadOptions<T>, PartedSourceOptions<E> {
  /** Compression of the whole file; default `auto`: by the extension. */
  readonly compression?: Compression | 'auto';
  /** Largest record batch as stored; a larger one is bad data. Default 256 MiB. */
  readonly maxBatchBytes?: number;
  /** Most bytes that one compressed file may expand to; default 1 TiB. */
  readonly maxDecompressedBytes?: number;
  /** Most times its size that a compressed file may expand to, past the first 64 MiB; default 1,000. */
  readonly maxExpansion?: number;
}

const OPTIONS: OptionNames<ArrowReadOptions<unknown>> = {
  ...BATCH_READ_OPTIONS,
  ...PARTED_SOURCE_OPTIONS,
  compression: true,
  maxBatchBytes: true,
  maxDecompressedBytes: true,
  maxExpansion: true,
};

/**
 * Reads Arrow IPC files (Feather version 2), in parallel by record batch, and IPC streams, each front to back; which of
 * the two a file is, its first bytes tell. Columns compressed with zstandard or LZ4 are read.
 *
 * The elements are rows as objects, or with `as: 'batches'` Arrow record batches. Bad data is an IoError with file and
 * offset, or goes where `onError` says; what can be passed over is a record batch.
 *
 * @typeParam T row type, as the file's schema has it: it is not checked
 */
export function readArrow<E extends OnError = 'fail'>(
  globs: Globs,
  options: ArrowReadOptions<RecordBatch, E> & { readonly as: 'batches' },
): PTransform<Pipeline, SourceOutput<RecordBatch, E>>;
export function readArrow<T = Readonly<Record<string, unknown>>, E extends OnError = 'fail'>(
  globs: Globs,
  options?: ArrowReadOptions<T, E>,
): PTransform<Pipeline, SourceOutput<T, E>>;
export function readArrow<T, E extends OnError>(
  globs: Globs,
  options: ArrowReadOptions<T, E> = {},
): PTransform<Pipeline, SourceOutput<T, E>> {
  checkOptions(options, OPTIONS, 'ReadArrow');
  return readParted(arrowFormat(options), globs, options, elementCoder(options));
}

/** How Arrow IPC files are read. @throws PipelineError `OPTION_INVALID` */
export function arrowFormat<T>(options: ArrowReadOptions<T, OnError>): PartedFormat<T> {
  checkBatchOptions(options as BatchReadOptions<never>, 'ReadArrow');
  const content = contentOptions(options, 'ReadArrow');
  return {
    name: 'Arrow',
    async open(file) {
      const { path, size, seekable } = file;
      const head = await readHead(file, content, IPC_PREAMBLE);
      const isFile = head.subarray(0, IPC_MAGIC.length).equals(IPC_MAGIC);
      if (head.subarray(0, 4).toString('latin1') === 'FEA1') {
        throw dataError('ARROW_FEATHER_1', 'This is a Feather file of version 1, which is no Arrow IPC', path, 0);
      }
      if (isFile && seekable && compressionIn(content, path) === 'none') return openIndexed(file, options);
      if (size === 0) throw dataError('ARROW_TRUNCATED', 'The file is empty', path, 0);
      return openSequential(file, content, isFile ? IPC_PREAMBLE : 0, options);
    },
  };
}

async function openIndexed<T>(info: FileInfo, options: ArrowReadOptions<T, OnError>): Promise<PartedFile<T>> {
  const { path, size } = info;
  const file = await fileSystemOf(path).open(path, info);
  try {
    checkUnchanged(file, size);
    const ipc = await IpcFile.open(file, options.maxBatchBytes ?? MAX_BATCH_BYTES);
    return {
      parts: ipc.batches,
      async *read(part) {
        const batch = await ipc.batch(part);
        yield* projected(batch, path, ipc.offsetOf(part), options);
      },
      close: () => file.close(),
    };
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** A stream is one part: only who has read what comes before can read a batch. */
function openSequential<T>(
  file: FileInfo,
  content: ContentOptions,
  start: number,
  options: ArrowReadOptions<T, OnError>,
): PartedFile<T> {
  const { path } = file;
  return {
    parts: 1,
    async *read(_, bad) {
      const source = await openContent(file, content);
      try {
        if (start > 0) await source.read(Buffer.alloc(start));
        const limit = options.maxBatchBytes ?? MAX_BATCH_BYTES;
        for await (const { batch, offset } of streamBatches(source, path, start, limit, bad)) {
          try {
            yield* projected(batch, path, offset, options);
          } catch (error) {
            if (!(error instanceof DataError)) throw error;
            bad.report(error);
          }
        }
      } finally {
        await source.close();
      }
    },
    close: () => {},
  };
}

function* projected<T>(
  batch: RecordBatch,
  path: string,
  offset: number,
  options: BatchReadOptions<T>,
): Generator<readonly T[]> {
  const { columns } = options;
  const names = batch.schema.fields.map((field) => field.name);
  checkColumns(columns, names, path);
  const wanted = columns === undefined ? batch : selectColumns(batch, columns);
  try {
    yield* elementsOf(wanted, options);
  } catch (error) {
    throw asDataError(error, path, offset);
  }
}
