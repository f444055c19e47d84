import type { ByteReader } from '../../sdk/coders/byte-reader.ts';
import type { ByteWriter } from '../../sdk/coders/byte-writer.ts';
import type { MetricCells } from '../../sdk/metrics/metric-cells.ts';
import type { JobCounts } from '../core/coordination/job-counts.ts';
import type { CheckpointPart } from './engine-checkpoint.ts';

interface PlainCounts {
  readonly elements: readonly [string, number][];
  readonly metrics: readonly [string, MetricCells][];
}

/** What has been counted, in a checkpoint: metrics go on after a restart. */
export class CountsPart implements CheckpointPart {
  readonly id = 'counts';
  readonly signature = '';
  readonly isEmpty = true;
  readonly #counts: JobCounts;

  constructor(counts: JobCounts) {
    this.#counts = counts;
  }

  save(out: ByteWriter): void {
    const { elements, metrics } = this.#counts;
    const plain: PlainCounts = { elements: [...elements], metrics: [...metrics] };
    out.string(JSON.stringify(plain));
  }

  restore(input: ByteReader): void {
    // NaN, the least of nothing, is null in JSON, and nothing else is.
    const plain = JSON.parse(input.string(), (_, value) => (value === null ? Number.NaN : value)) as PlainCounts;
    for (const [collection, count] of plain.elements) this.#counts.elements.set(collection, count);
    for (const [transform, cells] of plain.metrics) this.#counts.metrics.set(transform, cells);
  }
}
