import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ByteReader } from '../../sdk/coders/byte-reader.ts';
import { ByteWriter } from '../../sdk/coders/byte-writer.ts';
import type { MetricCells } from '../../sdk/metrics/metric-cells.ts';
import { JobCounts } from '../core/coordination/job-counts.ts';
import { CountsPart } from './counts-part.ts';

test('counts are the same after a restart, whatever numbers they are', () => {
  const cells: MetricCells = {
    up: {
      kind: 'distribution',
      value: { count: 2, sum: Number.POSITIVE_INFINITY, min: 1, max: Number.POSITIVE_INFINITY },
    },
    none: { kind: 'distribution', value: { count: 0, sum: 0, min: Number.NaN, max: Number.NaN } },
    infinite: { kind: 'gauge', value: Number.NEGATIVE_INFINITY, at: 5 },
    names: { kind: 'stringSet', value: ['Infinity', 'null'] },
  };
  const before = new JobCounts();
  before.add({ elements: { made: 2 }, metrics: { measure: structuredClone(cells) } });
  const out = new ByteWriter(64);
  new CountsPart(before).save(out);
  const after = new JobCounts();
  new CountsPart(after).restore(new ByteReader(out.copy()));
  assert.deepEqual([...after.elements], [['made', 2]]);
  assert.deepEqual(after.metrics.get('measure'), cells);
});
