import { type Coder, encodeToBytes, type Timestamp, type TimestampedOutput, type Window } from '../sdk/index.ts';
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

interface OpenFile<T, W> {
  readonly sink: SinkFile<T>;
  readonly destination: string | undefined;
  window: W;
}

/** Writes the elements of one bundle to a file per destination. */
export class BundleWriter<T, W extends Window> {
  readonly #options: SinkFileOptions<T>;
  readonly #naming: FileNaming;
  readonly #destination: Destination<T, W> | undefined;
  readonly #files = new Map<string | undefined, OpenFile<T, W>>();
  /** Destinations known to be good. */
  readonly #checked = new Set<string>();
  /** The file of the element before: often that of the next. */
  #latest: OpenFile<T, W> | undefined;

  constructor(options: SinkFileOptions<T>, naming: FileNaming, destination: Destination<T, W> | undefined) {
    this.#options = options;
    this.#naming = naming;
    this.#destination = destination;
  }

  /** Begins a bundle; what one before that failed had open is given up. */
  async start(): Promise<void> {
    if (this.#files.size > 0) await this.abort();
  }

  /** @param spill takes the element instead when too many files are open */
  add(element: T, context: DestinationContext<W>, spill: (key: DestinationShard) => void): void | Promise<void> {
    const destination = this.#destination?.(element, context);
    let file = this.#latest;
    if (file === undefined || file.destination !== destination) {
      file = this.#files.get(destination);
      if (file === undefined) {
        // Checked here, so that the error names the element.
        if (this.#destination !== undefined) this.#check(destination as string);
        if (this.#files.size >= MAX_OPEN_FILES) return spill([destination as string, 0]);
        file = { sink: new SinkFile(this.#options), destination, window: context.window };
        this.#files.set(destination, file);
      }
      this.#latest = file;
    }
    file.window = context.window;
    return file.sink.add(element);
  }

  /** @throws IoError when the destination leads out of the folder */
  #check(destination: string): void {
    if (this.#checked.has(destination)) return;
    resolveInside(this.#naming.prefix, destination);
    if (this.#checked.size >= MAX_CHECKED) this.#checked.clear();
    this.#checked.add(destination);
  }

  /** Completes the files of the bundle. */
  async finish(): Promise<TimestampedOutput<PendingFile, W>[]> {
    const files = [...this.#files.values()];
    this.#files.clear();
    this.#latest = undefined;
    // At the same time: each waits for the disk.
    const closed = await Promise.allSettled(files.map(({ sink }) => sink.close()));
    return closed.map((result, i) => {
      if (result.status === 'rejected') throw result.reason;
      const { destination, window } = files[i];
      const value = { ...result.value, ...(destination === undefined ? {} : { destination }) };
      return { value, timestamp: window.maxTimestamp, window };
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
