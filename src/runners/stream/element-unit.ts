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

/** A stage of element-wise steps. Elements whose side inputs are not ready are held back. */
export class ElementUnit extends StageUnit {
  readonly queue = new ElementQueue();
  /** Elements that wait for a side input. */
  readonly held = new ElementQueue();
  readonly #codec: ElementCodec;
  readonly #sides: StageSides | undefined;
  #seen = -1;

  constructor(
    stage: Stage,
    runner: StageRunner,
    environment: UnitEnvironment,
    codec: ElementCodec,
    sides: StageSides | undefined,
  ) {
    super(stage, runner, environment);
    this.#codec = codec;
    this.#sides = sides;
  }

  override save(out: ByteWriter): void {
    super.save(out);
    this.#codec.encode(this.held, out);
  }

  override restore(input: ByteReader): void {
    super.restore(input);
    this.#codec.decode(input, this.held);
  }

  protected async work(): Promise<boolean> {
    const released = this.#release();
    const block = this.#ready(this.queue.take());
    if (released !== undefined) await this.run(released);
    if (block !== undefined) await this.run(block);
    return released !== undefined || block !== undefined;
  }

  /** What was held back and has become ready. */
  #release(): ElementBlock | undefined {
    const version = this.#sides?.version ?? this.#seen;
    if (version === this.#seen) return undefined;
    this.#seen = version;
    return this.#ready(this.held.take());
  }

  #ready(block: ElementBlock | undefined): ElementBlock | undefined {
    const sides = this.#sides;
    if (block === undefined || sides === undefined) return block;
    if (!Array.isArray(block.windows) && sides.isReady(block.windows as Window)) return block;
    const ready = new ElementQueue();
    for (let i = 0; i < block.values.length; i++) {
      const window = windowAt(block, i);
      const into = sides.isReady(window) ? ready : this.held;
      into.write(block.values[i], timestampAt(block, i), window, paneAt(block, i));
    }
    return ready.take();
  }

  protected override get stored(): string {
    return this.stage.root;
  }

  hold(): number {
    return this.held.least;
  }

  override waitsFor(): string | undefined {
    const block = this.held.peek();
    if (block === undefined || this.#sides === undefined) return undefined;
    return `${block.values.length} elements for ${this.#sides.describe(windowAt(block, 0))}`;
  }
}
