import type { Coder } from '../../../sdk/coders/coder.ts';
import { CoderError } from '../../../sdk/errors.ts';
import type { ElementSink } from '../../../sdk/transforms/element-sink.ts';
import type { WindowingStrategy } from '../../../sdk/windows/windowing-strategy.ts';
import type { SpillDisk } from '../spill-disk.ts';
import type { Run } from './run.ts';

/** What the map side of a grouping needs to know. */
export interface ShuffleWriterOptions {
  /** Deterministic. */
  readonly keyCoder: Coder<unknown>;
  /** Windowing of the input. */
  readonly windowing: WindowingStrategy;
  /** Hash partitions; the reduce side reads each on its own. */
  readonly partitions: number;
  /** Most bytes to buffer before a run is written, at most 1 GiB; while it is written up to twice as many are in use. */
  readonly bufferBytes: number;
  /** Bytes of runs that this writer may leave in memory; later runs go to disk. */
  readonly inMemoryBytes: number;
  readonly disk: SpillDisk;
  /** Unique name of this writer on the disk; its files are `<name>-<number>`. */
  readonly name: string;
  /** Takes the runs; the receiver owns them. */
  readonly sink: (run: Run) => void;
  /** Bytes of a block on disk before compression; default 256 KiB. */
  readonly blockBytes?: number;
}

/** Most that a writer buffers, whatever its options say. */
export const MAX_BUFFER = 1 << 30;

/** The map side of a grouping. Elements are `[key, value]` pairs. */
export interface ShuffleWriter extends ElementSink {
  /** Writes what is buffered. The writer takes no more elements. */
  close(): void;
}

/** @throws CoderError when an element is no pair. */
export function checkPair(element: unknown): asserts element is readonly [unknown, unknown] {
  if (Array.isArray(element) && element.length === 2) return;
  throw new CoderError('CODER_WRONG_TYPE', 'A grouping takes [key, value] pairs', {
    hint: 'Apply keyBy(), or let the step before return arrays of two.',
  });
}
