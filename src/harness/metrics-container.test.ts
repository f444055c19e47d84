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
  assert.throws(() => metrics.gauge('n'), {
    code: 'METRIC_INVALID',
    message: /metric 'n' is a counter, not a gauge/,
  });
});

test('values and names that are none are refused, and spoil nothing', () => {
  const metrics = new TransformMetrics('Count', () => 0);
  const wrong: readonly (() => void)[] = [
    () => metrics.counter('n').inc(Number.NaN),
    () => metrics.counter('n').inc('5' as never),
    () => metrics.counter('n').dec(Number.POSITIVE_INFINITY),
    () => metrics.distribution('d').update(null as never),
    () => metrics.gauge('g').set('1' as never),
    () => metrics.stringSet('s').add(1 as never),
    () => metrics.counter(''),
    () => metrics.counter({} as never),
  ];
  for (const use of wrong) assert.throws(use, { code: 'METRIC_INVALID' });
  metrics.counter('n').inc(3);
  metrics.counter('n').dec();
  assert.equal(metrics.snapshot()?.n.value, 2);
  for (let i = 4; i < 10_000; i++) metrics.counter(`n${i}`);
  assert.throws(() => metrics.counter('one more'), { code: 'METRICS_TOO_MANY' });
});
