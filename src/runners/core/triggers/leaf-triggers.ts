import type { TimestampTransform } from '../../../sdk/triggers/trigger.ts';
import { type StateLayout, type TriggerMoment, TriggerNode, type TriggerState } from './trigger-node.ts';

const NONE = Number.POSITIVE_INFINITY;

/** Fires at each moment past the end of the window and never finishes. */
export class DefaultNode extends TriggerNode {
  onElement(): void {}
  onMerge(): void {}
  onFire(): void {}
  clear(): void {}

  shouldFire(_state: TriggerState, moment: TriggerMoment): boolean {
    return moment.ended;
  }
}

/** Fires at each occasion and never finishes. */
export class AlwaysNode extends TriggerNode {
  onElement(): void {}
  onMerge(): void {}
  onFire(): void {}
  clear(): void {}

  shouldFire(): boolean {
    return true;
  }
}

export class NeverNode extends TriggerNode {
  onElement(): void {}
  onMerge(): void {}
  onFire(): void {}
  clear(): void {}

  shouldFire(): boolean {
    return false;
  }
}

/** Fires once, past the end of the window. */
export class EndOfWindowNode extends TriggerNode {
  onElement(): void {}
  clear(): void {}

  onMerge(state: TriggerState, sources: readonly TriggerState[], moment: TriggerMoment): void {
    // Where it is still waiting in one window, that window's elements have not been given out.
    this.finish(state, moment.ended && this.finishedInAll(sources));
  }

  shouldFire(_state: TriggerState, moment: TriggerMoment): boolean {
    return moment.ended;
  }

  onFire(state: TriggerState): void {
    this.finish(state, true);
  }
}

/** Fires once, when it has seen a number of elements. */
export class CountNode extends TriggerNode {
  readonly #count: number;
  readonly #seen: number;

  constructor(layout: StateLayout, count: number) {
    super(layout);
    this.#count = count;
    this.#seen = layout.add(0);
  }

  onElement(state: TriggerState): void {
    state[this.#seen]++;
  }

  onMerge(state: TriggerState, sources: readonly TriggerState[]): void {
    this.finish(state, this.finishedInAny(sources));
    let seen = 0;
    if (!this.isFinished(state)) for (const source of sources) seen += source[this.#seen];
    state[this.#seen] = seen;
  }

  shouldFire(state: TriggerState): boolean {
    return state[this.#seen] >= this.#count;
  }

  onFire(state: TriggerState): void {
    this.finish(state, true);
    this.clear(state);
  }

  clear(state: TriggerState): void {
    state[this.#seen] = 0;
  }
}

/** Fires once, at a processing time that follows from when the first element came. */
abstract class DelayNode extends TriggerNode {
  readonly #due: number;

  constructor(layout: StateLayout) {
    super(layout);
    this.#due = layout.add(NONE);
  }

  /** The time at which an element that comes now lets it fire. */
  protected abstract dueTime(now: number): number;
  protected abstract now(moment: TriggerMoment): number;

  onElement(state: TriggerState, moment: TriggerMoment): void {
    if (state[this.#due] === NONE) state[this.#due] = this.dueTime(moment.processingTime);
  }

  onMerge(state: TriggerState, sources: readonly TriggerState[]): void {
    this.finish(state, this.finishedInAll(sources));
    let due = NONE;
    if (!this.isFinished(state)) for (const source of sources) due = Math.min(due, source[this.#due]);
    state[this.#due] = due;
  }

  shouldFire(state: TriggerState, moment: TriggerMoment): boolean {
    const due = state[this.#due];
    const now = this.now(moment);
    return due < now || (due === now && !moment.arriving);
  }

  onFire(state: TriggerState): void {
    this.finish(state, true);
    this.clear(state);
  }

  clear(state: TriggerState): void {
    state[this.#due] = NONE;
  }

  override wakeTime(state: TriggerState, moment: TriggerMoment): number {
    return this.isFinished(state) || this.shouldFire(state, moment) ? NONE : state[this.#due];
  }
}

export class ProcessingTimeNode extends DelayNode {
  readonly #transforms: readonly TimestampTransform[];

  constructor(layout: StateLayout, transforms: readonly TimestampTransform[]) {
    super(layout);
    this.#transforms = transforms;
  }

  protected dueTime(now: number): number {
    let due = now;
    for (const transform of this.#transforms) {
      due = transform.kind === 'delay' ? due + transform.millis : alignedTo(due, transform.period, transform.offset);
    }
    return due;
  }

  protected now(moment: TriggerMoment): number {
    return moment.processingTime;
  }
}

/** The first time at or after `time` that is `offset` and a whole number of periods. */
function alignedTo(time: number, period: number, offset: number): number {
  return Math.ceil((time - offset) / period) * period + offset;
}

/** Waits until what is upstream has got as far as this stage was when the first element came. */
export class SynchronizedProcessingTimeNode extends DelayNode {
  protected dueTime(now: number): number {
    return now;
  }

  protected now(moment: TriggerMoment): number {
    return moment.synchronizedProcessingTime;
  }
}
