import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { CombineFn } from './combine-fn.ts';
import { mean } from './mean.ts';
import { max, min } from './min-max.ts';
import { ascending, descending } from './order.ts';
import { sum, sumBigInt } from './sum.ts';
import { bottom, top } from './top.ts';
import { standardDeviation, variance } from './variance.ts';

function of<I, A, O>(fn: CombineFn<I, A, O>, ...inputs: readonly I[]): O {
  return fn.extract(inputs.reduce((accumulator, input) => fn.add(accumulator, input), fn.create()));
}

const invalid = new Date(Number.NaN);

describe('numbers in extreme places', () => {
  test('the mean does not lose small inputs among large ones', () => {
    assert.equal(of(mean(), 1e100, 1, -1e100), 1 / 3);
    assert.equal(of(mean(), ...new Array(1000).fill(0.1)), 0.1);
    assert.equal(of(mean(), 1e16, ...new Array(1000).fill(1)), (1e16 + 1000) / 1001);
    assert.equal(of(mean(), 5, Number.POSITIVE_INFINITY), Number.POSITIVE_INFINITY);
    assert.ok(Number.isNaN(of(mean(), Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY)));
    assert.ok(Number.isNaN(of(mean(), 1, Number.NaN)));
  });

  test('the variance does not cancel when the mean is large', () => {
    const far = [4, 7, 13, 16].map((x) => x + 1e9);
    assert.equal(of(variance(), ...far), 30);
    assert.equal(of(variance({ population: true }), ...far), 22.5);
    assert.equal(of(standardDeviation(), ...far), Math.sqrt(30));
    assert.equal(of(variance({ population: true }), 5), 0);
    assert.ok(Number.isNaN(of(variance(), 5)));
    assert.ok(Number.isNaN(of(standardDeviation())));
    assert.equal(of(variance(), 1e308, 1e308, -1e308), Number.POSITIVE_INFINITY);
    const fn = variance();
    const parts = [far.slice(0, 1), far.slice(1)].map((part) => part.reduce(fn.add, fn.create()));
    assert.equal(fn.extract(fn.merge(parts)), 30);
  });

  test('sums of bigints are exact where numbers are not', () => {
    assert.equal(of(sumBigInt(), 2n ** 63n, 1n, -(2n ** 63n)), 1n);
    assert.equal(of(sum(), 2 ** 53, 1), 2 ** 53);
  });

  test('texts do not add up to a text', () => {
    for (const fn of [sum(), mean()] as CombineFn<unknown, unknown, number>[]) {
      assert.throws(() => of(fn, 1, '2'), { code: 'NOT_A_NUMBER' });
    }
    assert.equal(of(sum()), 0);
  });

  test('NaN and zeros have one place, whatever the order', () => {
    assert.ok(Number.isNaN(of(min(), 1, Number.NaN, 2)) && Number.isNaN(of(max(), Number.NaN, 1)));
    assert.ok(Object.is(of(min(), 0, -0), -0) && Object.is(of(max(), -0, 0), 0));
    assert.deepEqual(of(top<number>(2), Number.NaN, 1, 2), [2, 1]);
    assert.deepEqual(of(top<number>(3), Number.NaN, 1, 2), [2, 1, Number.NaN]);
    assert.deepEqual(of(bottom<number>(3), Number.NaN, 2, 1), [1, 2, Number.NaN]);
  });

  test('dates, strings and bigints are ordered too, and what has no order comes last', () => {
    assert.deepEqual(of(top<Date>(2), invalid, new Date(1), new Date(2)), [new Date(2), new Date(1)]);
    assert.deepEqual(of(bottom<bigint>(1), 3n, -1n), [-1n]);
    assert.deepEqual([invalid, new Date(3), new Date(1)].toSorted(ascending), [new Date(1), new Date(3), invalid]);
    assert.deepEqual(['b', 'NaN', 'a'].toSorted(descending), ['b', 'a', 'NaN']);
    assert.equal(ascending('NaN', 'NaN'), 0);
  });

  test('a top has a size', () => {
    assert.throws(() => top(0), { code: 'COMBINE_SIZE' });
    assert.throws(() => bottom(2.5), { code: 'COMBINE_SIZE' });
  });
});
