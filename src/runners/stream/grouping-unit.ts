import type { StageFailures } from '../../harness/stage-failures.ts';
import type { StageRunner } from '../../harness/stage-runner.ts';
import { accumulatorCoderOf } from '../../sdk/combine/element-coders.ts';
import { IoError } from '../../sdk/errors.ts';
import { type CollectionNode, LATE_OUTPUT, type TransformNode } from '../../sdk/graph/graph.ts';
import type { ElementSink } from '../../sdk/transforms/element-sink.ts';
import { NO_FIRING, type PaneInfo } from '../../sdk/windows/pane-info.ts';
import type { Window } from '../../sdk/windows/window.ts';
import type { Stage } from '../core/plan/execution-plan.ts';
import { DroppedElements } from '../core/state/dropped-elements.ts';
import { ElementQueue } from './element-queue.ts';
import { coderSignature, signatureOf } from './engine-checkpoint.ts';
import { StageUnit, type UnitEnvironment } from './stage-unit.ts';

/** Panes fired between two runs of the stage's steps, so that a firing of many keys takes no more memory than this. */
const FIRED_AT_ONCE = 16_384;

/** A grouping transform and its input. */
export interface Grouped {
  readonly node: TransformNode;
  readonly input: CollectionNode;
  readonly failures: StageFailures;
}

/**
 * A grouping at work: collects or combines the values of each key and window, and fires panes. Elements enter as they are
 * written, panes leave in the stage's turn.
 */
export abstract class GroupingUnit extends StageUnit implements ElementSink {
  readonly node: TransformNode;
  readonly #input: CollectionNode;
  readonly #failures: StageFailures;
  readonly #fired = new ElementQueue();
  protected received = 0;
  readonly #dropped = new DroppedElements();

  constructor(stage: Stage, runner: StageRunner, environment: UnitEnvironment, { node, input, failures }: Grouped) {
    super(`groups:${node.name}`, stage, runner, environment);
    this.node = node;
    this.#input = input;
    this.#failures = failures;
  }

  abstract write(element: unknown, timestamp: number, window: Window): void;

  emit(key: unknown, value: unknown, timestamp: number, window: Window, pane: PaneInfo): void {
    this.#fired.write([key, value], timestamp, window, pane);
  }

  /** Enough panes were fired for a run of the steps. */
  protected get isFull(): boolean {
    return this.#fired.length >= FIRED_AT_ONCE;
  }

  dropped(key: unknown, value: unknown, timestamp: number, window: Window): void {
    this.#dropped.add(timestamp, window, this.inputWatermark);
    this.sinkOf(this.node.outputs[LATE_OUTPUT])?.write([key, value], timestamp, window, NO_FIRING);
  }

  protected async work(): Promise<boolean> {
    const received = this.received > 0;
    this.received = 0;
    const fired = await this.fire();
    await this.flush();
    const late = this.node.outputs[LATE_OUTPUT];
    if (late === undefined) this.addDropped(this.#dropped);
    else if (this.#dropped.count > 0) {
      this.environment.counts.add({ elements: { [late]: this.#dropped.count }, metrics: {} });
      this.#dropped.clear();
    }
    this.trim();
    return received || fired;
  }

  protected override get droppedBy(): string {
    return this.node.name;
  }

  /** Fires what is due; true when there was any. */
  protected abstract fire(): Promise<boolean>;

  /** Keeps to the budget of memory. */
  protected abstract trim(): void;

  /** Runs what was fired through the stage's steps. */
  protected async flush(): Promise<void> {
    const block = this.#fired.take();
    if (block !== undefined) await this.run(block);
  }

  /** What the user's CombineFn has thrown when something fired, as a failure of this transform. */
  protected attributed(error: unknown): unknown {
    return this.#failures.attributeTo(this.node, error);
  }

  /** Does what may call the user's CombineFn. */
  protected attempt(save: () => void): void {
    try {
      save();
    } catch (error) {
      // A disk that fails is nobody's fault here.
      throw error instanceof IoError ? error : this.attributed(error);
    }
  }

  override get signature(): string {
    const { spec } = this.node;
    if (spec?.kind !== 'combinePerKey') return signatureOf(this.#input);
    const { name = '' } = spec.fn;
    const accumulator = accumulatorCoderOf(spec.fn, this.#input.coder.components[1]);
    // Accumulators of different CombineFns may have the same coder.
    const combineFn = name === '' ? '' : ` of ${name} as`;
    return `${signatureOf(this.#input)}, accumulators${combineFn} ${coderSignature(accumulator)}`;
  }
}
