import { type MetricCells, mergeCells } from '../../../sdk/metrics/metric-cells.ts';
import type { BundleCounts } from './messages.ts';

/** Sums over all committed bundles. */
export class JobCounts {
  /** Elements per collection. */
  readonly elements = new Map<string, number>();
  /** Bytes per channel. */
  readonly bytes = new Map<number, number>();
  /** User metrics per transform. */
  readonly metrics = new Map<string, MetricCells>();

  /** `stored` is the collection that the bundle has read from storage, whose elements were counted when they were made. */
  add({ elements, metrics }: BundleCounts, stored?: string): void {
    for (const [collection, count] of Object.entries(elements)) {
      if (collection === stored) continue;
      this.elements.set(collection, (this.elements.get(collection) ?? 0) + count);
    }
    for (const [transform, cells] of Object.entries(metrics)) {
      let sums = this.metrics.get(transform);
      if (sums === undefined) this.metrics.set(transform, (sums = Object.create(null) as MetricCells));
      mergeCells(sums, cells);
    }
  }

  addBytes(channel: number, bytes: number): void {
    this.bytes.set(channel, (this.bytes.get(channel) ?? 0) + bytes);
  }
}
