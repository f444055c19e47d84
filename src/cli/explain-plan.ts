import type { Channel, ExecutionPlan, Stage } from '../runners/core/plan/execution-plan.ts';
import { describeCoder, describeKind, describeWindowing } from '../sdk/graph/describe.ts';
import type { Graph } from '../sdk/graph/graph.ts';

/** An execution plan for people: each stage with its input, its steps and what it writes; then the rewrites applied. */
export function explainPlan(plan: ExecutionPlan, graph: Graph, name: string): string {
  const shuffles = plan.channels.filter(({ kind }) => kind === 'group' || kind === 'combine').length;
  const lines = [`${name}: ${count(plan.stages.length, 'stage')}, ${count(shuffles, 'shuffle')}`];
  for (const stage of plan.stages) lines.push('', ...stageLines(stage, plan, graph));
  if (plan.notes.length > 0) lines.push('', 'Rewrites', ...plan.notes.map((note) => `  ${note}`));
  return `${lines.join('\n')}\n`;
}

function stageLines(stage: Stage, plan: ExecutionPlan, graph: Graph): string[] {
  const after = stage.after.length === 0 ? '' : `  (after ${stage.after.map((id) => `stage ${id + 1}`).join(', ')})`;
  const lines = [`Stage ${stage.id + 1}${after}`, `  reads  ${inputText(stage, plan)}`];
  if (stage.input.kind === 'external') lines.push(externalText(stage.input));
  const width = stage.steps.reduce((widest, { transform }) => Math.min(50, Math.max(widest, transform.length)), 0);
  for (const { transform } of stage.steps) {
    const node = graph.transforms.get(transform);
    const sides = stage.sides.filter((side) => side.transform === transform);
    const reads = sides.map(({ local, channel }) => `'${local}' of ${producerOf(plan.channels[channel])}`).join(', ');
    const kind = node === undefined ? '' : describeKind(node);
    lines.push(`    ${transform.padEnd(width)}  ${kind}${reads === '' ? '' : `, with side input ${reads}`}`);
  }
  for (const { channel, collection } of stage.writes) {
    lines.push(`  writes ${channelText(plan.channels[channel], graph)} of ${collectionText(collection, graph)}`);
  }
  return lines;
}

/** What is known of a transform before its expansion service is asked. */
function externalText({ transform, urn, endpoint }: Extract<Stage['input'], { kind: 'external' }>): string {
  return `    ${transform}  external ${urn} of the expansion service at ${endpoint}`;
}

function inputText({ input }: Stage, plan: ExecutionPlan): string {
  if (input.kind === 'impulse') return 'one empty element (impulse)';
  if (input.kind === 'testStream') return `the script of ${input.transform}`;
  if (input.kind === 'external') {
    const read = Object.entries(input.channels);
    if (read.length === 0) return 'nothing of this program';
    return read
      .map(
        ([local, channel]) =>
          `${read.length === 1 ? '' : `'${local}': `}the stored elements of ${plan.channels[channel].transform}`,
      )
      .join(', ');
  }
  const channel = plan.channels[input.channel];
  switch (channel.kind) {
    case 'group':
      return `the groups of ${channel.transform}`;
    case 'combine':
      return `the combined values of ${channel.transform}`;
    case 'restrictions':
      return `the restrictions of ${channel.transform}, each a bundle that can be split further`;
    case 'keyed':
      return `the elements of each key, for ${channel.transform}`;
    case 'blocks':
      return `the stored elements of ${channel.transform}`;
  }
}

function channelText(channel: Channel, graph: Graph): string {
  switch (channel.kind) {
    case 'group':
      return `a shuffle for ${channel.transform}`;
    case 'combine': {
      const spec = graph.transforms.get(channel.transform)?.spec;
      const fn = spec?.kind === 'combinePerKey' ? ` ${spec.fn.name ?? ''}`.trimEnd() : '';
      return `a shuffle of accumulators for ${channel.transform} (combiner${fn} lifted)`;
    }
    case 'restrictions':
      return `restrictions for ${channel.transform}`;
    case 'keyed':
      return `elements by key for ${channel.transform}`;
    case 'blocks':
      return 'stored elements';
  }
}

function collectionText(id: string, graph: Graph): string {
  const collection = graph.collections.get(id);
  if (collection === undefined) return id;
  const windows = describeWindowing(collection.windowing);
  return `${collection.producer}, ${describeCoder(collection.coder)}${windows === '' ? '' : ` in ${windows}`}`;
}

function producerOf({ collection }: Channel): string {
  return collection.replace(/\.main$/, '');
}

function count(n: number, what: string): string {
  return `${n} ${what}${n === 1 ? '' : 's'}`;
}
