import { PipelineError } from '../../../sdk/errors.ts';
import {
  type CollectionNode,
  type ExternalSpec,
  type Graph,
  LATE_OUTPUT,
  MAIN_INPUT,
  MAIN_OUTPUT,
  type TransformNode,
  type TransformSpec,
} from '../../../sdk/graph/graph.ts';
import type { Rewrite } from '../../../sdk/pipeline/runner.ts';
import { isStateful } from '../../../sdk/state/check-stateful.ts';
import { executableTransforms, withoutDeadCode } from './dead-code.ts';
import type { Channel, ChannelKind, ExecutionPlan, Stage, StageInput, StageSide } from './execution-plan.ts';
import { keepsKeys, samePartitions } from './key-preserving.ts';
import { runsInSteps } from './runs-in-steps.ts';

/** Copies of one transform that unzipping a flatten may make; past it the flatten becomes a barrier. */
const MAX_UNZIP = 16;

/** Steps of one stage: they call each other, and a thread's stack is bounded. */
export const MAX_STEPS = 1000;

interface DraftStage {
  readonly id: number;
  readonly input: StageInput;
  readonly root: string;
  readonly steps: { readonly transform: string; readonly input: string }[];
  readonly writes: { readonly channel: number; readonly collection: string }[];
  readonly sides: StageSide[];
  /** Stages that must be done first, directly. */
  readonly after: Set<number>;
  /** Collections available inside the stage. */
  readonly collections: Set<string>;
}

/**
 * Cuts a graph into fused stages. Every transform joins the stages that produce its input, unless it has to wait: for a
 * grouping, for a reshuffle, for a restriction to be spread, or for a side input that depends on the stage itself.
 *
 * @throws PipelineError `EXTERNAL_TRANSFORM` where it has a transform of another SDK
 */
export function planPipeline(graph: Graph, disabled: readonly Rewrite[] = []): ExecutionPlan {
  for (const node of graph.transforms.values()) if (node.spec?.kind === 'external') throw foreign(node);
  return new Planner(graph, new Set(disabled)).plan();
}

/** The same to be shown and not run: each transform of another SDK is a stage of its own, and its service is not asked. */
export function explainPipeline(graph: Graph, disabled: readonly Rewrite[] = []): ExecutionPlan {
  return new Planner(graph, new Set(disabled)).plan();
}

class Planner {
  readonly #graph: Graph;
  readonly #off: ReadonlySet<Rewrite>;
  readonly #inSteps: boolean;
  readonly #stages: DraftStage[] = [];
  readonly #channels: Channel[] = [];
  /** Stages in which a collection comes into being. */
  readonly #producers = new Map<string, DraftStage[]>();
  /** Channels by what they hold, so that a collection is stored once however many read it. */
  readonly #stored = new Map<string, Channel>();
  readonly #readers = new Map<number, readonly DraftStage[]>();
  readonly #kept: { readonly transform: string; readonly channel: number }[] = [];
  readonly #notes: string[] = [];

  constructor(graph: Graph, off: ReadonlySet<Rewrite>) {
    this.#graph = graph;
    this.#off = off;
    this.#inSteps = runsInSteps(graph);
  }

  plan(): ExecutionPlan {
    const lifting = !this.#off.has('combinerLifting');
    let transforms = executableTransforms(this.#graph, lifting);
    if (!this.#off.has('deadCode')) {
      const live = withoutDeadCode(transforms);
      const kept = new Set(live);
      for (const node of transforms) if (!kept.has(node)) this.#notes.push(`removed ${node.name}: nobody reads it`);
      transforms = live;
    }
    for (const node of transforms) this.#place(node);
    return {
      stages: this.#ordered(),
      inSteps: this.#inSteps,
      channels: this.#channels,
      kept: this.#kept,
      notes: this.#notes,
    };
  }

  #place(node: TransformNode): void {
    const spec = node.spec;
    switch (spec?.kind) {
      case 'impulse': {
        this.#newStage({ kind: 'impulse' }, node.outputs[MAIN_OUTPUT]);
        return;
      }
      case 'testStream': {
        this.#newStage({ kind: 'testStream', transform: node.name }, node.outputs[MAIN_OUTPUT]);
        return;
      }
      case 'external':
        return this.#external(node, spec);
      case 'groupByKey':
        return this.#late(this.#barrier(node, 'group'), node);
      case 'combinePerKey':
        if (!this.#inSteps) this.#notes.push(`lifted ${node.name}: values are combined before the shuffle`);
        return this.#late(this.#barrier(node, 'combine'), node);
      case 'reshuffle':
        this.#barrier(node, 'blocks');
        return;
      case 'flatten':
        return this.#flatten(node);
      case 'collect': {
        const channel = this.#write('blocks', node.name, node.inputs[MAIN_INPUT]);
        this.#kept.push({ transform: node.name, channel: channel.id });
        return;
      }
      case 'parDo':
        if (spec.fn.kind === 'splittable') {
          const sides = this.#sidesOf(node);
          return this.#addOutputs(this.#barrier(node, 'restrictions'), node, sides);
        }
        if (this.#inSteps && mayHoldBack(spec)) return this.#first(node, isStateful(spec) ? 'keyed' : 'blocks');
        return this.#fuse(node);
      default:
        return this.#fuse(node);
    }
  }

  /** Its elements leave for workers of another SDK and come back from them, so nothing is fused with it. */
  #external({ name, inputs, outputs }: TransformNode, { urn, endpoint }: ExternalSpec): void {
    const channels: Record<string, number> = {};
    for (const [local, collection] of Object.entries(inputs)) {
      const { producer } = this.#collection(collection);
      channels[local] = this.#write('blocks', producer, collection).id;
    }
    const stage = this.#newStage({ kind: 'external', transform: name, urn, endpoint, channels }, name);
    for (const collection of Object.values(outputs)) {
      this.#produce(stage, collection);
      const channel = this.#write('blocks', name, collection);
      this.#newStage({ kind: 'channel', channel: channel.id }, collection);
    }
  }

  #barrier(node: TransformNode, kind: ChannelKind): DraftStage {
    const channel = this.#write(kind, node.name, node.inputs[MAIN_INPUT]);
    return this.#newStage({ kind: 'channel', channel: channel.id }, node.outputs[MAIN_OUTPUT]);
  }

  /** Elements that are too late for a grouping do not enter its stage: it passes them on as they came. */
  #late(grouping: DraftStage, { name, outputs }: TransformNode): void {
    const collection = outputs[LATE_OUTPUT];
    if (collection === undefined) return;
    const channel: Channel = {
      id: this.#channels.length,
      kind: 'blocks',
      transform: name,
      collection,
      keepsPartitions: false,
    };
    this.#channels.push(channel);
    grouping.writes.push({ channel: channel.id, collection });
    this.#newStage({ kind: 'channel', channel: channel.id }, collection);
  }

  /** Makes a transform the first step of a stage of its own, where its elements can be held back. */
  #first(node: TransformNode, kind: ChannelKind): void {
    const input = node.inputs[MAIN_INPUT];
    const sides = this.#sidesOf(node);
    const channel = this.#write(kind, node.name, input);
    const producers = this.#producersOf(input);
    const stage = this.#newStage({ kind: 'channel', channel: channel.id }, input);
    // Other readers of the collection are not to be held back with it.
    this.#producers.set(input, [...producers]);
    this.#addStep(stage, node, input, sides);
  }

  #fuse(node: TransformNode): void {
    const input = node.inputs[MAIN_INPUT];
    const sides = this.#sidesOf(node);
    const producers = this.#producersOf(input);
    const conflict = producers.some((stage) => sides.some(({ channel }) => this.#dependsOn(channel, stage)));
    const isFull = producers.some(({ steps }) => steps.length >= MAX_STEPS);
    const stages = conflict || isFull || this.#off.has('fusion') ? [this.#reader(input, sides)] : producers;
    if (isFull) this.#notes.push(`stored ${input}: the stage before ${node.name} has ${MAX_STEPS} steps`);
    if (conflict) this.#notes.push(`stored ${input}: ${node.name} waits for a side input made from the same elements`);
    for (const stage of stages) this.#addStep(stage, node, input, sides);
  }

  #addStep(stage: DraftStage, node: TransformNode, input: string, sides: readonly StageSide[]): void {
    stage.steps.push({ transform: node.name, input });
    this.#addOutputs(stage, node, sides);
  }

  #addOutputs(stage: DraftStage, node: TransformNode, sides: readonly StageSide[]): void {
    for (const side of sides) {
      stage.sides.push(side);
      for (const writer of this.#writersOf(side.channel)) stage.after.add(writer.id);
    }
    for (const id of Object.values(node.outputs)) this.#produce(stage, id);
  }

  /** Its readers run in the stages of each input: no data moves (unzipping). Else a stored collection joins them. */
  #flatten(node: TransformNode): void {
    const inputs = Object.values(node.inputs);
    const output = node.outputs[MAIN_OUTPUT];
    const stages = new Set(inputs.flatMap((id) => this.#producersOf(id)));
    const unzip = !this.#off.has('flattenUnzipping') && !this.#off.has('fusion') && stages.size <= MAX_UNZIP;
    for (const input of inputs) {
      for (const stage of this.#producersOf(input)) stage.steps.push({ transform: node.name, input });
    }
    for (const stage of stages) this.#produce(stage, output);
    if (unzip) return;
    this.#reader(output);
  }

  #sidesOf(node: TransformNode): StageSide[] {
    if (node.spec?.kind !== 'parDo') return [];
    return Object.entries(node.spec.sides).map(([local, { collection }]) => ({
      transform: node.name,
      local,
      channel: this.#write(
        'blocks',
        (this.#graph.collections.get(collection) as { producer: string }).producer,
        collection,
      ).id,
    }));
  }

  /** Makes the stages that produce a collection write it into a channel, once. */
  #write(kind: ChannelKind, transform: string, collection: string): Channel {
    const key = JSON.stringify([kind, kind === 'blocks' ? '' : transform, collection]);
    const stored = this.#stored.get(key);
    if (stored !== undefined) return stored;
    const keepsPartitions = this.#keepsPartitions(kind, collection);
    if (keepsPartitions) this.#notes.push(`${transform} follows the grouping before it: its keys stay where they are`);
    const channel: Channel = { id: this.#channels.length, kind, transform, collection, keepsPartitions };
    this.#channels.push(channel);
    this.#stored.set(key, channel);
    for (const stage of this.#producersOf(collection)) stage.writes.push({ channel: channel.id, collection });
    return channel;
  }

  /** Whether a grouping finds each partition where the groupings before it have left it. */
  #keepsPartitions(kind: ChannelKind, collection: string): boolean {
    if (this.#inSteps || !isGrouping(kind) || this.#off.has('keyPreserving')) return false;
    return this.#producersOf(collection).every((stage) => {
      const { input } = stage;
      const before = input.kind === 'channel' ? this.#channels[input.channel] : undefined;
      return (
        before !== undefined &&
        isGrouping(before.kind) &&
        samePartitions(this.#collection(before.collection), this.#collection(collection)) &&
        keepsKeys(this.#graph, stage, collection)
      );
    });
  }

  #collection(id: string): CollectionNode {
    return this.#graph.collections.get(id) as CollectionNode;
  }

  /** A stage that reads the stored collection and does not feed the side inputs; later readers join it. */
  #reader(collection: string, sides: readonly StageSide[] = []): DraftStage {
    const [producer] = this.#producersOf(collection);
    if (producer?.root === collection && this.#fresh(producer)) return producer;
    const { producer: transform } = this.#graph.collections.get(collection) as { producer: string };
    const channel = this.#write('blocks', transform, collection);
    const readers = this.#readers.get(channel.id) ?? [];
    const free = readers.find(
      (reader) => reader.steps.length < MAX_STEPS && !sides.some((side) => this.#dependsOn(side.channel, reader)),
    );
    if (free !== undefined && !this.#off.has('fusion')) return free;
    const stage = this.#newStage({ kind: 'channel', channel: channel.id }, collection);
    this.#readers.set(channel.id, [...readers, stage]);
    return stage;
  }

  /** Nothing has been fused into the stage yet, so the first reader may have it even when fusion is off. */
  #fresh(stage: DraftStage): boolean {
    return stage.steps.length === 0 && stage.writes.length === 0 && this.#off.has('fusion');
  }

  #newStage(input: StageInput, root: string): DraftStage {
    const after = new Set<number>();
    for (const channel of channelsOf(input)) for (const writer of this.#writersOf(channel)) after.add(writer.id);
    const stage: DraftStage = {
      id: this.#stages.length,
      input,
      root,
      steps: [],
      writes: [],
      sides: [],
      after,
      collections: new Set([root]),
    };
    this.#stages.push(stage);
    this.#producers.set(root, [stage]);
    return stage;
  }

  #produce(stage: DraftStage, collection: string): void {
    if (stage.collections.has(collection)) return;
    stage.collections.add(collection);
    const producers = this.#producers.get(collection);
    if (producers === undefined) this.#producers.set(collection, [stage]);
    else producers.push(stage);
  }

  #producersOf(collection: string): readonly DraftStage[] {
    return this.#producers.get(collection) ?? [];
  }

  #writersOf(channel: number): DraftStage[] {
    return this.#stages.filter((stage) => stage.writes.some((write) => write.channel === channel));
  }

  /** Whether a channel's content comes, however indirectly, out of the stage. */
  #dependsOn(channel: number, stage: DraftStage): boolean {
    const seen = new Set<number>();
    const pending = this.#writersOf(channel);
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      if (next === stage) return true;
      if (seen.has(next.id)) continue;
      seen.add(next.id);
      for (const id of next.after) pending.push(this.#stages[id]);
    }
    return false;
  }

  /** Whether a stage does anything that could be seen; a splittable transform alone may. */
  #isUseful({ steps, writes, input }: DraftStage): boolean {
    const reads = input.kind === 'channel' ? this.#channels[input.channel].kind : undefined;
    return steps.length > 0 || writes.length > 0 || reads === 'restrictions' || input.kind === 'external';
  }

  /** Stages so ordered that each comes after those it waits for; ones that do nothing are left out. */
  #ordered(): Stage[] {
    const useful = this.#stages.filter((stage) => this.#isUseful(stage));
    const done = new Set<number>(this.#stages.filter((stage) => !useful.includes(stage)).map(({ id }) => id));
    const order: DraftStage[] = [];
    while (order.length < useful.length) {
      const next = useful.find((stage) => !done.has(stage.id) && [...stage.after].every((id) => done.has(id)));
      if (next === undefined) throw new Error('The stages wait for each other');
      done.add(next.id);
      order.push(next);
    }
    const position = new Map(order.map((stage, i) => [stage.id, i]));
    return order.map((stage, id) => ({
      id,
      name: nameOf(stage, this.#channels),
      input: stage.input,
      root: stage.root,
      steps: stage.steps,
      writes: stage.writes,
      sides: stage.sides,
      after: [...stage.after].flatMap((before) => position.get(before) ?? []),
    }));
  }
}

/** Whether elements may have to wait before the transform: for a side input, their order, a checkpoint. */
function mayHoldBack(spec: Extract<TransformSpec, { kind: 'parDo' }>): boolean {
  const isStable = spec.fn.kind === 'doFn' && spec.fn.fn.requiresStableInput === true;
  return isStateful(spec) || isStable || Object.keys(spec.sides).length > 0;
}

function foreign({ name, location }: TransformNode): PipelineError {
  return new PipelineError(
    'EXTERNAL_TRANSFORM',
    `'${name}' is a transform of another SDK, which only portable runners run`,
    {
      transform: name,
      ...(location === undefined ? {} : { location }),
      hint: "run it on Prism, Flink or another portable runner: { runner: 'portable', endpoint: 'host:port' }",
    },
  );
}

function channelsOf(input: StageInput): readonly number[] {
  if (input.kind === 'channel') return [input.channel];
  return input.kind === 'external' ? Object.values(input.channels) : [];
}

function isGrouping(kind: ChannelKind): boolean {
  return kind === 'group' || kind === 'combine';
}

function nameOf(stage: DraftStage, channels: readonly Channel[]): string {
  if (stage.input.kind === 'external') return stage.input.transform;
  const names = [
    ...(stage.input.kind === 'channel' ? [channels[stage.input.channel].transform] : []),
    ...stage.steps.map(({ transform }) => transform),
  ];
  // What a stateful transform reads bears its name.
  const told = names.filter((name, i) => name !== names[i - 1]);
  if (told.length === 0) return stage.root;
  return told.length <= 3 ? told.join(' + ') : `${told[0]} + … + ${told[told.length - 1]}`;
}
