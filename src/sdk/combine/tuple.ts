import type { ByteReader } from '../coders/byte-reader.ts';
import type { ByteWriter } from '../coders/byte-writer.ts';
import { type Coder, firstNonDeterministic } from '../coders/coder.ts';
import { defaultCoder } from '../coders/default-coder.ts';
import { PipelineError } from '../errors.ts';
import { checkCombineFn } from './check-combine-fn.ts';
import type { CombineFn } from './combine-fn.ts';
import { accumulatorCoderOf, outputCoderOf } from './element-coders.ts';

/** A CombineFn of whatever accumulator. */
export interface AnyCombineFn<I = never> {
  create(): unknown;
  readonly add: (accumulator: never, input: I) => unknown;
  merge(accumulators: Iterable<never>): unknown;
  extract(accumulator: never): unknown;
}

/** CombineFns by the name of their result. */
export type CombineFns = Readonly<Record<string, AnyCombineFn>>;

/** What all of the CombineFns take. */
export type TupleInput<F extends CombineFns> = {
  [P in keyof F]: (
    input: F[P] extends { readonly add: (accumulator: never, input: infer I) => unknown } ? I : never,
  ) => void;
}[keyof F] extends (input: infer I) => void
  ? I
  : never;

/** The results by name. */
export type TupleOutput<F extends CombineFns> = {
  readonly [P in keyof F]: F[P] extends { extract(accumulator: never): infer O } ? O : never;
};

/**
 * Several combines in one pass over the data (Beam's composed combines):
 *
 * ```ts
 * tuple({ orders: count(), revenue: mapInputs((o: Order) => o.amount, sum()), dearest: max<Order>(byAmount) })
 * ```
 */
export function tuple<I, const F extends Readonly<Record<string, AnyCombineFn<I>>>>(
  fns: F,
): CombineFn<I, unknown[], TupleOutput<F>>;
export function tuple<const F extends CombineFns>(
  fns: F & ([TupleInput<F>] extends [never] ? 'the CombineFns must take the same input' : unknown),
): CombineFn<TupleInput<F>, unknown[], TupleOutput<F>>;
export function tuple<const F extends CombineFns>(
  fns: F & ([TupleInput<F>] extends [never] ? 'the CombineFns must take the same input' : unknown),
): CombineFn<TupleInput<F>, unknown[], TupleOutput<F>> {
  if (typeof fns !== 'object' || fns === null) {
    throw new PipelineError('COMBINE_FN_INVALID', 'tuple() takes CombineFns by name: tuple({ n: count(), … })');
  }
  const names = Object.keys(fns);
  const parts = Object.values(fns) as unknown as readonly CombineFn<unknown, unknown, unknown>[];
  for (const part of parts) checkCombineFn(part);
  const size = parts.length;
  const compacts = parts.some((part) => part.compact !== undefined);
  return {
    name: names.map((name) => name.charAt(0).toUpperCase() + name.slice(1)).join('And') || 'Nothing',
    create: () => parts.map((part) => part.create()),
    add(accumulators, input) {
      for (let i = 0; i < size; i++) accumulators[i] = parts[i].add(accumulators[i], input);
      return accumulators;
    },
    merge(tuples) {
      const all = Array.isArray(tuples) ? (tuples as unknown[][]) : [...tuples];
      return parts.map((part, i) => part.merge(all.map((accumulators) => accumulators[i])));
    },
    extract(accumulators) {
      const result: Record<string, unknown> = {};
      for (let i = 0; i < size; i++) result[names[i]] = parts[i].extract(accumulators[i]);
      return result as TupleOutput<F>;
    },
    ...(compacts
      ? { compact: (accumulators: unknown[]) => accumulators.map((each, i) => parts[i].compact?.(each) ?? each) }
      : {}),
    accumulatorCoder(input) {
      const coders = parts.map((part) => accumulatorCoderOf(part, input as Coder<unknown>));
      return allDefault(coders) ? (defaultCoder as Coder<unknown[]>) : new TupleCoder(coders);
    },
    outputCoder(input) {
      const coders = parts.map((part) => outputCoderOf(part, input as Coder<unknown>));
      return (allDefault(coders) ? defaultCoder : new NamedTupleCoder(names, coders)) as Coder<TupleOutput<F>>;
    },
  };
}

/** A CombineFn of another input: `mapInputs((order: Order) => order.amount, sum())`. */
export function mapInputs<T, I, A, O>(input: (element: T) => I, fn: CombineFn<I, A, O>): CombineFn<T, A, O> {
  checkCombineFn(fn);
  if (typeof input !== 'function') {
    throw new PipelineError('COMBINE_FN_INVALID', 'mapInputs() takes a function and a CombineFn, in this order');
  }
  return {
    ...(fn.name === undefined ? {} : { name: fn.name }),
    create: () => fn.create(),
    add: (accumulator, element) => fn.add(accumulator, input(element)),
    merge: (accumulators) => fn.merge(accumulators),
    extract: (accumulator) => fn.extract(accumulator),
    ...(fn.compact === undefined ? {} : { compact: (accumulator: A) => fn.compact?.(accumulator) ?? accumulator }),
    // What the inputs become has no coder of its own.
    accumulatorCoder: () => accumulatorCoderOf(fn, defaultCoder),
    outputCoder: () => outputCoderOf(fn, defaultCoder),
  };
}

function allDefault(coders: readonly Coder<unknown>[]): boolean {
  return coders.every((coder) => coder === defaultCoder);
}

/** Accumulators one after the other, each in its own coder. */
class TupleCoder implements Coder<unknown[]> {
  readonly urn = 'millrace:coder:tuple:v1';
  readonly components: readonly Coder<unknown>[];
  readonly nonDeterministic: string | undefined;

  constructor(components: readonly Coder<unknown>[]) {
    this.components = components;
    this.nonDeterministic = firstNonDeterministic(components);
  }

  encode(value: unknown[], out: ByteWriter): void {
    for (let i = 0; i < this.components.length; i++) this.components[i].encode(value[i], out, true);
  }

  decode(input: ByteReader): unknown[] {
    return this.components.map((component) => component.decode(input, true));
  }
}

/** The results of a tuple by name, one after the other, each in its own coder. */
class NamedTupleCoder implements Coder<Record<string, unknown>> {
  readonly urn = 'millrace:coder:named_tuple:v1';
  readonly components: readonly Coder<unknown>[];
  readonly nonDeterministic: string | undefined;
  readonly #names: readonly string[];

  constructor(names: readonly string[], components: readonly Coder<unknown>[]) {
    this.#names = names;
    this.components = components;
    this.nonDeterministic = firstNonDeterministic(components);
  }

  encode(value: Record<string, unknown>, out: ByteWriter): void {
    for (let i = 0; i < this.#names.length; i++) this.components[i].encode(value[this.#names[i]], out, true);
  }

  decode(input: ByteReader): Record<string, unknown> {
    const value: Record<string, unknown> = {};
    for (let i = 0; i < this.#names.length; i++) value[this.#names[i]] = this.components[i].decode(input, true);
    return value;
  }
}
