import { elementBlock, type OpenRestriction } from '../../harness/bundle-input.ts';
import type { DoFnLives } from '../../harness/do-fn-lives.ts';
import type { KeyedStep } from '../../harness/keyed-step.ts';
import { TransformMetrics } from '../../harness/metrics-container.ts';
import { RestrictionCall } from '../../harness/restriction-call.ts';
import type { RestrictionPart } from '../../harness/split-restriction.ts';
import type { StageFailures } from '../../harness/stage-failures.ts';
import type { CommitCallback } from '../../harness/stage-program.ts';
import type { StageRunner } from '../../harness/stage-runner.ts';
import type { ByteReader } from '../../sdk/coders/byte-reader.ts';
import type { ByteWriter } from '../../sdk/coders/byte-writer.ts';
import type { TransformNode } from '../../sdk/graph/graph.ts';
import { isStateful } from '../../sdk/state/check-stateful.ts';
import type { ElementSink } from '../../sdk/transforms/element-sink.ts';
import type { Batch, Resume, SplittableDoFn } from '../../sdk/transforms/splittable-do-fn.ts';
import type { PaneInfo } from '../../sdk/windows/pane-info.ts';
import type { Window } from '../../sdk/windows/window.ts';
import type { Stage } from '../core/plan/execution-plan.ts';
import { garbageCollectionTime } from '../core/state/keyed-state.ts';
import type { RestrictionCodec } from '../worker/restriction-parts.ts';
import { ActiveCall } from './active-call.ts';
import { coderSignature } from './engine-checkpoint.ts';
import { type PendingRestriction, PendingRestrictions } from './pending-restrictions.ts';
import type { StageSides } from './side-inputs.ts';
import { StageUnit, type UnitEnvironment } from './stage-unit.ts';
import { timeText } from './time-text.ts';

/** Calls of one splittable transform that are under way at once; further restrictions wait for their turn. */
const MAX_CALLS = 256;
/** What is left of a restriction without an end is as good as nothing known. */
const NO_BACKLOG = 2 ** 40;
/** Elements that one restriction may add to a step, and all of a transform's together, of which each may add some. */
const ELEMENTS_PER_STEP = 16_384;
const ELEMENTS_OF_ALL = 65_536;
/** Processing time after which a call without an end gives way to restrictions that have waited for their turn. */
const TURN_MILLIS = 2000;
/** How often the watermark of restrictions that wait follows the time of day. */
const WALL_TIME_MILLIS = 100;
/** Time that calls have to come to their end when the job is over, or goes back. */
const CLOSE_MILLIS = 1000;

type AnySplittable = SplittableDoFn<never, unknown, unknown, unknown>;

/** What a splittable transform is run with. */
export interface SourceOptions {
  readonly node: TransformNode;
  readonly fn: AnySplittable;
  readonly lives: DoFnLives;
  readonly failures: StageFailures;
  readonly codec: RestrictionCodec;
  readonly sides: StageSides | undefined;
  /** Milliseconds. */
  readonly allowedLateness: number;
}

/**
 * A splittable transform at work. Each restriction has one call of `process` going, beside the steps; a call is asked for
 * its next batch when the one before has gone through the graph.
 */
export class SourceUnit extends StageUnit implements ElementSink {
  readonly node: TransformNode;
  readonly #fn: AnySplittable;
  readonly #lives: DoFnLives;
  protected readonly failures: StageFailures;
  readonly #codec: RestrictionCodec;
  readonly #metrics: TransformMetrics;
  readonly #sides: StageSides | undefined;
  readonly #pending: PendingRestrictions;
  /** Of elements whose side inputs are not known yet. */
  readonly #held: PendingRestrictions;
  readonly #allowedLateness: number;
  /** The oldest first. */
  readonly #active = new Set<ActiveCall>();
  readonly #afterCommit: CommitCallback[] = [];
  #stopping = false;
  #draining = false;

  constructor(
    stage: Stage,
    runner: StageRunner,
    environment: UnitEnvironment,
    { node, fn, lives, failures, codec, sides, allowedLateness }: SourceOptions,
  ) {
    super(`source:${node.name}`, stage, runner, environment);
    this.node = node;
    this.#allowedLateness = allowedLateness;
    this.#fn = fn;
    this.#lives = lives;
    this.failures = failures;
    this.#codec = codec;
    this.#sides = sides;
    const asked = sides === undefined && !isStateful(node.spec) ? undefined : (window: Window) => this.expiryOf(window);
    this.#pending = new PendingRestrictions(asked);
    this.#held = new PendingRestrictions(asked);
    this.#metrics = new TransformMetrics(node.name, () => environment.clock.processingTime);
  }

  /** Takes a new restriction from the stage before. */
  write(part: unknown, timestamp: number, window: Window, pane: PaneInfo): void {
    const [element, restriction] = part as RestrictionPart;
    this.add({ open: { element, restriction, timestamp, window, pane }, watermark: timestamp, notBefore: 0 });
  }

  add(pending: PendingRestriction): void {
    const kept = this.#draining && pending.isTruncated !== true ? this.#truncated(pending) : pending;
    if (kept === undefined) return;
    const into = this.#isReady(kept) ? this.#pending : this.#held;
    into.add(kept, this.environment.clock.processingTime);
  }

  #isReady({ open }: PendingRestriction): boolean {
    try {
      return this.#sides?.isReady(open.window) ?? true;
    } catch (error) {
      throw this.failures.attributeTo(this.node, error, open.element);
    }
  }

  /** Looks anew at what waits for side inputs, when more of these may be known. */
  #release(): void {
    if (this.#sides?.takeNews() !== true) return;
    const all = [...this.#held];
    this.#held.clear();
    for (const pending of all) this.add(pending);
  }

  protected async work(): Promise<boolean> {
    this.#release();
    let worked = await this.#begin();
    // One restriction alone may add as much as it can; many share what a step should not exceed by far.
    const most = Math.min(ELEMENTS_PER_STEP, Math.ceil(ELEMENTS_OF_ALL / Math.max(1, this.#active.size)));
    for (const active of this.#active) if (await this.#advance(active, most)) worked = true;
    this.addMetrics(this.node.name, this.#metrics.take());
    for (const callback of this.#afterCommit.splice(0)) this.environment.afterCommit.push(callback);
    return worked;
  }

  async #begin(): Promise<boolean> {
    const pending = this.#pending;
    if (pending.size === 0 || this.#stopping) return false;
    await this.#lives.setUp(this.#fn, (error) => this.failures.attributeTo(this.node, error));
    const now = this.environment.clock.processingTime;
    pending.advance(now);
    let begun = false;
    while (this.#active.size < this.mostCalls) {
      const next = pending.take();
      if (next === undefined) return begun;
      this.#open(next, now);
      begun = true;
    }
    this.giveWay(now);
    return begun;
  }

  /** Calls under way at once. */
  protected get mostCalls(): number {
    return MAX_CALLS;
  }

  /** Restrictions that wait for nothing but their turn. */
  protected get ready(): number {
    return this.#pending.ready;
  }

  /** Processing time at which one of those that wait may begin; +Infinity when none waits. */
  protected get nextReady(): number {
    return this.#pending.next;
  }

  /** The oldest first. */
  protected get calls(): Iterable<ActiveCall> {
    return this.#active;
  }

  protected expiryOf(window: Window): number {
    return garbageCollectionTime(window, this.#allowedLateness);
  }

  /** Makes calls that may never end by themselves let others have their turn. */
  protected giveWay(now: number): void {
    if (this.#fn.unbounded !== true) return;
    let wanted = this.#pending.ready;
    for (const active of this.#active) {
      if (active.stopped) wanted--;
      if (wanted <= 0 || active.since + TURN_MILLIS > now) return;
      if (!active.stopped && this.takeRest(active)) wanted--;
    }
  }

  #open({ open, watermark, isTruncated = false }: PendingRestriction, now: number): void {
    const { clock, sideInputs } = this.environment;
    try {
      const afterCommit = this.#afterCommit;
      const keyed = this.opening(open, watermark);
      const environment = { metrics: this.#metrics, sideInputs, afterCommit, keyed, now: () => clock.processingTime };
      const call = new RestrictionCall(this.node, this.#fn, open, environment, watermark);
      this.#active.add(new ActiveCall(open, call, watermark, now, isTruncated));
    } catch (error) {
      throw this.failures.attributeTo(this.node, error, open.element);
    }
  }

  /** Called before each call; gives the state and timers that go with it. */
  protected opening(_open: OpenRestriction, _watermark: number): Pick<KeyedStep, 'state' | 'timers'> | undefined {
    return undefined;
  }

  /** Called when a call is over. */
  protected closed(): void {}

  /** Takes what a call has to give and asks for more. */
  async #advance(active: ActiveCall, most: number): Promise<boolean> {
    let taken = 0;
    for (;;) {
      const answer = this.#answerOf(active);
      if (answer === undefined) {
        if (active.isAsked) return taken > 0;
        this.#ask(active);
        continue;
      }
      if (taken >= most && answer.done !== true) return true;
      const watermark = active.call.watermark;
      active.forget();
      taken += await this.#take(active, answer.done === true ? [] : answer.value);
      if (answer.done === true) {
        this.#end(active, answer.value);
        return true;
      }
      active.watermark = Math.max(active.watermark, watermark);
      active.hasGiven = true;
    }
  }

  #answerOf(active: ActiveCall): ActiveCall['answer'] {
    try {
      return active.answer;
    } catch (error) {
      throw this.failures.attributeTo(this.node, error, active.open.element);
    }
  }

  /** Runs what a call has emitted; how much that is, and at least 1: an empty batch may have moved the watermark. */
  async #take({ open, call }: ActiveCall, batch: Batch<unknown>): Promise<number> {
    const block = elementBlock(batch, call.context.timestamp, open.window, open.pane);
    const tagged = call.tagged.splice(0);
    const elements = tagged.length + block.values.length;
    if (elements > 0) await this.runBundle({ kind: 'outputs', tagged, block });
    return Math.max(1, elements);
  }

  #ask(active: ActiveCall): void {
    if (this.#followsWallTime) active.watermark = Math.max(active.watermark, active.call.watermark);
    active.ask(() => this.environment.wake());
  }

  #end(active: ActiveCall, later: Resume | undefined): void {
    this.#active.delete(active);
    this.closed();
    const { call, open, isTruncated } = active;
    try {
      const rest = later === undefined || active.stopped ? undefined : call.tracker.trySplit(0);
      if (later === undefined) return;
      call.tracker.checkDone();
      if (rest === undefined) return;
      this.add({
        open: { ...open, restriction: rest.residual },
        watermark: call.watermark,
        notBefore: this.environment.clock.processingTime + later.resumeAfterMillis,
        isTruncated,
      });
    } catch (error) {
      throw this.failures.attributeTo(this.node, error, open.element);
    }
  }

  get #followsWallTime(): boolean {
    return this.#fn.watermark === 'wallTime';
  }

  hold(): number {
    let least = Math.min(this.#pending.hold, this.#held.hold);
    // The time of day goes on while nothing is under way; a call may still give what happened since it was asked.
    if (this.#followsWallTime && this.#waiting > 0) least = Math.max(least, this.environment.clock.processingTime);
    for (const active of this.#active) {
      if (active.watermark < least) least = active.watermark;
    }
    return least;
  }

  /** Restrictions that are not under way. */
  get #waiting(): number {
    return this.#pending.size + this.#held.size;
  }

  override get passed(): number {
    return this.reached;
  }

  /** How far the watermark has come for the windows of what is left to do: no further than what it may still give. */
  protected get reached(): number {
    let least = Math.min(this.inputWatermark, this.#pending.open, this.#held.open);
    for (const { open, watermark } of this.#active) least = Math.min(least, watermark, this.expiryOf(open.window));
    return least;
  }

  override nextProcessingTime(): number {
    const { processingTime } = this.environment.clock;
    let least = Number.POSITIVE_INFINITY;
    if (this.#followsWallTime && this.#waiting > 0) least = processingTime + WALL_TIME_MILLIS;
    if (this.#stopping || this.#pending.size === 0) return least;
    if (this.#active.size < this.mostCalls) return Math.min(least, this.#pending.next);
    const [oldest] = this.#active;
    return this.#fn.unbounded === true ? Math.min(least, oldest.since + TURN_MILLIS) : least;
  }

  override get backlog(): number {
    const { processingTime } = this.environment.clock;
    let backlog = this.#held.size;
    // One that has said when to come back has nothing to read now.
    for (const { notBefore } of this.#pending) if (notBefore <= processingTime) backlog++;
    for (const { call } of this.#active) {
      const remaining = remainingOf(call);
      if (remaining < NO_BACKLOG) backlog += remaining;
    }
    return backlog;
  }

  override waitsFor(): string | undefined {
    const { name } = this.node;
    const calls = this.#active.size;
    if (calls > 0) return `${calls === 1 ? 'the call' : `${calls} calls`} of ${name} to give something`;
    if (this.#pending.size === 0) return this.#waitsForSides();
    const { next } = this.#pending;
    const many = this.#pending.size === 1 ? 'its restriction' : `${this.#pending.size} restrictions`;
    return `${timeText(next)}, when ${name} goes on with ${many}`;
  }

  #waitsForSides(): string | undefined {
    for (const { open } of this.#held) {
      return `${this.#sides?.describe(open.window)}, before ${this.node.name} begins with ${this.#held.size} restrictions`;
    }
    return undefined;
  }

  /** Nothing is under way and nothing is left to do. */
  get isIdle(): boolean {
    return this.#active.size === 0 && this.#waiting === 0;
  }

  /** Whether a call is under way that may give something without being waited for. */
  get isBusy(): boolean {
    return this.#active.size > 0;
  }

  /**
   * Takes back the unclaimed rest of all restrictions, so that calls come to their end; nothing new begins until `go`.
   * True when no call is under way any more.
   */
  stop(): boolean {
    this.#stopping = true;
    for (const active of this.#active) if (!active.stopped) this.takeRest(active);
    return this.#active.size === 0;
  }

  /** Takes back what the call has not claimed, so that it comes to its end. False when the tracker does not give it. */
  protected takeRest(active: ActiveCall): boolean {
    const { open, call, watermark, isTruncated } = active;
    let split: ReturnType<typeof call.tracker.trySplit>;
    try {
      split = call.tracker.trySplit(0);
    } catch (error) {
      throw this.failures.attributeTo(this.node, error, open.element);
    }
    if (split === undefined) return false;
    active.stopped = true;
    this.add({ open: { ...open, restriction: split.residual }, watermark, notBefore: 0, isTruncated });
    call.stop();
    return true;
  }

  go(): void {
    this.#stopping = false;
  }

  /** Gives up what has no end, now and when it comes later, and keeps what the DoFn says is still to be done. */
  drain(): void {
    this.#draining = true;
    const all = [...this.#pending, ...this.#held];
    this.#pending.clear();
    this.#held.clear();
    for (const pending of all) this.add(pending);
    this.stop();
    this.#stopping = false;
  }

  #truncated(pending: PendingRestriction): PendingRestriction | undefined {
    const { restriction, unbounded = false } = this.#fn;
    if (restriction.truncate === undefined) return unbounded ? undefined : { ...pending, isTruncated: true };
    const { open } = pending;
    try {
      const rest = restriction.truncate(open.element as never, open.restriction);
      return rest === undefined ? undefined : { ...pending, open: { ...open, restriction: rest }, isTruncated: true };
    } catch (error) {
      throw this.failures.attributeTo(this.node, error, open.element);
    }
  }

  override get signature(): string {
    return `restrictions ${coderSignature(this.#fn.restriction.coder)}`;
  }

  override get isDone(): boolean {
    return super.isDone && this.isIdle;
  }

  override get isEmpty(): boolean {
    return this.isIdle;
  }

  /** After `stop`, when no call is under way. Encoded restrictions are of bounded size each. */
  override save(out: ByteWriter): void {
    super.save(out);
    out.varint(this.#waiting);
    for (const { open, watermark, notBefore } of [...this.#pending, ...this.#held]) {
      const { bytes } = this.#codec.encode(open);
      out.varint(bytes.length);
      out.raw(bytes);
      out.float64(watermark);
      out.float64(notBefore);
    }
  }

  override restore(input: ByteReader): void {
    super.restore(input);
    for (let left = input.varint(); left > 0; left--) {
      const bytes = input.raw(input.varint());
      const open = this.#codec.decode({ bytes, shapes: [] });
      this.add({ open, watermark: input.float64(), notBefore: input.float64() });
    }
  }

  /** Ends all calls: the job is over. One that waits for what never comes is left behind. */
  async close(): Promise<void> {
    if (this.#active.size === 0) return;
    const ended = Promise.allSettled(Array.from(this.#active, ({ call }) => call.close()));
    this.#active.clear();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, CLOSE_MILLIS);
    });
    await Promise.race([ended, late]);
    clearTimeout(timer);
  }
}

/** The tracker may be the user's own; a backlog is not worth failing for. */
function remainingOf(call: RestrictionCall): number {
  try {
    return call.tracker.progress().remaining;
  } catch {
    return 0;
  }
}
