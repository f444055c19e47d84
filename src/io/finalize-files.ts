import { IoError } from '../sdk/index.ts';
import { folderOf } from './filesystem/paths.ts';
import { fileSystemOf } from './filesystem/registry.ts';
import { destinationPath, type FileNaming, isShardOf, shardPath } from './shard-name.ts';
import { SinkFile, type SinkFileOptions, type SinkFileResult } from './sink-file.ts';

/** A temporary file and what it is part of. */
export interface PendingFile extends SinkFileResult {
  /** Absent where the sink has no destinations. */
  readonly destination?: string;
  /** Number of the shard where the user fixed how many there are. */
  readonly shard?: number;
}

/** A file that a sink has written, under its final name. */
export interface WrittenFile {
  readonly path: string;
  /** Empty where the sink has no destinations. */
  readonly destination: string;
  /** Number of the file within its destination, from 0. */
  readonly shard: number;
  /** Files of the destination. */
  readonly shards: number;
  readonly records: number;
  /** Size of the file. */
  readonly bytes: number;
  /** Of a windowed write into windows of time: which one, `start` and `end` in milliseconds. */
  readonly window?: { readonly start: number; readonly end: number };
  /** Of a windowed write: firings of the window before this one. */
  readonly pane?: number;
}

/** What the last step of a sink needs to know. */
export interface FinalizeOptions<T> {
  readonly naming: FileNaming;
  readonly numShards: number | undefined;
  /** Whether the sink has destinations; without them even an empty collection gives a file. */
  readonly dynamic: boolean;
  readonly file: SinkFileOptions<T>;
}

/**
 * Gives the temporary files their names, removes shards of an earlier run with another count, and the temporaries of
 * attempts that failed. Can be repeated at any point: a file that has its name already stays.
 */
export async function finalizeFiles<T>(
  pending: readonly PendingFile[],
  options: FinalizeOptions<T>,
): Promise<WrittenFile[]> {
  const { naming, dynamic, file } = options;
  const byDestination = new Map<string | undefined, PendingFile[]>();
  if (!dynamic) byDestination.set(undefined, []);
  for (const result of pending) {
    const group = byDestination.get(result.destination);
    if (group === undefined) byDestination.set(result.destination, [result]);
    else group.push(result);
  }
  const written: WrittenFile[] = [];
  await eachOf(byDestination.entries(), async ([destination, files]) => {
    const base = destinationPath(naming, destination);
    const shards = await numberShards(files, options);
    const names = new Set<string>();
    for (const [shard, { records, bytes }] of shards.entries()) {
      const path = shardPath(naming, base, shard, shards.length);
      names.add(path);
      written.push({ path, destination: destination ?? '', shard, shards: shards.length, records, bytes });
    }
    await eachOf([...names.keys()].entries(), ([shard, path]) => moveInto(shards[shard], path));
    await fileSystemOf(base).syncFolder?.(folderOf(base));
    await removeStale(naming, base, names);
  });
  await fileSystemOf(file.temporaryFolder).remove(file.temporaryFolder);
  return written.sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** The files of a destination by shard; files without records where a number would be missing. */
async function numberShards<T>(
  files: readonly PendingFile[],
  { numShards, file }: FinalizeOptions<T>,
): Promise<SinkFileResult[]> {
  if (numShards === undefined && files.length > 0) {
    return [...files].sort((a, b) => (a.temporary < b.temporary ? -1 : 1));
  }
  const shards: (SinkFileResult | undefined)[] = new Array(numShards ?? 1).fill(undefined);
  for (const result of files) shards[result.shard ?? 0] = result;
  return Promise.all(shards.map((result) => result ?? new SinkFile(file).close()));
}

/** Moves and removals under way at once. */
const CONCURRENCY = 16;

async function eachOf<T>(items: Iterator<T>, work: (item: T) => Promise<void>): Promise<void> {
  const worker = async () => {
    for (let next = items.next(); next.done !== true; next = items.next()) await work(next.value);
  };
  // All come to an end before a failure is reported: a retry must not meet work that still goes on.
  const ends = await Promise.allSettled(Array.from({ length: CONCURRENCY }, worker));
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
}

/** Gives a temporary file its name. Can be repeated: a file that has its name already stays. */
export async function moveInto(result: SinkFileResult, path: string): Promise<void> {
  const fileSystem = fileSystemOf(path);
  try {
    await fileSystem.rename(result.temporary, path);
  } catch (error) {
    if (!(error instanceof IoError) || error.code !== 'FILE_NOT_FOUND') throw error;
    // An earlier attempt of this step may have moved it.
    const target = await fileSystem.stat(path);
    if (target?.size === result.bytes) return;
    throw new IoError('TEMPORARY_LOST', 'A finished temporary file has disappeared', {
      resource: result.temporary,
      hint: 'Two jobs that write the same files at the same time remove each other’s temporaries.',
      cause: error,
    });
  }
}

async function removeStale(naming: FileNaming, base: string, current: ReadonlySet<string>): Promise<void> {
  const fileSystem = fileSystemOf(base);
  for (const { path, kind } of await fileSystem.list(folderOf(base))) {
    if (kind === 'file' && !current.has(path) && isShardOf(naming, base, path)) await fileSystem.remove(path);
  }
}
