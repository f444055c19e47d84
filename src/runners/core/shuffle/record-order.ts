import { compareRecords, recordLength } from './group-record.ts';
import { sortBy, WORD_BITS } from './radix-sort.ts';

/** Numbers of the records at `positions`, in the order of the records; they have one header word each. */
export function orderRecords(records: Int32Array, positions: Int32Array): Int32Array {
  const size = positions.length;
  // Most windows differ in the first two words of their bytes: the time at which they end.
  const wordOf = (index: number) =>
    positions.map((position) => (recordLength(records[position]) > index ? records[position + index] : 0));
  const keys = [wordOf(0), wordOf(1), wordOf(2)];
  let order: Int32Array = Int32Array.from({ length: size }, (_, number) => number);
  for (const key of keys.toReversed()) order = sortBy(key, 0, WORD_BITS, order);
  const isSame = (a: number, b: number) => keys.every((key) => key[a] === key[b]);
  for (let start = 0; start < size; ) {
    let end = start + 1;
    while (end < size && isSame(order[start], order[end])) end++;
    if (end - start > 1) {
      order
        .subarray(start, end)
        .sort((a, b) =>
          compareRecords(records, positions[a], records, positions[b], recordLength(records[positions[a]])),
        );
    }
    start = end;
  }
  return order;
}
