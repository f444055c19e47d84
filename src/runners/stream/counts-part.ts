import type { ByteReader } from '../../sdk/coders/byte-reader.ts';
import type { ByteWriter } from '../../sdk/coders/byte-writer.ts';
import type { MetricCells } from '../../sdk/metrics/metric-cells.ts';
import type { JobCounts } from '../core/coordination/job-counts.ts';
import type { CheckpointPart } from './engine-checkpoint.ts';

/** What JSON has no number for. */
interface Infinite {
  readonly infinite: 1 | -1;
}

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
    out.string(JSON.stringify(plain, writeInfinity));
  }

  restore(input: ByteReader): void {
    const plain = JSON.parse(input.string(), readNumber) as PlainCounts;
    for (const [collection, count] of plain.elements) this.#counts.elements.set(collection, count);
    for (const [transform, cells] of plain.metrics) this.#counts.metrics.set(transform, cells);
  }
}

function writeInfinity(_: string, value: unknown): unknown {
  if (value === Number.POSITIVE_INFINITY) return { infinite: 1 } satisfies Infinite;
  if (value === Number.NEGATIVE_INFINITY) return { infinite: -1 } satisfies Infinite;
  return value;
}

/** NaN, the least of nothing, is null in JSON, and nothing else is. */
function readNumber(_: string, value: unknown): unknown {
  if (value === null) return Number.NaN;
  // A metric may have this name, but it is no number.
  if (typeof value !== 'object' || !('infinite' in value) || typeof value.infinite !== 'number') return value;
  return value.infinite * Number.POSITIVE_INFINITY;
}
