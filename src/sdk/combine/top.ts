import type { Coder } from '../coders/coder.ts';
import { PipelineError } from '../errors.ts';
import { boundedHeap } from './bounded-heap.ts';
import type { CombineFn } from './combine-fn.ts';
import { arrayCoderOf } from './element-coders.ts';
import { ascending, type Comparator, descending, type Ordered, type Ranking } from './order.ts';

/** Most elements that a top or a sample may hold; they are in memory for every key at work. */
const MAX_KEPT = 10_000_000;

/**
 * The `n` greatest elements, the greatest first (Beam's Top): `top(3)` of numbers or strings, `top(3, (o) => o.price)`,
 * `top(3, { compare })`. Which of equal ones are kept is open. NaN ranks below everything.
 *
 * @throws PipelineError when n is not an integer from 1 to 10,000,000
 */
export function top<T extends Ordered>(n: number): CombineFn<T, T[], readonly T[]>;
export function top<T>(n: number, by: Ranking<T>): CombineFn<T, T[], readonly T[]>;
export function top<T>(n: number, by?: Ranking<T>): CombineFn<T, T[], readonly T[]> {
  checkRanking('Top', by);
  if (typeof by !== 'object') return first('Top', n, ranked(by, descending));
  const { compare } = by;
  return first('Top', n, (a, b) => compare(b, a));
}

/** The `n` least elements, the least first (Beam's Top.smallest); otherwise as {@link top}. NaN ranks after everything. */
export function bottom<T extends Ordered>(n: number): CombineFn<T, T[], readonly T[]>;
export function bottom<T>(n: number, by: Ranking<T>): CombineFn<T, T[], readonly T[]>;
export function bottom<T>(n: number, by?: Ranking<T>): CombineFn<T, T[], readonly T[]> {
  checkRanking('Bottom', by);
  return first('Bottom', n, typeof by === 'object' ? by.compare : ranked(by, ascending));
}

function ranked<T>(by: ((element: T) => Ordered) | undefined, order: Comparator<Ordered>): Comparator<T> {
  return by === undefined ? (order as unknown as Comparator<T>) : (a, b) => order(by(a), by(b));
}

/** The first `n` in the order of `compare`. The accumulator is a heap with the last of them at its root. */
function first<T>(name: string, n: number, compare: Comparator<T>): CombineFn<T, T[], readonly T[]> {
  checkKept(name, n);
  const add = boundedHeap(n, compare);
  return {
    name: `${name}${n}`,
    create: () => [],
    add,
    merge(accumulators) {
      let merged: T[] | undefined;
      for (const accumulator of accumulators) {
        if (merged === undefined) merged = accumulator;
        else for (const element of accumulator) add(merged, element);
      }
      return merged ?? [];
    },
    extract: (accumulator) => accumulator.toSorted(compare),
    accumulatorCoder: (input) => arrayCoderOf(input) as Coder<T[]>,
    outputCoder: arrayCoderOf,
  };
}

function checkRanking(name: string, by: unknown): void {
  const compare = typeof by === 'object' && by !== null && 'compare' in by ? by.compare : by;
  if (by === undefined || typeof compare === 'function') return;
  throw new PipelineError(
    'COMBINE_FN_INVALID',
    `${name} ranks by a function, not by ${by === null ? 'null' : typeof by}`,
    {
      hint: `${name.toLowerCase()}(3, (order) => order.price), or ${name.toLowerCase()}(3, { compare: (a, b) => … })`,
    },
  );
}

/** @throws PipelineError when `n` is no number of elements that a CombineFn may keep. */
export function checkKept(name: string, n: number): void {
  if (Number.isInteger(n) && n >= 1 && n <= MAX_KEPT) return;
  throw new PipelineError('COMBINE_SIZE', `${name} keeps 1 to ${MAX_KEPT} elements, not ${n}`);
}
