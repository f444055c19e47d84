import { shapeTable } from '../../../sdk/coders/shape-table.ts';
import { ENTRY_WORDS, GroupBlock, layOut, STAMPS } from './group-block.ts';
import type { GroupTable } from './group-table.ts';
import { type MemoryRun, partitionOf } from './run.ts';

const GROUPS_AT_ONCE = 256;

/** The groups of a table in the order of a run, with what their values need; all arrays but `order` are by slot. */
export interface OrderedGroups {
  readonly table: GroupTable;
  readonly order: Int32Array;
  readonly hashes: Int32Array;
  readonly counts: Int32Array;
  /** Bytes of all values of a group. */
  readonly sizes: Int32Array;
  readonly stamps: Float64Array | undefined;
}

/**
 * Makes a run in memory with all but the values, which the caller puts into the returned block: those of a slot start at
 * byte `starts[slot]` of the values.
 */
export function makeMemoryRun(
  groups: OrderedGroups,
  flags: number,
  partitions: number,
): { readonly run: MemoryRun; readonly block: GroupBlock; readonly starts: Int32Array } {
  const { table, order, sizes, stamps } = groups;
  let valueBytes = 0;
  let recordWords = 0;
  for (let slot = 0; slot < order.length; slot++) {
    valueBytes += sizes[slot];
    recordWords += table.recordLength(slot);
  }
  const layout = layOut(stamps === undefined ? flags : flags | STAMPS, order.length, valueBytes, recordWords);
  const memory = new SharedArrayBuffer(layout.length);
  const block = GroupBlock.create(memory, layout);

  const starts = new Int32Array(order.length);
  const slices = new Uint32Array(partitions + 1);
  const partitionBytes = new Float64Array(partitions);
  const end = { values: 0, value: 0, record: 0 };
  for (let rank = 0; rank < order.length; rank += GROUPS_AT_ONCE) {
    enterGroups(groups, block, starts, slices, partitionBytes, rank, end);
  }
  for (let i = 1; i <= partitions; i++) slices[i] = Math.max(slices[i], slices[i - 1]);
  const run: MemoryRun = {
    kind: 'memory',
    memory,
    partitions,
    groups: order.length,
    values: end.values,
    partitionBytes,
    shapes: shapeTable.export(),
    slices,
  };
  return { run, block, starts };
}

/**
 * Enters some groups and puts their records into the block; `end` tells where those before ended. A function of its own,
 * for V8 optimises what is called often sooner than a loop that runs once.
 */
function enterGroups(
  { table, order, hashes, counts, sizes, stamps }: OrderedGroups,
  block: GroupBlock,
  starts: Int32Array,
  slices: Uint32Array,
  partitionBytes: Float64Array,
  first: number,
  end: { values: number; value: number; record: number },
): void {
  const partitions = partitionBytes.length;
  const stop = Math.min(order.length, first + GROUPS_AT_ONCE);
  let { values, value, record } = end;
  for (let rank = first; rank < stop; rank++) {
    const slot = order[rank];
    const hash = hashes[slot];
    const partition = partitionOf(hash, partitions);
    starts[slot] = value;
    value += sizes[slot];
    values += counts[slot];
    block.setEntry(rank, hash, record, value, counts[slot]);
    const next = table.writeRecord(slot, block.words, block.recordsAt + record) - block.recordsAt;
    slices[partition + 1] = rank + 1;
    partitionBytes[partition] += sizes[slot] + (next - record) * 4 + ENTRY_WORDS * 4;
    record = next;
    if (stamps !== undefined && block.stamps !== undefined) block.stamps[rank] = stamps[slot];
  }
  end.values = values;
  end.value = value;
  end.record = record;
}
