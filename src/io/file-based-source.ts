import {
  type Coder,
  coders,
  IoError,
  OffsetRangeTracker,
  type PCollection,
  type Pipeline,
  PipelineError,
  type PTransform,
  type RestrictionTracker,
  type SplittableDoFn,
  splittableParDo,
} from '../sdk/index.ts';
import { PeekSource } from './byte-source.ts';
import { checkChoiceOption, type OptionNames } from './check-options.ts';
import type { Compression } from './compression.ts';
import type { SourceFormat } from './file-format.ts';
import { type FileRange, fileRangeCoder, splitRange } from './file-range.ts';
import { checkGlobs, type MatchedFile, matchFiles } from './match-files.ts';
import { type BadRecord, BadRecordSink, DataError, type OnError } from './on-error.ts';
import { type ContentOptions, compressionIn, contentOptions, openContent, readBytes, readHead } from './open-source.ts';
import { RangeReader } from './range-reader.ts';
import { checkWatch, type WatchFilesOptions, watchFiles } from './watch-files.ts';

/** Options that all sources of whole-file formats share. */
export interface FileSourceOptions<E extends OnError = 'fail'> {
  /** Default `auto`: by the extension, see `compressionOf`. */
  readonly compression?: Compression | 'auto';
  /** What happens to records that cannot be read; default `fail`. */
  readonly onError?: E;
  /** Whether a glob that matches no file is an error (default) or an empty collection. Not looked at with `watch`. */
  readonly emptyMatch?: 'error' | 'allow';
  /**
   * Goes on looking for new files: the collection is then unbounded. Not for CSV without a schema, where all files are
   * looked at before one is read. See {@link watchFiles} for what it guarantees.
   */
  readonly watch?: WatchFilesOptions;
  /** Most bytes that one compressed file may expand to; default 1 TiB. */
  readonly maxDecompressedBytes?: number;
  /** Most times its size that a compressed file may expand to, past the first 64 MiB; default 1,000. */
  readonly maxExpansion?: number;
  /** Bytes read at a time; default what suits the store. For tests. */
  readonly blockSize?: number;
}

/** Names of {@link FileSourceOptions}. */
export const FILE_SOURCE_OPTIONS: OptionNames<FileSourceOptions> = {
  compression: true,
  onError: true,
  emptyMatch: true,
  watch: true,
  maxDecompressedBytes: true,
  maxExpansion: true,
  blockSize: true,
};

/** What a source gives: its records, or with dead letters the records as `main` and the errors. */
export type SourceOutput<O, E extends OnError> = E extends 'deadLetter'
  ? { readonly main: PCollection<O>; readonly errors: PCollection<BadRecord> }
  : PCollection<O>;

/** One or more paths or globs. */
export type Globs = string | readonly string[];

/** A record or a dead letter, on the way from the reader to the output it belongs to. */
type Tagged<O> = readonly ['record', O] | readonly ['error', BadRecord];

/**
 * Reads files record by record: match, split into byte ranges, read. The frame around every format that is read front
 * to back; uncompressed files of splittable formats are read in parallel ranges.
 */
export function readFiles<O, P, E extends OnError = 'fail'>(
  format: SourceFormat<O, P>,
  globs: Globs,
  options: FileSourceOptions<E> = {},
  coder: Coder<O> = coders.default() as Coder<O>,
): PTransform<Pipeline, SourceOutput<O, E>> {
  const name = `Read${format.name}`;
  const onError: OnError = options.onError ?? 'fail';
  const content = contentOptions(options, name);
  const patterns = checkGlobs(globs, name);
  checkChoiceOption('onError', onError, ['fail', 'skip', 'deadLetter'], name);
  const { watch } = options;
  if (watch !== undefined) checkWatch(watch, name);
  if (watch !== undefined && format.prepare !== undefined) {
    throw new PipelineError('OPTION_INVALID', 'What is inferred from all files cannot be known when new ones come', {
      transform: name,
      hint: 'Pass a schema, or leave out watch.',
    });
  }
  return {
    name,
    expand(pipeline) {
      if (watch !== undefined) {
        const found = pipeline.apply(watchFiles(patterns, watch)) as PCollection<MatchedFile<P>>;
        return readOutput(found, fileReader(format, content, options), coder, onError) as SourceOutput<O, E>;
      }
      const files = pipeline.apply(
        matchFiles(patterns, {
          emptyMatch: options.emptyMatch ?? 'error',
          ...(format.prepare === undefined
            ? {}
            : {
                prepare: (matched) =>
                  format.prepare?.(matched, (file, length) => readHead(file, content, length)) as Promise<P>,
              }),
        }),
      );
      const read = fileReader(format, content, options);
      return readOutput(files, read, coder, onError) as SourceOutput<O, E>;
    },
  };
}

/** Applies a reader: its records, or with dead letters what it tagged as record and as error, each by itself. */
export function readOutput<F, O, R, P>(
  files: PCollection<F>,
  read: SplittableDoFn<F, R, P, unknown>,
  coder: Coder<O>,
  onError: OnError,
): SourceOutput<O, OnError> {
  if (onError !== 'deadLetter') {
    const records = files.apply(splittableParDo('Read', { ...read, coder: coder as Coder<unknown> }));
    return records as SourceOutput<O, OnError>;
  }
  const tagged = files.apply(splittableParDo('Read', read)) as PCollection<Tagged<O>>;
  const records = tagged.flatMap('Records', (entry) => (entry[0] === 'record' ? [entry[1]] : []));
  const errors = tagged.flatMap('Errors', (entry) => (entry[0] === 'error' ? [entry[1]] : []));
  return { main: records.withCoder(coder), errors } as unknown as SourceOutput<O, OnError>;
}

/** The splittable DoFn behind {@link readFiles}: `Tagged` outputs with dead letters, bare records without. */
export function fileReader<O, P>(
  format: SourceFormat<O, P>,
  content: ContentOptions,
  options: FileSourceOptions<OnError>,
): SplittableDoFn<MatchedFile<P>, FileRange, number, O | Tagged<O>> {
  const onError = options.onError ?? 'fail';
  const lead = format.lead ?? 1;
  return {
    restriction: {
      coder: fileRangeCoder,
      initial: ({ file }) => ({
        start: 0,
        end: file.size,
        splittable: format.splittable && file.seekable && compressionIn(content, file.path) === 'none',
      }),
      split: (_, range, bundleSize) => splitRange(range, bundleSize),
      size: (_, range) => range.end - range.start,
      tracker: (range) => new OffsetRangeTracker(range, { splittable: range.splittable }),
    },
    async *process({ file, prepared }, { tracker, metrics }) {
      const range = tracker.current();
      const raw = compressionIn(content, file.path) === 'none';
      const bad = new BadRecordSink(onError, file.path, metrics);
      let source: PeekSource | undefined;
      const openAt = async (position: number) => {
        source = new PeekSource(await openContent(file, content, position));
        return source;
      };
      try {
        const first = range.start === 0 ? await openAt(0) : undefined;
        const parser = await format.open({
          file,
          prepared: prepared as P,
          start: range.start,
          bad,
          metrics,
          head: (length) => first?.peek(length) ?? readHead(file, content, length),
          readAt: (position, length) => readBytes(file, position, length),
        });
        const at = parser.start ?? Math.max(0, range.start - lead);
        const reader = new RangeReader<O>({
          path: file.path,
          size: file.size,
          source: first ?? (await openAt(at)),
          at,
          parser,
          tracker,
          bad,
          maxRecordBytes: format.maxRecordBytes,
          lead,
          raw,
          ...(options.blockSize === undefined ? {} : { blockSize: options.blockSize }),
        });
        for await (const batch of reader.batches()) {
          yield onError === 'deadLetter' ? tag(batch, bad.take()) : batch;
        }
      } catch (error) {
        if (!(error instanceof DataError)) throw locate(error, file.path);
        // The rest of the file is one bad record; this throws when bad records fail the pipeline.
        bad.report(error);
        claimRest(tracker);
      } finally {
        await source?.close();
      }
      const rest = bad.take();
      if (rest.length > 0) yield tag<O>([], rest);
    },
  };
}

function tag<O>(records: readonly O[], errors: readonly BadRecord[]): Tagged<O>[] {
  const tagged: Tagged<O>[] = errors.map((error) => ['error', error]);
  for (const record of records) tagged.push(['record', record]);
  return tagged;
}

/** Nothing behind this point can be read, so no other attempt or split may try. */
function claimRest(tracker: RestrictionTracker<FileRange, number>): void {
  if (tracker.progress().remaining > 0) tracker.tryClaim(tracker.current().end - 1);
}

/** Errors from below that do not say which file they are about. */
function locate(error: unknown, path: string): unknown {
  return error instanceof IoError && error.context.resource === undefined ? error.with({ resource: path }) : error;
}
