import { describeCoder, describeKind, describeWindowing } from './describe.ts';
import type { Graph, TransformNode } from './graph.ts';

/** A pipeline as a tree of transforms: one a line, with what it does, its inputs, and the coder and windows it gives. */
export function printText(graph: Graph, name: string): string {
  const rows: { readonly tree: string; readonly kind: string; readonly flow: string }[] = [];
  const visit = (id: string, prefix: string, last: boolean): void => {
    const node = graph.transforms.get(id);
    if (node === undefined) return;
    const local = node.parent === undefined ? id : id.slice(node.parent.length + 1);
    rows.push({ tree: `${prefix}${last ? '└─ ' : '├─ '}${local}`, kind: describeKind(node), flow: flow(graph, node) });
    visitAll(node.children, prefix + (last ? '   ' : '│  '));
  };
  const visitAll = (ids: readonly string[], prefix: string): void => {
    for (const [i, id] of ids.entries()) visit(id, prefix, i === ids.length - 1);
  };
  visitAll(graph.roots, '');

  const treeWidth = rows.reduce((width, { tree }) => Math.min(60, Math.max(width, tree.length)), 0);
  const kindWidth = rows.reduce((width, { kind }) => Math.min(30, Math.max(width, kind.length)), 0);
  const lines = rows.map(({ tree, kind, flow: text }) =>
    `${tree.padEnd(treeWidth)}  ${kind.padEnd(kindWidth)}  ${text}`.trimEnd(),
  );
  return `${[name, ...lines].join('\n')}\n`;
}

/** Inputs and outputs of a primitive; a composite's are those of its parts. */
function flow(graph: Graph, node: TransformNode): string {
  if (node.spec === undefined || node.children.length > 0) return '';
  const parts: string[] = [];
  const sides = node.spec.kind === 'parDo' ? node.spec.sides : {};
  const inputs = Object.entries(node.inputs).map(([local, id]) => {
    const producer = shortId(id);
    return local in sides ? `${producer} (as ${sides[local].view} '${local}')` : producer;
  });
  if (inputs.length > 0) parts.push(`← ${inputs.join(', ')}`);
  for (const [tag, id] of Object.entries(node.outputs)) {
    const collection = graph.collections.get(id);
    if (collection === undefined) continue;
    const windows = describeWindowing(collection.windowing);
    const label = Object.keys(node.outputs).length === 1 ? '' : `${tag}: `;
    parts.push(`→ ${label}${describeCoder(collection.coder)}${windows === '' ? '' : ` in ${windows}`}`);
  }
  return parts.join('  ');
}

/** A collection by its producer, with the tag only where it is not the main output. */
export function shortId(id: string): string {
  return id.endsWith('.main') ? id.slice(0, -'.main'.length) : id;
}
