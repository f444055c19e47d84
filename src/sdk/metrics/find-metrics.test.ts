import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Pipeline } from '../index.ts';
import type { MetricResult } from '../pipeline/pipeline-result.ts';
import { findMetrics } from './find-metrics.ts';

const user: MetricResult[] = [
  { transform: 'A', name: 'n', kind: 'counter', value: 3 },
  { transform: 'A/B', name: 'n', kind: 'counter', value: 4 },
  { transform: 'AB', name: 'n', kind: 'counter', value: 5 },
  { transform: 'A', name: 'd', kind: 'distribution', value: { count: 2, sum: 3, min: 1, max: 2 } },
  { transform: 'AB', name: 'd', kind: 'distribution', value: { count: 1, sum: -7, min: -7, max: -7 } },
  { transform: 'A', name: 'g', kind: 'gauge', value: 9, at: 5 },
  { transform: 'AB', name: 'g', kind: 'gauge', value: 8, at: 4 },
  { transform: 'A', name: 's', kind: 'stringSet', value: ['b', 'a'] },
  { transform: 'AB', name: 's', kind: 'stringSet', value: ['c', 'b'] },
  { transform: 'A', name: 'd', kind: 'counter', value: 1 },
];

test('metrics are found by kind and name, and put together', () => {
  const metrics = findMetrics(user);
  assert.equal(metrics.counter('n'), 12);
  assert.equal(metrics.counter('d'), 1);
  assert.deepEqual(metrics.distribution('d'), { count: 3, sum: -4, min: -7, max: 2 });
  assert.equal(metrics.gauge('g'), 9);
  assert.deepEqual(metrics.stringSet('s'), ['a', 'b', 'c']);
});

test('in a transform and what is inside it', () => {
  const metrics = findMetrics(user);
  assert.equal(metrics.counter('n', 'A'), 7);
  assert.equal(metrics.counter('n', 'A/B'), 4);
  assert.equal(metrics.gauge('g', 'AB'), 8);
  assert.deepEqual(metrics.stringSet('s', 'A'), ['a', 'b']);
});

test('of none, what an empty metric has', () => {
  const metrics = findMetrics(user);
  assert.equal(metrics.counter('x'), 0);
  assert.deepEqual(metrics.distribution('n'), { count: 0, sum: 0, min: Number.NaN, max: Number.NaN });
  assert.equal(metrics.gauge('__proto__'), undefined);
  assert.deepEqual(metrics.stringSet('s', 'B'), []);
});

test('a run has them', async () => {
  const p = new Pipeline({ threads: 0 });
  p.create([1, 2, 3]).parDo('Measure', {
    process(n, { metrics }) {
      metrics.counter('seen').inc();
      metrics.distribution('n').update(n);
      metrics.gauge('last').set(n);
      metrics.stringSet('parity').add(n % 2 === 0 ? 'even' : 'odd');
    },
  });
  const { metrics } = await p.run();
  assert.equal(metrics.counter('seen', 'Measure'), 3);
  assert.deepEqual(metrics.distribution('n'), { count: 3, sum: 6, min: 1, max: 3 });
  assert.equal(metrics.gauge('last'), 3);
  assert.deepEqual(metrics.stringSet('parity'), ['even', 'odd']);
  const gauge = metrics.user.find(({ kind }) => kind === 'gauge');
  assert.ok(gauge?.kind === 'gauge' && gauge.at > 0);
});
