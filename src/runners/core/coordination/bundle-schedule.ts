import type { Channel, ExecutionPlan, Stage } from '../plan/execution-plan.ts';
import { type Bundle, BundleQueue } from './bundle.ts';
import { type Cut, cutPartitions, cutParts } from './bundle-cuts.ts';
import type { ChannelContents } from './channel-contents.ts';
import type { RestrictionSplit } from './messages.ts';
import { type StageState, stageStates } from './stage-state.ts';

/** The stages of a job and their bundles: which there are, which wait, and which come next. */
export class BundleSchedule {
  /** In the order of the plan. */
  readonly stages: readonly StageState[];
  readonly #channels: readonly Channel[];
  readonly #contents: ChannelContents;
  readonly #bundles: Bundle[] = [];
  readonly #queue = new BundleQueue();

  constructor(plan: ExecutionPlan, contents: ChannelContents) {
    this.stages = stageStates(plan);
    this.#channels = plan.channels;
    this.#contents = contents;
  }

  get isDone(): boolean {
    return this.stages.every(({ state }) => state === 'done');
  }

  bundle(id: number): Bundle | undefined {
    return this.#bundles[id];
  }

  stageOf(bundle: Bundle): StageState {
    return this.stages[bundle.stage];
  }

  /** The next bundle that waits for a worker. */
  take(): Bundle | undefined {
    return this.#queue.take();
  }

  /** A bundle has failed and is to run again. */
  again(bundle: Bundle): void {
    this.#queue.pushAgain(bundle);
  }

  /** Starts stages whose inputs are complete, to be shared by so many workers; `ended` is told those that are over. */
  advance(workers: number, ended: (stage: Stage) => void): void {
    for (let changed = true; changed; ) {
      changed = false;
      for (const state of this.stages) {
        if (state.mayStart) {
          state.state = 'running';
          if (state.feeders.length === 0) for (const cut of this.#cuts(state.stage, workers)) this.#add(state, cut);
          changed = true;
        }
        if (state.state === 'running' && state.feeders.length > 0) this.#follow(state);
        if (state.mayEnd) {
          state.state = 'done';
          ended(state.stage);
          changed = true;
        }
      }
    }
  }

  /** A running bundle has given a part of its restrictions away, which is a bundle of its own from now on. */
  split(bundle: Bundle, { index, kept, shortened, residual }: RestrictionSplit): void {
    const { source } = bundle;
    if (index !== bundle.splits || source?.kind !== 'restrictions') return;
    bundle.splits++;
    const parts = source.parts.slice(0, kept);
    const sizes = source.sizes.slice(0, kept);
    if (shortened !== undefined) {
      parts[shortened.at] = shortened.part;
      sizes[shortened.at] = shortened.size;
    }
    bundle.source = { kind: 'restrictions', parts, sizes };
    bundle.size = sum(sizes);
    const rest: Cut = { source: { kind: 'restrictions', ...residual }, size: sum(residual.sizes) };
    this.#add(this.stageOf(bundle), rest);
  }

  #cuts({ input }: Stage, workers: number): Cut[] {
    if (input.kind === 'impulse') return [{ source: { kind: 'impulse' }, size: 1 }];
    if (input.kind === 'testStream') throw new Error(`Stage ${input.transform} runs in steps only`);
    if (input.kind === 'external') throw new Error(`Stage ${input.transform} is shown only`);
    const { id, kind } = this.#channels[input.channel];
    if (kind === 'keyed') throw new Error(`Channel ${id} is read in steps only`);
    if (kind === 'group' || kind === 'combine') return cutPartitions(this.#contents.partitionSizes(id));
    return cutParts(kind, this.#contents.of(id), workers);
  }

  /** Starts on the partitions that the stages before have finished. */
  #follow(state: StageState): void {
    const { input } = state.stage;
    if (input.kind !== 'channel') return;
    for (const { source, size } of cutPartitions(this.#contents.partitionSizes(input.channel))) {
      if (source.kind !== 'partition' || state.partitions.has(source.partition)) continue;
      if (state.feeders.every((feeder) => feeder.isSettled(source.partition))) this.#add(state, { source, size });
    }
  }

  #add(state: StageState, { source, size }: Cut): void {
    const bundle: Bundle = {
      id: this.#bundles.length,
      stage: state.stage.id,
      source,
      size,
      attempt: 0,
      sequence: 0,
      state: 'pending',
      worker: undefined,
      sentAt: 0,
      allowance: 0,
      splits: 0,
      splitAskedAt: Number.NEGATIVE_INFINITY,
      failure: undefined,
      failsAlike: true,
    };
    this.#bundles.push(bundle);
    state.bundles.push(bundle);
    if (source.kind === 'partition') state.partitions.set(source.partition, bundle);
    this.#queue.push(bundle);
  }
}

function sum(numbers: readonly number[]): number {
  let total = 0;
  for (const number of numbers) total += number;
  return total;
}
