import { Matcher } from './matcher.ts';

/**
 * Deep equality as assertions mean it: as `assert.deepStrictEqual`, except that -0 is 0, that an iterable is compared as
 * the array of its elements (the values of a grouping are an iterable), and that matchers match.
 */
export function sameValue(actual: unknown, expected: unknown): boolean {
  if (expected instanceof Matcher) return expected.matches(actual, sameValue);
  if (actual === expected) return true;
  if (typeof actual === 'number') return Number.isNaN(actual) && Number.isNaN(expected);
  if (typeof actual !== 'object' || typeof expected !== 'object' || actual === null || expected === null) return false;
  if (ArrayBuffer.isView(expected)) {
    return ArrayBuffer.isView(actual) && actual.constructor === expected.constructor && sameBytes(actual, expected);
  }
  if (expected instanceof Map) return actual instanceof Map && sameEntries(actual, expected);
  if (expected instanceof Set) return actual instanceof Set && sameMembers(actual, expected);
  if (isList(expected)) return isList(actual) && sameElements([...actual], [...expected]);
  if (isList(actual)) return false;
  if (expected instanceof Date) return actual instanceof Date && sameValue(actual.getTime(), expected.getTime());
  return sameType(actual, expected) && sameFields(actual, expected);
}

/** Whether a value is read as a list of elements: arrays, and iterables that are nothing else. */
export function isList(value: unknown): value is Iterable<unknown> {
  if (Array.isArray(value)) return true;
  if (typeof value !== 'object' || value === null || !(Symbol.iterator in value)) return false;
  return !(value instanceof Map) && !(value instanceof Set) && !ArrayBuffer.isView(value);
}

function sameElements(actual: readonly unknown[], expected: readonly unknown[]): boolean {
  return actual.length === expected.length && actual.every((element, i) => sameValue(element, expected[i]));
}

function sameBytes(actual: ArrayBufferView, expected: ArrayBufferView): boolean {
  const [a, b] = [actual, expected].map((view) => Buffer.from(view.buffer, view.byteOffset, view.byteLength));
  return a.equals(b);
}

function sameEntries(actual: ReadonlyMap<unknown, unknown>, expected: ReadonlyMap<unknown, unknown>): boolean {
  if (actual.size !== expected.size) return false;
  for (const [key, value] of expected) if (!actual.has(key) || !sameValue(actual.get(key), value)) return false;
  return true;
}

function sameMembers(actual: ReadonlySet<unknown>, expected: ReadonlySet<unknown>): boolean {
  if (actual.size !== expected.size) return false;
  for (const member of expected) {
    if (!actual.has(member) && ![...actual].some((other) => sameValue(other, member))) return false;
  }
  return true;
}

/** Buffers and Uint8Arrays aside, objects of different classes differ; null-prototype objects are plain. */
function sameType(actual: object, expected: object): boolean {
  const [a, b] = [actual, expected].map((value) => Object.getPrototypeOf(value) ?? Object.prototype);
  return a === b;
}

function sameFields(actual: object, expected: object): boolean {
  const names = Object.keys(expected);
  if (names.length !== Object.keys(actual).length) return false;
  return names.every(
    (name) =>
      Object.hasOwn(actual, name) &&
      sameValue((actual as Record<string, unknown>)[name], (expected as Record<string, unknown>)[name]),
  );
}
