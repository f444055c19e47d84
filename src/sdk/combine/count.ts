import type { CombineFn } from './combine-fn.ts';
import { sum } from './sum.ts';

/**
 * How many inputs there are (Beam's Count), as a number: exact up to 2^53. The coder `int64` of other languages takes
 * bigints; convert with `BigInt(n)` where a count leaves for one.
 */
export function count(): CombineFn<unknown, number, number> {
  return COUNT;
}

const COUNT: CombineFn<unknown, number, number> = {
  name: 'Count',
  create: () => 0,
  add: (accumulator) => accumulator + 1,
  merge: sum().merge,
  extract: (accumulator) => accumulator,
};
