import type { Coder } from '../coders/coder.ts';
import type { PCollection } from '../pipeline/p-collection.ts';
import type { PTransform } from '../pipeline/p-transform.ts';
import { impulse } from '../transforms/create.ts';
import { keyBy, values } from '../transforms/element-wise.ts';
import { flatten } from '../transforms/flatten.ts';
import type { GroupByKey } from '../transforms/group-by-key.ts';
import type { WithLate } from '../transforms/late-output.ts';
import { parDo } from '../transforms/par-do.ts';
import { asIterable } from '../transforms/side-input.ts';
import type { Key, KV } from '../values.ts';
import { globalWindows, isGlobal } from '../windows/global-windows.ts';
import type { Window } from '../windows/window.ts';
import { checkCombineFn } from './check-combine-fn.ts';
import type { CombineFn } from './combine-fn.ts';
import { groupAndCombine, groupAndCombineWithLate } from './group-and-combine.ts';
import { combineWithFanOut, combineWithFanOutAndLate } from './hot-key-fan-out.ts';

/** Options of a combine. */
export interface CombineOptions {
  /** Name of the transform; that of the CombineFn when absent. */
  readonly name?: string;
  /**
   * In how many parts the values of one key, or of all, are combined first, 1 to 10,000: for keys with so many values, or
   * such large accumulators, that one worker would take long over them. It costs a second shuffle of the accumulators.
   */
  readonly hotKeyFanOut?: number;
}

/** A combine per key and window. */
export interface CombinePerKey<K, V, R, W extends Window>
  extends PTransform<PCollection<KV<K, V>, W>, PCollection<KV<K, R>, W>> {
  /** The same combine with an output of the elements that come too late for it, as {@link GroupByKey.withLateOutput}. */
  withLateOutput(): PTransform<PCollection<KV<K, V>, W>, WithLate<KV<K, V>, KV<K, R>, W>>;
}

/** Combines the values of each key and window (Beam's Combine.perKey). */
export function combinePerKey<K, V, A, R, W extends Window>(
  fn: CombineFn<V, A, R>,
  options: CombineOptions = {},
): CombinePerKey<K, V, R, W> {
  const fnName = checkCombineFn(fn);
  const name = options.name ?? `${fnName}PerKey`;
  const { hotKeyFanOut } = options;
  return {
    name,
    expand: (input) =>
      hotKeyFanOut === undefined ? groupAndCombine(input, fn, name) : combineWithFanOut(input, fn, hotKeyFanOut, name),
    withLateOutput: () => ({
      name,
      expand: (input) =>
        hotKeyFanOut === undefined
          ? groupAndCombineWithLate(input, fn, name)
          : combineWithFanOutAndLate(input, fn, hotKeyFanOut, name),
    }),
  };
}

/**
 * Combines all elements of each window into one (Beam's Combine.globally). In the global window an empty input gives
 * the result of an empty accumulator; in other windows there is nothing to give it to.
 */
export function combineGlobally<T, A, R, W extends Window>(
  fn: CombineFn<T, A, R>,
  options: CombineOptions = {},
): PTransform<PCollection<T, W>, PCollection<R, W>> {
  const fnName = checkCombineFn(fn);
  return {
    name: options.name ?? `${fnName}Globally`,
    expand(input) {
      const combined = input
        .apply(keyBy<T, Key, W>('WithVoidKey', () => null))
        .apply(combinePerKey<Key, T, A, R, W>(fn, { ...options, name: 'CombinePerKey' }))
        .apply(values<Key, R, W>());
      if (!isGlobal(input.node.windowing)) return combined;
      const fallback = input.pipeline.apply('Impulse', impulse()).apply(
        parDo('DefaultIfEmpty', {
          sides: { combined: asIterable(combined) },
          coder: combined.node.coder as Coder<R>,
          process(_element: Uint8Array, { sides }): R[] {
            for (const _result of sides.combined) return [];
            return [fn.extract(fn.create())];
          },
        }),
      ) as unknown as PCollection<R, W>;
      return flatten([combined, windowedLike(combined, fallback)], 'WithDefault');
    },
  };
}

/** A collection in the global window with the trigger of another one, as Flatten asks for it. */
function windowedLike<R, W extends Window>({ node }: PCollection<R, W>, other: PCollection<R, W>): PCollection<R, W> {
  const { trigger, accumulation, closing, onTime } = node.windowing;
  if (trigger.kind === 'default') return other;
  const windowing = { trigger, accumulation, closing, onTime };
  return other.window(globalWindows(), windowing) as unknown as PCollection<R, W>;
}
