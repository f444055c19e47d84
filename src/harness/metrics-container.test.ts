import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TransformMetrics } from './metrics-container.ts';

test('a distribution keeps its extremes when a value is NaN', () => {
  const metrics = new TransformMetrics('t', () => 0);
  for (const value of [Number.NaN, 1, Number.NaN, 7]) metrics.distribution('d').update(value);
  assert.deepEqual(metrics.snapshot()?.d.value, { count: 4, sum: Number.NaN, min: 1, max: 7 });
});

test('a name means one kind of metric', () => {
  const metrics = new TransformMetrics('Count', () => 0);
  metrics.counter('n').inc();
  assert.throws(() => metrics.gauge('n'), /'n' of 'Count' is a counter, not a gauge/);
});
