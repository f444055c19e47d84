import { DiskRunWriter } from './disk-run-writer.ts';
import type { GroupBlock } from './group-block.ts';
import { makeMemoryRun, type OrderedGroups } from './memory-run.ts';
import { hasTimestamps } from './windowing.ts';
import type { ShuffleWriterOptions } from './writer-options.ts';

/** Decides where the runs of one writer go, and hands them on. */
export class RunSink {
  readonly #options: ShuffleWriterOptions;
  readonly #blockBytes: number | undefined;
  #files = 0;
  #inMemory = 0;

  constructor(options: ShuffleWriterOptions) {
    this.#options = options;
    this.#blockBytes = options.blockBytes;
  }

  /** Whether a run of this size may stay in memory. */
  fitsMemory(bytes: number): boolean {
    return this.#inMemory + bytes <= this.#options.inMemoryBytes;
  }

  /** Hands on a run in memory; `fill` writes its values. */
  toMemory(groups: OrderedGroups, flags: number, fill: (block: GroupBlock, starts: Int32Array) => void): void {
    const { run, block, starts } = makeMemoryRun(groups, flags, this.#options.partitions);
    fill(block, starts);
    this.#inMemory += run.memory.byteLength;
    this.#options.sink(run);
  }

  /** Hands on a run on disk; `write` writes its parts. A run that cannot be written whole leaves nothing behind. */
  toDisk(write: (writer: DiskRunWriter) => void): void {
    const { disk, name, partitions, windowing } = this.#options;
    const writer = new DiskRunWriter(
      disk,
      `${name}-${this.#files++}`,
      partitions,
      hasTimestamps(windowing),
      this.#blockBytes,
    );
    try {
      write(writer);
      this.#options.sink(writer.finish());
    } catch (error) {
      writer.abort();
      throw error;
    }
  }
}

/** Writes groups to disk in their order; `addValues` adds those of one. */
export function writeGroups(
  groups: OrderedGroups,
  writer: DiskRunWriter,
  addValues: (slot: number, rank: number) => void,
): void {
  const { table, order, hashes, stamps } = groups;
  let record = new Int32Array(64);
  for (let rank = 0; rank < order.length; rank++) {
    const slot = order[rank];
    const length = table.recordLength(slot);
    if (length > record.length) record = new Int32Array(length * 2);
    table.writeRecord(slot, record, 0);
    writer.begin(hashes[slot], record, 0, length, stamps === undefined ? 0 : stamps[slot]);
    addValues(slot, rank);
  }
}
