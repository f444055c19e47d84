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
import type { CollectionNode, TransformNode } from '../../sdk/graph/graph.ts';
import { isStateful } from '../../sdk/state/check-stateful.ts';
import type { ElementSink } from '../../sdk/transforms/element-sink.ts';
import type { Batch, Resume } from '../../sdk/transforms/splittable-do-fn.ts';
import { garbageCollectionTime } from '../../sdk/windows/garbage-collection-time.ts';
import type { PaneInfo } from '../../sdk/windows/pane-info.ts';
import type { Window } from '../../sdk/windows/window.ts';
import type { Stage } from '../core/plan/execution-plan.ts';
import { ActiveCall } from './active-call.ts';
import { coderSignature, signatureOf } from './engine-checkpoint.ts';
import type { PendingRestriction } from './pending-restrictions.ts';
import { StageUnit, type UnitEnvironment } from './stage-unit.ts';
import { WaitingRestrictions, type WaitingTransform } from './waiting-restrictions.ts';

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

/** What a splittable transform is run with. */
export interface SourceOptions extends WaitingTransform {
  readonly lives: DoFnLives;
  readonly input: CollectionNode;
}

/**
 * A splittable transform at work. Each restriction has one call of `process` going, beside the steps; a call is asked for
 * its next batch when the one before has gone through the graph.
 */
export class SourceUnit extends StageUnit implements ElementSink {
  readonly node: TransformNode;
  readonly #fn: WaitingTransform['fn'];
  readonly #lives: DoFnLives;
  protected readonly failures: StageFailures;
  readonly #metrics: TransformMetrics;
  readonly #waiting: WaitingRestrictions;
  readonly #input: CollectionNode;
  /** The oldest first. */
  readonly #active = new Set<ActiveCall>();
  readonly #afterCommit: CommitCallback[] = [];
  #stopping = false;

  constructor(stage: Stage, runner: StageRunner, environment: UnitEnvironment, options: SourceOptions) {
    const { node, fn, lives, failures, sides, input } = options;
    super(`source:${node.name}`, stage, runner, environment);
    this.node = node;
    this.#input = input;
    this.#fn = fn;
    this.#lives = lives;
    this.failures = failures;
    const expiryOf =
      sides === undefined && !isStateful(node.spec) ? undefined : (window: Window) => this.expiryOf(window);
    this.#waiting = new WaitingRestrictions({ ...options, clock: environment.clock, expiryOf });
    this.#metrics = new TransformMetrics(node.name, () => environment.clock.processingTime);
  }

  /** Takes a new restriction from the stage before. */
  write(part: unknown, timestamp: number, window: Window, pane: PaneInfo): void {
    const [element, restriction] = part as RestrictionPart;
    this.#waiting.add({ open: { element, restriction, timestamp, window, pane }, watermark: timestamp, notBefore: 0 });
  }

  protected async work(): Promise<boolean> {
    this.#waiting.release();
    let worked = await this.#begin();
    // One restriction alone may add as much as it can; many share what a step should not exceed by far.
    const most = Math.min(ELEMENTS_PER_STEP, Math.ceil(ELEMENTS_OF_ALL / Math.max(1, this.#active.size)));
    for (const active of this.#active) if (await this.#advance(active, most)) worked = true;
    this.addMetrics(this.node.name, this.#metrics.take());
    for (const callback of this.#afterCommit.splice(0)) this.environment.afterCommit.push(callback);
    return worked;
  }

  async #begin(): Promise<boolean> {
    const waiting = this.#waiting;
    if (waiting.pending === 0 || this.#stopping) return false;
    await this.#lives.setUp(this.#fn, (error) => this.failures.attributeTo(this.node, error));
    const now = this.environment.clock.processingTime;
    waiting.advance(now);
    let begun = false;
    while (this.#active.size < this.mostCalls) {
      const next = waiting.take();
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
    return this.#waiting.ready;
  }

  /** Processing time at which one of those that wait may begin; +Infinity when none waits. */
  protected get nextReady(): number {
    return this.#waiting.next;
  }

  /** The oldest first. */
  protected get calls(): Iterable<ActiveCall> {
    return this.#active;
  }

  protected expiryOf(window: Window): number {
    return garbageCollectionTime(window, this.#input.windowing.allowedLateness);
  }

  /** Makes calls that may never end by themselves let others have their turn. */
  protected giveWay(now: number): void {
    if (this.#fn.unbounded !== true) return;
    let wanted = this.#waiting.ready;
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
      this.#waiting.add({
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
    let least = this.#waiting.hold;
    // The time of day goes on while nothing is under way; a call may still give what happened since it was asked.
    if (this.#followsWallTime && this.#waiting.size > 0) least = Math.max(least, this.environment.clock.processingTime);
    for (const active of this.#active) {
      if (active.watermark < least) least = active.watermark;
    }
    return least;
  }

  override get passed(): number {
    return this.reached;
  }

  /** How far the watermark has come for the windows of what is left to do: no further than what it may still give. */
  protected get reached(): number {
    let least = Math.min(this.inputWatermark, this.#waiting.open);
    for (const { open, watermark } of this.#active) least = Math.min(least, watermark, this.expiryOf(open.window));
    return least;
  }

  override nextProcessingTime(): number {
    const { processingTime } = this.environment.clock;
    let least = Number.POSITIVE_INFINITY;
    if (this.#followsWallTime && this.#waiting.size > 0) least = processingTime + WALL_TIME_MILLIS;
    if (this.#stopping || this.#waiting.pending === 0) return least;
    if (this.#active.size < this.mostCalls) return Math.min(least, this.#waiting.next);
    const [oldest] = this.#active;
    return this.#fn.unbounded === true ? Math.min(least, oldest.since + TURN_MILLIS) : least;
  }

  override get backlog(): number {
    let { backlog } = this.#waiting;
    for (const { call } of this.#active) {
      const remaining = remainingOf(call);
      if (remaining < NO_BACKLOG) backlog += remaining;
    }
    return backlog;
  }

  override waitsFor(): string | undefined {
    const calls = this.#active.size;
    if (calls === 0) return this.#waiting.waitsFor();
    return `${calls === 1 ? 'the call' : `${calls} calls`} of ${this.node.name} to give something`;
  }

  /** Nothing is under way and nothing is left to do. */
  get isIdle(): boolean {
    return this.#active.size === 0 && this.#waiting.size === 0;
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
    this.#waiting.add({ open: { ...open, restriction: split.residual }, watermark, notBefore: 0, isTruncated });
    call.stop();
    return true;
  }

  go(): void {
    this.#stopping = false;
  }

  /** Gives up what has no end, now and when it comes later, and keeps what the DoFn says is still to be done. */
  drain(): void {
    this.#waiting.drain();
    this.stop();
    this.#stopping = false;
  }

  override get signature(): string {
    const state = isStateful(this.node.spec) ? ', with state' : '';
    return `restrictions ${coderSignature(this.#fn.restriction.coder)} of ${signatureOf(this.#input)}${state}`;
  }

  override get isDone(): boolean {
    return super.isDone && this.isIdle;
  }

  override get isEmpty(): boolean {
    return this.isIdle;
  }

  /** After `stop`, when no call is under way. */
  override save(out: ByteWriter): void {
    super.save(out);
    this.#waiting.save(out);
  }

  override restore(input: ByteReader): void {
    super.restore(input);
    this.#waiting.restore(input);
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
