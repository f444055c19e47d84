/**
 * What a trigger remembers of one key and window: per part of the trigger whether it has finished (0 or 1), then what the
 * parts count. Its layout is that of the {@link TriggerMachine} that made it.
 */
export type TriggerState = number[];

/** What a trigger may ask about the moment; one object that is changed between calls. */
export interface TriggerMoment {
  /** Whether the watermark has passed the end of the window. */
  readonly ended: boolean;
  /** Milliseconds, as are all times. */
  readonly processingTime: number;
  readonly synchronizedProcessingTime: number;
  /**
   * Whether an element is coming in, and more may: what is due at this very moment fires after all of them have come. It
   * makes one pane of what comes in together.
   */
  readonly arriving: boolean;
}

/** The parts of a state, while a trigger is compiled. */
export class StateLayout {
  readonly initial: TriggerState = [];

  /** Reserves a number, and says where it is. */
  add(initial: number): number {
    return this.initial.push(initial) - 1;
  }
}

/**
 * One part of a compiled trigger. Methods follow Beam's trigger state machines: an element makes a part more ready to
 * fire, never less; only `onFire` finishes one; `clear` forgets the pane at hand, `reset` also that the part has finished.
 */
export abstract class TriggerNode {
  readonly #finished: number;

  constructor(layout: StateLayout) {
    this.#finished = layout.add(0);
  }

  isFinished(state: TriggerState): boolean {
    return state[this.#finished] === 1;
  }

  finish(state: TriggerState, finished: boolean): void {
    state[this.#finished] = finished ? 1 : 0;
  }

  abstract onElement(state: TriggerState, moment: TriggerMoment): void;
  /** Fills the new state of a window from those of the windows, one or more, that become it. */
  abstract onMerge(state: TriggerState, sources: readonly TriggerState[], moment: TriggerMoment): void;
  abstract shouldFire(state: TriggerState, moment: TriggerMoment): boolean;
  /** To be called only when `shouldFire`. */
  abstract onFire(state: TriggerState, moment: TriggerMoment): void;
  abstract clear(state: TriggerState): void;

  reset(state: TriggerState): void {
    this.finish(state, false);
    this.clear(state);
  }

  /** The next processing time at which `shouldFire` may have another answer; +Infinity when there is none. */
  wakeTime(_state: TriggerState, _moment: TriggerMoment): number {
    return Number.POSITIVE_INFINITY;
  }

  protected finishedInAll(sources: readonly TriggerState[]): boolean {
    return sources.every((source) => this.isFinished(source));
  }

  protected finishedInAny(sources: readonly TriggerState[]): boolean {
    return sources.some((source) => this.isFinished(source));
  }
}
