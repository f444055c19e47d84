import type { Coder } from '../../../sdk/coders/coder.ts';
import type { PaneInfo } from '../../../sdk/windows/pane-info.ts';
import type { Window } from '../../../sdk/windows/window.ts';
import type { DiskRunWriter } from './disk-run-writer.ts';
import { type GroupBlock, NUMBERS } from './group-block.ts';
import { orderGroups } from './group-order.ts';
import { GroupTable } from './group-table.ts';
import { BATCH } from './key-dictionary.ts';
import type { OrderedGroups } from './memory-run.ts';
import { RunSink, writeGroups } from './run-sink.ts';
import { TimestampFold } from './timestamp-fold.ts';
import { CHUNK, type LogChunk, ValueLog } from './value-log.ts';
import { hasTimestamps } from './windowing.ts';
import { checkPair, MAX_BUFFER, type ShuffleWriter, type ShuffleWriterOptions } from './writer-options.ts';

/** Bytes up to which a loop copies faster than a call. */
const MAX_LOOP = 64;

export interface GroupWriterOptions extends ShuffleWriterOptions {
  readonly valueCoder: Coder<unknown>;
}

/** The map side of GroupByKey: collects values and writes them as runs of groups. */
export class GroupWriter implements ShuffleWriter {
  readonly #bufferBytes: number;
  readonly #table: GroupTable;
  readonly #log: ValueLog;
  readonly #stamps: TimestampFold | undefined;
  readonly #sink: RunSink;
  /** Of the elements that are staged. */
  readonly #timestamps = new Float64Array(BATCH);

  constructor(options: GroupWriterOptions) {
    this.#bufferBytes = Math.min(MAX_BUFFER, options.bufferBytes);
    this.#table = new GroupTable(options.keyCoder, options.windowing);
    this.#log = new ValueLog(options.valueCoder);
    if (hasTimestamps(options.windowing)) this.#stamps = new TimestampFold(options.windowing.timestampCombiner);
    this.#sink = new RunSink(options);
  }

  write(element: unknown, timestamp: number, window: Window, _pane: PaneInfo): void {
    checkPair(element);
    this.#timestamps[this.#table.staged] = timestamp;
    this.#log.add(element[1]);
    if (this.#table.stage(element[0], window) || this.#log.isLarge) this.#settle();
  }

  /** Finds the groups of the elements written since the last time. */
  #settle(): void {
    const table = this.#table;
    const log = this.#log;
    const count = table.staged;
    const slots = table.resolve();
    log.settle(slots, count);
    this.#stamps?.add(slots, this.#timestamps, count);
    if (table.bytes + log.bytes >= this.#bufferBytes || table.isFull) this.#flush();
  }

  close(): void {
    this.#settle();
    this.#flush();
    this.#log.close();
  }

  #flush(): void {
    const log = this.#log;
    if (log.size > 0) {
      const groups = this.#orderGroups();
      if (this.#sink.fitsMemory(log.bytes)) {
        this.#sink.toMemory(groups, log.isNumeric ? NUMBERS : 0, (block, starts) => fillBlock(log, block, starts));
      } else this.#sink.toDisk((writer) => writeParts(log, groups, writer));
    }
    log.clear();
    this.#table.clear();
    this.#stamps?.clear();
  }

  #orderGroups(): OrderedGroups {
    const table = this.#table;
    const { chunks, isNumeric } = this.#log;
    const hashes = table.hashes();
    const counts = new Int32Array(table.size);
    const sizes = new Int32Array(table.size);
    for (const chunk of chunks) countValues(chunk, counts);
    if (isNumeric) for (let slot = 0; slot < counts.length; slot++) sizes[slot] = counts[slot] * 8;
    else for (const chunk of chunks) addSizes(chunk, sizes);
    return { table, order: orderGroups(table, hashes), hashes, counts, sizes, stamps: this.#stamps?.stamps };
  }
}

/*
 * Loops over a chunk are functions of their own: V8 optimises a function that is called often at once, but a long loop in
 * one that is called once only after many detours.
 */

function countValues({ slots, size }: LogChunk, counts: Int32Array): void {
  for (let i = 0; i < size; i++) counts[slots[i]]++;
}

function addSizes({ slots, ends, size }: LogChunk, sizes: Int32Array): void {
  for (let i = 0, start = 0; i < size; start = ends[i++]) sizes[slots[i]] += ends[i] - start;
}

/** Puts each value where its group is; reads the log in order. */
function fillBlock(log: ValueLog, block: GroupBlock, starts: Int32Array): void {
  const column = block.numbers;
  if (column === undefined) {
    for (const chunk of log.chunks) scatterBytes(chunk, block.bytes, block.valuesAt, starts);
    return;
  }
  for (let slot = 0; slot < starts.length; slot++) starts[slot] /= 8;
  for (const chunk of log.chunks) scatterNumbers(chunk, column, starts);
}

function scatterNumbers({ slots, numbers, size }: LogChunk, column: Float64Array, starts: Int32Array): void {
  for (let i = 0; i < size; i++) column[starts[slots[i]]++] = numbers[i];
}

function scatterBytes(
  { slots, ends, encoded, size }: LogChunk,
  target: Buffer,
  base: number,
  starts: Int32Array,
): void {
  const source = encoded.bytes;
  for (let i = 0, from = 0; i < size; i++) {
    const end = ends[i];
    let at = base + starts[slots[i]];
    starts[slots[i]] += end - from;
    if (end - from > MAX_LOOP) target.set(source.subarray(from, end), at);
    else for (let k = from; k < end; k++) target[at++] = source[k];
    from = end;
  }
}

/** Writes groups one after another. */
function writeParts(log: ValueLog, groups: OrderedGroups, writer: DiskRunWriter): void {
  const { order, counts } = groups;
  const next = new Int32Array(order.length);
  for (let rank = 0, at = 0; rank < order.length; at += counts[order[rank++]]) next[order[rank]] = at;
  if (log.isNumeric) writeNumbers(log, groups, writer, next);
  else writeEncoded(log, groups, writer, next);
}

function writeNumbers(log: ValueLog, groups: OrderedGroups, writer: DiskRunWriter, next: Int32Array): void {
  const sorted = new Float64Array(log.size);
  for (const chunk of log.chunks) scatterNumbers(chunk, sorted, next);
  let at = 0;
  writeGroups(groups, writer, (slot) => {
    writer.addNumbers(sorted, at, at + groups.counts[slot]);
    at += groups.counts[slot];
  });
}

/** Sorts indices only: the values may be large, and stay where they are until a block takes them. */
function writeEncoded(log: ValueLog, groups: OrderedGroups, writer: DiskRunWriter, next: Int32Array): void {
  const { chunks } = log;
  // Each value by the number of its chunk and its place there.
  const sorted = new Int32Array(log.size);
  for (let number = 0; number < chunks.length; number++) scatterIndices(chunks[number], number * CHUNK, sorted, next);
  let at = 0;
  writeGroups(groups, writer, (slot) => {
    const end = at + groups.counts[slot];
    writeValues(chunks, sorted, at, end, writer);
    at = end;
  });
}

function writeValues(
  chunks: readonly LogChunk[],
  sorted: Int32Array,
  from: number,
  to: number,
  writer: DiskRunWriter,
): void {
  for (let at = from; at < to; at++) {
    const { ends, encoded } = chunks[(sorted[at] / CHUNK) | 0];
    const i = sorted[at] % CHUNK;
    writer.addEncoded(encoded.bytes, i === 0 ? 0 : ends[i - 1], ends[i], 1);
  }
}

function scatterIndices({ slots, size }: LogChunk, first: number, sorted: Int32Array, next: Int32Array): void {
  for (let i = 0; i < size; i++) sorted[next[slots[i]]++] = first + i;
}
