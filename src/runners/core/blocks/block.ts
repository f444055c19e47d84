import type { ShapeDefinitions } from '../../../sdk/coders/shape-table.ts';

interface BlockFacts {
  /** Number of elements. */
  readonly count: number;
  /** Uncompressed bytes. */
  readonly bytes: number;
  /** Field names of the objects that the default coder wrote. */
  readonly shapes: ShapeDefinitions;
}

/** A block held in memory, which is all its own and passes between threads without a copy. */
export interface MemoryBlock extends BlockFacts {
  readonly kind: 'memory';
  readonly memory: SharedArrayBuffer;
}

/** A block in a file with others. */
export interface DiskBlock extends BlockFacts {
  readonly kind: 'disk';
  readonly file: string;
  /** Position in the file. */
  readonly offset: number;
  /** Bytes in the file. */
  readonly stored: number;
}

/** Some elements of a stored collection, as plain data that passes between threads by structured clone. */
export type Block = MemoryBlock | DiskBlock;

/*
 * The bytes of a block, positions from its start:
 *
 *   header      8 words: magic, flags, count, windows at, panes at, values at, end of the values, length
 *   timestamps  a double each; or one for all, if flagged
 *   windows     the number of each element's window, a word each, unless flagged; how many windows there are; the windows
 *   panes       each element's pane; or one for all, if flagged
 *   values      encoded, or doubles if flagged; at a multiple of 8
 */
export const MAGIC = 0x3142524d;
export const HEADER_BYTES = 32;
export const ONE_TIMESTAMP = 1;
export const ONE_WINDOW = 2;
export const ONE_PANE = 4;
export const NUMBERS = 8;

export function align8(offset: number): number {
  return Math.ceil(offset / 8) * 8;
}
