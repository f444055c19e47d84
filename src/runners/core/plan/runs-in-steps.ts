import type { Graph } from '../../../sdk/graph/graph.ts';
import { isStateful } from '../../../sdk/state/check-stateful.ts';

/**
 * Whether a pipeline runs in steps through the whole graph, as unbounded input, state and timers demand, and not stage
 * after stage (docs/decisions/0011-streaming-in-steps.md).
 */
export function runsInSteps(graph: Graph): boolean {
  for (const { bounded } of graph.collections.values()) if (!bounded) return true;
  for (const { spec } of graph.transforms.values()) {
    if (isStateful(spec)) return true;
    if (spec?.kind === 'parDo' && spec.fn.kind === 'doFn' && spec.fn.fn.requiresStableInput === true) return true;
  }
  return false;
}
