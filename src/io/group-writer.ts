import { GLOBAL_WINDOW, type GlobalWindow, type TimestampedOutput } from '../sdk/index.ts';
import type { DestinationShard } from './bundle-writer.ts';
import type { PendingFile } from './finalize-files.ts';
import { SinkFile, type SinkFileOptions, type SinkFileResult } from './sink-file.ts';

/** Complete files that may wait for the disk at once. */
const MAX_CLOSING = 16;

/** Writes one file per group. Groups are written one after another, but the disk is waited for together. */
export class GroupWriter<T> {
  readonly #options: SinkFileOptions<T>;
  #current: SinkFile<T> | undefined;
  #closing: Promise<PromiseSettledResult<PendingFile>>[] = [];
  #done: PendingFile[] = [];

  constructor(options: SinkFileOptions<T>) {
    this.#options = options;
  }

  /** Begins a bundle; what one before that failed had open is given up. */
  async start(): Promise<void> {
    await this.abort();
    this.#done = [];
  }

  /** Writes a group. */
  async write(key: DestinationShard, elements: Iterable<T>): Promise<void> {
    const sink = new SinkFile(this.#options);
    this.#current = sink;
    for (const element of elements) {
      const written = sink.add(element);
      if (written !== undefined) await written;
    }
    this.#current = undefined;
    // Settled, so that a failure waits until it is looked at.
    this.#closing.push(Promise.allSettled([close(sink, key)]).then(([result]) => result));
    if (this.#closing.length >= MAX_CLOSING) await this.#settle();
  }

  /** Completes the bundle. */
  async finish(): Promise<TimestampedOutput<PendingFile, GlobalWindow>[]> {
    await this.#settle();
    return this.#done.map((value) => ({ value, timestamp: GLOBAL_WINDOW.maxTimestamp, window: GLOBAL_WINDOW }));
  }

  /** Gives up the bundle. */
  async abort(): Promise<void> {
    const sink = this.#current;
    this.#current = undefined;
    await sink?.abort();
    await Promise.all(this.#closing);
    this.#closing = [];
  }

  async #settle(): Promise<void> {
    const results = await Promise.all(this.#closing);
    this.#closing = [];
    for (const result of results) {
      if (result.status === 'rejected') throw result.reason;
      this.#done.push(result.value);
    }
  }
}

async function close(sink: SinkFile<never>, [destination, shard]: DestinationShard): Promise<PendingFile> {
  const result: SinkFileResult = await sink.close();
  return { ...result, shard, ...(destination === null ? {} : { destination }) };
}
