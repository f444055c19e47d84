import type { Graph } from '../../sdk/graph/graph.ts';
import type { MetricResult } from '../../sdk/pipeline/pipeline-result.ts';
import type { JobCounts } from '../core/coordination/job-counts.ts';
import type { PlainMetrics } from '../core/job/job-result.ts';
import { transformStats } from '../core/job/transform-stats.ts';
import type { ExecutionPlan } from '../core/plan/execution-plan.ts';

/** A job's metrics from what its bundles counted. `millis` holds the sampled time per transform. */
export function jobMetrics(
  graph: Graph,
  plan: ExecutionPlan,
  counts: JobCounts,
  millis: ReadonlyMap<string, number>,
): PlainMetrics {
  const user: MetricResult[] = [];
  for (const [transform, cells] of counts.metrics) {
    for (const [name, cell] of Object.entries(cells)) user.push({ transform, name, ...cell });
  }
  const bytes = new Map<string, number>();
  for (const channel of plan.channels) {
    const { producer } = graph.collections.get(channel.collection) as { producer: string };
    bytes.set(producer, (bytes.get(producer) ?? 0) + (counts.bytes.get(channel.id) ?? 0));
  }
  return { user, transforms: transformStats(graph, counts.elements, bytes, millis) };
}
