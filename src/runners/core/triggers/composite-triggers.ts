import { type StateLayout, type TriggerMoment, TriggerNode, type TriggerState } from './trigger-node.ts';

/** A part made of others. */
abstract class CompositeNode extends TriggerNode {
  protected readonly parts: readonly TriggerNode[];

  constructor(layout: StateLayout, parts: readonly TriggerNode[]) {
    super(layout);
    this.parts = parts;
  }

  onElement(state: TriggerState, moment: TriggerMoment): void {
    for (const part of this.parts) part.onElement(state, moment);
  }

  clear(state: TriggerState): void {
    for (const part of this.parts) part.clear(state);
  }

  override reset(state: TriggerState): void {
    this.finish(state, false);
    for (const part of this.parts) part.reset(state);
  }

  override wakeTime(state: TriggerState, moment: TriggerMoment): number {
    let time = Number.POSITIVE_INFINITY;
    for (const part of this.parts) time = Math.min(time, part.wakeTime(state, moment));
    return time;
  }

  protected mergeParts(state: TriggerState, sources: readonly TriggerState[], moment: TriggerMoment): void {
    for (const part of this.parts) part.onMerge(state, sources, moment);
  }

  protected allFinished(state: TriggerState): boolean {
    return this.parts.every((part) => part.isFinished(state));
  }

  protected anyFinished(state: TriggerState): boolean {
    return this.parts.some((part) => part.isFinished(state));
  }
}

export class RepeatedlyNode extends CompositeNode {
  readonly #repeated: TriggerNode;

  constructor(layout: StateLayout, repeated: TriggerNode) {
    super(layout, [repeated]);
    this.#repeated = repeated;
  }

  onMerge(state: TriggerState, sources: readonly TriggerState[], moment: TriggerMoment): void {
    this.mergeParts(state, sources, moment);
  }

  shouldFire(state: TriggerState, moment: TriggerMoment): boolean {
    return this.#repeated.shouldFire(state, moment);
  }

  onFire(state: TriggerState, moment: TriggerMoment): void {
    this.#repeated.onFire(state, moment);
    if (this.#repeated.isFinished(state)) this.#repeated.reset(state);
  }
}

export class AfterAnyNode extends CompositeNode {
  onMerge(state: TriggerState, sources: readonly TriggerState[], moment: TriggerMoment): void {
    this.mergeParts(state, sources, moment);
    this.finish(state, this.anyFinished(state));
  }

  shouldFire(state: TriggerState, moment: TriggerMoment): boolean {
    return this.parts.some((part) => part.isFinished(state) || part.shouldFire(state, moment));
  }

  onFire(state: TriggerState, moment: TriggerMoment): void {
    for (const part of this.parts) {
      // The pane that a part has been waiting for is gone, whoever let it fire.
      if (part.shouldFire(state, moment)) part.onFire(state, moment);
      else part.clear(state);
    }
    this.finish(state, true);
  }
}

export class AfterAllNode extends CompositeNode {
  override onElement(state: TriggerState, moment: TriggerMoment): void {
    for (const part of this.parts) if (!part.isFinished(state)) part.onElement(state, moment);
  }

  onMerge(state: TriggerState, sources: readonly TriggerState[], moment: TriggerMoment): void {
    this.mergeParts(state, sources, moment);
    this.finish(state, this.allFinished(state));
  }

  shouldFire(state: TriggerState, moment: TriggerMoment): boolean {
    return this.parts.every((part) => part.isFinished(state) || part.shouldFire(state, moment));
  }

  onFire(state: TriggerState, moment: TriggerMoment): void {
    for (const part of this.parts) part.onFire(state, moment);
    this.finish(state, true);
  }
}

export class AfterEachNode extends CompositeNode {
  /** Whether windows may merge, which can bring a part to life again that had finished. */
  readonly #merging: boolean;

  constructor(layout: StateLayout, parts: readonly TriggerNode[], merging: boolean) {
    super(layout, parts);
    this.#merging = merging;
  }

  #current(state: TriggerState): TriggerNode | undefined {
    return this.parts.find((part) => !part.isFinished(state));
  }

  override onElement(state: TriggerState, moment: TriggerMoment): void {
    if (this.#merging) super.onElement(state, moment);
    else this.#current(state)?.onElement(state, moment);
  }

  onMerge(state: TriggerState, sources: readonly TriggerState[], moment: TriggerMoment): void {
    let started = true;
    for (const part of this.parts) {
      // What comes after the part at work has not begun.
      if (!started) break;
      part.onMerge(state, sources, moment);
      started = part.isFinished(state);
    }
    this.finish(state, started);
  }

  shouldFire(state: TriggerState, moment: TriggerMoment): boolean {
    return this.#current(state)?.shouldFire(state, moment) ?? false;
  }

  onFire(state: TriggerState, moment: TriggerMoment): void {
    this.#current(state)?.onFire(state, moment);
    // The later parts have been counting along: each starts with a new pane.
    if (this.#merging) this.clear(state);
    this.finish(state, this.allFinished(state));
  }
}

export class OrFinallyNode extends CompositeNode {
  readonly #main: TriggerNode;
  readonly #until: TriggerNode;

  constructor(layout: StateLayout, main: TriggerNode, until: TriggerNode) {
    super(layout, [main, until]);
    this.#main = main;
    this.#until = until;
  }

  onMerge(state: TriggerState, sources: readonly TriggerState[], moment: TriggerMoment): void {
    this.mergeParts(state, sources, moment);
    this.finish(state, this.anyFinished(state));
  }

  shouldFire(state: TriggerState, moment: TriggerMoment): boolean {
    return this.#main.shouldFire(state, moment) || this.#until.shouldFire(state, moment);
  }

  onFire(state: TriggerState, moment: TriggerMoment): void {
    // What ends it counts across the firings of the main trigger.
    if (this.#until.shouldFire(state, moment)) this.#until.onFire(state, moment);
    else this.#main.onFire(state, moment);
    this.finish(state, this.anyFinished(state));
  }
}

/** The end of the window, with firings before it or after it. */
export class AfterWatermarkNode extends CompositeNode {
  readonly #early: TriggerNode;
  readonly #late: TriggerNode | undefined;
  readonly #merging: boolean;

  constructor(layout: StateLayout, early: TriggerNode, late: TriggerNode | undefined, merging: boolean) {
    super(layout, late === undefined ? [early] : [early, late]);
    this.#early = early;
    this.#late = late;
    this.#merging = merging;
  }

  /** The early firings are finished when the end of the window has fired. */
  override onElement(state: TriggerState, moment: TriggerMoment): void {
    if (this.#merging) super.onElement(state, moment);
    else if (!this.#early.isFinished(state)) this.#early.onElement(state, moment);
    else this.#late?.onElement(state, moment);
  }

  onMerge(state: TriggerState, sources: readonly TriggerState[], moment: TriggerMoment): void {
    const past = moment.ended && sources.every((source) => this.#early.isFinished(source));
    if (past) {
      this.#early.finish(state, true);
      this.#late?.onMerge(state, sources, moment);
      this.finish(state, this.#late === undefined);
    } else {
      this.#early.onMerge(state, sources, moment);
      this.#early.finish(state, false);
    }
  }

  shouldFire(state: TriggerState, moment: TriggerMoment): boolean {
    if (!this.#early.isFinished(state)) return moment.ended || this.#early.shouldFire(state, moment);
    return this.#late?.shouldFire(state, moment) ?? false;
  }

  onFire(state: TriggerState, moment: TriggerMoment): void {
    if (this.#early.isFinished(state)) {
      this.#late?.onFire(state, moment);
      this.#late?.reset(state);
    } else if (!moment.ended) {
      this.#early.onFire(state, moment);
      this.#early.reset(state);
    } else {
      this.#early.clear(state);
      this.#early.finish(state, true);
      this.#late?.clear(state);
    }
    this.finish(state, this.#late === undefined && this.#early.isFinished(state));
  }
}
