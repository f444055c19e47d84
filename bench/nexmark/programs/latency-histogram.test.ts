import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LatencyHistogram } from './latency-histogram.ts';

test('quantiles are those of the sorted latencies, to a tenth of a millisecond', () => {
  const histogram = new LatencyHistogram();
  for (let i = 1000; i > 0; i--) histogram.add(i / 10 - 0.05);
  const { count, p50, p95, p99, max } = histogram.summary();
  assert.deepEqual([count, p50, p95, p99, max], [1000, 50, 95, 99, 99.95]);
});

test('nothing has no latency, and what is out of range is the most there is', () => {
  assert.deepEqual(new LatencyHistogram().summary(), { count: 0, p50: 0, p95: 0, p99: 0, max: 0 });
  const histogram = new LatencyHistogram();
  histogram.add(1e9);
  assert.equal(histogram.summary().max, 1e9);
});
