import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sample } from './sample.ts';

test('every element has the same chance, wherever it was combined', () => {
  const trials = 4000;
  const hits = new Array<number>(20).fill(0);
  for (let seed = 0; seed < trials; seed++) {
    const fn = sample<number>(5, { seed });
    const parts = [hits.keys().take(3), hits.keys().drop(3)].map((part) =>
      [...part].reduce((accumulator, element) => fn.add(accumulator, element), fn.create()),
    );
    for (const element of fn.extract(fn.merge(parts))) hits[element]++;
  }
  const expected = (trials * 5) / 20;
  const deviation = Math.sqrt((trials * 5 * 15) / 20 ** 2);
  for (const [element, count] of hits.entries()) {
    assert.ok(Math.abs(count - expected) < 4 * deviation, `${element} was drawn ${count} times instead of ${expected}`);
  }
});

test('a seed repeats the sample, another one gives another', () => {
  const draw = (seed: number | undefined) => {
    const fn = sample<number>(10, seed === undefined ? {} : { seed });
    let accumulator = fn.create();
    for (let i = 0; i < 1000; i++) accumulator = fn.add(accumulator, i);
    return fn.extract(accumulator).toSorted((a, b) => a - b);
  };
  assert.deepEqual(draw(1), draw(1));
  assert.notDeepEqual(draw(1), draw(2));
  assert.equal(draw(undefined).length, 10);
});

test('a sample has a size', () => {
  for (const n of [0, -1, 1.5, Number.NaN, 1e9]) assert.throws(() => sample(n), { code: 'COMBINE_SIZE' });
});
