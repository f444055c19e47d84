import { compareRecords } from './group-record.ts';
import type { GroupTable } from './group-table.ts';
import { sortBy, WORD_BITS } from './radix-sort.ts';

const SIGN = 0x80000000 | 0;

/** The slots of a table in the order of a run: by hash, then by key, then by window. */
export function orderGroups(table: GroupTable, hashes: Int32Array): Int32Array {
  const size = table.size;
  let order: Int32Array = new Int32Array(size);
  for (let slot = 0; slot < size; slot++) order[slot] = slot;
  if (table.windows > 1) order = sortBy(table.windowRanks(), 0, 32 - Math.clz32(table.windows - 1), order);
  order = sortBy(hashes, SIGN, WORD_BITS, order);
  for (let start = 0; start < size; ) {
    const end = endOfHash(hashes, order, start);
    // Only where two keys have one hash the order is not there yet.
    if (end - start > 1 && !isOneKey(table, order, start, end)) sortByRecord(table, order.subarray(start, end));
    start = end;
  }
  return order;
}

function endOfHash(hashes: Int32Array, order: Int32Array, start: number): number {
  const hash = hashes[order[start]];
  let end = start + 1;
  while (end < order.length && hashes[order[end]] === hash) end++;
  return end;
}

function isOneKey(table: GroupTable, order: Int32Array, start: number, end: number): boolean {
  const key = table.keyOf(order[start]);
  for (let i = start + 1; i < end; i++) if (table.keyOf(order[i]) !== key) return false;
  return true;
}

function sortByRecord(table: GroupTable, slots: Int32Array): void {
  const starts = new Int32Array(slots.length + 1);
  for (let i = 0; i < slots.length; i++) starts[i + 1] = starts[i] + table.recordLength(slots[i]);
  const records = new Int32Array(starts[slots.length]);
  for (let i = 0; i < slots.length; i++) table.writeRecord(slots[i], records, starts[i]);
  const before = slots.slice();
  const order = Int32Array.from({ length: slots.length }, (_, i) => i);
  order.sort((a, b) => compareRecords(records, starts[a], records, starts[b], starts[a + 1] - starts[a]));
  for (let i = 0; i < order.length; i++) slots[i] = before[order[i]];
}
