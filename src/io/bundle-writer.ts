import {
  type Coder,
  encodeToBytes,
  type KV,
  type Timestamp,
  type TimestampedOutput,
  type Window,
} from '../sdk/index.ts';
import { resolveInside } from './filesystem/paths.ts';
import type { PendingFile } from './finalize-files.ts';
import { type FileNaming, fnv1a } from './shard-name.ts';
import { SinkFile, type SinkFileOptions } from './sink-file.ts';

/** What a destination function learns beside the element. */
export interface DestinationContext<W extends Window = Window> {
  readonly timestamp: Timestamp;
  readonly window: W;
}

/** Names the file an element belongs to: a relative path without shard and suffix. */
export type Destination<T, W extends Window = Window> = (element: T, context: DestinationContext<W>) => string;

/** Key of a group that becomes one file; `null` where the sink has no destinations. */
export type DestinationShard = readonly [destination: string | null, shard: number];

/** Files that one bundle writes at the same time; each holds a buffer and a handle. */
const MAX_OPEN_FILES = 64;

const MAX_CHECKED = 10_000;

/** Elements up to which a bundle makes no file of its own, where their bytes do not matter before they are many. */
const MAX_KEPT = 50_000;
/** An element with more bytes is not kept: it may be a view of data that is at hand only now. */
const MAX_KEPT_BYTES = 64 * 1024;

/** What becomes of a bundle: files that are complete, and elements for a file that several bundles share. */
export type BundleOutput<T> = readonly [file: PendingFile | null, rest: KV<DestinationShard, T> | null];

interface OpenFile<T, W> {
  readonly sink: SinkFile<T>;
  readonly destination: string | undefined;
  window: W;
  /** All elements, as long as they are few. */
  kept: T[] | undefined;
}

/**
 * Writes the elements of one bundle to a file per destination. What is too little for a file of its own is given back,
 * to be put together with that of other bundles: otherwise a small result would be as many small files as there are
 * bundles.
 */
export class BundleWriter<T, W extends Window> {
  readonly #options: SinkFileOptions<T>;
  readonly #coder: Coder<T>;
  readonly #naming: FileNaming;
  readonly #destination: Destination<T, W> | undefined;
  readonly #files = new Map<string | undefined, OpenFile<T, W>>();
  /** Destinations known to be good. */
  readonly #checked = new Set<string>();
  /** The file of the element before: often that of the next. */
  #latest: OpenFile<T, W> | undefined;

  constructor(
    options: SinkFileOptions<T>,
    coder: Coder<T>,
    naming: FileNaming,
    destination: Destination<T, W> | undefined,
  ) {
    this.#options = options;
    this.#coder = coder;
    this.#naming = naming;
    this.#destination = destination;
  }

  /** Begins a bundle; what one before that failed had open is given up. */
  async start(): Promise<void> {
    if (this.#files.size > 0) await this.abort();
  }

  /** Gives the element back when too many files are open. */
  add(element: T, context: DestinationContext<W>): void | Promise<void> | readonly BundleOutput<T>[] {
    const destination = this.#destination?.(element, context);
    let file = this.#latest;
    if (file === undefined || file.destination !== destination) {
      file = this.#files.get(destination);
      if (file === undefined) {
        // Checked here, so that the error names the element.
        if (this.#destination !== undefined) this.#check(destination as string);
        if (this.#files.size >= MAX_OPEN_FILES) return [[null, [[destination as string, 0], element]]];
        file = { sink: new SinkFile(this.#options), destination, window: context.window, kept: [] };
        this.#files.set(destination, file);
      }
      this.#latest = file;
    }
    file.window = context.window;
    return file.kept === undefined ? file.sink.add(element) : addAndKeep(file, file.kept, element);
  }

  /** @throws IoError when the destination leads out of the folder */
  #check(destination: string): void {
    if (this.#checked.has(destination)) return;
    resolveInside(this.#naming.prefix, destination);
    if (this.#checked.size >= MAX_CHECKED) this.#checked.clear();
    this.#checked.add(destination);
  }

  /** Completes the files of the bundle. */
  async finish(): Promise<TimestampedOutput<BundleOutput<T>, W>[]> {
    const files = [...this.#files.values()];
    this.#files.clear();
    this.#latest = undefined;
    // At the same time: each waits for the disk.
    const closed = await Promise.allSettled(files.map((file) => finished(file, this.#coder)));
    return closed.flatMap((result, i) => {
      if (result.status === 'rejected') throw result.reason;
      const { window } = files[i];
      return result.value.map((value) => ({ value, timestamp: window.maxTimestamp, window }));
    });
  }

  /** Gives up the bundle. */
  async abort(): Promise<void> {
    const files = [...this.#files.values()];
    this.#files.clear();
    this.#latest = undefined;
    for (const { sink } of files) await sink.abort();
  }
}

function addAndKeep<T>(file: OpenFile<T, unknown>, kept: T[], element: T): void | Promise<void> {
  const { sink } = file;
  const before = sink.waiting;
  const added = sink.add(element);
  if (sink.isBegun || kept.length >= MAX_KEPT || sink.waiting - before > MAX_KEPT_BYTES) file.kept = undefined;
  else kept.push(element);
  return added;
}

async function finished<T>(
  { sink, destination, kept }: OpenFile<T, unknown>,
  coder: Coder<T>,
): Promise<BundleOutput<T>[]> {
  if (kept === undefined || !kept.every((element) => isEncodable(coder, element))) {
    const file = await sink.close();
    return [[{ ...file, ...(destination === undefined ? {} : { destination }) }, null]];
  }
  await sink.abort();
  const key: DestinationShard = [destination ?? null, 0];
  return kept.map((element) => [null, [key, element]]);
}

/** A sink may write what no coder takes, such as objects with a toJSON(): that stays where it is. */
function isEncodable<T>(coder: Coder<T>, element: T): boolean {
  try {
    encodeToBytes(coder, element);
    return true;
  } catch {
    return false;
  }
}

/** Deals elements out to a fixed number of shards in turn. */
export class ShardAssigner<T, W extends Window> {
  readonly #coder: Coder<T>;
  readonly #naming: FileNaming;
  readonly #destination: Destination<T, W> | undefined;
  readonly #shards: number;
  #next = -1;

  constructor(coder: Coder<T>, naming: FileNaming, destination: Destination<T, W> | undefined, shards: number) {
    this.#coder = coder;
    this.#naming = naming;
    this.#destination = destination;
    this.#shards = shards;
  }

  /** Begins a bundle. */
  start(): void {
    this.#next = -1;
  }

  /** Group of the element. Bundles start at a shard that their first element decides: a retry deals the same way. */
  assign(element: T, context: DestinationContext<W>): DestinationShard {
    if (this.#next < 0) this.#next = this.#first(element);
    const shard = this.#next;
    this.#next = shard + 1 === this.#shards ? 0 : shard + 1;
    if (this.#destination === undefined) return [null, shard];
    const destination = this.#destination(element, context);
    resolveInside(this.#naming.prefix, destination);
    return [destination, shard];
  }

  #first(element: T): number {
    return fnv1a(encodeToBytes(this.#coder, element)) % this.#shards;
  }
}
