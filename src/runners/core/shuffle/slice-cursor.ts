import { shapeTable } from '../../../sdk/coders/shape-table.ts';
import type { SpillDisk } from '../spill-disk.ts';
import { readFrame } from '../spill-disk-frames.ts';
import { ENTRY_WORDS, GroupBlock, HEADER_WORDS } from './group-block.ts';
import { compareRecords, groupLength } from './group-record.ts';
import type { RunSlice } from './run.ts';

const NO_MEMORY = Buffer.alloc(0);
/** Memory of cursors that have ended, for the next ones of the thread: so many, of so many bytes at most. */
const free: Buffer[] = [];
const MAX_FREE = 64;
const MAX_FREE_BYTES = 1 << 19;

function acquire(bytes: number): Buffer {
  const memory = free.pop();
  return memory !== undefined && memory.length >= bytes ? memory : Buffer.allocUnsafeSlow(bytes + (bytes >>> 3));
}

function release(memory: Buffer): void {
  if (memory.length > 0 && memory.length <= MAX_FREE_BYTES && free.length < MAX_FREE) free.push(memory);
}

/** Reads the group parts of a slice in order. The fields describe the part at hand, until the cursor moves on. */
export class SliceCursor {
  readonly slice: RunSlice;
  readonly #disk: SpillDisk;
  readonly #hasWindows: boolean;
  /** Whether the slice has ended: there is no part at hand. */
  done = false;
  block!: GroupBlock;
  hash = 0;
  /** Word of the block where the record starts. */
  record = 0;
  /** Values: bytes of the block. */
  start = 0;
  end = 0;
  count = 0;
  /** Number of the block in the run. */
  blockIndex: number;
  /** Number of the part in the block. */
  index: number;
  #stop = 0;
  readonly #blocks: number;
  #memory: Buffer = NO_MEMORY;

  /** @throws IoError when the first block cannot be read. */
  constructor(slice: RunSlice, disk: SpillDisk, hasWindows: boolean, blockIndex?: number, index?: number) {
    this.slice = slice;
    this.#disk = disk;
    this.#hasWindows = hasWindows;
    const { run, partition } = slice;
    shapeTable.import(run.shapes);
    const first = run.slices[partition];
    const stop = run.slices[partition + 1];
    if (run.kind === 'memory') {
      this.block = GroupBlock.open(run.memory, 0, run.memory.byteLength);
      this.blockIndex = 0;
      this.#blocks = 1;
      this.index = index ?? first;
      this.#stop = stop;
    } else {
      this.blockIndex = blockIndex ?? first;
      this.#blocks = stop;
      this.index = index ?? 0;
      if (first < stop) this.#load();
    }
    if (this.index < this.#stop) this.#show();
    else this.done = true;
  }

  get stamp(): number {
    return this.block.stamps === undefined ? 0 : this.block.stamps[this.index];
  }

  /** What the values weigh when they become an array: bytes, and one more each, for some take none. */
  get size(): number {
    return this.end - this.start + this.count;
  }

  /** Goes on to the next part. */
  advance(): void {
    if (++this.index < this.#stop) this.#show();
    else this.#nextBlock();
  }

  /** Goes on to the next part, past blocks that hold nothing but the group at hand. */
  skipGroup(): void {
    const { run } = this.slice;
    if (run.kind === 'disk' && this.index + 1 === this.#stop) {
      const { continues, blockGroups } = run;
      let next = this.blockIndex + 1;
      // Whole blocks of one group: known by the block after them, which goes on with it too.
      while (next + 1 < this.#blocks && continues[next] === 1 && blockGroups[next] === 1 && continues[next + 1] === 1)
        next++;
      this.blockIndex = next - 1;
    }
    this.advance();
  }

  #nextBlock(): void {
    if (++this.blockIndex >= this.#blocks) {
      this.done = true;
      release(this.#memory);
      this.#memory = NO_MEMORY;
      return;
    }
    this.#load();
    this.index = 0;
    this.#show();
  }

  #load(): void {
    const { run } = this.slice;
    if (run.kind === 'memory') return;
    const at = this.blockIndex;
    const stored = run.lengths[at];
    // One block after another in the same memory: as garbage they would be several times what is in use.
    if (stored > this.#memory.length) {
      release(this.#memory);
      this.#memory = acquire(stored);
    }
    const bytes = readFrame(this.#disk, run.file, { offset: run.offsets[at], stored }, this.#memory);
    this.block = GroupBlock.open(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#stop = this.block.groups;
  }

  #show(): void {
    const block = this.block;
    const at = HEADER_WORDS + ENTRY_WORDS * this.index;
    const words = block.words;
    this.hash = words[at];
    this.record = block.recordsAt + words[at + 1];
    this.start = block.valuesAt + (this.index === 0 ? 0 : words[at - 2]);
    this.end = block.valuesAt + words[at + 2];
    this.count = words[at + 3];
  }

  /** Words of the record. */
  get recordLength(): number {
    return groupLength(this.block.words, this.record, this.#hasWindows);
  }

  /** Orders the parts at hand of two cursors. */
  compare(other: SliceCursor): number {
    if (this.hash !== other.hash) return this.hash < other.hash ? -1 : 1;
    return compareRecords(this.block.words, this.record, other.block.words, other.record, this.recordLength);
  }

  /** Whether the part at hand has this record, or begins with it: with the key's part of it, any window will do. */
  is(hash: number, words: Int32Array, record: number, length: number): boolean {
    return this.hash === hash && compareRecords(words, record, this.block.words, this.record, length) === 0;
  }
}
