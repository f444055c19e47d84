import { shapeTable } from '../../../sdk/coders/shape-table.ts';
import type { SpillDisk } from '../spill-disk.ts';
import { FrameWriter } from '../spill-disk-frames.ts';
import { GroupBlock, layOut, NUMBERS, STAMPS } from './group-block.ts';
import { compareRecords } from './group-record.ts';
import { grown } from './key-dictionary.ts';
import { type DiskRun, partitionOf } from './run.ts';

/** Bytes of values and records at which a block is closed. */
const BLOCK_BYTES = 1 << 18;

/**
 * Writes a run to disk part by part, in the order of a run. Holds one block. A part starts with {@link begin}; then
 * come its values, of one kind or the other. Where a block is full the part goes on in the next block under the same record.
 */
export class DiskRunWriter {
  readonly #frames: FrameWriter;
  readonly #partitions: number;
  readonly #stamped: boolean;
  readonly #blockBytes: number;
  // The block at hand.
  #isNumeric = false;
  #groups = 0;
  #entries = new Int32Array(4 * 256);
  #stamps = new Float64Array(256);
  #values: Buffer;
  #valueBytes = 0;
  #numbers: Float64Array;
  #records = new Int32Array(4 * 256);
  #recordWords = 0;
  // The part at hand, and the record of the last part of the block before.
  #hash = 0;
  #record = new Int32Array(64);
  #recordLength = 0;
  #stamp = 0;
  #count = 0;
  #isOpen = false;
  #partition = 0;
  #lastRecord = new Int32Array(0);
  #lastPartition = -1;
  /** Where blocks are put together. */
  #block = new ArrayBuffer(0);
  // The index.
  readonly #offsets: number[] = [];
  readonly #lengths: number[] = [];
  readonly #blockGroups: number[] = [];
  readonly #continues: number[] = [];
  readonly #slices: Uint32Array;
  readonly #partitionBytes: Float64Array;
  #allGroups = 0;
  #allValues = 0;

  /** @throws IoError when the file cannot be made. */
  constructor(disk: SpillDisk, file: string, partitions: number, stamped: boolean, blockBytes = BLOCK_BYTES) {
    this.#frames = new FrameWriter(disk, file);
    this.#partitions = partitions;
    this.#stamped = stamped;
    this.#blockBytes = blockBytes;
    this.#values = Buffer.allocUnsafeSlow(8 * Math.ceil(blockBytes / 8 + 1));
    this.#numbers = new Float64Array(this.#values.buffer);
    this.#slices = new Uint32Array(partitions + 1);
    this.#partitionBytes = new Float64Array(partitions);
  }

  /** Starts a part; `record` is copied. */
  begin(hash: number, record: Int32Array, at: number, length: number, stamp: number): void {
    this.#end();
    const partition = partitionOf(hash, this.#partitions);
    if (partition !== this.#partition) {
      this.#cut();
      this.#partition = partition;
    }
    this.#hash = hash;
    this.#stamp = stamp;
    if (length > this.#record.length) this.#record = new Int32Array(length * 2);
    for (let i = 0; i < length; i++) this.#record[i] = record[at + i];
    this.#recordLength = length;
    this.#count = 0;
    this.#isOpen = true;
    if (this.#groups > 0 && this.#fill + length * 4 > this.#blockBytes) this.#cut();
  }

  get #fill(): number {
    return this.#valueBytes + this.#recordWords * 4;
  }

  /** Adds encoded values to the part. They stay together in one block, however large it gets. */
  addEncoded(source: Uint8Array, start: number, end: number, count: number): void {
    const size = end - start;
    if (this.#isNumeric || this.#fill + size > this.#blockBytes) this.#turnBlock(false);
    if (this.#valueBytes + size > this.#values.length) this.#growValues(this.#valueBytes + size);
    const target = this.#values;
    let at = this.#valueBytes;
    if (size > 64) target.set(source.subarray(start, end), at);
    else while (start < end) target[at++] = source[start++];
    this.#valueBytes += size;
    this.#count += count;
  }

  addNumbers(source: Float64Array, start: number, end: number): void {
    while (start < end) {
      if (!this.#isNumeric || this.#fill + 8 > this.#blockBytes) this.#turnBlock(true);
      const room = Math.max(1, Math.floor((this.#blockBytes - this.#fill) / 8));
      const stop = Math.min(end, start + room);
      if (this.#valueBytes + (stop - start) * 8 > this.#values.length)
        this.#growValues(this.#valueBytes + (stop - start) * 8);
      let at = this.#valueBytes / 8;
      this.#valueBytes += (stop - start) * 8;
      this.#count += stop - start;
      while (start < stop) this.#numbers[at++] = source[start++];
    }
  }

  /** Closes the block, if anything is in it, and goes on with the part at hand in a block of the given kind. */
  #turnBlock(numeric: boolean): void {
    if (this.#groups > 0 || this.#count > 0) {
      const isOpen = this.#isOpen;
      this.#end();
      this.#cut();
      this.#isOpen = isOpen;
      this.#count = 0;
    }
    this.#isNumeric = numeric;
  }

  #growValues(needed: number): void {
    const larger = Buffer.allocUnsafeSlow(Math.ceil(Math.max(needed, this.#values.length * 2) / 8) * 8);
    larger.set(this.#values.subarray(0, this.#valueBytes));
    this.#values = larger;
    this.#numbers = new Float64Array(larger.buffer);
  }

  /** Enters the part at hand, unless it has no values in this block. */
  #end(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    if (this.#count === 0) return;
    const index = this.#groups++;
    if (index * 4 === this.#entries.length) {
      this.#entries = grown(this.#entries, 0);
      this.#stamps = grown(this.#stamps, 0);
    }
    this.#entries.set([this.#hash, this.#recordWords, this.#valueBytes, this.#count], index * 4);
    this.#stamps[index] = this.#stamp;
    const words = this.#recordWords + this.#recordLength;
    if (words > this.#records.length) this.#records = grown(this.#records, words);
    for (let i = 0; i < this.#recordLength; i++) this.#records[this.#recordWords + i] = this.#record[i];
    this.#recordWords = words;
    this.#allValues += this.#count;
  }

  #cut(): void {
    const groups = this.#groups;
    if (groups === 0) return;
    const flags = (this.#isNumeric ? NUMBERS : 0) | (this.#stamped ? STAMPS : 0);
    const layout = layOut(flags, groups, this.#valueBytes, this.#recordWords);
    // Only what is about to be written is looked at, so the memory may serve for all blocks.
    if (this.#block.byteLength < layout.length) this.#block = new ArrayBuffer(layout.length);
    const block = GroupBlock.create(this.#block, layout);
    block.words.set(this.#entries.subarray(0, groups * 4), 8);
    block.stamps?.set(this.#stamps.subarray(0, groups));
    block.bytes.set(this.#values.subarray(0, this.#valueBytes), layout.valuesAt);
    block.words.set(this.#records.subarray(0, this.#recordWords), layout.recordsAt);
    const frame = this.#frames.write(block.bytes);

    this.#offsets.push(frame.offset);
    this.#lengths.push(frame.stored);
    this.#blockGroups.push(groups);
    this.#continues.push(this.#continuesBlock() ? 1 : 0);
    this.#slices[this.#partition + 1] = this.#offsets.length;
    this.#partitionBytes[this.#partition] += layout.length;
    this.#allGroups += groups;
    this.#lastPartition = this.#partition;
    this.#lastRecord = this.#records.slice(this.#entries[(groups - 1) * 4 + 1], this.#recordWords);
    this.#groups = 0;
    this.#valueBytes = 0;
    this.#recordWords = 0;
  }

  #continuesBlock(): boolean {
    const last = this.#lastRecord;
    const end = this.#groups > 1 ? this.#entries[5] : this.#recordWords;
    return (
      this.#lastPartition === this.#partition &&
      last.length === end &&
      compareRecords(last, 0, this.#records, 0, end) === 0
    );
  }

  /** Writes what is left. */
  finish(): DiskRun {
    this.#end();
    this.#cut();
    this.#frames.close();
    const slices = this.#slices;
    for (let i = 1; i < slices.length; i++) slices[i] = Math.max(slices[i], slices[i - 1]);
    return {
      kind: 'disk',
      file: this.#frames.file,
      partitions: this.#partitions,
      groups: this.#allGroups,
      values: this.#allValues,
      partitionBytes: this.#partitionBytes,
      shapes: shapeTable.export(),
      slices,
      offsets: Float64Array.from(this.#offsets),
      lengths: Uint32Array.from(this.#lengths),
      blockGroups: Uint32Array.from(this.#blockGroups),
      continues: Uint8Array.from(this.#continues),
      fileBytes: this.#frames.length,
    };
  }

  /** Gives up after a failure. */
  abort(): void {
    this.#frames.abort();
  }
}
