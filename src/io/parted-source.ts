import {
  type Coder,
  coders,
  IoError,
  type OffsetRange,
  OffsetRangeTracker,
  offsetRangeCoder,
  type Pipeline,
  type PTransform,
  type SplittableDoFn,
} from '../sdk/index.ts';
import { checkChoiceOption, type OptionNames } from './check-options.ts';
import { type Globs, readOutput, type SourceOutput } from './file-based-source.ts';
import { type FileInfo, UNKNOWN_SIZE } from './filesystem/file-system.ts';
import { checkGlobs, type MatchedFile, matchFiles } from './match-files.ts';
import { type BadRecord, BadRecordSink, DataError, type OnError } from './on-error.ts';
import { checkWatch, type WatchFilesOptions, watchFiles } from './watch-files.ts';

/** A file open for reading, made of parts that can be read in any order: row groups, record batches. */
export interface PartedFile<O> {
  /** How many parts there are. */
  readonly parts: number;
  /**
   * The elements of a part, in batches.
   *
   * @param bad takes what can be passed over within the part
   * @throws DataError when the part cannot be read, or can be read no further
   */
  read(part: number, bad: BadRecordSink): AsyncIterator<readonly O[]> | Iterator<readonly O[]>;
  close(): void | Promise<void>;
}

/** How files made of parts are read. */
export interface PartedFormat<O> {
  /** Names the transform: `Read<name>`. */
  readonly name: string;
  /** @throws DataError when the file as a whole cannot be read */
  open(file: FileInfo): Promise<PartedFile<O>>;
}

/** Options that all sources of files made of parts share. */
export interface PartedSourceOptions<E extends OnError = 'fail'> {
  /** What happens to parts that cannot be read; default `fail`. */
  readonly onError?: E;
  /** Whether a glob that matches no file is an error (default) or an empty collection. */
  readonly emptyMatch?: 'error' | 'allow';
  /** Goes on looking for new files: the collection is then unbounded. See `watchFiles` for what it guarantees. */
  readonly watch?: WatchFilesOptions;
}

/** Names of {@link PartedSourceOptions}. */
export const PARTED_SOURCE_OPTIONS: OptionNames<PartedSourceOptions> = {
  onError: true,
  emptyMatch: true,
  watch: true,
};

/** Parts of one file, `start` to `end`, of the `total` it has. */
export interface PartRange extends OffsetRange {
  readonly total: number;
}

const partRangeCoder: Coder<PartRange> = {
  urn: 'millrace:coder:part_range:v1',
  components: [],
  nonDeterministic: undefined,
  encode(range, out) {
    offsetRangeCoder.encode(range, out, true);
    out.varint(range.total);
  },
  decode(input) {
    return { ...offsetRangeCoder.decode(input, true), total: input.varint() };
  },
};

type Tagged<O> = readonly ['record', O] | readonly ['error', BadRecord];

/** Reads files part by part, many parts in parallel: the frame around formats with an index at the end. */
export function readParted<O, E extends OnError = 'fail'>(
  format: PartedFormat<O>,
  globs: Globs,
  options: PartedSourceOptions<E> = {},
  coder: Coder<O> = coders.default() as Coder<O>,
): PTransform<Pipeline, SourceOutput<O, E>> {
  const name = `Read${format.name}`;
  const onError: OnError = options.onError ?? 'fail';
  const patterns = checkGlobs(globs, name);
  checkChoiceOption('onError', onError, ['fail', 'skip', 'deadLetter'], name);
  const { watch, emptyMatch = 'error' } = options;
  if (watch !== undefined) checkWatch(watch, name);
  return {
    name,
    expand(pipeline) {
      const files = pipeline.apply(
        watch === undefined ? matchFiles(patterns, { emptyMatch }) : watchFiles(patterns, watch),
      );
      const read = partReader(format, onError);
      return readOutput(files, read, coder, onError) as SourceOutput<O, E>;
    },
  };
}

/** The splittable DoFn behind {@link readParted}: `Tagged` outputs with dead letters, bare elements without. */
export function partReader<O>(
  format: PartedFormat<O>,
  onError: OnError,
): SplittableDoFn<MatchedFile, PartRange, number, O | Tagged<O>> {
  return {
    restriction: {
      coder: partRangeCoder,
      initial: ({ file }) => countParts(format, file),
      split: ({ file }, range, bundleSize) => splitParts(range, file.size, bundleSize),
      size: ({ file }, range) => (file.size / Math.max(1, range.total)) * (range.end - range.start),
      tracker: (range) => new OffsetRangeTracker(range),
    },
    async *process({ file }, { tracker, metrics }) {
      const bad = new BadRecordSink(onError, file.path, metrics);
      const tag = (elements: readonly O[]): readonly (O | Tagged<O>)[] => {
        if (onError !== 'deadLetter') return elements;
        const tagged: Tagged<O>[] = bad.take().map((error) => ['error', error]);
        for (const element of elements) tagged.push(['record', element]);
        return tagged;
      };
      const opened = await orReport(bad, file.path, () => format.open(file));
      checkParts(opened, tracker.current(), file.path);
      let batches: ReturnType<PartedFile<O>['read']> | undefined;
      try {
        for (let part = tracker.current().start; tracker.tryClaim(part); part++) {
          if (opened === undefined) continue;
          batches = opened.read(part, bad);
          for (;;) {
            const next = await orReport(bad, file.path, () => batches?.next());
            if (next === undefined || next.done === true) break;
            yield tag(next.value);
          }
        }
      } finally {
        await batches?.return?.();
        await opened?.close();
      }
      const rest = tag([]);
      if (rest.length > 0) yield rest;
    },
  };
}

async function countParts<O>(format: PartedFormat<O>, file: FileInfo): Promise<PartRange> {
  try {
    const opened = await format.open(file);
    await opened.close();
    return { start: 0, end: opened.parts, total: opened.parts };
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    // What is wrong comes up again where it can be dealt with, when the one part is read.
    return { start: 0, end: 1, total: 1 };
  }
}

/**
 * Checks that a file is the one that was found: its index lies at its end, and parts of another file would be others.
 *
 * @throws IoError `FILE_CHANGED`
 */
export function checkUnchanged({ path, size }: { readonly path: string; readonly size: number }, found: number): void {
  if (size !== found && found !== UNKNOWN_SIZE) throw changed(path, `${size} bytes`, found);
}

function checkParts(opened: PartedFile<unknown> | undefined, { total }: PartRange, path: string): void {
  if (opened !== undefined && opened.parts !== total) throw changed(path, `${opened.parts} parts`, total);
}

function changed(path: string, now: string, found: number): IoError {
  return new IoError('FILE_CHANGED', `The file has ${now}, but had ${found} when it was found`, {
    final: true,
    resource: path,
    hint: 'Write files under another name and rename them when they are complete.',
  });
}

/** Cuts a range of parts so that each piece has about `bundleSize` bytes of the file. */
function splitParts(range: PartRange, fileBytes: number, bundleSize: number): PartRange[] {
  const partBytes = fileBytes / Math.max(1, range.total);
  const perPiece = Math.max(1, Math.floor(bundleSize / Math.max(1, partBytes)));
  const pieces: PartRange[] = [];
  for (let start = range.start; start < range.end; start += perPiece) {
    pieces.push({ ...range, start, end: Math.min(range.end, start + perPiece) });
  }
  return pieces;
}

/** The result, or `undefined` after bad data was dealt with as the policy says. */
async function orReport<T>(bad: BadRecordSink, path: string, run: () => T | Promise<T>): Promise<T | undefined> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof DataError) bad.report(error);
    else
      throw error instanceof IoError && error.context.resource === undefined ? error.with({ resource: path }) : error;
    return undefined;
  }
}
