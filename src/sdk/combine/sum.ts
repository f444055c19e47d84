import { UserCodeError } from '../errors.ts';
import type { CombineFn } from './combine-fn.ts';

/**
 * The sum of numbers (Beam's Sum); 0 of none. Integers are exact while every partial sum is within ±2^53. Of fractions
 * the last bits depend on the order of addition, which is not the same from run to run: compare such sums with a
 * tolerance, or add integers (cents instead of euros).
 *
 * @throws UserCodeError `NOT_A_NUMBER` while the pipeline runs, when an input is a text
 */
export function sum(): CombineFn<number, number, number> {
  return SUM;
}

const SUM: CombineFn<number, number, number> = {
  name: 'Sum',
  create: () => 0,
  add: (accumulator, input) => accumulator + input,
  merge(accumulators) {
    let total = 0;
    for (const accumulator of accumulators) total += accumulator;
    return total;
  },
  extract: (accumulator) => checkNumber('sum', accumulator),
};

/** A text among the numbers makes the total a text: what comes from files and services is not always what it should be. */
export function checkNumber(what: string, total: number): number {
  if (typeof total === 'number') return total;
  throw new UserCodeError('NOT_A_NUMBER', `Not all inputs of ${what}() are numbers: they add up to a ${typeof total}`, {
    final: true,
    hint: 'convert them first: mapInputs((element) => Number(element), …)',
  });
}

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
