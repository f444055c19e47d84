import { type Graph, MAIN_INPUT, type TransformNode } from '../../sdk/graph/graph.ts';
import type { MetricResult, TransformStats } from '../../sdk/pipeline/pipeline-result.ts';
import type { JobCounts } from '../core/coordination/job-counts.ts';
import type { ExecutionPlan } from '../core/plan/execution-plan.ts';
import type { PlainMetrics } from './worker-start.ts';

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
  const transforms: TransformStats[] = [];
  for (const node of graph.transforms.values()) {
    if (node.spec === undefined) continue;
    const elementsOut: Record<string, number> = {};
    for (const [tag, id] of Object.entries(node.outputs)) elementsOut[tag] = counts.elements.get(id) ?? 0;
    transforms.push({
      transform: node.name,
      elementsIn: mainInputs(node).reduce((sum, id) => sum + (counts.elements.get(id) ?? 0), 0),
      elementsOut,
      bytesOut: bytes.get(node.name) ?? 0,
      millis: millis.get(node.name) ?? 0,
    });
  }
  return { user, transforms };
}

/** A flatten has several; side inputs are none. */
function mainInputs({ inputs }: TransformNode): readonly string[] {
  return MAIN_INPUT in inputs ? [inputs[MAIN_INPUT]] : Object.values(inputs);
}
