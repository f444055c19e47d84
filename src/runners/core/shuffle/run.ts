import type { ShapeDefinitions } from '../../../sdk/coders/shape-table.ts';
import type { SpillDisk } from '../spill-disk.ts';

interface RunFacts {
  /** Hash partitions the run is divided into. */
  readonly partitions: number;
  /** Group parts. */
  readonly groups: number;
  /** Values of all groups; accumulators when combined. */
  readonly values: number;
  /** Uncompressed bytes of each partition. */
  readonly partitionBytes: Float64Array;
  /** Field names of the objects that the default coder wrote. */
  readonly shapes: ShapeDefinitions;
}

/** A run held in memory: one block. */
export interface MemoryRun extends RunFacts {
  readonly kind: 'memory';
  readonly memory: SharedArrayBuffer;
  /** First group part of each partition, and the number of parts at the end. */
  readonly slices: Uint32Array;
}

/** A run in a file of blocks. */
export interface DiskRun extends RunFacts {
  readonly kind: 'disk';
  readonly file: string;
  /** First block of each partition, and the number of blocks at the end. */
  readonly slices: Uint32Array;
  /** Position in the file and stored length of each block. */
  readonly offsets: Float64Array;
  readonly lengths: Uint32Array;
  /** Group parts of each block. */
  readonly blockGroups: Uint32Array;
  /** 1 where the first part of a block belongs to the same group as the last of the block before, in one partition. */
  readonly continues: Uint8Array;
  /** Bytes of the file. */
  readonly fileBytes: number;
}

/**
 * The sorted output of one flush, as plain data that passes between threads by structured clone. Whoever gets a run owns
 * it, and removes it with {@link removeRun} when no reader is left.
 */
export type Run = MemoryRun | DiskRun;

/** One partition of a run: what the reduce side reads. */
export interface RunSlice {
  readonly run: Run;
  readonly partition: number;
}

/** The partition of a group: partitions are ranges of the hash, a 32-bit integer. */
export function partitionOf(hash: number, partitions: number): number {
  return Math.floor((hash * 2 ** -32 + 0.5) * partitions);
}

/** Bytes of memory that a run occupies. */
export function residentBytes(run: Run): number {
  return run.kind === 'memory' ? run.memory.byteLength : 0;
}

/** Removes what a run has on disk. */
export function removeRun(run: Run, disk: SpillDisk): void {
  if (run.kind === 'disk') disk.remove(run.file);
}
