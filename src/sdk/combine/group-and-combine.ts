import type { Coder } from '../coders/coder.ts';
import { defaultCoder, keyCoder } from '../coders/default-coder.ts';
import { kvCoder } from '../coders/kv-coder.ts';
import type { PCollection } from '../pipeline/p-collection.ts';
import type { PTransform } from '../pipeline/p-transform.ts';
import { GroupByKey, settleKvCoder } from '../transforms/group-by-key.ts';
import type { WithLate } from '../transforms/late-output.ts';
import type { KV } from '../values.ts';
import type { Window } from '../windows/window.ts';
import { checkCombineFn } from './check-combine-fn.ts';
import type { CombineFn } from './combine-fn.ts';
import { outputCoderOf, withAccumulatorCoder } from './element-coders.ts';

type AnyCombineFn = CombineFn<unknown, unknown, unknown>;

/** Gives the composite being expanded the meaning of a combine per key, and its parts. To be called from an expansion. */
export function groupAndCombine<K, V, A, R, W extends Window>(
  input: PCollection<KV<K, V>, W>,
  fn: CombineFn<V, A, R>,
  name: string,
): PCollection<KV<K, R>, W> {
  declareCombine(input, fn, name);
  return input.apply(new GroupByKey<K, V, W>()).apply(combineGroupedValues<K, V, A, R, W>(fn));
}

/** The same with an output of the elements that come too late. */
export function groupAndCombineWithLate<K, V, A, R, W extends Window>(
  input: PCollection<KV<K, V>, W>,
  fn: CombineFn<V, A, R>,
  name: string,
): WithLate<KV<K, V>, KV<K, R>, W> {
  declareCombine(input, fn, name);
  const { main, late } = input.apply(new GroupByKey<K, V, W>().withLateOutput());
  return { main: main.apply(combineGroupedValues<K, V, A, R, W>(fn)), late };
}

function declareCombine<K, V, A, R, W extends Window>(
  { node, pipeline }: PCollection<KV<K, V>, W>,
  fn: CombineFn<V, A, R>,
  name: string,
): void {
  const [, value] = settleKvCoder(node, name);
  pipeline.composite({ kind: 'combinePerKey', fn: withAccumulatorCoder(fn, value) as unknown as AnyCombineFn });
}

/** Combines values that are grouped already (Beam's Combine.groupedValues). */
export function combineGroupedValues<K, V, A, R, W extends Window>(
  fn: CombineFn<V, A, R>,
): PTransform<PCollection<KV<K, Iterable<V>>, W>, PCollection<KV<K, R>, W>> {
  checkCombineFn(fn);
  return {
    name: 'CombineGroupedValues',
    expand(input) {
      const [key = keyCoder, values] = input.node.coder.components;
      const value = values?.components[0] ?? defaultCoder;
      return input.pipeline.primitive(
        input,
        { kind: 'combineGroupedValues', fn: withAccumulatorCoder(fn, value) as unknown as AnyCombineFn },
        { main: kvCoder(key, outputCoderOf(fn, value)) as Coder<unknown> },
      ).main as PCollection<KV<K, R>, W>;
    },
  };
}
