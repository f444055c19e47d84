import { describeWindowing } from '../../../sdk/graph/describe.ts';
import type { StatefulDoFn } from '../../../sdk/state/check-stateful.ts';
import type { TimeDomain } from '../../../sdk/state/timer.ts';
import { garbageCollectionTime } from '../../../sdk/windows/garbage-collection-time.ts';
import { MAX_TIMESTAMP, type Timestamp } from '../../../sdk/windows/timestamp.ts';
import { GLOBAL_WINDOW, type Window } from '../../../sdk/windows/window.ts';
import type { WindowingStrategy } from '../../../sdk/windows/windowing-strategy.ts';
import { type BufferedElement, justAfter, type KeyedState, NEVER, type WindowState } from './keyed-state.ts';
import type { PendingTimer } from './pending-timers.ts';
import { EVENT, type QueueDomain } from './state-backend.ts';

/** The first thing that is due in an entry: a timer, an element whose turn comes, or, without `what`, a window's expiry. */
export type NextDue = readonly [at: number, state?: WindowState, what?: PendingTimer | BufferedElement];

/** When something is due in the entries of one stateful DoFn, and how far they hold the output watermark back. */
export class EntryTimes {
  /** The rules that all this follows, in words: times that were computed under others do not hold. */
  readonly rules: string;
  readonly #allowedLateness: number;
  /** Whether each window is visited when it expires: its keys are to be told, or its state to be removed. */
  readonly #expires: boolean;
  readonly #isEventTime: readonly boolean[];

  /** @param families numbers of the declared timers */
  constructor(windowing: WindowingStrategy, fn: StatefulDoFn, families: ReadonlyMap<string, number>) {
    this.#allowedLateness = windowing.allowedLateness;
    this.#expires = fn.onWindowExpiration !== undefined;
    const isEventTime: boolean[] = [];
    for (const [name, number] of families) isEventTime[number] = fn.timers?.[name].domain === 'event';
    this.#isEventTime = isEventTime;
    const sorts = fn.requiresTimeSortedInput === true;
    const timers = Array.from(families, ([name, number]) => `${number}:${name}`).sort();
    this.rules = [describeWindowing(windowing), this.#allowedLateness, this.#expires, sorts, ...timers].join(' ');
  }

  /** The last time at which elements of a window count. */
  expiryOf(window: Window): Timestamp {
    return garbageCollectionTime(window, this.#allowedLateness);
  }

  domainOf(family: number): TimeDomain {
    return this.#isEventTime[family] ? 'event' : 'processing';
  }

  /** Timestamp of what a timer emits that holds nothing back: its time, or the watermark where that is another clock's. */
  unheld({ at, family }: PendingTimer, window: Window, watermark: Timestamp): Timestamp {
    return Math.min(this.#isEventTime[family] ? at : watermark, this.expiryOf(window)) as Timestamp;
  }

  /** What happens first as the clock goes on; never is at `NEVER`. */
  next(entry: KeyedState, domain: QueueDomain): NextDue {
    return domain === EVENT ? this.#nextEvent(entry) : this.#nextTimer(entry, false);
  }

  #nextEvent(entry: KeyedState): NextDue {
    let [at, state, what] = this.#nextTimer(entry, true);
    for (const each of entry.windows) {
      if (each.buffer.length > 0) {
        const time = justAfter(Math.min(each.buffer[0].timestamp + this.#allowedLateness, this.expiryOf(each.window)));
        if (time < at) [at, state, what] = [time, each, each.buffer[0]];
      }
      const time = this.#expiryVisit(each);
      if (time < at) [at, state, what] = [time, each, undefined];
    }
    return [at, state, what];
  }

  /** When a window is visited for its expiry: after all its timers. */
  #expiryVisit({ window, timers }: WindowState): number {
    // State of the global window would be removed when nobody can see it any more.
    if (!this.#expires && timers.size === 0 && window === GLOBAL_WINDOW) return NEVER;
    return justAfter(this.expiryOf(window));
  }

  /** The soonest timer of an entry; of equal ones that which was set first. */
  #nextTimer({ windows }: KeyedState, isEventTime: boolean): NextDue {
    let at = NEVER;
    let state: WindowState | undefined;
    let what: PendingTimer | undefined;
    for (const each of windows) {
      for (const timer of each.timers) {
        if (timer.at >= at || this.#isEventTime[timer.family] !== isEventTime) continue;
        at = timer.at;
        state = each;
        what = timer;
      }
    }
    return [at, state, what];
  }

  /** Where an entry holds the watermark; `MAX_TIMESTAMP` when it does not. */
  holdOf({ windows }: KeyedState): number {
    let hold: number = MAX_TIMESTAMP;
    for (const { window, timers, buffer } of windows) {
      for (const { output } of timers) if (output !== undefined && output < hold) hold = output;
      if (buffer.length > 0 && buffer[0].timestamp < hold) hold = buffer[0].timestamp;
      if (this.#expires) hold = Math.min(hold, this.expiryOf(window));
    }
    return hold;
  }
}
