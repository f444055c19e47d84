import { UserCodeError } from '../errors.ts';

/** Negative when `a` comes before `b`, positive when after, 0 when neither; consistent, as `Array.sort` wants it. */
export type Comparator<T> = (a: T, b: T) => number;

/** Values that `<` compares in a way that makes sense; strings by UTF-16 code units. */
export type Ordered = number | bigint | string | boolean | Date;

/** What ranks elements that are not ordered themselves: a key to compare, or a comparison. */
export type Ranking<T> = ((element: T) => Ordered) | { readonly compare: Comparator<T> };

/** Ascending; what has no order (NaN, an invalid date) comes last. */
export function ascending(a: Ordered, b: Ordered): number {
  return a < b ? -1 : a > b ? 1 : unordered(a) - unordered(b);
}

/** Descending; what has no order comes last here too. */
export function descending(a: Ordered, b: Ordered): number {
  return a > b ? -1 : a < b ? 1 : unordered(a) - unordered(b);
}

/** 1 for a value that compares with nothing. */
function unordered(value: Ordered): number {
  if (typeof value !== 'object') return Number(Number.isNaN(value));
  if (value instanceof Date) return Number(Number.isNaN(value.getTime()));
  throw new UserCodeError('NOT_ORDERED', 'Objects have no order of their own', {
    final: true,
    hint: 'say what they are ranked by: top(3, (order) => order.price), or top(3, { compare })',
  });
}
