import type { MetricResult, PipelineMetrics } from '../pipeline/pipeline-result.ts';
import { type MetricCell, type MetricCells, mergeCells } from './metric-cells.ts';

/** The methods of a job's metrics, for any runner. */
export function findMetrics(user: readonly MetricResult[]): Omit<PipelineMetrics, 'user' | 'transforms'> {
  function find<K extends MetricCell['kind']>(kind: K, name: string, transform: string | undefined) {
    const found: MetricCells = {};
    for (const metric of user) {
      if (metric.kind !== kind || metric.name !== name || !isInside(metric.transform, transform)) continue;
      mergeCells(found, { metric: metric as MetricCell });
    }
    return found.metric as (MetricCell & { readonly kind: K }) | undefined;
  }
  return {
    counter: (name, transform) => find('counter', name, transform)?.value ?? 0,
    distribution: (name, transform) =>
      find('distribution', name, transform)?.value ?? { count: 0, sum: 0, min: Number.NaN, max: Number.NaN },
    gauge: (name, transform) => find('gauge', name, transform)?.value,
    stringSet: (name, transform) => find('stringSet', name, transform)?.value.toSorted() ?? [],
  };
}

function isInside(transform: string, outer: string | undefined): boolean {
  return outer === undefined || transform === outer || transform.startsWith(`${outer}/`);
}
