import { describeCoder, describeKind, describeWindowing } from './describe.ts';
import type { Graph, TransformNode } from './graph.ts';

/** An edge of the drawn graph: from the primitive that makes a collection to one that reads it. */
interface Edge {
  readonly from: string;
  readonly to: string;
  readonly label: string;
  readonly side: boolean;
}

/** Writes boxes, nested groups and arrows in one notation. */
interface Notation {
  readonly head: string;
  readonly tail: string;
  box(id: string, label: readonly string[]): string;
  open(id: string, label: string): string;
  readonly close: string;
  arrow(edge: Edge): string;
}

/** A pipeline as a Graphviz digraph, composites as clusters. */
export function printDot(graph: Graph, name: string): string {
  const escaped = (text: string) => text.replaceAll(/["\\]/g, '\\$&').replaceAll(/[\r\n]+/g, ' ');
  const quote = (...lines: readonly string[]) => `"${lines.map(escaped).join('\\n')}"`;
  return draw(graph, {
    head: `digraph ${quote(name)} {\n  rankdir=TB;\n  node [shape=box, style=rounded, fontname="Helvetica"];\n  edge [fontname="Helvetica", fontsize=10];`,
    tail: '}',
    box: (id, label) => `${id} [label=${quote(...label)}];`,
    open: (id, label) => `subgraph cluster_${id} {\n  label=${quote(label)};`,
    close: '}',
    arrow: ({ from, to, label, side }) => `${from} -> ${to} [label=${quote(label)}${side ? ', style=dashed' : ''}];`,
  });
}

/** A pipeline as a Mermaid flowchart, composites as subgraphs. */
export function printMermaid(graph: Graph, name: string): string {
  // Inside quotes Mermaid reads only entities specially.
  const escaped = (text: string) =>
    text.replaceAll(/["#&<>`]/g, (character) => `#${character.charCodeAt(0)};`).replaceAll(/[\r\n]+/g, ' ');
  const quote = (...lines: readonly string[]) => `"${lines.map(escaped).join('<br/>')}"`;
  return draw(graph, {
    head: `---\ntitle: ${JSON.stringify(name)}\n---\nflowchart TD`,
    tail: '',
    box: (id, label) => `${id}[${quote(...label)}]`,
    open: (id, label) => `subgraph ${id} [${quote(label)}]`,
    close: 'end',
    arrow: ({ from, to, label, side }) => `${from} ${side ? '-.' : '--'} ${quote(label)} ${side ? '.->' : '-->'} ${to}`,
  });
}

function draw(graph: Graph, notation: Notation): string {
  const ids = new Map([...graph.transforms.keys()].map((id, i) => [id, `t${i}`]));
  const lines = [notation.head];
  const visit = (name: string, depth: number): void => {
    const node = graph.transforms.get(name);
    const id = ids.get(name);
    if (node === undefined || id === undefined) return;
    const pad = '  '.repeat(depth);
    const local = node.parent === undefined ? name : name.slice(node.parent.length + 1);
    if (node.children.length === 0) {
      lines.push(pad + notation.box(id, [local, describeKind(node)]));
      return;
    }
    lines.push(
      ...notation
        .open(id, local)
        .split('\n')
        .map((line) => pad + line),
    );
    for (const child of node.children) visit(child, depth + 1);
    lines.push(pad + notation.close);
  };
  for (const root of graph.roots) visit(root, 1);
  for (const node of graph.transforms.values()) {
    if (node.children.length === 0) lines.push(...edges(graph, node, ids).map((edge) => `  ${notation.arrow(edge)}`));
  }
  if (notation.tail !== '') lines.push(notation.tail);
  return `${lines.join('\n')}\n`;
}

function edges(graph: Graph, node: TransformNode, ids: ReadonlyMap<string, string>): Edge[] {
  const sides = node.spec?.kind === 'parDo' ? node.spec.sides : {};
  return Object.entries(node.inputs).flatMap(([local, collectionId]) => {
    const collection = graph.collections.get(collectionId);
    const from = collection && ids.get(collection.producer);
    const to = ids.get(node.name);
    if (collection === undefined || from === undefined || to === undefined) return [];
    const side = local in sides;
    const windows = describeWindowing(collection.windowing);
    const label = `${describeCoder(collection.coder)}${windows === '' ? '' : ` in ${windows}`}`;
    return [{ from, to, label: side ? `${local}: ${sides[local].view} of ${label}` : label, side }];
  });
}
