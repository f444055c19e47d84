import type { CombineFn } from './combine-fn.ts';
import { notANumber } from './not-a-number.ts';

/** Number of inputs, their mean, and the sum of the squared distances from it. */
export type VarianceAccumulator = [count: number, mean: number, squares: number];

/** Of what the inputs are: all there is, or a sample that stands for more (divides by one less). */
export interface VarianceOptions {
  /** Default false: the sample variance. */
  readonly population?: boolean;
}

/**
 * The variance by Welford's and Chan's updates, which do not cancel when the mean is large; NaN of no input, and of a
 * single one unless `population` is set.
 */
export function variance(options: VarianceOptions = {}): CombineFn<number, VarianceAccumulator, number> {
  const missing = options.population === true ? 0 : 1;
  return moments('Variance', ([count, , squares]) => divide(squares, count - missing));
}

/** The standard deviation: the square root of {@link variance}. */
export function standardDeviation(options: VarianceOptions = {}): CombineFn<number, VarianceAccumulator, number> {
  const missing = options.population === true ? 0 : 1;
  return moments('StandardDeviation', ([count, , squares]) => Math.sqrt(divide(squares, count - missing)));
}

function divide(squares: number, by: number): number {
  // An overflow can come out with either sign.
  return by <= 0 ? Number.NaN : Math.abs(squares) / by;
}

function moments(
  name: string,
  extract: (accumulator: VarianceAccumulator) => number,
): CombineFn<number, VarianceAccumulator, number> {
  return {
    name,
    create: () => [0, 0, 0],
    add(accumulator, input) {
      if (typeof input !== 'number') throw notANumber(name[0].toLowerCase() + name.slice(1), input);
      const count = ++accumulator[0];
      const distance = input - accumulator[1];
      accumulator[1] += distance / count;
      accumulator[2] += distance * (input - accumulator[1]);
      return accumulator;
    },
    merge(accumulators) {
      const merged: VarianceAccumulator = [0, 0, 0];
      for (const [count, mean, squares] of accumulators) {
        if (count === 0) continue;
        const total = merged[0] + count;
        const distance = mean - merged[1];
        merged[2] += squares + distance * distance * merged[0] * (count / total);
        merged[1] += distance * (count / total);
        merged[0] = total;
      }
      return merged;
    },
    extract,
  };
}
