import { PipelineError } from '../../sdk/errors.ts';
import type { Graph, TransformNode } from '../../sdk/graph/graph.ts';
import { handsOutLate } from '../../sdk/graph/hands-out-late.ts';
import type { RunOptions } from '../../sdk/pipeline/runner.ts';

/**
 * Refuses what Beam's portable pipelines have no words for, so that a runner would leave it out in silence.
 *
 * @throws PipelineError `NOT_PORTABLE`
 */
export function checkPortable(graph: Graph, environment: RunOptions['environment']): void {
  const refuse = ({ name, location }: TransformNode, what: string, hint: string): never => {
    const where = { transform: name, ...(location === undefined ? {} : { location }) };
    throw new PipelineError('NOT_PORTABLE', `'${name}' ${what}`, { ...where, hint });
  };
  for (const node of graph.transforms.values()) {
    if (handsOutLate(node, node.outputs)) {
      const hint = "Beam's portable runners drop them without telling: do without the output, or use the runner direct";
      refuse(node, 'has an output of late elements', hint);
    }
    if (node.spec?.kind === 'collect' && environment !== undefined && environment !== 'loopback') {
      const hint = 'write them to files, or use the environment loopback';
      refuse(node, `keeps elements for this program, but its functions run elsewhere (${environment})`, hint);
    }
  }
}
