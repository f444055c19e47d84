import type { StageRunner } from '../../harness/stage-runner.ts';
import type { ByteReader } from '../../sdk/coders/byte-reader.ts';
import type { ByteWriter } from '../../sdk/coders/byte-writer.ts';
import type { KV } from '../../sdk/values.ts';
import { MAX_TIMESTAMP } from '../../sdk/windows/timestamp.ts';
import type { Window } from '../../sdk/windows/window.ts';
import type { GroupingClock, GroupingHost, GroupState, WindowedGrouping } from '../core/grouping/index.ts';
import type { Stage } from '../core/plan/execution-plan.ts';
import { HoldSet } from '../core/state/hold-set.ts';
import { EVENT, PROCESSING, type QueueDomain } from '../core/state/state-backend.ts';
import { type Slot, StateTable } from '../core/state/state-table.ts';
import { type Grouped, GroupingUnit } from './grouping-unit.ts';
import { groupingOf, groupStateCodec } from './make-grouping.ts';
import type { TableOptions, UnitEnvironment } from './stage-unit.ts';
import { waitForTimes } from './time-text.ts';

const NEVER = Number.POSITIVE_INFINITY;

/** A grouping whose windows merge, fire before or after their end, or take late elements: all there is of a key is one entry. */
export class TriggeredGroupingUnit extends GroupingUnit implements GroupingHost {
  readonly #table: StateTable<GroupState>;
  readonly #grouping: WindowedGrouping;
  readonly #clock: { watermark: number; processingTime: number; synchronizedProcessingTime: number };
  readonly #holds = new HoldSet();

  constructor(stage: Stage, runner: StageRunner, environment: UnitEnvironment, grouped: Grouped, state: TableOptions) {
    super(stage, runner, environment, grouped);
    const { node, input } = grouped;
    this.#grouping = groupingOf(node.spec, input, this);
    this.#table = new StateTable({
      ...state,
      name: this.id,
      keyCoder: input.coder.components[0],
      codec: groupStateCodec(this.#grouping, node.spec?.kind === 'combinePerKey'),
    });
    this.#clock = { watermark: this.inputWatermark, processingTime: 0, synchronizedProcessingTime: 0 };
  }

  write(element: unknown, timestamp: number, window: Window): void {
    const [key, value] = element as KV<unknown, unknown>;
    this.received++;
    const slot = this.#table.find(key) ?? this.#table.add(key, this.#grouping.create());
    const state = slot.entry as GroupState;
    const { hold } = state;
    this.#grouping.element(key, state, value, timestamp, window, this.#now());
    this.#settle(slot, state, hold);
    this.#table.trim();
  }

  protected async fire(): Promise<boolean> {
    const clock = this.#now();
    const atEvents = await this.#fire(EVENT, clock.watermark, clock);
    return (await this.#fire(PROCESSING, clock.processingTime, clock)) || atEvents;
  }

  protected trim(): void {
    this.#table.trim();
  }

  /** Advances the keys whose time has come; true when there were any. */
  async #fire(domain: QueueDomain, now: number, clock: GroupingClock): Promise<boolean> {
    let worked = false;
    const table = this.#table;
    for (let slot = table.take(domain, now); slot !== undefined; slot = table.take(domain, now)) {
      const state = slot.entry as GroupState;
      const { hold } = state;
      if (state.nextEventTime <= clock.watermark || state.nextProcessingTime <= clock.processingTime) {
        worked = true;
        this.#advance(slot.key, state, clock);
      }
      this.#settle(slot, state, hold);
      table.trim();
      if (this.isFull) await this.flush();
    }
    return worked;
  }

  #advance(key: unknown, state: GroupState, clock: GroupingClock): void {
    try {
      this.#grouping.advance(key, state, clock);
    } catch (error) {
      throw this.attributed(error);
    }
  }

  #settle(slot: Slot<GroupState>, state: GroupState, hold: number): void {
    if (state.hold !== hold) {
      if (hold !== NEVER) this.#holds.remove(hold);
      if (state.hold !== NEVER) this.#holds.add(state.hold);
    }
    if (state.isEmpty) {
      this.#table.remove(slot);
      return;
    }
    this.#table.changed(slot);
    this.#table.expect(slot, EVENT, state.nextEventTime);
    this.#table.expect(slot, PROCESSING, state.nextProcessingTime);
  }

  #now(): GroupingClock {
    const clock = this.#clock;
    clock.watermark = this.inputWatermark;
    clock.processingTime = this.environment.clock.processingTime;
    // A step goes through the whole graph, so the stages before have seen everything up to now.
    clock.synchronizedProcessingTime = clock.processingTime;
    return clock;
  }

  hold(): number {
    return this.#holds.least === MAX_TIMESTAMP ? NEVER : this.#holds.least;
  }

  override nextProcessingTime(): number {
    return this.#table.next(PROCESSING);
  }

  override get keys(): number {
    return this.#table.keys;
  }

  override waitsFor(): string | undefined {
    return waitForTimes(this.#table.next(EVENT), this.#table.next(PROCESSING), this.inputWatermark);
  }

  override get isEmpty(): boolean {
    return this.#table.storedKeys === 0;
  }

  override save(out: ByteWriter): void {
    super.save(out);
    this.attempt(() => this.#table.flush());
    this.#holds.encode(out);
  }

  override restore(input: ByteReader): void {
    super.restore(input);
    this.#table.restore();
    this.#holds.decode(input);
  }
}
