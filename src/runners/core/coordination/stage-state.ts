import type { StageProgress } from '../../../sdk/pipeline/pipeline-result.ts';
import type { ExecutionPlan, Stage } from '../plan/execution-plan.ts';
import type { Bundle } from './bundle.ts';

/** How far the bundle that a worker is at has come. */
export interface RunningShare {
  /** 0 to 1. */
  readonly fraction: number;
  /** Elements that have entered the stage. */
  readonly elements: number;
}

/** A stage and its bundles. */
export class StageState {
  readonly stage: Stage;
  /** Stages that must be done before this one starts. */
  readonly needs: readonly StageState[];
  /** Stages that this one follows partition by partition: they write its input, and each keeps to its partitions. */
  readonly feeders: readonly StageState[];
  /** Stages that write its input. */
  readonly writers: readonly StageState[];
  state: 'waiting' | 'running' | 'done' = 'waiting';
  readonly bundles: Bundle[] = [];
  /** By the partition that enters them. */
  readonly partitions = new Map<number, Bundle>();
  done = 0;
  elements = 0;
  bytes = 0;
  #shown = 0;
  #shownElements = 0;

  constructor(
    stage: Stage,
    needs: readonly StageState[],
    feeders: readonly StageState[],
    writers: readonly StageState[],
  ) {
    this.stage = stage;
    this.writers = writers;
    this.needs = needs;
    this.feeders = feeders;
  }

  get mayStart(): boolean {
    return (
      this.state === 'waiting' &&
      this.needs.every(({ state }) => state === 'done') &&
      this.feeders.every(({ state }) => state !== 'waiting')
    );
  }

  get mayEnd(): boolean {
    return (
      this.state === 'running' &&
      this.done === this.bundles.length &&
      this.feeders.every(({ state }) => state === 'done')
    );
  }

  /** Whether nothing more will come out of a partition: its bundle is done, or there will be none. */
  isSettled(partition: number): boolean {
    if (this.state !== 'running') return this.state === 'done';
    const bundle = this.partitions.get(partition);
    if (bundle !== undefined) return bundle.state === 'done';
    return this.feeders.every((feeder) => feeder.isSettled(partition));
  }

  /** Never goes back, though splits and retries make the work known so far larger. */
  progress(shareOf: (bundle: Bundle) => RunningShare): StageProgress & { readonly work: number } {
    let total = 0;
    let done = 0;
    let elements = this.elements;
    for (const bundle of this.bundles) {
      total += bundle.size;
      if (bundle.state === 'done') done += bundle.size;
      else if (bundle.state === 'running') {
        const share = shareOf(bundle);
        done += bundle.size * share.fraction;
        elements += share.elements;
      }
    }
    if (this.state === 'done') this.#shown = 1;
    // What is not known to be the end is not shown as the end.
    else if (total > 0) this.#shown = Math.max(this.#shown, Math.min(done / total, 0.99));
    this.#shownElements = Math.max(this.#shownElements, elements);
    return {
      name: this.stage.name,
      state: this.state,
      fraction: this.#shown,
      work: total,
      elements: this.state === 'done' ? this.elements : this.#shownElements,
      bytes: this.bytes,
      bundlesDone: this.done,
      bundlesTotal: this.bundles.length,
    };
  }
}

/** The states of a plan's stages, in its order. */
export function stageStates({ stages, channels }: ExecutionPlan): StageState[] {
  const states: StageState[] = [];
  for (const stage of stages) {
    const writersOf = (channel: number) =>
      states.filter((state) => state.stage.writes.some((write) => write.channel === channel));
    const { input } = stage;
    const follows = input.kind === 'channel' && channels[input.channel].keepsPartitions;
    const writers = input.kind === 'channel' ? writersOf(input.channel) : [];
    const feeders = follows ? writers : [];
    const sides = new Set(stage.sides.flatMap(({ channel }) => writersOf(channel)));
    const needs = stage.after.map((id) => states[id]).filter((state) => sides.has(state) || !feeders.includes(state));
    states.push(new StageState(stage, needs, feeders, writers));
  }
  return states;
}
