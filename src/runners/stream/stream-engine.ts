import { DoFnLives } from '../../harness/do-fn-lives.ts';
import { StageFailures } from '../../harness/stage-failures.ts';
import type { CommitCallback, StageEnvironment } from '../../harness/stage-program.ts';
import { type Cancellation, StageRunner } from '../../harness/stage-runner.ts';
import type { CollectionNode, Graph, TransformNode } from '../../sdk/graph/graph.ts';
import { isStateful } from '../../sdk/state/check-stateful.ts';
import type { ElementSink } from '../../sdk/transforms/element-sink.ts';
import { JobCounts } from '../core/coordination/job-counts.ts';
import type { Channel, ExecutionPlan, Stage } from '../core/plan/execution-plan.ts';
import type { KeyedStates } from '../core/state/keyed-states.ts';
import type { StateBackend } from '../core/state/state-backend.ts';
import { RestrictionCodec } from '../worker/restriction-parts.ts';
import { shapeOfStage } from '../worker/shape-of-stage.ts';
import { CountsPart } from './counts-part.ts';
import { ElementCodec } from './element-codec.ts';
import { FanOut } from './element-queue.ts';
import { ElementUnit, type ElementWaits } from './element-unit.ts';
import { EncodingSink } from './encoding-sink.ts';
import { type CheckpointPart, restoreParts, saveParts } from './engine-checkpoint.ts';
import { GroupingUnit } from './grouping-unit.ts';
import { KeptElements } from './kept-elements.ts';
import { firesOnce } from './make-grouping.ts';
import { ImpulseUnit, TestStreamUnit } from './root-units.ts';
import { SideContents } from './side-contents.ts';
import { StreamSideInputs } from './side-inputs.ts';
import { type SourceOptions, SourceUnit } from './source-unit.ts';
import type { StageUnit, TableOptions, UnitEnvironment } from './stage-unit.ts';
import { StatefulSourceUnit } from './stateful-source-unit.ts';
import { keyedStatesOf, StatefulUnit } from './stateful-unit.ts';
import { StepTime } from './step-time.ts';
import { TriggeredGroupingUnit } from './triggered-grouping-unit.ts';
import { WindowGroupingUnit } from './window-grouping-unit.ts';

/**
 * What is for state: half of the memory budget, less what the program and V8 take whatever there is in state, but a quarter
 * at least. The rest is for elements on their way and for garbage, of which the heap keeps about as much again.
 */
const STATE_SHARE = 0.5;
const LEAST_STATE_SHARE = 0.25;
const PROGRAM_BYTES = 128 * 1024 * 1024;

/** State that leaves memory, without checkpoints, before the disk is tidied up. */
const FRESH_BYTES = 64 * 1024 * 1024;

/** What the engine reaches outside of the graph. */
export interface EngineEnvironment {
  /** Milliseconds since 1970. */
  now(): number;
  /** Something has come that a step should look at. */
  wake(): void;
  readonly signal: Cancellation;
  /** Slot 0 holds the step at work. */
  readonly currentStep: Int32Array;
  readonly strict: boolean;
  readonly redactErrors: boolean;
  /** The memory budget in bytes: each `collect()` may keep that much, and a share of it is for state. */
  readonly memory: number;
  /** Keeps the state of the last checkpoint, and what no memory is left for. */
  readonly backend: StateBackend;
  /** There are checkpoints that elements can wait for. */
  readonly commits: boolean;
}

/**
 * Runs a plan in steps: each goes through all stages in topological order, with the elements, watermarks and timers that
 * there are; between two steps nothing is in flight (docs/decisions/0011-streaming-in-steps.md).
 */
export class StreamEngine {
  readonly counts = new JobCounts();
  readonly #graph: Graph;
  readonly #plan: ExecutionPlan;
  readonly #environment: EngineEnvironment;
  readonly #time: StepTime;
  readonly #tables: TableOptions;
  readonly #units: StageUnit[] = [];
  readonly #testStreams: TestStreamUnit[] = [];
  readonly #sources: SourceUnit[] = [];
  readonly #sides = new Map<number, SideContents>();
  readonly #kept = new Map<number, KeptElements>();
  readonly #lives = new DoFnLives();
  readonly #afterCommit: CommitCallback[] = [];
  #nextTestStream = 0;
  #atWork: StageUnit | undefined;

  constructor(graph: Graph, plan: ExecutionPlan, environment: EngineEnvironment) {
    this.#graph = graph;
    this.#plan = plan;
    this.#environment = environment;
    this.#tables = this.#shareOut(environment);
    this.#time = new StepTime(
      environment.now,
      plan.stages.some(({ input }) => input.kind === 'testStream'),
    );
    for (const { channel } of plan.kept) this.#keep(channel);
    // Side inputs are found by channel before there is anything to read from them.
    const sideInputs = new StreamSideInputs(plan.stages, this.#sides, environment.strict);
    const unitEnvironment: UnitEnvironment = {
      clock: this.#time,
      counts: this.counts,
      sideInputs,
      signal: environment.signal,
      afterCommit: this.#afterCommit,
      wake: () => environment.wake(),
    };
    for (const stage of plan.stages) {
      this.#makeSides(stage);
      const unit = this.#makeUnit(stage, unitEnvironment, sideInputs);
      this.#units.push(unit);
      const { allowedLateness } = this.#collection(stage.root).windowing;
      for (const { channel } of stage.sides) this.#sides.get(channel)?.readers.push({ unit, allowedLateness });
    }
    this.#connect();
  }

  /** Once through the graph. True when there was anything to do. */
  async step(): Promise<boolean> {
    this.#time.begin();
    let worked = false;
    for (const unit of this.#units) {
      this.#atWork = unit;
      for (const { channel } of unit.stage.sides) if (this.#sides.get(channel)?.advance()) worked = true;
      if (await unit.step()) worked = true;
    }
    this.#atWork = undefined;
    for (const side of this.#sides.values()) side.forget();
    const { backend, commits } = this.#environment;
    // Where nobody goes back, a commit only makes room on the disk.
    if (!commits && backend.fresh > FRESH_BYTES) backend.commit();
    return worked;
  }

  /** Lets one test stream go on, when a step found nothing to do. False when there is none, or a source is still busy. */
  play(): boolean {
    if (this.#sources.some(({ isBusy }) => isBusy)) return false;
    const streams = this.#testStreams;
    for (let i = 0; i < streams.length; i++) {
      const stream = streams[(this.#nextTestStream + i) % streams.length];
      const event = stream.play();
      if (event === undefined) continue;
      this.#nextTestStream = (this.#nextTestStream + i + (event.kind === 'elements' ? 0 : 1)) % streams.length;
      if (event.kind === 'processingTime') this.#time.advance(event.byMillis);
      return true;
    }
    return this.#time.skipTo(this.nextProcessingTime());
  }

  /** When there is something to do though nothing comes: timers, restrictions to be taken up again. */
  nextProcessingTime(): number {
    let least = Number.POSITIVE_INFINITY;
    for (const unit of this.#units) least = Math.min(least, unit.nextProcessingTime());
    for (const side of this.#sides.values()) least = Math.min(least, side.nextProcessingTime());
    return least;
  }

  /** All input has been processed and all time has passed. */
  get isDone(): boolean {
    return this.#units.every(({ isDone }) => isDone);
  }

  /** The stage whose turn it is; `undefined` between two steps. What it keeps must not be asked for meanwhile. */
  get atWork(): StageUnit | undefined {
    return this.#atWork;
  }

  /** Processing time is that of test streams. */
  get hasVirtualTime(): boolean {
    return this.#time.isVirtual;
  }

  get units(): readonly StageUnit[] {
    return this.#units;
  }

  /** Nothing is left to do but what waits for a checkpoint. */
  get awaitsCheckpoint(): boolean {
    return this.#sources.every(({ isIdle }) => isIdle) && this.#units.some(({ isUnstable }) => isUnstable);
  }

  /** Asks all sources to come to a point where nothing is under way. True when they have; `go` lets them begin again. */
  stopSources(): boolean {
    let stopped = true;
    for (const source of this.#sources) if (!source.stop()) stopped = false;
    return stopped;
  }

  go(): void {
    for (const source of this.#sources) source.go();
  }

  /** Writes everything that is to survive into the backend; the caller commits. Between steps, when sources have stopped. */
  save(): void {
    saveParts(this.#parts(), this.#environment.backend, this.#environment.now());
  }

  /**
   * Goes on where the backend's last commit was.
   *
   * @returns when that was, in milliseconds since 1970, if it is known
   * @throws RunnerError `CHECKPOINT_INCOMPATIBLE`
   */
  restore(): number | undefined {
    return restoreParts(this.#parts(), this.#environment.backend);
  }

  #parts(): CheckpointPart[] {
    return [...this.#units, ...this.#sides.values(), ...this.#kept.values(), new CountsPart(this.counts)];
  }

  /** Open windows are finished and sources without end given up. */
  drain(): void {
    for (const source of this.#sources) source.drain();
  }

  /** Tells the outside that what was done so far is durable. */
  async committed(): Promise<void> {
    for (const unit of this.#units) unit.committed();
    for (const callback of this.#afterCommit.splice(0)) await callback();
  }

  /** What `collect()` has kept, by transform. */
  collected(): Record<string, readonly unknown[]> {
    const collected: Record<string, readonly unknown[]> = {};
    for (const { transform, channel } of this.#plan.kept) {
      collected[transform] = (this.#kept.get(channel) as KeptElements).elements;
    }
    return collected;
  }

  /** Makes the step at work fail where it waits for asynchronous calls of user code. */
  cancel(error: unknown): void {
    this.#atWork?.cancel(error);
  }

  /** Ends all calls and lives. @throws the first failure of a teardown. */
  async close(): Promise<void> {
    for (const source of this.#sources) await source.close();
    await this.#lives.tearDown();
  }

  #node(name: string): TransformNode {
    return this.#graph.transforms.get(name) as TransformNode;
  }

  #collection(id: string): CollectionNode {
    return this.#graph.collections.get(id) as CollectionNode;
  }

  #keep(channel: number): void {
    const { memory } = this.#environment;
    const node = this.#plan.channels[channel];
    this.#kept.set(channel, new KeptElements(node, this.#collection(node.collection).coder, memory));
  }

  #makeSides({ sides }: Stage): void {
    for (const { channel } of sides) {
      if (this.#sides.has(channel)) continue;
      const collection = this.#collection(this.#plan.channels[channel].collection);
      const contents = new SideContents(collection, this.#writersOf(channel), this.#time);
      this.#sides.set(channel, contents);
    }
  }

  #makeUnit(stage: Stage, environment: UnitEnvironment, sideInputs: StreamSideInputs): StageUnit {
    const { input } = stage;
    if (input.kind === 'impulse') return new ImpulseUnit(stage, this.#runner(stage), environment);
    if (input.kind === 'testStream') {
      const { spec } = this.#node(input.transform);
      const events = spec?.kind === 'testStream' ? spec.events : [];
      const unit = new TestStreamUnit(stage, this.#runner(stage), environment, events);
      this.#testStreams.push(unit);
      return unit;
    }
    const channel = this.#plan.channels[input.channel];
    const unit = this.#makeReader(stage, channel, environment, sideInputs);
    unit.upstream.push(...this.#writersOf(channel.id));
    return unit;
  }

  #makeReader(stage: Stage, channel: Channel, environment: UnitEnvironment, sideInputs: StreamSideInputs): StageUnit {
    const node = this.#node(channel.transform);
    switch (channel.kind) {
      case 'group':
      case 'combine': {
        const input = this.#collection(channel.collection);
        const Unit = firesOnce(input.windowing) ? WindowGroupingUnit : TriggeredGroupingUnit;
        const grouped = { node, input, failures: this.#failures() };
        return new Unit(stage, this.#runner(stage), environment, grouped, this.#tables);
      }
      case 'restrictions': {
        if (node.spec?.kind !== 'parDo' || node.spec.fn.kind !== 'splittable') break;
        const input = this.#collection(channel.collection);
        const options: SourceOptions = {
          node,
          fn: node.spec.fn.fn,
          lives: this.#lives,
          failures: this.#failures(),
          codec: new RestrictionCodec(this.#graph, node),
          sides: sideInputs.of(stage),
          allowedLateness: input.windowing.allowedLateness,
        };
        const unit = isStateful(node.spec)
          ? this.#statefulSource(stage, input, environment, options)
          : new SourceUnit(stage, this.#runner(stage), environment, options);
        this.#sources.push(unit);
        return unit;
      }
      case 'keyed': {
        const keyed = keyedStatesOf(node, this.#collection(stage.root), this.#tables);
        const waits = this.#waits(stage, sideInputs);
        const stateful = this.#runner(stage, keyed);
        return new StatefulUnit(stage, keyed, stateful, environment, this.#codecOf(stage), waits, channel.collection);
      }
      case 'blocks':
        return new ElementUnit(
          stage,
          this.#runner(stage),
          environment,
          this.#codecOf(stage),
          this.#waits(stage, sideInputs),
          channel.collection,
        );
    }
    throw new Error(`Transform ${node.name} is not splittable`);
  }

  #statefulSource(
    stage: Stage,
    input: CollectionNode,
    environment: UnitEnvironment,
    options: SourceOptions,
  ): StatefulSourceUnit {
    const keyed = keyedStatesOf(options.node, input, this.#tables);
    return new StatefulSourceUnit(stage, keyed, this.#runner(stage, keyed), environment, options);
  }

  #codecOf({ root }: Stage): ElementCodec {
    return new ElementCodec(this.#collection(root));
  }

  #waits(stage: Stage, sideInputs: StreamSideInputs): ElementWaits {
    const spec = stage.steps.length === 0 ? undefined : this.#node(stage.steps[0].transform).spec;
    const needsStable = spec?.kind === 'parDo' && spec.fn.kind === 'doFn' && spec.fn.fn.requiresStableInput === true;
    return { sides: sideInputs.of(stage), isStable: needsStable && this.#environment.commits };
  }

  /** The budget is shared out evenly among the stages that keep state. */
  #shareOut({ backend, memory }: EngineEnvironment): TableOptions {
    const read = this.#plan.stages.flatMap(({ input }) =>
      input.kind === 'channel' ? [this.#plan.channels[input.channel]] : [],
    );
    const keyed = read.filter(({ kind, transform }) =>
      kind === 'restrictions' ? isStateful(this.#node(transform).spec) : kind !== 'blocks',
    );
    const tables = Math.max(1, keyed.length);
    const forState = Math.max(memory * LEAST_STATE_SHARE, memory * STATE_SHARE - PROGRAM_BYTES);
    return { backend, budget: forState / tables, tables };
  }

  #runner(stage: Stage, keyed?: KeyedStates): StageRunner {
    const { strict, redactErrors, currentStep } = this.#environment;
    const environment: StageEnvironment = { now: () => this.#time.processingTime, strict, redactErrors, currentStep };
    return new StageRunner(this.#graph, shapeOfStage(this.#plan, stage), environment, this.#lives, keyed);
  }

  /** Where elements enter a stage. */
  #strictly({ stage: { input } }: StageUnit, reader: ElementSink): ElementSink {
    if (!this.#environment.strict || input.kind !== 'channel') return reader;
    return new EncodingSink(this.#collection(this.#plan.channels[input.channel].collection).coder, reader);
  }

  #failures(): StageFailures {
    return new StageFailures(this.#graph, [], this.#environment.redactErrors);
  }

  #writersOf(channel: number): StageUnit[] {
    return this.#units.filter(({ stage }) => stage.writes.some((write) => write.channel === channel));
  }

  /** Joins what each stage writes with those who read it. */
  #connect(): void {
    const readers = new Map<number, ElementSink[]>(this.#plan.channels.map(({ id }) => [id, []]));
    const add = (channel: number, sink: ElementSink) => (readers.get(channel) as ElementSink[]).push(sink);
    for (const unit of this.#units) {
      const { input } = unit.stage;
      if (input.kind !== 'channel') continue;
      if (unit instanceof ElementUnit || unit instanceof StatefulUnit)
        add(input.channel, this.#strictly(unit, unit.queue));
      else if (unit instanceof GroupingUnit) add(input.channel, this.#strictly(unit, unit));
      else if (unit instanceof SourceUnit) add(input.channel, unit);
    }
    for (const [channel, side] of this.#sides) add(channel, side);
    for (const [channel, kept] of this.#kept) add(channel, kept);
    for (const unit of this.#units) {
      unit.connect(
        unit.stage.writes.map(({ channel }) => {
          const sinks = readers.get(channel) as ElementSink[];
          return sinks.length === 1 ? sinks[0] : new FanOut(sinks);
        }),
      );
    }
  }
}
