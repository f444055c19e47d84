import { type BundleInput, type ElementBlock, onlyBlock } from '../../harness/bundle-input.ts';
import type { SideInputReader } from '../../harness/side-input-reader.ts';
import type { CommitCallback } from '../../harness/stage-program.ts';
import type { Cancellation, StageRunner } from '../../harness/stage-runner.ts';
import type { ByteReader } from '../../sdk/coders/byte-reader.ts';
import type { ByteWriter } from '../../sdk/coders/byte-writer.ts';
import type { MetricCells } from '../../sdk/metrics/metric-cells.ts';
import type { ElementSink } from '../../sdk/transforms/element-sink.ts';
import { MAX_TIMESTAMP, MIN_TIMESTAMP } from '../../sdk/windows/timestamp.ts';
import type { JobCounts } from '../core/coordination/job-counts.ts';
import type { Stage } from '../core/plan/execution-plan.ts';
import type { DroppedElements } from '../core/state/dropped-elements.ts';
import type { StateBackend } from '../core/state/state-backend.ts';
import type { CheckpointPart } from './engine-checkpoint.ts';
import type { LateWarnings } from './late-warnings.ts';

const DROPPED = 'droppedDueToLateness';

/** Time as a step sees it: the same for all of its stages. */
export interface StepClock {
  /** Milliseconds since 1970. */
  readonly processingTime: number;
}

/** Where keyed state lies, and how much of it in memory. */
export interface TableOptions {
  readonly backend: StateBackend;
  /** Bytes. */
  readonly budget: number;
  /** Tables that there are. */
  readonly tables: number;
}

/** What the stages of an engine share. */
export interface UnitEnvironment {
  readonly clock: StepClock;
  readonly counts: JobCounts;
  readonly sideInputs: SideInputReader;
  readonly signal: Cancellation;
  /** Called back after the next checkpoint. */
  readonly afterCommit: CommitCallback[];
  /** Absent where time is that of test streams, which are made to be late. */
  readonly lateWarnings: LateWarnings | undefined;
  /** Something has come that a step should look at. */
  wake(): void;
}

/**
 * One stage at work. In each step the engine calls `step` once, after the stages that write to it; elements come before
 * that, through the sinks that the unit hands out.
 */
export abstract class StageUnit implements CheckpointPart {
  readonly stage: Stage;
  readonly id: string;
  /** Those whose outputs enter this one. */
  readonly upstream: StageUnit[] = [];
  /** Nothing earlier comes in any more, but late. */
  inputWatermark: number = MIN_TIMESTAMP;
  /** Nothing earlier goes out any more, but late. */
  outputWatermark: number = MIN_TIMESTAMP;
  protected readonly environment: UnitEnvironment;
  readonly #runner: StageRunner;
  #sinks: readonly ElementSink[] = [];

  /** `id` names the unit in checkpoints. */
  constructor(id: string, stage: Stage, runner: StageRunner, environment: UnitEnvironment) {
    this.id = id;
    this.stage = stage;
    this.#runner = runner;
    this.environment = environment;
  }

  /** By write of the stage. */
  connect(sinks: readonly ElementSink[]): void {
    this.#sinks = sinks;
  }

  /** Where the stage writes a collection that its steps do not make. */
  protected sinkOf(collection: string | undefined): ElementSink | undefined {
    return this.#sinks[this.stage.writes.findIndex((write) => write.collection === collection)];
  }

  /** Takes what has come, fires what is due, and settles the output watermark. True when there was anything to do. */
  async step(): Promise<boolean> {
    const before = this.inputWatermark;
    this.inputWatermark = Math.max(before, this.watermarkOfInput());
    const worked = await this.work();
    const after = Math.min(this.inputWatermark, this.hold());
    const rises = after > this.outputWatermark;
    if (rises) this.outputWatermark = after;
    return worked || rises || this.inputWatermark > before;
  }

  /** Where the input is; roots have another answer. */
  protected watermarkOfInput(): number {
    let least = Number.POSITIVE_INFINITY;
    for (const { outputWatermark } of this.upstream) if (outputWatermark < least) least = outputWatermark;
    return least;
  }

  /** What must not change between a checkpoint and the pipeline that goes on from it. */
  get signature(): string {
    return '';
  }

  /** Nothing is kept that would be lost with the unit. */
  get isEmpty(): boolean {
    return this.hold() === Number.POSITIVE_INFINITY;
  }

  /** Nothing is left to do: all input has come, and all of it has gone on. */
  get isDone(): boolean {
    return this.outputWatermark === MAX_TIMESTAMP && this.backlog === 0;
  }

  /** Elements wait for a checkpoint that holds them. */
  get isUnstable(): boolean {
    return false;
  }

  /** A checkpoint with what `save` has written is durable. */
  committed(): void {}

  /** Writes what the unit must know after a restart, but for keyed state, which lies in its table. Between steps. */
  save(out: ByteWriter): void {
    out.float64(this.inputWatermark);
    out.float64(this.outputWatermark);
  }

  /** Takes up what `save` has written. */
  restore(input: ByteReader): void {
    this.inputWatermark = input.float64();
    this.outputWatermark = input.float64();
  }

  /** Takes elements and fires timers. True when there was anything to do. */
  protected abstract work(): Promise<boolean>;

  /** The least time at which what the unit keeps may still come out; +Infinity when it keeps nothing. */
  abstract hold(): number;

  /** Nothing that is at hand or may still come needs what belongs to windows that end before this, allowed lateness included. */
  get passed(): number {
    return Math.min(this.inputWatermark, this.hold());
  }

  /** When, in processing time, there is something to do without any input; +Infinity: never. */
  nextProcessingTime(): number {
    return Number.POSITIVE_INFINITY;
  }

  /** Elements, restrictions or other work that has come and waits. */
  get backlog(): number {
    return 0;
  }

  /** Keys of which something is kept; `undefined` where nothing is kept by key. */
  get keys(): number | undefined {
    return undefined;
  }

  /** What the unit waits for, in words, for people who ask; `undefined` when that is only its input. */
  waitsFor(): string | undefined {
    return undefined;
  }

  /** The collection whose elements enter and were counted when they were made. */
  protected get stored(): string | undefined {
    return undefined;
  }

  /** Runs elements through the stage's steps. */
  protected async run(block: ElementBlock): Promise<void> {
    await this.runBundle({ kind: 'blocks', next: onlyBlock(block) });
  }

  protected async runBundle(input: BundleInput): Promise<void> {
    const { counts, sideInputs, signal, afterCommit } = this.environment;
    const report = await this.#runner.run({ input, sinks: this.#sinks, sideInputs, signal });
    counts.add(report, this.stored);
    for (const callback of this.#runner.takeAfterCommit()) afterCommit.push(callback);
  }

  /** Makes the stage's turn fail where it waits for asynchronous calls. */
  cancel(error: unknown): void {
    this.#runner.cancel(error);
  }

  /** Adds to the metrics of a transform that runs outside of the stage's generated program. */
  protected addMetrics(transform: string, cells: MetricCells | undefined): void {
    if (cells !== undefined) this.environment.counts.add({ elements: {}, metrics: { [transform]: cells } });
  }

  /** The transform that gives up elements which come too late. */
  protected get droppedBy(): string | undefined {
    return undefined;
  }

  /** Elements that were given up because they came too late. */
  get tooLate(): number {
    const cell = this.environment.counts.metrics.get(this.droppedBy ?? '')?.[DROPPED];
    return cell?.kind === 'counter' ? cell.value : 0;
  }

  /** Counts elements that were given up because they came too late, and forgets them. */
  protected addDropped(elements: DroppedElements): void {
    const { droppedBy } = this;
    if (elements.count === 0 || droppedBy === undefined) return;
    this.addMetrics(droppedBy, { [DROPPED]: { kind: 'counter', value: elements.count } });
    this.environment.lateWarnings?.dropped(droppedBy, elements);
    elements.clear();
  }
}
