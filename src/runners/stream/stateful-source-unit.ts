import type { OpenRestriction } from '../../harness/bundle-input.ts';
import { checkPair, type KeyedStep } from '../../harness/keyed-step.ts';
import type { RestrictionPart } from '../../harness/split-restriction.ts';
import type { StageRunner } from '../../harness/stage-runner.ts';
import type { ByteReader } from '../../sdk/coders/byte-reader.ts';
import type { ByteWriter } from '../../sdk/coders/byte-writer.ts';
import type { KV } from '../../sdk/values.ts';
import type { PaneInfo } from '../../sdk/windows/pane-info.ts';
import { MAX_TIMESTAMP, type Timestamp } from '../../sdk/windows/timestamp.ts';
import type { Window } from '../../sdk/windows/window.ts';
import type { Stage } from '../core/plan/execution-plan.ts';
import { DroppedElements } from '../core/state/dropped-elements.ts';
import type { KeyedStates } from '../core/state/keyed-states.ts';
import { type SourceOptions, SourceUnit } from './source-unit.ts';
import type { UnitEnvironment } from './stage-unit.ts';
import { warnOfGone } from './stateful-unit.ts';
import { waitForTimes } from './time-text.ts';

const NEVER = Number.POSITIVE_INFINITY;
/** Calls that come to their end in one step; more go on in the next. */
const CALLS_PER_STEP = 8192;
/** Processing time that a call may wait, without giving anything, while others or timers want their turn. */
const TURN_MILLIS = 100;

/**
 * A stateful splittable transform: one call after another, each with the state of its key and window at hand from its
 * beginning to its end. Timers fire between calls. For them, and for the expiry of windows, the watermark is no further
 * than what the restrictions that are left may still give; so the state of a window stays as long as there is one.
 */
export class StatefulSourceUnit extends SourceUnit {
  readonly #keyed: KeyedStates;
  readonly #dropped = new DroppedElements();

  constructor(
    stage: Stage,
    keyed: KeyedStates,
    runner: StageRunner,
    environment: UnitEnvironment,
    options: SourceOptions,
  ) {
    super(stage, runner, environment, options);
    this.#keyed = keyed;
  }

  override write(part: unknown, timestamp: number, window: Window, pane: PaneInfo): void {
    const [element] = part as RestrictionPart;
    checkPair(element);
    if (this.expiryOf(window) < this.inputWatermark) this.#dropped.add(timestamp, window, this.inputWatermark);
    else super.write(part, timestamp, window, pane);
  }

  protected override get droppedBy(): string {
    return this.node.name;
  }

  protected override get mostCalls(): number {
    return 1;
  }

  protected override async work(): Promise<boolean> {
    const keyed = this.#keyed;
    keyed.processingTime = this.environment.clock.processingTime as Timestamp;
    let worked = false;
    for (let calls = 0; calls < CALLS_PER_STEP; calls++) {
      const works = await super.work();
      keyed.watermark = Math.max(keyed.watermark, this.reached) as Timestamp;
      const fires = !this.isBusy && keyed.isDue;
      if (fires) await this.runBundle({ kind: 'keyed', next: () => undefined });
      if (works || fires) worked = true;
      if (!works || this.isBusy || this.ready === 0) break;
    }
    if (this.isBusy && this.#takeTurn()) worked = true;
    this.addDropped(this.#dropped);
    return worked;
  }

  protected override opening(open: OpenRestriction, watermark: number): Pick<KeyedStep, 'state' | 'timers'> {
    this.#bind(open, watermark);
    return this.#keyed;
  }

  protected override closed(): void {
    this.#keyed.release();
  }

  /** Who has its turn is looked at after each step. */
  protected override giveWay(): void {}

  /**
   * Takes the rest of the call that is under way for others, or for timers, when it has given something or has had its time. A
   * call goes on while nothing else wants its turn.
   */
  #takeTurn(): boolean {
    if (this.ready === 0 && !this.#settled(() => this.#keyed.isDue)) return false;
    const now = this.environment.clock.processingTime;
    let taken = false;
    for (const active of this.calls) {
      const hadTurn = active.hasGiven || active.since + TURN_MILLIS <= now;
      if (!hadTurn || active.stopped || active.hasNoRest) continue;
      if (this.takeRest(active)) taken = true;
      else active.hasNoRest = true;
    }
    return taken;
  }

  /** Asks for what is known only when the key at hand is settled, and takes it at hand again. */
  #settled<T>(ask: () => T): T {
    const keyed = this.#keyed;
    const { timestamp } = keyed;
    const answer = ask();
    for (const { open, watermark } of this.calls) this.#bind(open, Math.max(timestamp, watermark));
    return answer;
  }

  /** What a restriction has promised not to give any more, its timers do not give either. */
  #bind({ element, window }: OpenRestriction, watermark: number): void {
    const [key] = element as KV<unknown, unknown>;
    this.#keyed.bind(key, window, Math.min(watermark, this.expiryOf(window)) as Timestamp);
  }

  /** Timers and expiring windows are still to be called. */
  override get passed(): number {
    return Math.min(this.reached, this.hold());
  }

  override hold(): number {
    const hold = this.#settled(() => this.#keyed.hold);
    return Math.min(super.hold(), hold === MAX_TIMESTAMP ? NEVER : hold);
  }

  override nextProcessingTime(): number {
    const due = this.#settled(() => (this.#keyed.isDue ? 0 : this.#keyed.nextProcessingTime));
    const wanted = Math.min(this.nextReady, due);
    for (const { since, stopped, hasGiven, hasNoRest } of this.calls) {
      if (stopped || hasNoRest) return NEVER;
      return hasGiven ? wanted : Math.max(wanted, since + TURN_MILLIS);
    }
    return Math.min(super.nextProcessingTime(), due);
  }

  override get isEmpty(): boolean {
    return super.isEmpty && this.#keyed.storedKeys === 0;
  }

  override get keys(): number {
    return this.#keyed.keys;
  }

  override waitsFor(): string | undefined {
    const own = super.waitsFor();
    if (own !== undefined) return own;
    const { nextEventTime, nextProcessingTime } = this.#keyed;
    return waitForTimes(nextEventTime, nextProcessingTime, this.inputWatermark);
  }

  override save(out: ByteWriter): void {
    super.save(out);
    this.#keyed.flush();
  }

  override restore(input: ByteReader): void {
    super.restore(input);
    this.#keyed.watermark = this.reached as Timestamp;
    this.#keyed.restore();
    warnOfGone(this.#keyed, this.node.name);
  }
}
