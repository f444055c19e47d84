import type { Graph, TransformNode, TransformSpec } from '../../../sdk/graph/graph.ts';

/** Transforms of the engine's own: without a reader they do nothing that anyone could see. */
const PURE: ReadonlySet<TransformSpec['kind']> = new Set([
  'impulse',
  'window',
  'flatten',
  'groupByKey',
  'combinePerKey',
  'combineGroupedValues',
  'reshuffle',
]);

/** Drops transforms whose outputs nobody reads, from the end backwards. User functions stay: they may have effects. */
export function withoutDeadCode(transforms: readonly TransformNode[]): TransformNode[] {
  const read = new Set<string>();
  const kept: TransformNode[] = [];
  for (const node of [...transforms].reverse()) {
    const live = Object.values(node.outputs).some((id) => read.has(id));
    if (!live && PURE.has((node.spec as TransformSpec).kind)) continue;
    for (const id of Object.values(node.inputs)) read.add(id);
    kept.push(node);
  }
  return kept.reverse();
}

/**
 * The transforms a runner executes, in topological order: the leaves of the tree. With `lifting`, a combinePerKey stands
 * for the grouping and combining inside of it.
 */
export function executableTransforms(graph: Graph, lifting: boolean): TransformNode[] {
  const leaves: TransformNode[] = [];
  const visit = (name: string): void => {
    const node = graph.transforms.get(name) as TransformNode;
    const whole = node.spec?.kind === 'combinePerKey' && lifting;
    if (node.children.length === 0 || whole) {
      if (node.spec !== undefined) leaves.push(node);
    } else node.children.forEach(visit);
  };
  graph.roots.forEach(visit);
  return leaves;
}
