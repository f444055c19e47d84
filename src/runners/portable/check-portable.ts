import { PipelineError } from '../../sdk/errors.ts';
import { type Graph, LATE_OUTPUT, type TransformNode } from '../../sdk/graph/graph.ts';

/**
 * Refuses what Beam's portable pipelines have no words for, so that a runner would leave it out in silence.
 *
 * @throws PipelineError `NOT_PORTABLE`
 */
export function checkPortable(graph: Graph): void {
  for (const node of graph.transforms.values()) {
    if (!handsOutLate(node)) continue;
    throw new PipelineError('NOT_PORTABLE', `'${node.name}' has an output of late elements`, {
      transform: node.name,
      ...(node.location === undefined ? {} : { location: node.location }),
      hint: "Beam's portable runners drop them without telling: do without the output, or use the runner direct",
    });
  }
}

function handsOutLate({ spec, outputs }: TransformNode): boolean {
  if (outputs[LATE_OUTPUT] === undefined) return false;
  return (
    spec?.kind === 'groupByKey' || (spec?.kind === 'parDo' && spec.fn.kind === 'doFn' && spec.fn.keepsLate === true)
  );
}
