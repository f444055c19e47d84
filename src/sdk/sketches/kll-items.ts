import type { Coder } from '../coders/coder.ts';
import { defaultCoder } from '../coders/default-coder.ts';
import { doubleCoder } from '../coders/double-coder.ts';
import type { KllItems } from './kll-sketch.ts';

const scratch = new Float64Array(1);
const words = new Uint32Array(scratch.buffer);

/** Numbers in ascending order; NaN counts as greater than all others. */
export const NUMBER_ITEMS: KllItems<number> = {
  compare: (a, b) => (a < b ? -1 : a > b ? 1 : Number(Number.isNaN(a)) - Number(Number.isNaN(b))),
  sort(items) {
    // Typed arrays sort numbers several times faster than arrays do.
    const sorted = Float64Array.from(items).sort();
    for (let i = 0; i < sorted.length; i++) items[i] = sorted[i];
  },
  salt(item) {
    scratch[0] = item;
    return words[0] ^ words[1];
  },
  coder: doubleCoder,
};

/** Items in the order of a comparison. */
export function comparedItems<T>(compare: (a: T, b: T) => number): KllItems<T> {
  return {
    compare,
    sort: (items) => items.sort(compare),
    salt: (item) => (typeof item === 'string' ? item.length * 31 + item.charCodeAt(item.length >> 1) : 0),
    coder: defaultCoder as Coder<unknown> as Coder<T>,
  };
}
