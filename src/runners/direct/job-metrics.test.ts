import assert from 'node:assert/strict';
import { test } from 'node:test';
import { combinePerKey } from '../../sdk/combine/combine.ts';
import { sum } from '../../sdk/combine/sum.ts';
import { Pipeline } from '../../sdk/pipeline/pipeline.ts';
import type { TransformStats } from '../../sdk/pipeline/pipeline-result.ts';
import { flatten } from '../../sdk/transforms/flatten.ts';
import { reshuffle } from '../../sdk/transforms/reshuffle.ts';
import { asList } from '../../sdk/transforms/side-input.ts';

async function statsOf(p: Pipeline): Promise<(name: string) => TransformStats> {
  const { metrics } = await p.run({ threads: 0 });
  return (name) => {
    const found = metrics.transforms.find(({ transform }) => transform === name);
    assert.ok(found !== undefined, name);
    return found;
  };
}

test('each collection is counted once, however often it is stored and read', async () => {
  const p = new Pipeline();
  const numbers = p.create([1, 2, 3, 4]).map('numbers', (n) => n);
  const even = numbers.filter('even', (n) => n % 2 === 0);
  // The side input comes from the same elements, so these are stored and read again.
  const both = numbers.parDo('both', {
    sides: { even: asList(even) },
    process: (n, { sides }) => [n, sides.even.length],
  });
  flatten([both, even])
    .apply(reshuffle())
    .map('end', (n) => n);
  const stats = await statsOf(p);
  const counted = (name: string) => [stats(name).elementsIn, stats(name).elementsOut.main];
  assert.deepEqual(counted('numbers'), [4, 4]);
  assert.deepEqual(counted('even'), [4, 2]);
  assert.deepEqual(counted('both'), [4, 8]);
  assert.deepEqual(counted('Flatten'), [10, 10]);
  assert.deepEqual(counted('Reshuffle'), [10, 10]);
  assert.deepEqual(counted('end'), [10, 10]);
  assert.ok(stats('numbers').bytesOut > 0 && stats('even').bytesOut > 0);
  assert.equal(stats('end').bytesOut, 0);
});

test('groupings, dead letters and time', async () => {
  const p = new Pipeline();
  const { main, errors } = p
    .create(Array.from({ length: 1000 }, (_, i) => i))
    .withErrors()
    .map('parse', (n) => {
      if (n % 10 === 0) throw new Error('round');
      return n;
    });
  main
    .keyBy('key', (n) => n % 7)
    .apply('sum', combinePerKey(sum()))
    .map('out', (pair) => pair);
  errors.map('dead', ({ element }) => element);
  const stats = await statsOf(p);
  assert.deepEqual(stats('parse').elementsOut, { main: 900, errors: 100 });
  assert.deepEqual([stats('sum').elementsIn, stats('sum').elementsOut.main], [900, 7]);
  assert.equal(stats('dead').elementsIn, 100);
  assert.ok(stats('key').bytesOut > 0);
  const millis = ['parse', 'key', 'sum'].map((name) => stats(name).millis);
  assert.ok(
    millis.every((each) => each > 0),
    String(millis),
  );
});

test('names that objects have of their own', async () => {
  const p = new Pipeline();
  p.create([1, 2])
    .parDo('constructor', {
      process(n, { metrics }) {
        metrics.counter('toString').inc(n);
        metrics.counter('__proto__').inc(n);
        return [n];
      },
    })
    .map('__proto__', (n) => n);
  const { metrics } = await p.run({ threads: 0 });
  assert.deepEqual([metrics.counter('toString'), metrics.counter('__proto__')], [3, 3]);
  for (const name of ['constructor', '__proto__']) {
    const stats = metrics.transforms.find(({ transform }) => transform === name);
    assert.deepEqual([stats?.elementsIn, stats?.elementsOut.main], [2, 2], name);
  }
});
