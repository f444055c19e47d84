import { createHash } from 'node:crypto';
import {
  type Coder,
  coders,
  type DoFn,
  globalWindows,
  type KV,
  type PaneInfo,
  type PCollection,
  PipelineError,
  parDo,
  type Window,
} from '../sdk/index.ts';
import { type Destination, type DestinationShard, ShardAssigner } from './bundle-writer.ts';
import { folderOf } from './filesystem/paths.ts';
import { fileSystemOf } from './filesystem/registry.ts';
import { moveInto, type WrittenFile } from './finalize-files.ts';
import type { FileNaming } from './shard-name.ts';
import { SinkFile, type SinkFileOptions, type SinkFileResult } from './sink-file.ts';
import { checkFileNames, type WindowedFile, type WindowedFileName, windowedPath } from './windowed-file-name.ts';

/** Files that are written or moved at once. */
const CONCURRENCY = 8;
/** Names of files written lately, in which a name that comes twice is looked for. */
const MAX_NAMES = 10_000;

/** How a windowed sink writes. */
export interface WindowedSink<T, W extends Window> {
  readonly name: string;
  readonly file: SinkFileOptions<T>;
  readonly naming: FileNaming;
  readonly numShards: number;
  readonly destination: Destination<T, W> | undefined;
  readonly fileName: WindowedFileName<W> | undefined;
}

/** A complete temporary file, and the file it is to be. */
interface PendingFile extends WrittenFile {
  readonly temporary: string;
}

/**
 * Writes a file per destination, shard, window and pane: the elements are dealt out to shards and grouped, each group is
 * written to a temporary file, and a step with stable input gives the file its name. The temporary file is called
 * after the final one, so that a group that is written again replaces what was left of the first time.
 */
export function writeWindowedFiles<T, W extends Window>(
  input: PCollection<T, W>,
  sink: WindowedSink<T, W>,
): PCollection<WrittenFile> {
  const { numShards, fileName, naming, destination } = sink;
  const { windowFn, trigger, allowedLateness } = input.node.windowing;
  const firesOnce = trigger.kind === 'default' && allowedLateness === 0;
  if (fileName !== undefined) {
    checkFileNames(fileName, windowFn as never, numShards, !firesOnce, destination !== undefined, sink.name);
  }
  const element = (input.node.coder ?? coders.default()) as Coder<T>;
  const keyed = coders.kv(coders.key, element) as unknown as Coder<KV<DestinationShard, T>>;
  const assigner = new ShardAssigner<T, W>(element, naming, destination, numShards);
  const assign: DoFn<T, KV<DestinationShard, T>, {}, {}, W> = {
    coder: keyed,
    startBundle: () => assigner.start(),
    process: (value, context) => [[assigner.assign(value, context), value] as const],
  };
  const dealt = input.apply(parDo<T, KV<DestinationShard, T>, {}, {}, W>('AssignShards', assign));
  const groups = (dealt as PCollection<KV<DestinationShard, T>, W>).groupByKey('GroupShards');
  const pending = groups.apply(
    parDo<KV<DestinationShard, Iterable<T>>, PendingFile, {}, {}, W>('WriteTemporary', temporaryWriter(sink)),
  ) as PCollection<PendingFile, W>;
  // Of a window that fires once at its end, each attempt has all elements; otherwise panes must be what was committed.
  const requiresStableInput = !input.node.bounded || !firesOnce;
  const finalize: DoFn<PendingFile, WrittenFile, {}, {}, W> = {
    requiresStableInput,
    concurrency: CONCURRENCY,
    process: async ({ temporary, ...file }) => [await moveToName(temporary, file)],
    teardown: () => removeIfEmpty(sink.file.temporaryFolder),
  };
  const written = pending.apply(parDo<PendingFile, WrittenFile, {}, {}, W>('Finalize', finalize));
  return (written as PCollection<WrittenFile, W>).window(globalWindows());
}

function temporaryWriter<T, W extends Window>(
  sink: WindowedSink<T, W>,
): DoFn<KV<DestinationShard, Iterable<T>>, PendingFile, {}, {}, W> {
  const names = new UniqueNames();
  return {
    concurrency: CONCURRENCY,
    process([[destination, shard], elements], { window, pane }) {
      const part = { window, pane, shard, shards: sink.numShards, destination: destination ?? '' };
      const path = windowedPath(sink.naming, sink.fileName, part);
      names.check(path, part);
      return writeTemporary(elements, sink, path, part);
    },
  };
}

/** Writes nothing where there are no elements: the pane only says that its window has ended. */
async function writeTemporary<T, W extends Window>(
  elements: Iterable<T>,
  { file }: WindowedSink<T, W>,
  path: string,
  { destination, shard, shards, window, pane }: WindowedFile<W>,
): Promise<PendingFile[]> {
  let sinkFile: SinkFile<T> | undefined;
  let result: SinkFileResult;
  try {
    for (const element of elements) {
      sinkFile ??= new SinkFile(file, createHash('sha256').update(path).digest('hex').slice(0, 40));
      const added = sinkFile.add(element);
      if (added !== undefined) await added;
    }
    if (sinkFile === undefined) return [];
    result = await sinkFile.close();
  } catch (error) {
    await sinkFile?.abort();
    throw error;
  }
  return [{ path, destination, shard, shards, ...result, ...partOf(window, pane) }];
}

function partOf(window: Window, pane: PaneInfo): Pick<WrittenFile, 'window' | 'pane'> {
  const { start, end } = window as Partial<Record<'start' | 'end', unknown>>;
  const isInterval = typeof start === 'number' && typeof end === 'number';
  return { pane: pane.index, ...(isInterval ? { window: { start, end } } : {}) };
}

async function moveToName(temporary: string, file: WrittenFile): Promise<WrittenFile> {
  await moveInto({ temporary, records: file.records, bytes: file.bytes }, file.path);
  await fileSystemOf(file.path).syncFolder?.(folderOf(file.path));
  return file;
}

/** At the end nothing is in it, unless the run has failed and its successor will need what is. */
async function removeIfEmpty(folder: string): Promise<void> {
  const fileSystem = fileSystemOf(folder);
  if ((await fileSystem.list(folder)).length === 0) await fileSystem.remove(folder);
}

/** Notices when two files are called the same, as long as one is not forgotten before the other comes. */
class UniqueNames {
  readonly #parts = new Map<string, string>();

  check<W extends Window>(path: string, { window, pane, shard, destination }: WindowedFile<W>): void {
    const part = JSON.stringify([destination, shard, pane.index, window.maxTimestamp, String(window)]);
    const known = this.#parts.get(path);
    if (known === part) return;
    if (known !== undefined) {
      throw new PipelineError('FILE_NAMES_NOT_UNIQUE', 'fileName gives two files the same name', {
        resource: path,
        hint: 'Let the name depend on window, pane, shard and destination, where there are several.',
      });
    }
    if (this.#parts.size >= MAX_NAMES) this.#parts.delete(this.#parts.keys().next().value as string);
    this.#parts.set(path, part);
  }
}
