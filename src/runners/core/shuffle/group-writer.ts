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
import { ValueLog } from './value-log.ts';
import { hasTimestamps } from './windowing.ts';
import { checkPair, type ShuffleWriter, type ShuffleWriterOptions } from './writer-options.ts';

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
    this.#bufferBytes = options.bufferBytes;
    this.#table = new GroupTable(options.keyCoder, options.windowing);
    this.#log = new ValueLog(options.valueCoder);
    if (hasTimestamps(options.windowing)) this.#stamps = new TimestampFold(options.windowing.timestampCombiner);
    this.#sink = new RunSink(options);
  }

  write(element: unknown, timestamp: number, window: Window, _pane: PaneInfo): void {
    checkPair(element);
    const log = this.#log;
    this.#timestamps[this.#table.staged] = timestamp;
    log.add(element[1]);
    if (this.#table.stage(element[0], window) || log.encoded.length >= this.#bufferBytes) this.#settle();
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
    const { size, slots, ends, isNumeric } = this.#log;
    const hashes = table.hashes();
    const counts = new Int32Array(table.size);
    const sizes = new Int32Array(table.size);
    for (let i = 0; i < size; i++) counts[slots[i]]++;
    if (isNumeric) for (let slot = 0; slot < counts.length; slot++) sizes[slot] = counts[slot] * 8;
    else for (let i = 0, start = 0; i < size; start = ends[i++]) sizes[slots[i]] += ends[i] - start;
    return { table, order: orderGroups(table, hashes), hashes, counts, sizes, stamps: this.#stamps?.stamps };
  }
}

/** Puts each value where its group is; reads the log in order. */
function fillBlock(log: ValueLog, block: GroupBlock, starts: Int32Array): void {
  const { size, slots, ends, numbers } = log;
  const column = block.numbers;
  if (column !== undefined) {
    for (let slot = 0; slot < starts.length; slot++) starts[slot] /= 8;
    for (let i = 0; i < size; i++) column[starts[slots[i]]++] = numbers[i];
    return;
  }
  const source = log.encoded.bytes;
  const target = block.bytes;
  const base = block.valuesAt;
  for (let i = 0, from = 0; i < size; i++) {
    const end = ends[i];
    let at = base + starts[slots[i]];
    starts[slots[i]] += end - from;
    if (end - from > 64) target.set(source.subarray(from, end), at);
    else for (let k = from; k < end; k++) target[at++] = source[k];
    from = end;
  }
}

/** Writes groups one after another; reads the log in the order of groups, so that only indices are sorted. */
function writeParts(log: ValueLog, groups: OrderedGroups, writer: DiskRunWriter): void {
  const { size, slots, ends, numbers, isNumeric } = log;
  const { order, counts } = groups;
  const next = new Int32Array(order.length);
  for (let rank = 0, at = 0; rank < order.length; at += counts[order[rank++]]) next[order[rank]] = at;
  const sorted = new Int32Array(size);
  for (let i = 0; i < size; i++) sorted[next[slots[i]]++] = i;
  let at = 0;
  writeGroups(groups, writer, (slot) => {
    for (const end = at + counts[slot]; at < end; at++) {
      const i = sorted[at];
      if (isNumeric) writer.addNumbers(numbers, i, i + 1);
      else writer.addEncoded(log.encoded.bytes, i === 0 ? 0 : ends[i - 1], ends[i], 1);
    }
  });
}
