import type { CombineFn } from './combine-fn.ts';
import { notANumber } from './not-a-number.ts';

/**
 * The sum of numbers (Beam's Sum); 0 of none. Integers are exact while every partial sum is within ±2^53. Of fractions
 * the last bits depend on the order of addition, which is not the same from run to run: compare such sums with a
 * tolerance, or add integers (cents instead of euros).
 *
 * @throws UserCodeError `NOT_A_NUMBER` while the pipeline runs, when an input is none
 */
export function sum(): CombineFn<number, number, number> {
  return SUM;
}

const SUM: CombineFn<number, number, number> = {
  name: 'Sum',
  create: () => 0,
  add(accumulator, input) {
    if (typeof input !== 'number') throw notANumber('sum', input);
    return accumulator + input;
  },
  merge(accumulators) {
    let total = 0;
    for (const accumulator of accumulators) total += accumulator;
    return total;
  },
  extract: (accumulator) => accumulator,
};

/** The sum of bigints, exact at any size; 0n of none. Several times slower than {@link sum}. */
export function sumBigInt(): CombineFn<bigint, bigint, bigint> {
  return SUM_BIGINT;
}

const SUM_BIGINT: CombineFn<bigint, bigint, bigint> = {
  name: 'SumBigInt',
  create: () => 0n,
  add: (accumulator, input) => accumulator + input,
  merge(accumulators) {
    let total = 0n;
    for (const accumulator of accumulators) total += accumulator;
    return total;
  },
  extract: (accumulator) => accumulator,
};
