import { ByteWriter } from '../../../sdk/coders/byte-writer.ts';
import type { Coder } from '../../../sdk/coders/coder.ts';
import { defaultCoder } from '../../../sdk/coders/default-coder.ts';
import { CombineFailure } from '../../../sdk/combine/combine-failure.ts';
import type { CombineFn } from '../../../sdk/combine/combine-fn.ts';
import type { PaneInfo } from '../../../sdk/windows/pane-info.ts';
import type { Window } from '../../../sdk/windows/window.ts';
import { NUMBERS } from './group-block.ts';
import { orderGroups } from './group-order.ts';
import { GroupTable } from './group-table.ts';
import { BATCH } from './key-dictionary.ts';
import { RunSink, writeGroups } from './run-sink.ts';
import { TimestampFold } from './timestamp-fold.ts';
import { carriesNumbers } from './value-log.ts';
import { hasTimestamps } from './windowing.ts';
import { checkPair, MAX_BUFFER, type ShuffleWriter, type ShuffleWriterOptions } from './writer-options.ts';

/** A CombineFn as the runner sees it. */
export type AnyCombineFn = CombineFn<unknown, unknown, unknown>;

/** Elements between two looks at the memory in use: seldom while there is much room, often when accumulators are large. */
const MIN_CHECK = BATCH;
const MAX_CHECK = 1 << 16;
/** Accumulators that are encoded to estimate the size of all. */
const SAMPLES = 16;
/** What an accumulator takes beside its contents. */
const OBJECT_BYTES = 32;
/** Positions in a run are 32-bit integers. */
const MAX_BYTES = 0x70000000;

export interface CombiningWriterOptions extends ShuffleWriterOptions {
  readonly fn: AnyCombineFn;
}

/** The coder of a CombineFn's accumulators. */
export function accumulatorCoder(fn: AnyCombineFn): Coder<unknown> {
  return fn.coder ?? defaultCoder;
}

/** The map side of a combine: keeps one accumulator per key and window, and writes these as runs. */
export class CombiningWriter implements ShuffleWriter {
  readonly #bufferBytes: number;
  readonly #fn: AnyCombineFn;
  readonly #coder: Coder<unknown>;
  readonly #table: GroupTable;
  readonly #stamps: TimestampFold | undefined;
  readonly #sink: RunSink;
  readonly #encoded: ByteWriter;
  /** By slot. */
  #accumulators: unknown[] = [];
  /** Of the elements that are staged. */
  readonly #timestamps = new Float64Array(BATCH);
  readonly #values: unknown[] = new Array(BATCH).fill(undefined);
  /** Elements since the last run, without those since the last check. */
  #written = 0;
  #interval = MIN_CHECK;
  #untilCheck = MIN_CHECK;

  constructor(options: CombiningWriterOptions) {
    this.#bufferBytes = Math.min(MAX_BUFFER, options.bufferBytes);
    this.#fn = options.fn;
    this.#coder = accumulatorCoder(options.fn);
    this.#table = new GroupTable(options.keyCoder, options.windowing);
    if (hasTimestamps(options.windowing)) this.#stamps = new TimestampFold(options.windowing.timestampCombiner);
    this.#sink = new RunSink(options);
    this.#encoded = new ByteWriter(64, MAX_BYTES);
  }

  write(element: unknown, timestamp: number, window: Window, _pane: PaneInfo): void {
    checkPair(element);
    const value = element[1];
    const index = this.#table.staged;
    this.#timestamps[index] = timestamp;
    this.#values[index] = value;
    const isFull = this.#table.stage(element[0], window);
    // An object may have changed by the time the batch is full.
    if (isFull || (typeof value === 'object' && value !== null)) this.#settle();
  }

  /** Adds the elements written since the last time to their accumulators. */
  #settle(): void {
    const count = this.#table.staged;
    const slots = this.#table.resolve();
    this.#stamps?.add(slots, this.#timestamps, count);
    const accumulators = this.#accumulators;
    const values = this.#values;
    const fn = this.#fn;
    let i = 0;
    try {
      for (; i < count; i++) {
        const slot = slots[i];
        if (slot < accumulators.length) accumulators[slot] = fn.add(accumulators[slot], values[i]);
        else accumulators.push(fn.add(fn.create(), values[i]));
      }
    } catch (cause) {
      throw CombineFailure.adding(cause, this.#table.decodeKey(slots[i]), values[i]);
    }
    this.#untilCheck -= count;
    if (this.#untilCheck <= 0 || this.#table.bytes >= this.#bufferBytes) this.#check();
  }

  #check(): void {
    this.#written += this.#interval - this.#untilCheck;
    const bytes = this.#estimate();
    if (bytes >= this.#bufferBytes || this.#table.isFull) return this.#flush();
    // Half of what the rest of the buffer takes at the rate so far.
    const room = ((this.#bufferBytes - bytes) / bytes) * this.#written;
    this.#interval = Math.floor(Math.min(MAX_CHECK, Math.max(MIN_CHECK, room / 2)));
    this.#untilCheck = this.#interval;
  }

  /** Bytes of memory in use, about. */
  #estimate(): number {
    const accumulators = this.#accumulators;
    const size = accumulators.length;
    const step = Math.max(1, Math.floor(size / SAMPLES));
    const encoded = this.#encoded;
    encoded.clear();
    let sampled = 0;
    for (let slot = 0; slot < size; slot += step) {
      this.#encodeAccumulator(accumulators[slot]);
      sampled++;
    }
    return this.#table.bytes + size * (OBJECT_BYTES + encoded.length / Math.max(1, sampled));
  }

  close(): void {
    this.#settle();
    this.#flush();
  }

  #flush(): void {
    if (this.#accumulators.length > 0) this.#writeRun();
    this.#accumulators = [];
    this.#encoded.clear();
    this.#table.clear();
    this.#stamps?.clear();
    this.#written = 0;
    this.#interval = MIN_CHECK;
    this.#untilCheck = MIN_CHECK;
  }

  #writeRun(): void {
    const table = this.#table;
    const hashes = table.hashes();
    const order = orderGroups(table, hashes);
    const counts = new Int32Array(order.length).fill(1);
    const sizes = new Int32Array(order.length);
    const groups = { table, order, hashes, counts, sizes, stamps: this.#stamps?.stamps };
    const numbers = this.#encode(order, sizes);
    const encoded = this.#encoded;
    if (this.#sink.fitsMemory(table.bytes + (numbers === undefined ? encoded.length : numbers.length * 8))) {
      this.#sink.toMemory(groups, numbers === undefined ? 0 : NUMBERS, (block) => {
        if (numbers !== undefined) block.numbers?.set(numbers);
        else block.bytes.set(encoded.view(), block.valuesAt);
      });
      return;
    }
    this.#sink.toDisk((writer) => {
      let at = 0;
      writeGroups(groups, writer, (slot, rank) => {
        if (numbers !== undefined) writer.addNumbers(numbers, rank, rank + 1);
        else writer.addEncoded(encoded.bytes, at, at + sizes[slot], 1);
        at += sizes[slot];
      });
    });
  }

  /** Encodes the accumulators in the order of the run; gives them as a column instead when all are numbers. */
  #encode(order: Int32Array, sizes: Int32Array): Float64Array | undefined {
    const accumulators = this.#accumulators;
    const fn = this.#fn;
    if (fn.compact !== undefined) {
      for (let slot = 0; slot < accumulators.length; slot++) accumulators[slot] = fn.compact(accumulators[slot]);
    }
    const numbers = carriesNumbers(this.#coder) ? numberColumn(accumulators, order) : undefined;
    if (numbers !== undefined) {
      sizes.fill(8);
      return numbers;
    }
    const encoded = this.#encoded;
    encoded.clear();
    for (let rank = 0; rank < order.length; rank++) {
      const start = encoded.length;
      this.#encodeAccumulator(accumulators[order[rank]]);
      sizes[order[rank]] = encoded.length - start;
    }
    return undefined;
  }

  #encodeAccumulator(accumulator: unknown): void {
    try {
      this.#coder.encode(accumulator, this.#encoded, true);
    } catch (cause) {
      throw new CombineFailure(cause);
    }
  }
}

function numberColumn(accumulators: readonly unknown[], order: Int32Array): Float64Array | undefined {
  const column = new Float64Array(order.length);
  for (let rank = 0; rank < order.length; rank++) {
    const value = accumulators[order[rank]];
    if (typeof value !== 'number') return undefined;
    column[rank] = value;
  }
  return column;
}
