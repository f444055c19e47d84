import type { StageFailures } from '../../harness/stage-failures.ts';
import type { StageRunner } from '../../harness/stage-runner.ts';
import type { ByteReader } from '../../sdk/coders/byte-reader.ts';
import type { ByteWriter } from '../../sdk/coders/byte-writer.ts';
import { accumulatorCoderOf } from '../../sdk/combine/element-coders.ts';
import { type CollectionNode, LATE_OUTPUT, type TransformNode } from '../../sdk/graph/graph.ts';
import type { ElementSink } from '../../sdk/transforms/element-sink.ts';
import type { KV } from '../../sdk/values.ts';
import type { PaneInfo } from '../../sdk/windows/pane-info.ts';
import { NO_FIRING } from '../../sdk/windows/pane-info.ts';
import { MAX_TIMESTAMP } from '../../sdk/windows/timestamp.ts';
import type { Window } from '../../sdk/windows/window.ts';
import type { GroupingClock, GroupingHost, GroupState, WindowedGrouping } from '../core/grouping/index.ts';
import type { Stage } from '../core/plan/execution-plan.ts';
import { HoldSet } from '../core/state/hold-set.ts';
import { EVENT, PROCESSING, type QueueDomain } from '../core/state/state-backend.ts';
import { type Slot, StateTable } from '../core/state/state-table.ts';
import { ElementQueue } from './element-queue.ts';
import { coderSignature, signatureOf } from './engine-checkpoint.ts';
import { groupingOf, groupStateCodec } from './make-grouping.ts';
import { StageUnit, type TableOptions, type UnitEnvironment } from './stage-unit.ts';
import { waitForTimes } from './time-text.ts';

/** Panes fired between two runs of the stage's steps, so that a firing of many keys takes no more memory than this. */
const FIRED_AT_ONCE = 16_384;
const NEVER = Number.POSITIVE_INFINITY;

/**
 * A grouping at work: collects or combines the values of each key and window, and fires panes as the windowing's trigger
 * says. Elements enter as they are written, panes leave in the stage's turn.
 */
export class GroupingUnit extends StageUnit implements ElementSink, GroupingHost {
  readonly node: TransformNode;
  readonly #table: StateTable<GroupState>;
  readonly #input: CollectionNode;
  readonly #grouping: WindowedGrouping;
  readonly #clock: { watermark: number; processingTime: number; synchronizedProcessingTime: number };
  readonly #holds = new HoldSet();
  readonly #fired = new ElementQueue();
  readonly #failures: StageFailures;
  #received = 0;
  #dropped = 0;

  constructor(
    stage: Stage,
    runner: StageRunner,
    environment: UnitEnvironment,
    node: TransformNode,
    input: CollectionNode,
    state: TableOptions,
    failures: StageFailures,
  ) {
    super(`groups:${node.name}`, stage, runner, environment);
    this.node = node;
    this.#input = input;
    this.#failures = failures;
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
    this.#received++;
    const slot = this.#table.find(key) ?? this.#table.add(key, this.#grouping.create());
    const state = slot.entry as GroupState;
    const { hold } = state;
    this.#grouping.element(key, state, value, timestamp, window, this.#now());
    this.#settle(slot, state, hold);
  }

  emit(key: unknown, value: unknown, timestamp: number, window: Window, pane: PaneInfo): void {
    this.#fired.write([key, value], timestamp, window, pane);
  }

  dropped(key: unknown, value: unknown, timestamp: number, window: Window): void {
    this.#dropped++;
    this.sinkOf(this.node.outputs[LATE_OUTPUT])?.write([key, value], timestamp, window, NO_FIRING);
  }

  protected async work(): Promise<boolean> {
    const clock = this.#now();
    let worked = this.#received > 0;
    this.#received = 0;
    if (await this.#fire(EVENT, clock.watermark, clock)) worked = true;
    if (await this.#fire(PROCESSING, clock.processingTime, clock)) worked = true;
    await this.#flush();
    if (this.#dropped > 0) {
      const late = this.node.outputs[LATE_OUTPUT];
      if (late !== undefined) this.environment.counts.add({ elements: { [late]: this.#dropped }, metrics: {} });
      else this.addDropped(this.node.name, this.#dropped);
      this.#dropped = 0;
    }
    this.#table.trim();
    return worked;
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
      if (this.#fired.length >= FIRED_AT_ONCE) await this.#flush();
    }
    return worked;
  }

  /** A pane may fire, which the user's CombineFn may fail for. */
  #advance(key: unknown, state: GroupState, clock: GroupingClock): void {
    try {
      this.#grouping.advance(key, state, clock);
    } catch (error) {
      throw this.#failures.attributeTo(this.node, error);
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

  async #flush(): Promise<void> {
    const block = this.#fired.take();
    if (block !== undefined) await this.run(block);
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

  override get signature(): string {
    const { spec } = this.node;
    if (spec?.kind !== 'combinePerKey') return signatureOf(this.#input);
    const accumulator = accumulatorCoderOf(spec.fn, this.#input.coder.components[1]);
    return `${signatureOf(this.#input)}, accumulators ${coderSignature(accumulator)}`;
  }

  override get isEmpty(): boolean {
    return this.#table.storedKeys === 0;
  }

  override save(out: ByteWriter): void {
    super.save(out);
    this.#table.flush();
    this.#holds.encode(out);
  }

  override restore(input: ByteReader): void {
    super.restore(input);
    this.#table.restore();
    this.#holds.decode(input);
  }
}
