import type { Coder } from '../coders/coder.ts';
import type { CombineFn } from './combine-fn.ts';
import { arrayCoderOf } from './element-coders.ts';
import { checkKept } from './top.ts';

/**
 * Any `n` of the inputs: those that come first where they are combined.
 *
 * @throws PipelineError when n is not an integer from 1 to 10,000,000
 */
export function any<T>(n: number): CombineFn<T, T[], readonly T[]> {
  checkKept('Any', n);
  return {
    name: `Any${n}`,
    create: () => [],
    add(accumulator, input) {
      if (accumulator.length < n) accumulator.push(input);
      return accumulator;
    },
    merge(accumulators) {
      const merged: T[] = [];
      for (const accumulator of accumulators) {
        for (let i = 0; i < accumulator.length && merged.length < n; i++) merged.push(accumulator[i]);
      }
      return merged;
    },
    extract: (accumulator) => accumulator,
    accumulatorCoder: (input) => arrayCoderOf(input) as Coder<T[]>,
    outputCoder: arrayCoderOf,
  };
}
