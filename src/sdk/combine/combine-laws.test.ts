import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { decodeFromBytes, encodeToBytes } from '../coders/coder.ts';
import { selfContainedCoder } from '../coders/default-coder.ts';
import type { Key, KV } from '../values.ts';
import type { Timestamp } from '../windows/timestamp.ts';
import { allOf, anyOf } from './all-of.ts';
import { approximateQuantiles } from './approximate-quantiles.ts';
import { approximateUnique } from './approximate-unique.ts';
import { toList, toMap, toSet } from './collect.ts';
import type { CombineFn } from './combine-fn.ts';
import { count } from './count.ts';
import { accumulatorCoderOf } from './element-coders.ts';
import { latest } from './latest.ts';
import { mean } from './mean.ts';
import { max, min } from './min-max.ts';
import { sample } from './sample.ts';
import { sum, sumBigInt } from './sum.ts';
import { bottom, top } from './top.ts';
import { mapInputs, tuple } from './tuple.ts';
import { standardDeviation, variance } from './variance.ts';

fc.configureGlobal({ seed: 4 });

/** A CombineFn, inputs for it, the slow definition of its result, and when two results are the same. */
interface Law<I, O> {
  readonly fn: CombineFn<I, unknown, O>;
  readonly inputs: fc.Arbitrary<I>;
  readonly expected: (inputs: readonly I[]) => O;
  readonly same?: (actual: O, expected: O, inputs: readonly I[]) => void;
}

function law<I, A, O>(
  fn: CombineFn<I, A, O>,
  inputs: fc.Arbitrary<I>,
  expected: (inputs: readonly I[]) => O,
  same?: (actual: O, expected: O, inputs: readonly I[]) => void,
): Law<unknown, unknown> {
  return { fn, inputs, expected, ...(same === undefined ? {} : { same }) } as Law<unknown, unknown>;
}

const integers = fc.integer({ min: -1_000_000, max: 1_000_000 });
const doubles = fc.double({ min: -1e6, max: 1e6, noNaN: true });
const total = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0);
const close = (actual: number, expected: number) => {
  if (Number.isNaN(expected)) assert.ok(Number.isNaN(actual));
  else assert.ok(Math.abs(actual - expected) <= 1e-9 * (1 + Math.abs(expected)) * 1e3, `${actual} for ${expected}`);
};
const sorted = <T>(list: Iterable<T>) => [...list].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
const squares = (numbers: readonly number[]) => {
  const middle = total(numbers) / numbers.length;
  return total(numbers.map((x) => (x - middle) ** 2));
};
const words = fc.string({ maxLength: 3 });

const laws: Record<string, Law<unknown, unknown>> = {
  count: law(count(), fc.anything(), (all) => all.length),
  sum: law(sum(), integers, total),
  sumBigInt: law(sumBigInt(), fc.bigInt(), (all) => all.reduce((a, b) => a + b, 0n)),
  mean: law(mean(), doubles, (all) => total(all) / all.length, close),
  min: law(min(), doubles, (all) => Math.min(...all)),
  max: law(max(), doubles, (all) => Math.max(...all)),
  'min by': law(
    min<string>((a, b) => a.length - b.length),
    words,
    (all) => all.toSorted((a, b) => a.length - b.length)[0],
    (a, b) => assert.equal(a?.length, b?.length),
  ),
  'max by': law(
    max<string>((a, b) => a.length - b.length),
    words,
    (all) => all.toSorted((a, b) => b.length - a.length)[0],
    (a, b) => assert.equal(a?.length, b?.length),
  ),
  top: law(
    top<number>(5),
    doubles,
    (all) => all.toSorted((a, b) => b - a).slice(0, 5),
    (a, b) => assert.deepEqual(a.map(plus0), b.map(plus0)),
  ),
  'top of words': law(top<string>(3), words, (all) => sorted(all).reverse().slice(0, 3)),
  bottom: law(
    bottom(4, (x: { n: number }) => x.n),
    fc.record({ n: integers }, { noNullPrototype: true }),
    (all) => all.toSorted((a, b) => a.n - b.n).slice(0, 4),
  ),
  'top by comparison': law(
    top(2, { compare: (a: string, b: string) => a.length - b.length }),
    words,
    (all) => all.toSorted((a, b) => b.length - a.length).slice(0, 2),
    (a, b) =>
      assert.deepEqual(
        a.map((x) => x.length),
        b.map((x) => x.length),
      ),
  ),
  sample: law(
    sample<number>(6, { seed: 3 }),
    integers,
    (all) => [...all],
    (actual, all) => {
      assert.equal(actual.length, Math.min(6, all.length));
      const rest = [...all];
      for (const element of actual) assert.ok(rest.splice(rest.indexOf(element), 1)[0] === element);
    },
  ),
  latest: law(
    latest<number>(),
    fc.record({ value: integers, timestamp: integers.map((t) => t as Timestamp) }),
    (all) => all.toSorted((a, b) => b.timestamp - a.timestamp)[0]?.value,
    (actual, _expected, all) => {
      const newest = Math.max(...all.map((x) => x.timestamp));
      if (all.length === 0) assert.equal(actual, undefined);
      else assert.ok(all.some((x) => x.value === actual && x.timestamp === newest));
    },
  ),
  allOf: law(allOf(), fc.boolean(), (all) => all.every(Boolean)),
  anyOf: law(anyOf(), fc.boolean(), (all) => all.some(Boolean)),
  toList: law(
    toList<number>(),
    integers,
    (all) => all,
    (a, b) => assert.deepEqual(sorted(a), sorted(b)),
  ),
  toSet: law(toSet<string>(), words, (all) => new Set(all)),
  toMap: law(
    toMap<string, number>({ onDuplicate: Math.max }),
    fc.tuple(words, integers) as fc.Arbitrary<KV<string, number>>,
    (all) => {
      const map = new Map<string, number>();
      for (const [key, value] of all) map.set(key, Math.max(value, map.get(key) ?? value));
      return map;
    },
  ),
  approximateUnique: law(approximateUnique<Key>(), words, (all) => new Set(all).size),
  approximateQuantiles: law(approximateQuantiles(5), integers, (all) => {
    const order = Float64Array.from(all).sort();
    if (order.length === 0) return [];
    return [0, 0.25, 0.5, 0.75, 1].map((f) => order[Math.max(0, Math.ceil(f * order.length) - 1)]);
  }),
  variance: law(variance(), doubles, (all) => (all.length < 2 ? Number.NaN : squares(all) / (all.length - 1)), close),
  'standard deviation': law(
    standardDeviation({ population: true }),
    doubles,
    (all) => Math.sqrt(squares(all) / all.length),
    close,
  ),
  tuple: law(
    tuple({
      n: count(),
      words: approximateUnique<string>(),
      longest: mapInputs((word: string) => word.length, max()),
      list: top<string>(2),
    }),
    words,
    (all) => ({
      n: all.length,
      words: new Set(all).size,
      longest: Math.max(...all.map((word) => word.length)),
      list: sorted(all).reverse().slice(0, 2),
    }),
  ),
};

function plus0(x: number): number {
  return x + 0;
}

describe('CombineFn laws', () => {
  for (const [
    name,
    { fn, inputs, expected, same = (actual: unknown, wanted: unknown) => assert.deepEqual(actual, wanted) },
  ] of Object.entries(laws)) {
    const add = (all: readonly unknown[]) =>
      all.reduce((accumulator, input) => fn.add(accumulator, input), fn.create());
    const travel = (accumulator: unknown) => {
      const coder = accumulatorCoderOf(fn, selfContainedCoder);
      return decodeFromBytes(coder, encodeToBytes(coder, fn.compact?.(accumulator) ?? accumulator));
    };

    test(`${name} is what it says, for any partition, order of merging, and journey of accumulators`, () => {
      fc.assert(
        fc.property(fc.array(fc.array(inputs, { maxLength: 20 }), { maxLength: 6 }), fc.nat(6), (parts, cut) => {
          const all = parts.flat();
          const wanted = expected(all);
          same(fn.extract(add(all)), wanted, all);
          same(fn.extract(fn.merge(parts.map(add))), wanted, all);
          same(fn.extract(fn.merge(parts.map(add).map(travel).reverse())), wanted, all);
          const [left, right] = [parts.slice(0, cut), parts.slice(cut)].map((some) => fn.merge(some.map(add)));
          same(fn.extract(travel(fn.merge([right, fn.create(), left]))), wanted, all);
          const first = travel(add(parts[0] ?? []));
          const goneOn = parts
            .slice(1)
            .flat()
            .reduce((accumulator, input) => fn.add(accumulator, input), first);
          same(fn.extract(goneOn), wanted, all);
        }),
      );
    });

    test(`${name} of nothing is the result of an empty accumulator`, () => {
      same(fn.extract(fn.merge([])), expected([]), []);
      same(fn.extract(travel(fn.create())), expected([]), []);
    });
  }
});
