import { compareRecords } from './group-record.ts';
import type { GroupTable } from './group-table.ts';

const DIGITS = 3;
const BITS = 11;

/** The slots of a table in the order of a run: by hash as an unsigned number, then by record. */
export function orderGroups(table: GroupTable, hashes: Int32Array): Int32Array {
  const order = sortByHash(hashes);
  const size = order.length;
  for (let start = 0; start < size; ) {
    const hash = hashes[order[start]];
    let end = start + 1;
    while (end < size && hashes[order[end]] === hash) end++;
    if (end - start > 1) sortByRecord(table, order.subarray(start, end));
    start = end;
  }
  return order;
}

/** Radix sort, least digit first: linear, and the same for few groups and for millions. */
function sortByHash(hashes: Int32Array): Int32Array {
  let from = new Int32Array(hashes.length);
  for (let i = 0; i < from.length; i++) from[i] = i;
  let to = new Int32Array(hashes.length);
  for (let digit = 0; digit < DIGITS; digit++) {
    sortByDigit(hashes, digit * BITS, from, to);
    [from, to] = [to, from];
  }
  return from;
}

function sortByDigit(hashes: Int32Array, shift: number, from: Int32Array, to: Int32Array): void {
  const mask = (1 << BITS) - 1;
  const starts = new Int32Array(1 << BITS);
  for (let i = 0; i < hashes.length; i++) starts[(hashes[i] >>> shift) & mask]++;
  let sum = 0;
  for (let i = 0; i <= mask; i++) {
    const count = starts[i];
    starts[i] = sum;
    sum += count;
  }
  for (let i = 0; i < from.length; i++) {
    const slot = from[i];
    to[starts[(hashes[slot] >>> shift) & mask]++] = slot;
  }
}

function sortByRecord(table: GroupTable, slots: Int32Array): void {
  const starts = new Int32Array(slots.length + 1);
  for (let i = 0; i < slots.length; i++) starts[i + 1] = starts[i] + table.recordLength(slots[i]);
  const records = new Int32Array(starts[slots.length]);
  for (let i = 0; i < slots.length; i++) table.writeRecord(slots[i], records, starts[i]);
  const before = slots.slice();
  const order = new Int32Array(slots.length).map((_, i) => i);
  order.sort((a, b) => compareRecords(records, starts[a], records, starts[b], starts[a + 1] - starts[a]));
  for (let i = 0; i < order.length; i++) slots[i] = before[order[i]];
}
