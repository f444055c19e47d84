import { type ApproximateQuantilesOptions, approximateQuantiles } from '../combine/approximate-quantiles.ts';
import { type ApproximateUniqueOptions, approximateUnique } from '../combine/approximate-unique.ts';
import { combineGlobally, combinePerKey } from '../combine/combine.ts';
import type { CombineFn } from '../combine/combine-fn.ts';
import { count } from '../combine/count.ts';
import { mean } from '../combine/mean.ts';
import { max, min } from '../combine/min-max.ts';
import type { Comparator, Ordered, Ranking } from '../combine/order.ts';
import { sum } from '../combine/sum.ts';
import { top } from '../combine/top.ts';
import type { PCollection } from '../pipeline/p-collection.ts';
import { type PTransform, transform } from '../pipeline/p-transform.ts';
import type { Key, KV } from '../values.ts';
import type { Window } from '../windows/window.ts';
import { keyBy } from './element-wise.ts';

type Globally<T, R, W extends Window> = PTransform<PCollection<T, W>, PCollection<R, W>>;
type PerKey<K extends Key, V, R, W extends Window> = PTransform<PCollection<KV<K, V>, W>, PCollection<KV<K, R>, W>>;

/** How many elements there are, as numbers. */
export const Count = {
  /** Of each window; 0 for an empty collection in the global window. */
  globally: <W extends Window>(): Globally<unknown, number, W> => combineGlobally<unknown, number, number, W>(count()),
  /** The number of values of each key. */
  perKey: <K extends Key, W extends Window>(): PerKey<K, unknown, number, W> =>
    combinePerKey<K, unknown, number, number, W>(count()),
  /** How often each element occurs. */
  perElement: <T extends Key, W extends Window>(): PTransform<PCollection<T, W>, PCollection<KV<T, number>, W>> =>
    transform('CountPerElement', (input: PCollection<T, W>) =>
      input
        .apply(keyBy<T, T, W>('ElementAsKey', (element) => element))
        .apply(combinePerKey<T, unknown, number, number, W>(count())),
    ),
} as const;

/** Sums of numbers, as {@link sum} adds them. */
export const Sum = both(sum());

/** Arithmetic means; NaN of none. */
export const Mean = both(mean());

/** The smallest number or, by a comparator, element. */
export const Min = extreme(min);

/** The largest number or, by a comparator, element. */
export const Max = extreme(max);

/** The n greatest elements, the greatest first; `bottom(n)` with `combine` gives the least ones. */
export const Top = { globally: topGlobally, perKey: topPerKey } as const;

/** About how many distinct elements there are, in bounded memory. */
export const ApproximateUnique = {
  globally: <T extends Key, W extends Window>(options?: ApproximateUniqueOptions): Globally<T, number, W> =>
    combineGlobally(approximateUnique<T>(options)),
  /** Distinct values of each key. */
  perKey: <K extends Key, V extends Key, W extends Window>(
    options?: ApproximateUniqueOptions,
  ): PerKey<K, V, number, W> => combinePerKey(approximateUnique<V>(options)),
} as const;

/** Quantiles of numbers, in bounded memory; see {@link approximateQuantiles}, which takes a comparator too. */
export const ApproximateQuantiles = {
  globally: <W extends Window>(
    quantiles: number | readonly number[],
    options?: ApproximateQuantilesOptions,
  ): Globally<number, readonly number[], W> => combineGlobally(approximateQuantiles(quantiles, options)),
  /** Quantiles of the values of each key. */
  perKey: <K extends Key, W extends Window>(
    quantiles: number | readonly number[],
    options?: ApproximateQuantilesOptions,
  ): PerKey<K, number, readonly number[], W> => combinePerKey(approximateQuantiles(quantiles, options)),
} as const;

/** A combine of all elements and of the values of each key. */
export interface Aggregate<T, R> {
  /** Of all elements of each window. */
  globally<W extends Window>(): Globally<T, R, W>;
  /** Of the values of each key and window. */
  perKey<K extends Key, W extends Window>(): PerKey<K, T, R, W>;
}

function both<T, A, R>(fn: CombineFn<T, A, R>): Aggregate<T, R> {
  return { globally: () => combineGlobally(fn), perKey: () => combinePerKey(fn) };
}

/** The least or greatest of all elements and of the values of each key. */
export interface Extreme {
  /** Of numbers: an infinity when there are none. */
  globally<W extends Window>(): Globally<number, number, W>;
  /** By a comparator: undefined when there are no elements. */
  globally<T, W extends Window>(compare: Comparator<T>): Globally<T, T | undefined, W>;
  perKey<K extends Key, W extends Window>(): PerKey<K, number, number, W>;
  perKey<K extends Key, V, W extends Window>(compare: Comparator<V>): PerKey<K, V, V, W>;
}

function extreme(best: typeof min): Extreme {
  type Untyped = CombineFn<unknown, unknown, unknown>;
  const fn = (compare?: Comparator<unknown>) => (compare === undefined ? best() : best(compare)) as Untyped;
  return {
    globally: (compare?: Comparator<unknown>) => combineGlobally(fn(compare)),
    perKey: (compare?: Comparator<unknown>) => combinePerKey(fn(compare)),
  } as Extreme;
}

function topGlobally<T extends Ordered, W extends Window>(n: number): Globally<T, readonly T[], W>;
function topGlobally<T, W extends Window>(n: number, by: Ranking<T>): Globally<T, readonly T[], W>;
function topGlobally<T, W extends Window>(n: number, by?: Ranking<T>): Globally<T, readonly T[], W> {
  return combineGlobally(top<T>(n, by as Ranking<T>));
}

function topPerKey<K extends Key, V extends Ordered, W extends Window>(n: number): PerKey<K, V, readonly V[], W>;
function topPerKey<K extends Key, V, W extends Window>(n: number, by: Ranking<V>): PerKey<K, V, readonly V[], W>;
function topPerKey<K extends Key, V, W extends Window>(n: number, by?: Ranking<V>): PerKey<K, V, readonly V[], W> {
  return combinePerKey(top<V>(n, by as Ranking<V>));
}
