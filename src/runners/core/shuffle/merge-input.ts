import type { Coder } from '../../../sdk/coders/coder.ts';
import { RunnerError } from '../../../sdk/errors.ts';
import type { Window } from '../../../sdk/windows/window.ts';
import type { WindowingStrategy } from '../../../sdk/windows/windowing-strategy.ts';
import type { SpillDisk } from '../spill-disk.ts';
import { DiskRunWriter } from './disk-run-writer.ts';
import { LoserTree } from './loser-tree.ts';
import { type RunSlice, removeRun } from './run.ts';
import { SliceCursor } from './slice-cursor.ts';
import { hasTimestamps, hasWindows } from './windowing.ts';

/** Slices on disk that are merged at once: each holds a block of 256 KiB. */
const FAN_IN = 64;
/** Encoded bytes up to which a group's values become an array. */
const ARRAY_BYTES = 1 << 20;

/** What the reduce side of a grouping needs to know. */
export interface MergeOptions {
  readonly keyCoder: Coder<unknown>;
  /** Windowing of the grouping's input. */
  readonly windowing: WindowingStrategy;
  readonly disk: SpillDisk;
  /** Unique name of this merge on the disk; its own files are `<name>-<number>` and are gone after `close`. */
  readonly name: string;
  /** Most slices on disk to merge at once, two or more; default 64. More are merged in passes. */
  readonly fanIn?: number;
  /** Encoded bytes up to which the values of a group are given as an array; default 1 MiB. */
  readonly arrayBytes?: number;
  /** Bytes of a block on disk before compression; default 256 KiB. */
  readonly blockBytes?: number;
}

/** What comes out of the reduce side, group by group: `next()` moves on to a group and says whether there is one. */
export interface MergedGroup {
  next(): boolean;
  readonly key: unknown;
  readonly window: Window;
  readonly timestamp: number;
  /** Removes intermediate files. Large groups can no longer be read. */
  close(): void;
}

/** The slices of one partition, few enough to be merged at once. */
export class MergeInput {
  readonly options: MergeOptions;
  readonly tree: LoserTree;
  readonly hasWindows: boolean;
  readonly arrayBytes: number;
  readonly #slices: readonly RunSlice[];
  readonly #files: RunSlice[] = [];
  #isClosed = false;

  /** @throws IoError when a slice cannot be read or an intermediate run cannot be written. */
  constructor(slices: readonly RunSlice[], options: MergeOptions) {
    this.options = options;
    this.hasWindows = hasWindows(options.windowing);
    this.arrayBytes = options.arrayBytes ?? ARRAY_BYTES;
    try {
      this.#slices = this.#limitFanIn(
        slices.filter(({ run, partition }) => run.slices[partition] < run.slices[partition + 1]),
      );
      this.tree = new LoserTree(this.#slices.map((slice) => this.#cursor(slice)));
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** Reads a slice of the input again from a position. */
  reopen(slice: number, blockIndex: number, index: number): SliceCursor {
    if (this.#isClosed) {
      throw new RunnerError('GROUP_CLOSED', 'The values of a large group were iterated after their bundle', {
        hint: 'They are read from disk as they are iterated; copy what is needed later into an array.',
      });
    }
    return this.#cursor(this.#slices[slice], blockIndex, index);
  }

  /** @throws IoError when a file cannot be removed; the others are. */
  close(): void {
    this.#isClosed = true;
    const failures: unknown[] = [];
    for (const { run } of this.#files.splice(0)) {
      try {
        removeRun(run, this.options.disk);
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
  }

  #cursor(slice: RunSlice, blockIndex?: number, index?: number): SliceCursor {
    return new SliceCursor(slice, this.options.disk, this.hasWindows, blockIndex, index);
  }

  /** Merges the smallest slices on disk until few enough are left: the least bytes are written again. */
  #limitFanIn(slices: readonly RunSlice[]): RunSlice[] {
    const fanIn = Math.max(2, this.options.fanIn ?? FAN_IN);
    const inMemory = slices.filter(({ run }) => run.kind === 'memory');
    let onDisk = slices.filter(({ run }) => run.kind === 'disk');
    for (let file = 0; onDisk.length > fanIn; file++) {
      onDisk.sort((a, b) => sliceBytes(a) - sliceBytes(b));
      const count = Math.min(fanIn, onDisk.length - fanIn + 1);
      const merged = this.#mergeRuns(onDisk.slice(0, count), file);
      this.#files.push(merged);
      const done = onDisk.slice(0, count);
      onDisk = [...onDisk.slice(count), merged];
      for (const slice of done) this.#dropFile(slice);
    }
    return [...inMemory, ...onDisk];
  }

  /** Removes an intermediate run as soon as it has been merged again. */
  #dropFile(slice: RunSlice): void {
    const at = this.#files.indexOf(slice);
    if (at < 0) return;
    removeRun(slice.run, this.options.disk);
    this.#files.splice(at, 1);
  }

  #mergeRuns(slices: readonly RunSlice[], file: number): RunSlice {
    const { disk, name, windowing, blockBytes } = this.options;
    const tree = new LoserTree(slices.map((slice) => this.#cursor(slice)));
    const writer = new DiskRunWriter(disk, `${name}-${file}`, 1, hasTimestamps(windowing), blockBytes);
    try {
      for (let at = tree.least; at >= 0; at = tree.least) {
        const cursor = tree.cursors[at];
        const { block, start, end } = cursor;
        writer.begin(cursor.hash, block.words, cursor.record, cursor.recordLength, cursor.stamp);
        if (block.numbers === undefined) writer.addEncoded(block.bytes, start, end, cursor.count);
        else writer.addNumbers(block.numbers, (start - block.valuesAt) / 8, (end - block.valuesAt) / 8);
        cursor.advance();
        tree.replay();
      }
      return { run: writer.finish(), partition: 0 };
    } catch (error) {
      writer.abort();
      throw error;
    }
  }
}

function sliceBytes({ run, partition }: RunSlice): number {
  return run.partitionBytes[partition];
}
