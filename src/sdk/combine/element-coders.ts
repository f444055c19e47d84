import type { ByteReader } from '../coders/byte-reader.ts';
import type { ByteWriter } from '../coders/byte-writer.ts';
import { type Coder, checkCoder } from '../coders/coder.ts';
import { defaultCoder } from '../coders/default-coder.ts';
import { arrayCoder } from '../coders/iterable-coder.ts';
import type { CombineFn } from './combine-fn.ts';

/** What the default coder takes, it also takes in arrays and so on: one coder for the whole is the faster one. */
const isDefault = <T>(coder: Coder<T>) => (coder as Coder<unknown>) === defaultCoder;

/** Of arrays of elements. */
export function arrayCoderOf<T>(element: Coder<T>): Coder<readonly T[]> {
  return isDefault(element) ? (defaultCoder as Coder<readonly T[]>) : arrayCoder(element);
}

/** Of an element or undefined. */
export function optionalCoderOf<T>(element: Coder<T>): Coder<T | undefined> {
  return isDefault(element) ? (defaultCoder as Coder<T | undefined>) : new MaybeCoder(element);
}

/** A byte that says whether a value follows. Other than `NullableCoder`, it leaves null to the coder of the value. */
class MaybeCoder<T> implements Coder<T | undefined> {
  readonly urn = 'millrace:coder:maybe:v1';
  readonly components: readonly Coder<unknown>[];
  readonly nonDeterministic: string | undefined;
  readonly #value: Coder<T>;

  constructor(value: Coder<T>) {
    this.components = [value as Coder<unknown>];
    this.nonDeterministic = value.nonDeterministic;
    this.#value = value;
  }

  encode(value: T | undefined, out: ByteWriter, nested: boolean): void {
    out.byte(value === undefined ? 0 : 1);
    if (value !== undefined) this.#value.encode(value, out, nested);
  }

  decode(input: ByteReader, nested: boolean): T | undefined {
    const present = input.byte();
    if (present > 1) throw input.malformed(`A presence of ${present}`);
    return present === 0 ? undefined : this.#value.decode(input, nested);
  }
}

/** The CombineFn with the accumulator coder that it makes for inputs of this coder. */
export function withAccumulatorCoder<I, A, O>(fn: CombineFn<I, A, O>, input: Coder<unknown>): CombineFn<I, A, O> {
  const coder = fn.accumulatorCoder?.(input as Coder<I>);
  if (coder === undefined) return fn;
  checkCoder(`the accumulators of ${fn.name ?? 'a CombineFn'}`, coder as Coder<unknown>);
  if (coder === fn.coder || (isDefault(coder) && fn.coder === undefined)) return fn;
  // Bound and not wrapped in a function of ours: all wrappers would be one call site.
  return {
    ...(fn.name === undefined ? {} : { name: fn.name }),
    create: fn.create.bind(fn),
    add: fn.add.bind(fn),
    merge: fn.merge.bind(fn),
    extract: fn.extract.bind(fn),
    ...(fn.compact === undefined ? {} : { compact: fn.compact.bind(fn) }),
    coder,
  };
}

/** The coder of the accumulators for inputs of this coder. */
export function accumulatorCoderOf<I, A, O>(fn: CombineFn<I, A, O>, input: Coder<unknown>): Coder<A> {
  return fn.accumulatorCoder?.(input as Coder<I>) ?? fn.coder ?? (defaultCoder as Coder<A>);
}

/** The coder of the results for inputs of this coder. */
export function outputCoderOf<I, A, O>(fn: CombineFn<I, A, O>, input: Coder<unknown>): Coder<O> {
  return fn.outputCoder?.(input as Coder<I>) ?? (defaultCoder as Coder<O>);
}
