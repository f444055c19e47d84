import { type BundleInput, IMPULSE, onlyBlock } from '../../harness/bundle-input.ts';
import { DoFnLives } from '../../harness/do-fn-lives.ts';
import { StageFailures } from '../../harness/stage-failures.ts';
import { StageRunner } from '../../harness/stage-runner.ts';
import { IoError } from '../../sdk/errors.ts';
import type { Graph, TransformNode } from '../../sdk/graph/graph.ts';
import type { BundleCounts, BundleWork, ChannelOutput, RestrictionSplit } from '../core/coordination/messages.ts';
import type { Channel, ExecutionPlan, Stage } from '../core/plan/execution-plan.ts';
import type { SpillDisk } from '../core/spill-disk.ts';
import type { BundleControl } from './bundle-control.ts';
import { ChannelReader } from './channel-reader.ts';
import { type ChannelWriter, openChannelWriter } from './channel-writer.ts';
import { RestrictionList } from './restriction-list.ts';
import { RestrictionCodec } from './restriction-parts.ts';
import { shapeOfStage } from './shape-of-stage.ts';
import { SideInputStore } from './side-input-store.ts';

/** What all workers of a job have in common; plain data. */
export interface ExecutorSettings {
  /** Folder of the job's temporary files. */
  readonly folder: string;
  /** Partitions of a grouping. */
  readonly partitions: number;
  readonly strict: boolean;
  /** Whether error messages leave elements out; default false. */
  readonly redactErrors?: boolean;
  /** Bytes that one worker may use to collect what its bundle writes. */
  readonly bufferBytes: number;
  /** Most runs on disk that a grouping reads at once; more are merged before. */
  readonly fanIn?: number;
}

/** The outside world, as the worker is given it. */
export interface ExecutorEnvironment {
  now(): number;
  readonly disk: SpillDisk;
  /** Closes what is open on the disk; called when a bundle is over, so that removed files do not keep their space. */
  closeFiles?(): void;
  readonly currentStep: Int32Array;
  /** Where elements are counted while a bundle runs. */
  readonly counts?: Float64Array;
  /** Asked now and then in a bundle: a promise when the event loop should have its turn. */
  breathe?(): Promise<void> | undefined;
  /** Waits before a restriction is taken up again. */
  sleep?(millis: number): Promise<void>;
}

/** What a bundle comes to. */
export interface BundleResult {
  readonly outputs: readonly ChannelOutput[];
  readonly counts: BundleCounts;
}

type OpenInput = Exclude<BundleInput, { kind: 'groups' | 'combined' }> | ReturnType<ChannelReader['groups']>;

/** Names of the files that an attempt writes begin with this. */
export function attemptPrefix(bundle: number, attempt: number): string {
  return `bundle-${bundle}-${attempt}-`;
}

/** More than this in one buffer makes runs longer and nothing faster. */
const MAX_BUFFER = 32 * 1024 * 1024;

/** Runs bundles: joins the harness, which knows the user's functions, with the channels, which know where data lies. */
export class BundleExecutor {
  readonly #graph: Graph;
  readonly #plan: ExecutionPlan;
  readonly #settings: ExecutorSettings;
  readonly #environment: ExecutorEnvironment;
  readonly #runners = new Map<number, StageRunner>();
  readonly #codecs = new Map<string, RestrictionCodec>();
  readonly #lives = new DoFnLives();
  readonly #sides: SideInputStore;
  readonly #reader: ChannelReader;
  #current: StageRunner | undefined;

  constructor(graph: Graph, plan: ExecutionPlan, settings: ExecutorSettings, environment: ExecutorEnvironment) {
    this.#graph = graph;
    this.#plan = plan;
    this.#settings = settings;
    this.#environment = environment;
    this.#reader = new ChannelReader(graph, environment.disk, settings.fanIn);
    this.#sides = new SideInputStore(graph, plan, this.#reader, settings.strict);
  }

  /** Runs one bundle; `onSplit` is told each part of its restriction that it gives away. @throws what made it fail. */
  async execute(
    work: BundleWork,
    control: BundleControl,
    onSplit: (split: RestrictionSplit) => void,
  ): Promise<BundleResult> {
    const stage = this.#plan.stages[work.stage];
    // First of all: the coordinator takes any answer to mean that the side inputs have come.
    this.#sides.enter(stage, work.sides, work.finished);
    const writers: ChannelWriter[] = [];
    let input: OpenInput | undefined;
    try {
      const runner = this.#runner(stage);
      this.#openWriters(stage, work, writers);
      input = this.#open(stage, work, control, onSplit);
      this.#current = runner;
      const counts = await runner.run({
        input,
        sinks: writers.map(({ sink }) => sink),
        sideInputs: this.#sides,
        signal: control,
      });
      const outputs = writers.map((writer, i) => this.#close(writer, stage.writes[i].channel));
      // Only now can nothing of the bundle fail any more; what it tells the outside is told at most once.
      for (const callback of runner.takeAfterCommit()) await callback();
      return { counts, outputs };
    } catch (error) {
      for (const writer of writers) tryTo(() => writer.abort());
      throw error;
    } finally {
      this.#current = undefined;
      if (input?.kind === 'groups' || input?.kind === 'combined') {
        const { reader } = input;
        tryTo(() => reader.close());
      }
      this.#environment.closeFiles?.();
    }
  }

  /** Makes the running bundle fail where it waits for user functions. */
  cancel(error: unknown): void {
    this.#current?.cancel(error);
  }

  /** Ends the lives of all user functions. @throws the first failure. */
  end(): Promise<void> {
    return this.#lives.tearDown();
  }

  /** What is still in the writer's buffer is combined and encoded now: the user's CombineFn or coder may fail. */
  #close(writer: ChannelWriter, channel: number): ChannelOutput {
    try {
      return writer.close();
    } catch (error) {
      throw new StageFailures(
        this.#graph,
        [this.#channel(channel).transform],
        this.#settings.redactErrors ?? false,
      ).attribute(0, error);
    }
  }

  #channel(id: number): Channel {
    return this.#plan.channels[id];
  }

  #node(name: string): TransformNode {
    return this.#graph.transforms.get(name) as TransformNode;
  }

  #runner(stage: Stage): StageRunner {
    let runner = this.#runners.get(stage.id);
    if (runner === undefined) {
      const { strict, redactErrors = false } = this.#settings;
      const environment = { ...this.#environment, strict, redactErrors };
      runner = new StageRunner(this.#graph, shapeOfStage(this.#plan, stage), environment, this.#lives);
      this.#runners.set(stage.id, runner);
    }
    return runner;
  }

  #codec(transform: string): RestrictionCodec {
    let codec = this.#codecs.get(transform);
    if (codec === undefined) {
      codec = new RestrictionCodec(this.#graph, this.#node(transform));
      this.#codecs.set(transform, codec);
    }
    return codec;
  }

  #openWriters(stage: Stage, work: BundleWork, writers: ChannelWriter[]): void {
    const count = Math.max(1, stage.writes.length);
    for (const { channel: id } of stage.writes) {
      const channel = this.#channel(id);
      const writer = openChannelWriter(this.#graph, channel, {
        partitions: this.#settings.partitions,
        bufferBytes: Math.min(MAX_BUFFER, this.#settings.bufferBytes / 4 / count),
        inMemoryBytes: work.memoryAllowance / count,
        disk: this.#environment.disk,
        name: `${attemptPrefix(work.bundle, work.attempt)}${id}`,
        codec: channel.kind === 'restrictions' ? this.#codec(channel.transform) : undefined,
      });
      writers.push(writer);
    }
  }

  #open(
    stage: Stage,
    { source, bundle, attempt }: BundleWork,
    control: BundleControl,
    onSplit: (split: RestrictionSplit) => void,
  ): OpenInput {
    if (source.kind === 'impulse') {
      return { kind: 'blocks', next: onlyBlock(IMPULSE) };
    }
    if (stage.input.kind !== 'channel') throw new Error(`Stage ${stage.name} reads no channel`);
    const channel = this.#channel(stage.input.channel);
    if (source.kind === 'partition') {
      return this.#reader.groups(channel, source.parts, source.partition, `${attemptPrefix(bundle, attempt)}merge`);
    }
    if (source.kind === 'blocks') return { kind: 'blocks', next: this.#reader.blocks(channel, source.parts) };
    return {
      kind: 'restrictions',
      reader: new RestrictionList(this.#codec(channel.transform), source, control, onSplit),
    };
  }
}

/** What is left on disk by then is the coordinator's to remove. */
function tryTo(remove: () => void): void {
  try {
    remove();
  } catch (error) {
    if (!(error instanceof IoError)) throw error;
  }
}
