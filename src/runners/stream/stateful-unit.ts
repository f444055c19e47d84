import { type ElementBlock, onlyBlock } from '../../harness/bundle-input.ts';
import type { StageFailures } from '../../harness/stage-failures.ts';
import type { StageRunner } from '../../harness/stage-runner.ts';
import type { ByteReader } from '../../sdk/coders/byte-reader.ts';
import type { ByteWriter } from '../../sdk/coders/byte-writer.ts';
import type { CollectionNode, TransformNode } from '../../sdk/graph/graph.ts';
import { type StatefulDoFn, statefulDoFn } from '../../sdk/state/check-stateful.ts';
import { MAX_TIMESTAMP, type Timestamp } from '../../sdk/windows/timestamp.ts';
import type { Stage } from '../core/plan/execution-plan.ts';
import { KeyedStates } from '../core/state/keyed-states.ts';
import type { ElementCodec } from './element-codec.ts';
import { ElementUnit, type ElementWaits } from './element-unit.ts';
import type { TableOptions, UnitEnvironment } from './stage-unit.ts';
import { waitForTimes } from './time-text.ts';

const NEVER = Number.POSITIVE_INFINITY;

/** State and timers of a stateful transform. */
export function keyedStatesOf(
  node: TransformNode,
  input: CollectionNode,
  tables: TableOptions,
  failures: StageFailures,
  strict: boolean,
): KeyedStates {
  const [keyCoder, valueCoder] = input.coder.components;
  const fn = statefulDoFn(node.spec) as StatefulDoFn;
  const unwritable = (error: unknown, state: string, key: unknown) => failures.stateFailed(node, error, state, key);
  const { windowing } = input;
  return new KeyedStates({
    transform: node.name,
    fn,
    windowing,
    keyCoder,
    valueCoder,
    unwritable,
    strict,
    ...tables,
  });
}

/** A stage that begins with a stateful DoFn: elements first, then the timers that are due by the end of the step. */
export class StatefulUnit extends ElementUnit {
  readonly #keyed: KeyedStates;
  readonly #transform: string;

  constructor(
    stage: Stage,
    keyed: KeyedStates,
    runner: StageRunner,
    environment: UnitEnvironment,
    codec: ElementCodec,
    waits: ElementWaits,
    stored: string,
  ) {
    // State stays with its transform whatever comes before.
    super(stage, runner, environment, codec, waits, stored, `state:${stage.steps[0].transform}`);
    this.#keyed = keyed;
    this.#transform = stage.steps[0].transform;
  }

  protected override async work(): Promise<boolean> {
    const keyed = this.#keyed;
    keyed.processingTime = this.environment.clock.processingTime as Timestamp;
    // Elements were on time, if they were, before the watermark that came with them.
    const worked = await super.work();
    keyed.watermark = this.inputWatermark as Timestamp;
    const isDue = keyed.isDue;
    if (isDue) await this.runBundle({ kind: 'keyed', next: () => undefined });
    this.addDropped(keyed.dropped);
    return worked || isDue;
  }

  protected override process(block: ElementBlock): Promise<void> {
    return this.runBundle({ kind: 'keyed', next: onlyBlock(block) });
  }

  protected override get droppedBy(): string {
    return this.#transform;
  }

  override hold(): number {
    const { hold } = this.#keyed;
    return Math.min(super.hold(), hold === MAX_TIMESTAMP ? NEVER : hold);
  }

  override nextProcessingTime(): number {
    return this.#keyed.nextProcessingTime;
  }

  override get isEmpty(): boolean {
    return super.isEmpty && this.#keyed.storedKeys === 0;
  }

  override get keys(): number {
    return this.#keyed.keys;
  }

  override waitsFor(): string | undefined {
    const { nextEventTime, nextProcessingTime } = this.#keyed;
    return super.waitsFor() ?? waitForTimes(nextEventTime, nextProcessingTime, this.inputWatermark);
  }

  override save(out: ByteWriter): void {
    super.save(out);
    this.#keyed.flush();
  }

  override restore(input: ByteReader): void {
    super.restore(input);
    this.#keyed.watermark = this.inputWatermark as Timestamp;
    this.#keyed.restore();
    warnOfGone(this.#keyed, this.#transform);
  }
}

/** Warns of states and timers that a checkpoint has, and the transform no longer. */
export function warnOfGone({ keys, gone }: KeyedStates, transform: string): void {
  if (keys === 0) return;
  for (const each of gone) {
    process.emitWarning(
      `'${transform}' no longer declares ${each}: what the checkpoint has of it is dropped, key by key`,
    );
  }
}
