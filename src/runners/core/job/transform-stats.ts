import { type Graph, MAIN_INPUT, type TransformNode } from '../../../sdk/graph/graph.ts';
import type { TransformStats } from '../../../sdk/pipeline/pipeline-result.ts';

/**
 * What the system counts, transform by transform.
 *
 * @param elements by collection, @param bytes and @param millis by transform
 */
export function transformStats(
  graph: Graph,
  elements: ReadonlyMap<string, number>,
  bytes: ReadonlyMap<string, number>,
  millis: ReadonlyMap<string, number>,
): TransformStats[] {
  const transforms: TransformStats[] = [];
  for (const node of graph.transforms.values()) {
    if (node.spec === undefined) continue;
    const elementsOut: Record<string, number> = {};
    for (const [tag, id] of Object.entries(node.outputs)) elementsOut[tag] = elements.get(id) ?? 0;
    transforms.push({
      transform: node.name,
      elementsIn: mainInputs(node).reduce((sum, id) => sum + (elements.get(id) ?? 0), 0),
      elementsOut,
      bytesOut: bytes.get(node.name) ?? 0,
      millis: millis.get(node.name) ?? 0,
    });
  }
  return transforms;
}

/** A flatten has several; side inputs are none. */
function mainInputs({ inputs }: TransformNode): readonly string[] {
  return MAIN_INPUT in inputs ? [inputs[MAIN_INPUT]] : Object.values(inputs);
}
