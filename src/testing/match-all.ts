import { inspect } from 'node:util';
import type { Same } from './matcher.ts';

/** Most elements of which every pair may be compared. */
const MAX_PAIRED = 2000;

/** What is left over after elements were paired with expected ones. */
export interface Leftover {
  readonly missing: readonly unknown[];
  readonly unexpected: readonly unknown[];
}

/**
 * Pairs actual with expected elements, each with at most one. Elements that look alike are paired first, which is all
 * in large collections; the rest, where a matcher may fit several elements, by a maximum matching.
 */
export function matchAll(actual: readonly unknown[], expected: readonly unknown[], same: Same): Leftover {
  const waiting = new Map<string, unknown[]>();
  for (const element of expected) {
    const look = lookOf(element);
    const list = waiting.get(look);
    if (list === undefined) waiting.set(look, [element]);
    else list.push(element);
  }
  const unexpected: unknown[] = [];
  for (const element of actual) {
    const list = waiting.get(lookOf(element)) ?? [];
    const found = list.findIndex((candidate) => same(element, candidate));
    if (found < 0) unexpected.push(element);
    else list.splice(found, 1);
  }
  const missing = [...waiting.values()].flat();
  return missing.length * unexpected.length > MAX_PAIRED ** 2
    ? { missing, unexpected }
    : pair(unexpected, missing, same);
}

function lookOf(element: unknown): string {
  return inspect(element, { depth: 4, maxArrayLength: 10, maxStringLength: 100, breakLength: 1e6, sorted: true });
}

/** Kuhn's algorithm: an element takes an expected one if its holder can take another. */
function pair(actual: readonly unknown[], expected: readonly unknown[], same: Same): Leftover {
  const holder: number[] = new Array(expected.length).fill(-1);
  const fits = actual.map((element) => expected.flatMap((candidate, i) => (same(element, candidate) ? [i] : [])));
  function place(element: number, tried: Set<number>): boolean {
    for (const candidate of fits[element]) {
      if (tried.has(candidate)) continue;
      tried.add(candidate);
      if (holder[candidate] >= 0 && !place(holder[candidate], tried)) continue;
      holder[candidate] = element;
      return true;
    }
    return false;
  }
  const unexpected = actual.filter((_, i) => !place(i, new Set()));
  return { missing: expected.filter((_, i) => holder[i] < 0), unexpected };
}
