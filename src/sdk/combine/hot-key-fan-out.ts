import type { Coder } from '../coders/coder.ts';
import { defaultCoder } from '../coders/default-coder.ts';
import { kvCoder } from '../coders/kv-coder.ts';
import { safeIntCoder } from '../coders/varint-coder.ts';
import { PipelineError } from '../errors.ts';
import type { PCollection } from '../pipeline/p-collection.ts';
import { type PTransform, transform } from '../pipeline/p-transform.ts';
import { settleKvCoder } from '../transforms/group-by-key.ts';
import type { WithLate } from '../transforms/late-output.ts';
import type { KV } from '../values.ts';
import { lateWindowing } from '../windows/late-windowing.ts';
import type { Window } from '../windows/window.ts';
import type { WindowingStrategy } from '../windows/windowing-strategy.ts';
import type { CombineFn } from './combine-fn.ts';
import { outputCoderOf, withAccumulatorCoder } from './element-coders.ts';
import { groupAndCombine, groupAndCombineWithLate } from './group-and-combine.ts';

const MAX_FAN_OUT = 10_000;

/**
 * Combines in two steps (Beam's withHotKeyFanout): the values of a key are dealt out to `fanOut` parts, which different
 * workers combine, and their accumulators are merged. One key with very many values then keeps more than one worker busy.
 * The result is the same. To be called from an expansion.
 *
 * @throws PipelineError when the fan-out is not an integer from 1 to 10,000
 */
export function combineWithFanOut<K, V, A, R, W extends Window>(
  input: PCollection<KV<K, V>, W>,
  fn: CombineFn<V, A, R>,
  fanOut: number,
  name: string,
): PCollection<KV<K, R>, W> {
  const { dealt, fnOfParts, combineAll } = fanOutOf(input, fn, fanOut, name);
  return combineAll(
    dealt.apply(
      transform('CombineParts', (salted: PCollection<KV<KV<K, number>, V>, W>) =>
        groupAndCombine(salted, fnOfParts, name),
      ),
    ),
  );
}

/** The same with an output of the elements that come too late: for the combining of parts, which waits for nothing else. */
export function combineWithFanOutAndLate<K, V, A, R, W extends Window>(
  input: PCollection<KV<K, V>, W>,
  fn: CombineFn<V, A, R>,
  fanOut: number,
  name: string,
): WithLate<KV<K, V>, KV<K, R>, W> {
  const { dealt, fnOfParts, combineAll } = fanOutOf(input, fn, fanOut, name);
  const parts = dealt.apply(
    transform('CombineParts', (salted: PCollection<KV<KV<K, number>, V>, W>) =>
      groupAndCombineWithLate(salted, fnOfParts, name),
    ),
  );
  const late = parts.late.apply(
    mapWindowed<KV<KV<K, number>, V>, KV<K, V>, W>(
      'RemovePartOfLate',
      ([[key], value]) => [key, value],
      input.node.coder,
      lateWindowing(input.node.windowing),
    ),
  );
  return { main: combineAll(parts.main), late };
}

/** The first step, in which values are dealt out to parts, and what makes one result of the parts' accumulators. */
function fanOutOf<K, V, A, R, W extends Window>(
  input: PCollection<KV<K, V>, W>,
  fn: CombineFn<V, A, R>,
  fanOut: number,
  name: string,
) {
  if (!Number.isInteger(fanOut) || fanOut < 1 || fanOut > MAX_FAN_OUT) {
    throw new PipelineError('COMBINE_FAN_OUT', `The fan-out of '${name}' is 1 to ${MAX_FAN_OUT}, not ${fanOut}`);
  }
  const [key, value] = settleKvCoder(input.node, name);
  const settled = withAccumulatorCoder(fn, value);
  const accumulator = (settled.coder ?? defaultCoder) as Coder<unknown>;
  const salted = kvCoder(key, safeIntCoder) as Coder<unknown>;
  let turn = 0;
  // Parts that were given out once and are repeated in a later pane would be counted twice in the second grouping.
  const dealt = input.apply(
    mapWindowed<KV<K, V>, KV<KV<K, number>, V>, W>(
      'AddPart',
      ([key, value]) => {
        turn = (turn + 1) % fanOut;
        return [[key, turn], value];
      },
      kvCoder(salted, value) as Coder<unknown>,
      { ...input.node.windowing, accumulation: 'discarding' },
    ),
  );
  const combineAll = (parts: PCollection<KV<KV<K, number>, A>, W>): PCollection<KV<K, R>, W> =>
    parts
      .apply(
        mapWindowed<KV<KV<K, number>, A>, KV<K, A>, W>(
          'RemovePart',
          ([[key], part]) => [key, part],
          kvCoder(key, accumulator) as Coder<unknown>,
          // Sessions of parts are parts of sessions: the second grouping has to merge them again.
          {
            ...parts.node.windowing,
            alreadyMerged: input.node.windowing.alreadyMerged,
            accumulation: input.node.windowing.accumulation,
          },
        ),
      )
      .apply(
        transform('CombineAll', (unsalted: PCollection<KV<K, A>, W>) =>
          groupAndCombine(unsalted, ofAccumulators(settled, outputCoderOf(fn, value)), name),
        ),
      );
  return { dealt, fnOfParts: toAccumulator(settled), combineAll };
}

/** A map that changes how later groupings of the elements behave; their windows stay. */
function mapWindowed<T, U, W extends Window>(
  name: string,
  fn: (element: T) => U,
  coder: Coder<unknown>,
  windowing: WindowingStrategy,
): PTransform<PCollection<T, W>, PCollection<U, W>> {
  return {
    name,
    expand: (input) =>
      input.pipeline.primitive(input, { kind: 'parDo', fn: { kind: 'map', fn }, sides: {} }, { main: coder }, windowing)
        .main as PCollection<U, W>,
  };
}

/** Combines values to an accumulator. */
function toAccumulator<V, A>(fn: CombineFn<V, A, unknown>): CombineFn<V, A, A> {
  return {
    create: () => fn.create(),
    add: (accumulator, input) => fn.add(accumulator, input),
    merge: (accumulators) => fn.merge(accumulators),
    extract: (accumulator) => fn.compact?.(accumulator) ?? accumulator,
    outputCoder: () => (fn.coder ?? defaultCoder) as Coder<A>,
    ...passedOn(fn),
  };
}

/** Combines accumulators to the result. */
function ofAccumulators<A, R>(fn: CombineFn<never, A, R>, output: Coder<R>): CombineFn<A, A, R> {
  return {
    create: () => fn.create(),
    add: (accumulator, input) => fn.merge([accumulator, input]),
    merge: (accumulators) => fn.merge(accumulators),
    extract: (accumulator) => fn.extract(accumulator),
    outputCoder: () => output,
    ...passedOn(fn),
  };
}

function passedOn<A>(
  fn: CombineFn<never, A, unknown>,
): Pick<CombineFn<never, A, unknown>, 'name' | 'coder' | 'compact'> {
  return {
    ...(fn.name === undefined ? {} : { name: fn.name }),
    ...(fn.coder === undefined ? {} : { coder: fn.coder }),
    ...(fn.compact === undefined ? {} : { compact: (accumulator: A) => fn.compact?.(accumulator) ?? accumulator }),
  };
}
