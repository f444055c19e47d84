/** Bits of a 32-bit integer. */
export const WORD_BITS = 32;
const BITS = 11;

/**
 * Sorts ids by a value that each has: radix sort, least digit first, so the time is linear and equal ones stay in their
 * order.
 *
 * @param values by id; they sort as unsigned numbers
 * @param flip bits of the values to turn over first: with the sign bit they sort as signed numbers
 * @param bits of the values that count
 * @param order the ids in the order to start from, which is overwritten
 */
export function sortBy(values: Int32Array, flip: number, bits: number, order: Int32Array): Int32Array {
  let from = order;
  let to: Int32Array = new Int32Array(order.length);
  for (let shift = 0; shift < bits; shift += BITS) {
    sortByDigit(values, flip, shift, from, to);
    [from, to] = [to, from];
  }
  return from;
}

function sortByDigit(values: Int32Array, flip: number, shift: number, from: Int32Array, to: Int32Array): void {
  const mask = (1 << BITS) - 1;
  const starts = new Int32Array(1 << BITS);
  for (let i = 0; i < values.length; i++) starts[((values[i] ^ flip) >> shift) & mask]++;
  let sum = 0;
  for (let i = 0; i <= mask; i++) {
    const count = starts[i];
    starts[i] = sum;
    sum += count;
  }
  for (let i = 0; i < from.length; i++) {
    const slot = from[i];
    to[starts[((values[slot] ^ flip) >> shift) & mask]++] = slot;
  }
}
