import type { RestrictionSpec } from '../sdk/transforms/restriction.ts';
import { notParts } from './wrong-results.ts';

/** A part of an element's work: `[element, restriction, size]`. */
export type RestrictionPart = readonly [element: unknown, restriction: unknown, size: number];

/**
 * Sizes of a part that initial splitting aims at, in the restriction's unit (bytes for files): small parts of what is
 * small, so that it can be shared out evenly, and not too many of what is large.
 */
const MIN_PART = 4 * 1024 * 1024;
const MAX_PART = 16 * 1024 * 1024;
const PARTS = 32;

/** The size of a restriction, in its own unit; 1 where it has none. */
export function sizeOf(
  restriction: Pick<RestrictionSpec<unknown, unknown, unknown>, 'size'>,
  element: unknown,
  part: unknown,
): number {
  return restriction.size?.(element, part) ?? 1;
}

/** The parts that a restriction is divided into before it is processed. @throws when the DoFn gives no parts */
export async function splitRestriction(
  restriction: RestrictionSpec<unknown, unknown, unknown>,
  element: unknown,
  whole: unknown,
): Promise<RestrictionPart[]> {
  const size = sizeOf(restriction, element, whole);
  const target = Math.min(MAX_PART, Math.max(MIN_PART, size / PARTS));
  const parts = (await restriction.split?.(element, whole, target)) ?? [whole];
  // Array.from takes what is no iterable for an empty one, and nothing would be read.
  if (typeof parts !== 'object' || !(Symbol.iterator in parts)) throw notParts(typeof parts);
  return Array.from(parts, (part) => [element, part, sizeOf(restriction, element, part)] as const);
}
