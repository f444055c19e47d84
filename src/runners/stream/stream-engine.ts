import { DoFnLives } from '../../harness/do-fn-lives.ts';
import type { CommitCallback } from '../../harness/stage-program.ts';
import type { CollectionNode, Graph } from '../../sdk/graph/graph.ts';
import type { ElementSink } from '../../sdk/transforms/element-sink.ts';
import { JobCounts } from '../core/coordination/job-counts.ts';
import type { ExecutionPlan, Stage } from '../core/plan/execution-plan.ts';
import { CountsPart } from './counts-part.ts';
import { FanOut } from './element-queue.ts';
import { ElementUnit } from './element-unit.ts';
import { EncodingSink } from './encoding-sink.ts';
import { type CheckpointPart, restoreParts, saveParts } from './engine-checkpoint.ts';
import type { EngineEnvironment } from './engine-environment.ts';
import { GroupingUnit } from './grouping-unit.ts';
import { KeptElements } from './kept-elements.ts';
import { TestStreamUnit } from './root-units.ts';
import { SideContents } from './side-contents.ts';
import { StreamSideInputs } from './side-inputs.ts';
import { SourceUnit } from './source-unit.ts';
import type { StageUnit, UnitEnvironment } from './stage-unit.ts';
import { StatefulUnit } from './stateful-unit.ts';
import { StepTime } from './step-time.ts';
import { UnitFactory } from './unit-factory.ts';

/** State that leaves memory, without checkpoints, before the disk is tidied up. */
const FRESH_BYTES = 64 * 1024 * 1024;

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
      lateWarnings: this.#time.isVirtual ? undefined : environment.lateWarnings,
    };
    const parts = { graph, plan, engine: environment, lives: this.#lives, sideInputs, environment: unitEnvironment };
    const factory = new UnitFactory(parts);
    for (const stage of plan.stages) {
      this.#makeSides(stage);
      const unit = factory.make(stage);
      if (stage.input.kind === 'channel') unit.upstream.push(...this.#writersOf(stage.input.channel));
      this.#units.push(unit);
      if (unit instanceof SourceUnit) this.#sources.push(unit);
      if (unit instanceof TestStreamUnit) this.#testStreams.push(unit);
      const { allowedLateness } = this.#collection(stage.root).windowing;
      for (const { channel } of stage.sides) this.#sides.get(channel)?.readers.push({ unit, allowedLateness });
    }
    for (const [channel, kept] of this.#kept) kept.upstream.push(...this.#writersOf(channel));
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

  /** Where elements enter a stage. */
  #strictly({ stage: { input } }: StageUnit, reader: ElementSink): ElementSink {
    if (!this.#environment.strict || input.kind !== 'channel') return reader;
    return new EncodingSink(this.#collection(this.#plan.channels[input.channel].collection).coder, reader);
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
