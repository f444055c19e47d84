import type { Coder } from '../coders/coder.ts';
import { defaultCoder } from '../coders/default-coder.ts';
import { PipelineError } from '../errors.ts';
import { comparedItems, NUMBER_ITEMS } from '../sketches/kll-items.ts';
import { type KllItems, KllSketch, kllCoder, kllSize } from '../sketches/kll-sketch.ts';
import type { CombineFn } from './combine-fn.ts';
import { arrayCoderOf } from './element-coders.ts';
import type { Comparator } from './order.ts';

const MIN_ERROR = 0.0001;

/** How close approximate quantiles shall be. */
export interface ApproximateQuantilesOptions {
  /**
   * How far the rank of a result may be from the wanted one, as a fraction of the count, with 99 % probability; 0.0001
   * to 0.25, default 0.01 (about 7 KiB for each key).
   */
  readonly error?: number;
  /** Of the random choices; equal inputs in equal order and partition give equal results. */
  readonly seed?: number;
}

/**
 * The inputs at the given places of their order, by a {@link KllSketch} (Beam's ApproximateQuantiles). A number n of
 * quantiles divides the order evenly and includes both ends: 3 gives the least, the median and the greatest. A list
 * names fractions from 0 to 1: `[0.5, 0.95, 0.99]`. The least and the greatest are exact. Empty of no inputs.
 *
 * @throws PipelineError when a quantile or the error is out of range
 */
export function approximateQuantiles(
  quantiles: number | readonly number[],
  options?: ApproximateQuantilesOptions,
): CombineFn<number, KllSketch<number>, readonly number[]>;
export function approximateQuantiles<T>(
  quantiles: number | readonly number[],
  options: ApproximateQuantilesOptions & { readonly compare: Comparator<T> },
): CombineFn<T, KllSketch<T>, readonly T[]>;
export function approximateQuantiles<T>(
  quantiles: number | readonly number[],
  options: ApproximateQuantilesOptions & { readonly compare?: Comparator<T> } = {},
): CombineFn<T, KllSketch<T>, readonly T[]> {
  const { error = 0.01, seed = 0, compare } = options;
  const fractions = fractionsOf(quantiles);
  if (!(error >= MIN_ERROR && error <= 0.25)) {
    throw new PipelineError('SKETCH_SIZE', `Quantiles cannot have an error of ${error}`, {
      hint: `give a fraction of the count from ${MIN_ERROR} to 0.25`,
    });
  }
  const k = kllSize(error);
  const items = compare === undefined ? (NUMBER_ITEMS as unknown as KllItems<T>) : comparedItems(compare);
  return {
    name: 'ApproximateQuantiles',
    create: () => new KllSketch(items, k, seed),
    add(accumulator, input) {
      accumulator.add(input);
      return accumulator;
    },
    merge(accumulators) {
      let merged: KllSketch<T> | undefined;
      for (const accumulator of accumulators) {
        if (merged === undefined) merged = accumulator;
        else merged.merge(accumulator);
      }
      return merged ?? new KllSketch(items, k, seed);
    },
    extract: (accumulator) => accumulator.quantiles(fractions),
    // Numbers have a coder of their own; compared items have that of the inputs.
    accumulatorCoder: (input) => kllCoder(compare === undefined ? items : { ...items, coder: input }),
    outputCoder: (input) => (compare === undefined ? (defaultCoder as Coder<readonly T[]>) : arrayCoderOf(input)),
  };
}

function fractionsOf(quantiles: number | readonly number[]): readonly number[] {
  if (typeof quantiles === 'number') {
    if (Number.isInteger(quantiles) && quantiles >= 2 && quantiles <= 100_000) {
      return Array.from({ length: quantiles }, (_, i) => i / (quantiles - 1));
    }
    throw new PipelineError('QUANTILE_INVALID', `There are 2 to 100000 quantiles, not ${quantiles}`, {
      hint: 'for single quantiles, give them as a list: approximateQuantiles([0.5, 0.99])',
    });
  }
  if (!Array.isArray(quantiles)) {
    throw new PipelineError(
      'QUANTILE_INVALID',
      `Quantiles are a number or a list of fractions, not ${String(quantiles)}`,
    );
  }
  for (const fraction of quantiles) {
    if (!(fraction >= 0 && fraction <= 1)) {
      throw new PipelineError('QUANTILE_INVALID', `A quantile is a fraction from 0 to 1, not ${fraction}`);
    }
  }
  return [...quantiles];
}
