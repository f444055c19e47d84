import type { CombineFn } from './combine-fn.ts';
import { notANumber } from './not-a-number.ts';

/** Number of inputs, their sum, and what rounding took from that sum. */
export type MeanAccumulator = [count: number, sum: number, lost: number];

/**
 * The arithmetic mean (Beam's Mean); NaN of none. The sum is compensated (Neumaier), so that the error does not grow with
 * the number of inputs: it stays within a few units in the last place of the mean of the absolute values. A sum
 * past ±1.8e308 is infinite, and so is the mean.
 *
 * @throws UserCodeError `NOT_A_NUMBER` while the pipeline runs, when an input is no number
 */
export function mean(): CombineFn<number, MeanAccumulator, number> {
  return MEAN;
}

const MEAN: CombineFn<number, MeanAccumulator, number> = {
  name: 'Mean',
  create: () => [0, 0, 0],
  add(accumulator, input) {
    if (typeof input !== 'number') throw notANumber('mean', input);
    accumulator[0]++;
    addTo(accumulator, input);
    return accumulator;
  },
  merge(accumulators) {
    const merged: MeanAccumulator = [0, 0, 0];
    for (const [count, sum, lost] of accumulators) {
      merged[0] += count;
      addTo(merged, sum);
      merged[2] += lost;
    }
    return merged;
  },
  extract([count, sum, lost]) {
    // Infinite inputs leave NaN as what was lost.
    return (Number.isFinite(sum) ? sum + lost : sum) / count;
  },
};

function addTo(accumulator: MeanAccumulator, input: number): void {
  const sum = accumulator[1];
  const total = sum + input;
  accumulator[1] = total;
  accumulator[2] += Math.abs(sum) >= Math.abs(input) ? sum - total + input : input - total + sum;
}
