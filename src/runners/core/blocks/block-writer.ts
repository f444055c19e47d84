import { ByteWriter } from '../../../sdk/coders/byte-writer.ts';
import type { Coder } from '../../../sdk/coders/coder.ts';
import { shapeTable } from '../../../sdk/coders/shape-table.ts';
import type { ElementSink } from '../../../sdk/transforms/element-sink.ts';
import type { PaneInfo } from '../../../sdk/windows/pane-info.ts';
import type { Window } from '../../../sdk/windows/window.ts';
import { carriesNumbers } from '../shuffle/value-log.ts';
import type { SpillDisk } from '../spill-disk.ts';
import { FrameWriter } from '../spill-disk-frames.ts';
import {
  align8,
  type Block,
  type DiskBlock,
  HEADER_BYTES,
  MAGIC,
  NUMBERS,
  ONE_PANE,
  ONE_TIMESTAMP,
  ONE_WINDOW,
} from './block.ts';
import { PaneColumn, TimestampColumn, WindowColumn } from './block-columns.ts';

/** Bytes of values at which a block is closed. */
const BLOCK_BYTES = 1 << 18;
/** Elements of a block at most: some take no bytes. */
const MAX_COUNT = 1 << 16;
/**
 * A block ends when it holds this share of the elements before it. So the first blocks are small, and a collection of
 * few elements, each of which may be a lot of work, can still be spread over the workers.
 */
const GROWTH = 1 / 16;

export interface BlockWriterOptions {
  readonly coder: Coder<unknown>;
  readonly windowCoder: Coder<Window>;
  readonly disk: SpillDisk;
  /** Unique name of the writer on the disk; its one file is `<name>-blocks`. */
  readonly name: string;
  /** Bytes of blocks that may stay in memory; later blocks go to disk. */
  readonly inMemoryBytes: number;
  /** Takes the blocks; the receiver owns them. Those on disk come at `close`. */
  readonly sink: (block: Block) => void;
  /** Bytes of values at which a block is closed; default 256 KiB. */
  readonly blockBytes?: number;
}

/** Stores a collection as blocks. Timestamps, windows and panes that are the same in a whole block are stored once. */
export class BlockWriter implements ElementSink {
  readonly #options: BlockWriterOptions;
  readonly #blockBytes: number;
  readonly #values = new ByteWriter(1024);
  /** The values of the block at hand while all are numbers. */
  #numbers: Float64Array = new Float64Array(0);
  readonly #carriesNumbers: boolean;
  #isNumeric: boolean;
  #count = 0;
  /** Elements of the blocks before the one at hand. */
  #earlier = 0;
  readonly #timestamps = new TimestampColumn(MAX_COUNT);
  readonly #windows: WindowColumn;
  readonly #panes = new PaneColumn();
  #inMemory = 0;
  #frames: FrameWriter | undefined;
  #onDisk: DiskBlock[] = [];

  constructor(options: BlockWriterOptions) {
    this.#options = options;
    this.#blockBytes = Math.max(64, options.blockBytes ?? BLOCK_BYTES);
    this.#carriesNumbers = carriesNumbers(options.coder);
    this.#isNumeric = this.#carriesNumbers;
    this.#windows = new WindowColumn(options.windowCoder, MAX_COUNT);
  }

  write(element: unknown, timestamp: number, window: Window, pane: PaneInfo): void {
    const index = this.#count;
    this.#addValue(index, element);
    this.#timestamps.set(index, timestamp);
    this.#windows.set(index, window);
    this.#panes.set(index, pane);
    this.#count = index + 1;
    const bytes = this.#isNumeric ? this.#count * 8 : this.#values.length;
    const isFull = bytes >= this.#blockBytes || this.#count === MAX_COUNT;
    if (isFull || this.#count > this.#earlier * GROWTH) this.#cut();
  }

  #addValue(index: number, value: unknown): void {
    if (this.#isNumeric) {
      if (typeof value === 'number') {
        if (index === this.#numbers.length) this.#growNumbers();
        this.#numbers[index] = value;
        return;
      }
      this.#isNumeric = false;
      for (let i = 0; i < index; i++) this.#options.coder.encode(this.#numbers[i], this.#values, true);
    }
    this.#options.coder.encode(value, this.#values, true);
  }

  #growNumbers(): void {
    const larger = new Float64Array(Math.max(64, this.#numbers.length * 2));
    larger.set(this.#numbers);
    this.#numbers = larger;
  }

  #cut(): void {
    const bytes = this.#build();
    const facts = { count: this.#count, bytes: bytes.byteLength, shapes: shapeTable.export() };
    if (bytes.buffer instanceof SharedArrayBuffer) {
      this.#inMemory += bytes.byteLength;
      this.#options.sink({ kind: 'memory', memory: bytes.buffer, ...facts });
    } else {
      this.#frames ??= new FrameWriter(this.#options.disk, `${this.#options.name}-blocks`);
      this.#onDisk.push({ kind: 'disk', file: this.#frames.file, ...this.#frames.write(bytes), ...facts });
    }
    this.#earlier += this.#count;
    this.#count = 0;
    this.#values.clear();
    // A block of numbers may follow one that has other values too.
    this.#isNumeric = this.#carriesNumbers;
    this.#timestamps.clear();
    this.#windows.clear();
    this.#panes.clear();
  }

  /** The block, in memory that is to be shared if it may stay there. */
  #build(): Uint8Array {
    const count = this.#count;
    const columns = new ByteWriter(64);
    this.#windows.encode(columns);
    const panesAfter = columns.length;
    this.#panes.encode(columns);

    const timestamps = this.#timestamps.values(count);
    const numbersAt = HEADER_BYTES + timestamps.byteLength;
    const windowsAt = numbersAt + (this.#windows.isConstant ? 0 : count * 4);
    const valuesAt = align8(windowsAt + columns.length);
    const valueBytes = this.#isNumeric ? count * 8 : this.#values.length;
    const length = align8(valuesAt + valueBytes);
    const flags =
      (this.#timestamps.isConstant ? ONE_TIMESTAMP : 0) |
      (this.#windows.isConstant ? ONE_WINDOW : 0) |
      (this.#panes.isConstant ? ONE_PANE : 0) |
      (this.#isNumeric ? NUMBERS : 0);

    const fits = this.#inMemory + length <= this.#options.inMemoryBytes;
    const memory = fits ? new SharedArrayBuffer(length) : new ArrayBuffer(length);
    const bytes = new Uint8Array(memory);
    new Int32Array(memory, 0, HEADER_BYTES / 4).set([
      MAGIC,
      flags,
      count,
      windowsAt,
      windowsAt + panesAfter,
      valuesAt,
      valuesAt + valueBytes,
      length,
    ]);
    new Float64Array(memory, HEADER_BYTES, timestamps.length).set(timestamps);
    if (!this.#windows.isConstant) new Int32Array(memory, numbersAt, count).set(this.#windows.numbers(count));
    bytes.set(columns.view(), windowsAt);
    if (this.#isNumeric) new Float64Array(memory, valuesAt, count).set(this.#numbers.subarray(0, count));
    else bytes.set(this.#values.view(), valuesAt);
    return bytes;
  }

  /** Writes what is buffered, and hands on the blocks on disk. The writer takes no more elements. */
  close(): void {
    if (this.#count > 0) this.#cut();
    this.#frames?.close();
    for (const block of this.#onDisk) this.#options.sink(block);
    this.#onDisk = [];
  }

  /** Gives up after a failure, and removes what is on disk; blocks in memory have gone to the sink. */
  abort(): void {
    this.#frames?.abort();
  }
}
