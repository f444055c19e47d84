import {
  type Coder,
  coders,
  type DoFn,
  flatten,
  type GlobalWindow,
  globalWindows,
  type KV,
  type PCollection,
  type Pipeline,
  PipelineError,
  type PTransform,
  parDo,
  type Window,
} from '../sdk/index.ts';
import {
  type BundleOutput,
  BundleWriter,
  type Destination,
  type DestinationShard,
  ShardAssigner,
} from './bundle-writer.ts';
import type { OptionNames } from './check-options.ts';
import { type Compression, checkCompression, compressionOf, extensionOf } from './compression.ts';
import type { SinkFormat } from './file-format.ts';
import { folderPath, plainPath } from './filesystem/paths.ts';
import { fileSystemOf } from './filesystem/registry.ts';
import { type FinalizeOptions, finalizeFiles, type PendingFile, type WrittenFile } from './finalize-files.ts';
import { GroupWriter } from './group-writer.ts';
import { checkNaming, DEFAULT_TEMPLATE, type FileNaming, temporaryFolder } from './shard-name.ts';
import type { SinkFileOptions } from './sink-file.ts';
import type { WindowedFileName } from './windowed-file-name.ts';
import { writeWindowedFiles } from './windowed-files.ts';

/** Options that all sinks share. */
export interface FileSinkOptions<T, W extends Window = Window> {
  /** End of each file's name; default the format's extension and that of the compression. */
  readonly suffix?: string;
  /**
   * How many files; the elements are spread over them evenly, through a shuffle. Default: as many as suits the runner and
   * the data: bundles write files of their own, with no shuffle, but what is little (256 KiB of a bundle) goes together
   * into one.
   */
  readonly numShards?: number;
  /** What stands between prefix and suffix; default `-SSSSS-of-NNNNN`. May be empty with `numShards: 1`. */
  readonly shardNameTemplate?: string;
  /** Default: as the suffix says, none if it says nothing. */
  readonly compression?: Compression;
  /** Level on the compression's own scale; its default when absent. */
  readonly compressionLevel?: number;
  /**
   * The file an element belongs to (Beam's dynamic destinations), as a relative path within the folder that the prefix
   * then names. What leads out of that folder is an error.
   */
  readonly destination?: Destination<T, W>;
  /**
   * A file for each shard, window and pane, as soon as the pane has fired: `prefix-<start>-<end>-pane-0-00000-of-00001.txt`.
   * Default for unbounded collections, which cannot be written otherwise. `numShards` is then 1 if it is not given.
   */
  readonly windowed?: boolean;
  /**
   * Names the files of a windowed write: a relative path without suffix, within the folder that the prefix then names.
   * Names that leave out window, pane, shard or destination where there are several are an error.
   */
  readonly fileName?: WindowedFileName<W>;
}

/** Names of {@link FileSinkOptions}. */
export const FILE_SINK_OPTIONS: OptionNames<FileSinkOptions<unknown>> = {
  suffix: true,
  numShards: true,
  shardNameTemplate: true,
  compression: true,
  compressionLevel: true,
  destination: true,
  windowed: true,
  fileName: true,
};

/** Outputs of each pipeline, to catch two sinks that would overwrite each other. */
const outputs = new WeakMap<Pipeline, Set<string>>();

/**
 * Writes a collection to files: `prefix-00000-of-00003.txt`. Every bundle writes temporary files in a hidden folder
 * beside the target, and one step at the end moves the complete ones into place. So a killed job leaves no file under
 * a final name, and a job that fails removes its temporaries. A rerun replaces what an earlier run wrote under the same
 * prefix (shards beyond the new count are removed), and bundles that are tried twice are written once. An empty
 * collection gives a file without records.
 *
 * Of a windowed write (`windowed`, and every unbounded collection) each shard, window and pane is one file, which comes
 * into place once the pane is durable, so exactly once: also when the process is killed and goes on from its checkpoint.
 * Shards without elements have no file, and files of earlier runs are only replaced where they have the same names.
 *
 * The result holds the names of the files, after all of them are in place.
 */
export function writeFiles<T, W extends Window = Window>(
  format: SinkFormat<T>,
  prefix: string,
  options: FileSinkOptions<T, W> = {},
): PTransform<PCollection<T, W>, PCollection<WrittenFile>> {
  const name = `Write${format.name}`;
  const compression = options.compression ?? compressionOf(options.suffix ?? '');
  checkCompression(compression, name);
  if (compression !== 'none' && !format.compressible) {
    throw new PipelineError('OPTION_INVALID', `${format.name} files are not compressed as a whole`, {
      transform: name,
    });
  }
  const { numShards, destination, fileName } = options;
  if (fileName !== undefined && (typeof fileName !== 'function' || options.windowed === false)) {
    throw new PipelineError('OPTION_INVALID', 'fileName is a function that names the files of a windowed write', {
      transform: name,
    });
  }
  const dynamic = destination !== undefined || fileName !== undefined;
  const naming: FileNaming = {
    prefix: dynamic ? folderPath(prefix) : plainPath(prefix),
    template: options.shardNameTemplate ?? DEFAULT_TEMPLATE,
    suffix: options.suffix ?? format.extension + extensionOf(compression),
  };
  checkNaming(naming, numShards, name);
  const file: SinkFileOptions<T> = {
    format,
    compression,
    temporaryFolder: temporaryFolder(naming, dynamic),
    ...(options.compressionLevel === undefined ? {} : { compressionLevel: options.compressionLevel }),
  };
  return {
    name,
    expand(input) {
      claimOutput(input.pipeline, naming, name);
      input.pipeline.onFailure(() => fileSystemOf(file.temporaryFolder).remove(file.temporaryFolder));
      if (isWindowed(input, options, name)) {
        return writeWindowedFiles(input, { name, file, naming, numShards: numShards ?? 1, destination, fileName });
      }
      const pending = numShards === undefined ? writeBundles(input, file, naming, destination) : undefined;
      const results = pending ?? writeShards(input, file, naming, destination, numShards as number);
      return finalize(results, { naming, numShards, dynamic: destination !== undefined, file });
    },
  };
}

/** @throws PipelineError `OPTION_INVALID` for unbounded collections that are to be written in one */
function isWindowed<T, W extends Window>(
  input: PCollection<T, W>,
  { windowed, fileName }: FileSinkOptions<T, W>,
  transform: string,
): boolean {
  if (windowed === false && !input.node.bounded) {
    throw new PipelineError('OPTION_INVALID', 'An unbounded collection can only be written window by window', {
      transform,
      hint: 'Leave out windowed: false.',
    });
  }
  return windowed ?? (fileName !== undefined || !input.node.bounded);
}

/** Files of bundles and destinations; what is little, or has too many destinations at once, goes through a shuffle. */
function writeBundles<T, W extends Window>(
  input: PCollection<T, W>,
  file: SinkFileOptions<T>,
  naming: FileNaming,
  destination: Destination<T, W> | undefined,
): PCollection<PendingFile> {
  const coder = (input.node.coder ?? coders.default()) as Coder<T>;
  const restCoder = shardCoder(coder);
  const writer = new BundleWriter<T, W>(file, coder, naming, destination);
  const fn: DoFn<T, BundleOutput<T>, {}, {}, W> = {
    coder: coders.kv(coders.nullable(coders.default()), coders.nullable(restCoder)) as unknown as Coder<
      BundleOutput<T>
    >,
    concurrency: 1,
    startBundle: () => writer.start(),
    process: (element, context) => writer.add(element, context) as Iterable<BundleOutput<T>>,
    finishBundle: () => writer.finish(),
    teardown: () => writer.abort(),
  };
  const outputs = (
    input.apply(parDo<T, BundleOutput<T>, {}, {}, W>('WriteBundles', fn)) as PCollection<BundleOutput<T>, W>
  ).window(globalWindows());
  const files = outputs.flatMap('Files', ([pending]) => (pending === null ? [] : [pending]));
  const rest = outputs.flatMap('Rest', ([, element]) => (element === null ? [] : [element])).withCoder(restCoder);
  return flatten([files, writeGroups(rest, file, 'WriteRest')], 'AllFiles');
}

/** A given number of files: the elements are dealt out, and each hand is written by one worker. */
function writeShards<T, W extends Window>(
  input: PCollection<T, W>,
  file: SinkFileOptions<T>,
  naming: FileNaming,
  destination: Destination<T, W> | undefined,
  numShards: number,
): PCollection<PendingFile> {
  const assigner = new ShardAssigner<T, W>(input.node.coder as Coder<T>, naming, destination, numShards);
  const fn: DoFn<T, KV<DestinationShard, T>, {}, {}, W> = {
    coder: shardCoder(input.node.coder as Coder<T>),
    startBundle: () => assigner.start(),
    process: (element, context) => [[assigner.assign(element, context), element] as const],
  };
  const dealt = input.apply(parDo<T, KV<DestinationShard, T>, {}, {}, W>('AssignShards', fn));
  return writeGroups((dealt as PCollection<KV<DestinationShard, T>, W>).window(globalWindows()), file, 'WriteShards');
}

function writeGroups<T>(
  keyed: PCollection<KV<DestinationShard, T>>,
  file: SinkFileOptions<T>,
  name: string,
): PCollection<PendingFile> {
  const writer = new GroupWriter<T>(file);
  return keyed.groupByKey(`${name}/Group`).apply(
    parDo<KV<DestinationShard, Iterable<T>>, PendingFile, {}, {}, GlobalWindow>(name, {
      concurrency: 1,
      startBundle: () => writer.start(),
      process: ([key, elements]) => writer.write(key, elements) as Promise<void>,
      finishBundle: () => writer.finish(),
      teardown: () => writer.abort(),
    }),
  ) as PCollection<PendingFile>;
}

/** One step for all files. The marker makes it run when there are none. */
function finalize<T>(results: PCollection<PendingFile>, options: FinalizeOptions<T>): PCollection<WrittenFile> {
  const marker = results.pipeline.apply('Marker', { name: 'Marker', expand: (p: Pipeline) => p.create([null]) });
  return flatten<PendingFile | null, GlobalWindow>([results, marker], 'Results')
    .keyBy('ToOne', () => 0)
    .groupByKey('Gather')
    .flatMap('Finalize', ([, all]) => {
      const pending: PendingFile[] = [];
      for (const result of all) if (result !== null) pending.push(result);
      return finalizeFiles(pending, options);
    });
}

function shardCoder<T>(element: Coder<T>): Coder<KV<DestinationShard, T>> {
  return coders.kv(coders.key, element ?? coders.default()) as unknown as Coder<KV<DestinationShard, T>>;
}

function claimOutput(pipeline: Pipeline, { prefix, template, suffix }: FileNaming, transform: string): void {
  const names = `${prefix}${template}${suffix}`;
  const claimed = outputs.get(pipeline) ?? new Set<string>();
  outputs.set(pipeline, claimed);
  if (claimed.has(names)) {
    throw new PipelineError('OUTPUT_TWICE', `Two sinks write the files ${names}`, {
      transform,
      hint: 'Give each sink a prefix of its own, or flatten() their inputs into one collection.',
    });
  }
  claimed.add(names);
}
