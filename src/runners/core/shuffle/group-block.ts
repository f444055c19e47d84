import { RunnerError } from '../../../sdk/errors.ts';

/*
 * A block of group parts, in memory and (compressed) on disk. All positions are from the start of the block.
 *
 *   header   8 words: magic, flags, groups, values at (byte), bytes of values, records at (word), words of records, length
 *   entries  4 words each: hash, start of the record (word, from the first), end of the values (byte, from the first), count
 *   stamps   a double each, if flagged: the earliest or latest timestamp of the part
 *   values   encoded, or doubles if flagged
 *   records  group records
 */
const MAGIC = 0x3147524d;
export const NUMBERS = 1;
export const STAMPS = 2;
export const HEADER_WORDS = 8;
export const ENTRY_WORDS = 4;

/** Where things lie in a block. */
export interface BlockLayout {
  readonly flags: number;
  readonly groups: number;
  readonly stampsAt: number;
  readonly valuesAt: number;
  readonly valueBytes: number;
  readonly recordsAt: number;
  readonly recordWords: number;
  readonly length: number;
}

export function layOut(flags: number, groups: number, valueBytes: number, recordWords: number): BlockLayout {
  const stampsAt = (HEADER_WORDS + ENTRY_WORDS * groups) * 4;
  const valuesAt = stampsAt + ((flags & STAMPS) === 0 ? 0 : groups * 8);
  const recordsAt = align8(valuesAt + valueBytes);
  const length = align8(recordsAt + recordWords * 4);
  return { flags, groups, stampsAt, valuesAt, valueBytes, recordsAt: recordsAt / 4, recordWords, length };
}

function align8(offset: number): number {
  return Math.ceil(offset / 8) * 8;
}

/** A view of one block. */
export class GroupBlock {
  readonly groups: number;
  readonly words: Int32Array;
  readonly bytes: Buffer;
  readonly valuesAt: number;
  readonly recordsAt: number;
  /** The values, where all are numbers. */
  readonly numbers: Float64Array | undefined;
  readonly stamps: Float64Array | undefined;

  constructor(memory: ArrayBufferLike, start: number, layout: BlockLayout) {
    this.words = new Int32Array(memory, start, layout.length / 4);
    this.bytes = Buffer.from(memory as ArrayBuffer, start, layout.length);
    this.groups = layout.groups;
    this.valuesAt = layout.valuesAt;
    this.recordsAt = layout.recordsAt;
    this.numbers =
      (layout.flags & NUMBERS) === 0
        ? undefined
        : new Float64Array(memory, start + layout.valuesAt, layout.valueBytes / 8);
    this.stamps =
      (layout.flags & STAMPS) === 0 ? undefined : new Float64Array(memory, start + layout.stampsAt, layout.groups);
  }

  /** Lays out a new block in memory that is all its own. */
  static create(memory: ArrayBufferLike, layout: BlockLayout): GroupBlock {
    const block = new GroupBlock(memory, 0, layout);
    const { flags, groups, valuesAt, valueBytes, recordsAt, recordWords, length } = layout;
    block.words.set([MAGIC, flags, groups, valuesAt, valueBytes, recordsAt, recordWords, length]);
    return block;
  }

  /** @throws RunnerError `RUN_MALFORMED` when the bytes are no block: what comes from disk is checked. */
  static open(memory: ArrayBufferLike, start: number, length: number): GroupBlock {
    const header =
      length < HEADER_WORDS * 4 ? new Int32Array(HEADER_WORDS) : new Int32Array(memory, start, HEADER_WORDS);
    const [magic, flags, groups, valuesAt, valueBytes, recordsAt, recordWords, blockLength] = header;
    if (magic === MAGIC && groups >= 0 && valueBytes >= 0 && recordWords >= 0 && length === blockLength) {
      const layout = layOut(flags, groups, valueBytes, recordWords);
      if (layout.length === length && layout.valuesAt === valuesAt && layout.recordsAt === recordsAt) {
        return new GroupBlock(memory, start, layout);
      }
    }
    throw new RunnerError('RUN_MALFORMED', `${length} bytes are not a block of a run`);
  }

  /** Fills in the entry of a part. `record` counts words and `valueEnd` bytes from the start of their areas. */
  setEntry(index: number, hash: number, record: number, valueEnd: number, count: number): void {
    const at = HEADER_WORDS + ENTRY_WORDS * index;
    const words = this.words;
    words[at] = hash;
    words[at + 1] = record;
    words[at + 2] = valueEnd;
    words[at + 3] = count;
  }
}
