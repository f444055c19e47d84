import { PipelineError } from '../errors.ts';
import { HyperLogLog, hyperLogLogCoder, MAX_PRECISION, MIN_PRECISION } from '../sketches/hyper-log-log.ts';
import type { Key } from '../values.ts';
import type { CombineFn } from './combine-fn.ts';

/** How close an approximate count shall be. */
export interface ApproximateUniqueOptions {
  /**
   * Standard error as a fraction of the count: two thirds of the results are within it, 95 % within twice of it. From
   * 0.00203 (256 KiB for each key) to 0.26 (16 bytes); default 0.01 (16 KiB). Small counts are exact or nearly so.
   */
  readonly error?: number;
}

/**
 * About how many distinct inputs there are (Beam's ApproximateUnique), by {@link HyperLogLog}.
 *
 * @throws PipelineError when the error is out of range
 */
export function approximateUnique<T extends Key = Key>(
  options: ApproximateUniqueOptions = {},
): CombineFn<T, HyperLogLog, number> {
  const precision = precisionFor(options.error ?? 0.01);
  return {
    name: 'ApproximateUnique',
    create: () => new HyperLogLog(precision),
    add(accumulator, input) {
      accumulator.add(input);
      return accumulator;
    },
    merge(accumulators) {
      let merged: HyperLogLog | undefined;
      for (const accumulator of accumulators) {
        if (merged === undefined) merged = accumulator;
        else merged.merge(accumulator);
      }
      return merged ?? new HyperLogLog(precision);
    },
    extract: (accumulator) => Math.round(accumulator.estimate()),
    coder: hyperLogLogCoder,
  };
}

function precisionFor(error: number): number {
  const precision = Math.max(MIN_PRECISION, Math.ceil(2 * Math.log2(1.04 / error)));
  if (error < 1 && precision <= MAX_PRECISION) return precision;
  throw new PipelineError('SKETCH_PRECISION', `ApproximateUnique cannot count with an error of ${error}`, {
    hint: 'give a fraction from 0.00204 to 0.26, or count exactly: distinct() and Count.globally()',
  });
}
