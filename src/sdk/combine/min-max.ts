import type { Coder } from '../coders/coder.ts';
import type { CombineFn } from './combine-fn.ts';
import { arrayCoderOf, optionalCoderOf } from './element-coders.ts';
import { notANumber } from './not-a-number.ts';
import type { Comparator } from './order.ts';

/** The best element so far, or nothing. */
export type ExtremeAccumulator<T> = [] | [T];

/**
 * The smallest number (Beam's Min); Infinity of none, NaN if there is one. With a comparator the smallest element by it,
 * any of them when several are; undefined of none.
 */
export function min(): CombineFn<number, number, number>;
export function min<T>(compare: Comparator<T>): CombineFn<T, ExtremeAccumulator<T>, T | undefined>;
export function min<T>(
  compare?: Comparator<T>,
): CombineFn<number, number, number> | CombineFn<T, ExtremeAccumulator<T>, T | undefined> {
  return compare === undefined ? MIN : extreme<T>('Min', compare);
}

/**
 * The largest number (Beam's Max); -Infinity of none, NaN if there is one. With a comparator the largest element by it,
 * any of them when several are; undefined of none.
 */
export function max(): CombineFn<number, number, number>;
export function max<T>(compare: Comparator<T>): CombineFn<T, ExtremeAccumulator<T>, T | undefined>;
export function max<T>(
  compare?: Comparator<T>,
): CombineFn<number, number, number> | CombineFn<T, ExtremeAccumulator<T>, T | undefined> {
  return compare === undefined ? MAX : extreme<T>('Max', (a, b) => compare(b, a));
}

const MIN = extremeNumber('Min', Number.POSITIVE_INFINITY, Math.min);
const MAX = extremeNumber('Max', Number.NEGATIVE_INFINITY, Math.max);

function extremeNumber(
  name: string,
  none: number,
  best: (a: number, b: number) => number,
): CombineFn<number, number, number> {
  return {
    name,
    create: () => none,
    add(accumulator, input) {
      if (typeof input !== 'number') throw notANumber(name.toLowerCase(), input);
      return best(accumulator, input);
    },
    merge(accumulators) {
      let result = none;
      for (const accumulator of accumulators) result = best(result, accumulator);
      return result;
    },
    extract: (accumulator) => accumulator,
  };
}

function extreme<T>(name: string, compare: Comparator<T>): CombineFn<T, ExtremeAccumulator<T>, T | undefined> {
  function add(accumulator: ExtremeAccumulator<T>, input: T): ExtremeAccumulator<T> {
    if (accumulator.length === 0) return [input];
    if (compare(input, accumulator[0]) < 0) accumulator[0] = input;
    return accumulator;
  }
  return {
    name,
    create: () => [],
    add,
    merge(accumulators) {
      let merged: ExtremeAccumulator<T> = [];
      for (const accumulator of accumulators) if (accumulator.length === 1) merged = add(merged, accumulator[0]);
      return merged;
    },
    extract: (accumulator) => accumulator[0],
    accumulatorCoder: (input) => arrayCoderOf(input) as Coder<readonly T[]> as Coder<ExtremeAccumulator<T>>,
    outputCoder: optionalCoderOf,
  };
}
