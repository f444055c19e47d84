import { IMPULSE } from '../../harness/bundle-input.ts';
import type { StageRunner } from '../../harness/stage-runner.ts';
import type { ByteReader } from '../../sdk/coders/byte-reader.ts';
import type { ByteWriter } from '../../sdk/coders/byte-writer.ts';
import type { TestStreamEvent } from '../../sdk/transforms/test-stream.ts';
import { NO_FIRING } from '../../sdk/windows/pane-info.ts';
import { MAX_TIMESTAMP, MIN_TIMESTAMP } from '../../sdk/windows/timestamp.ts';
import { GLOBAL_WINDOW } from '../../sdk/windows/window.ts';
import type { Stage } from '../core/plan/execution-plan.ts';
import { StageUnit, type UnitEnvironment } from './stage-unit.ts';

/** The one empty element that a pipeline begins with. */
export class ImpulseUnit extends StageUnit {
  readonly isRoot = true;
  #given = false;

  constructor(stage: Stage, runner: StageRunner, environment: UnitEnvironment) {
    super(`impulse:${stage.root}`, stage, runner, environment);
  }

  protected override watermarkOfInput(): number {
    return MAX_TIMESTAMP;
  }

  protected async work(): Promise<boolean> {
    if (this.#given) return false;
    this.#given = true;
    await this.run(IMPULSE);
    return true;
  }

  hold(): number {
    return Number.POSITIVE_INFINITY;
  }

  override save(out: ByteWriter): void {
    super.save(out);
    out.byte(this.#given ? 1 : 0);
  }

  override restore(input: ByteReader): void {
    super.restore(input);
    this.#given = input.byte() === 1;
  }
}

/** A test stream; the engine plays its events one by one. */
export class TestStreamUnit extends StageUnit {
  readonly isRoot = true;
  readonly #events: readonly TestStreamEvent[];
  #watermark: number = MIN_TIMESTAMP;
  #position = 0;
  #elements: Extract<TestStreamEvent, { kind: 'elements' }> | undefined;

  constructor(stage: Stage, runner: StageRunner, environment: UnitEnvironment, events: readonly TestStreamEvent[]) {
    super(`testStream:${stage.root}`, stage, runner, environment);
    this.#events = events;
  }

  protected override watermarkOfInput(): number {
    return this.#watermark;
  }

  protected async work(): Promise<boolean> {
    const elements = this.#elements;
    if (elements === undefined) return false;
    this.#elements = undefined;
    const { values, timestamps } = elements;
    await this.run({ values, timestamps, windows: GLOBAL_WINDOW, panes: NO_FIRING });
    return true;
  }

  hold(): number {
    return Number.POSITIVE_INFINITY;
  }

  override save(out: ByteWriter): void {
    super.save(out);
    out.float64(this.#watermark);
    out.varint(this.#position);
  }

  override restore(input: ByteReader): void {
    super.restore(input);
    this.#watermark = input.float64();
    this.#position = input.varint();
  }

  /** The next event; a script that is over ends the stream. `undefined` when that has happened. */
  play(): TestStreamEvent | undefined {
    if (this.#watermark === MAX_TIMESTAMP && this.#position >= this.#events.length) return undefined;
    const event = this.#events[this.#position] ?? { kind: 'watermark', to: MAX_TIMESTAMP };
    this.#position++;
    if (event.kind === 'watermark') this.#watermark = event.to;
    if (event.kind === 'elements') this.#elements = event;
    return event;
  }
}
