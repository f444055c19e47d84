import type { ElementBlock } from '../../harness/bundle-input.ts';
import type { StageRunner } from '../../harness/stage-runner.ts';
import type { ByteReader } from '../../sdk/coders/byte-reader.ts';
import type { ByteWriter } from '../../sdk/coders/byte-writer.ts';
import type { Window } from '../../sdk/windows/window.ts';
import type { Stage } from '../core/plan/execution-plan.ts';
import type { ElementCodec } from './element-codec.ts';
import { ElementQueue, paneAt, timestampAt, windowAt } from './element-queue.ts';
import type { StageSides } from './side-inputs.ts';
import { StageUnit, type UnitEnvironment } from './stage-unit.ts';

/** Why elements may have to wait before a stage. */
export interface ElementWaits {
  /** The side inputs that the elements need. */
  readonly sides: StageSides | undefined;
  /** They go on only when a checkpoint holds them, so that a repeated delivery is the same delivery. */
  readonly isStable: boolean;
}

/** A stage of element-wise steps, before which elements may be held back. */
export class ElementUnit extends StageUnit {
  readonly queue = new ElementQueue();
  readonly #codec: ElementCodec;
  readonly #waits: ElementWaits;
  readonly #stored: string;
  /** For a side input. */
  readonly #held = new ElementQueue();
  /** For a checkpoint, and those that one holds. */
  readonly #unstable = new ElementQueue();
  readonly #stable = new ElementQueue();

  /** @param stored collection that the stages before have written; the stage's own may be a reshuffled one */
  constructor(
    stage: Stage,
    runner: StageRunner,
    environment: UnitEnvironment,
    codec: ElementCodec,
    waits: ElementWaits,
    stored: string,
    id = `elements:${stage.root}>${stage.steps[0]?.transform ?? ''}`,
  ) {
    super(id, stage, runner, environment);
    this.#codec = codec;
    this.#waits = waits;
    this.#stored = stored;
  }

  protected async work(): Promise<boolean> {
    let worked = false;
    for (const block of [this.#release(), this.#ready(this.queue.take())]) {
      if (block === undefined) continue;
      worked = true;
      if (this.#waits.isStable) this.#unstable.writeAll(block);
      else await this.process(block);
    }
    const stable = this.#stable.take();
    if (stable === undefined) return worked;
    await this.process(stable);
    return true;
  }

  /** Takes the elements that need not wait any more. */
  protected process(block: ElementBlock): Promise<void> {
    return this.run(block);
  }

  /** What was held back and has become ready. */
  #release(): ElementBlock | undefined {
    return this.#waits.sides?.takeNews() === true ? this.#ready(this.#held.take()) : undefined;
  }

  #ready(block: ElementBlock | undefined): ElementBlock | undefined {
    const { sides } = this.#waits;
    if (block === undefined || sides === undefined) return block;
    if (!Array.isArray(block.windows) && sides.isReady(block.windows as Window)) return block;
    const ready = new ElementQueue();
    for (let i = 0; i < block.values.length; i++) {
      const window = windowAt(block, i);
      const into = sides.isReady(window) ? ready : this.#held;
      into.write(block.values[i], timestampAt(block, i), window, paneAt(block, i));
    }
    return ready.take();
  }

  override get signature(): string {
    return this.#codec.signature;
  }

  override get isEmpty(): boolean {
    return this.backlog === 0;
  }

  override get isUnstable(): boolean {
    return this.#unstable.length > 0;
  }

  override committed(): void {
    this.#stable.writeAll(this.#unstable.take());
  }

  hold(): number {
    return Math.min(this.#held.least, this.#unstable.least, this.#stable.least);
  }

  protected override get stored(): string {
    return this.#stored;
  }

  override save(out: ByteWriter): void {
    super.save(out);
    this.#codec.encode(this.#held, out);
    // What a checkpoint already holds has gone through by the next one.
    this.#codec.encode(this.#unstable, out);
  }

  override restore(input: ByteReader): void {
    super.restore(input);
    this.#codec.decode(input, this.#held);
    this.#codec.decode(input, this.#stable);
  }

  override get backlog(): number {
    return this.#held.length + this.#unstable.length + this.#stable.length;
  }

  override waitsFor(): string | undefined {
    const block = this.#held.peek();
    if (block !== undefined && this.#waits.sides !== undefined) {
      return `${this.#waits.sides.describe(windowAt(block, 0))}, before ${block.values.length} elements go on`;
    }
    return this.#unstable.length === 0
      ? undefined
      : `the next checkpoint, before ${this.#unstable.length} elements go on`;
  }
}
