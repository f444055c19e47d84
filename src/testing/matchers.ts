import { matchAll } from './match-all.ts';
import { Matcher } from './matcher.ts';
import { render } from './render.ts';
import { isList } from './same-value.ts';

/**
 * These elements in any order, to be used inside of an expected value:
 * `assertThat(grouped).containsInAnyOrder([['a', inAnyOrder([1, 2])]])`.
 */
export function inAnyOrder<T>(elements: readonly T[]): readonly T[] {
  const matcher = new Matcher(`in any order: ${render(elements)}`, (actual, same) => {
    if (!isList(actual)) return false;
    const { missing, unexpected } = matchAll([...actual], elements, same);
    return missing.length === 0 && unexpected.length === 0;
  });
  return matcher as unknown as readonly T[];
}

/** A number at most `tolerance` away from the expected one, to be used inside of an expected value. */
export function closeTo(expected: number, tolerance: number): number {
  const matcher = new Matcher(
    `${expected} ± ${tolerance}`,
    (actual) => typeof actual === 'number' && Math.abs(actual - expected) <= tolerance,
  );
  return matcher as unknown as number;
}
