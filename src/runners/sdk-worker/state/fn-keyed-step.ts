import type { KeyedDue, KeyedStep } from '../../../harness/keyed-step.ts';
import type { ProcessBundleRequest } from '../../../model/fn-execution.ts';
import type { Coder } from '../../../sdk/coders/coder.ts';
import type { WindowedValue } from '../../../sdk/coders/windowed-value-coder.ts';
import { EXPIRATION_FAMILY, SORTING, statesOf } from '../../../sdk/graph/user-state-proto.ts';
import type { StatefulDoFn } from '../../../sdk/state/check-stateful.ts';
import type { TimeDomain } from '../../../sdk/state/timer.ts';
import type { KV } from '../../../sdk/values.ts';
import { garbageCollectionTime } from '../../../sdk/windows/garbage-collection-time.ts';
import type { PaneInfo } from '../../../sdk/windows/pane-info.ts';
import { MIN_TIMESTAMP, type Timestamp } from '../../../sdk/windows/timestamp.ts';
import type { Window } from '../../../sdk/windows/window.ts';
import { TimerAccessor, type TimerBinding, TimerFamilyAccessor } from '../../core/state/timer-accessors.ts';
import type { BundleState } from './bundle-state.ts';
import { BundleTimers, type FiringTimer, type TimerFamilyShape, type TimerOutput } from './bundle-timers.ts';
import type { KeyedEntry } from './keyed-entry.ts';
import { RemoteStates } from './remote-states.ts';
import { SortedInput } from './sorted-input.ts';
import type { UserStateCache } from './user-state-cache.ts';

export interface FnKeyedStepOptions {
  /** The DoFn's transform in the program's graph, for messages. */
  readonly transform: string;
  /** Its id in the descriptor, by which the runner keeps its state. */
  readonly transformId: string;
  readonly fn: StatefulDoFn;
  /** Of the windowing of its input. */
  readonly allowedLateness: number;
  /** Whether its input ends: it is sorted as a whole then. */
  readonly isBounded: boolean;
  /** The coders of keys, values and windows as the descriptor has them: with lengths where the runner wants them. */
  readonly keyCoder: Coder<unknown>;
  readonly valueCoder: Coder<unknown>;
  readonly windowCoder: Coder<Window>;
  readonly bundle: BundleState;
  readonly cache: UserStateCache;
  /** Where timers go that the DoFn sets. */
  readonly timers: TimerOutput;
  /** Processing time. */
  now(): number;
  /** Bytes of memory that the state of one bundle may take; default 64 MiB. */
  readonly maxBytes?: number;
}

/**
 * State and timers of a stateful DoFn whose runner keeps them. For each bundle: `begin`, then elements and timers, then
 * `finish`, which tells the runner what has changed, and `keep` once that is confirmed.
 *
 * A harness is not told the watermark: now, on the clock of an event-time timer, is the timestamp of the element at hand, or
 * the time that the timer at hand was set to. Elements of windows that have expired are dropped by the runner.
 */
export class FnKeyedStep implements KeyedStep, TimerBinding {
  readonly state: Readonly<Record<string, unknown>>;
  readonly timers: Readonly<Record<string, unknown>>;
  timestamp: Timestamp = MIN_TIMESTAMP;
  /** Never called: the runner drops what comes too late, and says nothing. */
  onLate: KeyedStep['onLate'];
  readonly #options: FnKeyedStepOptions;
  readonly #states: RemoteStates;
  readonly #timers: BundleTimers;
  readonly #families: readonly TimerFamilyShape[];
  /** The family by which a window's expiry comes; −1 when nobody is to be told. */
  readonly #expiration: number;
  /** The family by which elements have their turns that wait to be in order; −1 when none do. */
  readonly #turns: number;
  readonly #sorted: SortedInput | undefined;
  /** Elements of the key and window at hand that have their turns now. */
  #waited: Iterator<WindowedValue<unknown>> | undefined;
  #next: IteratorResult<WindowedValue<unknown>> | undefined;
  #hasTurn = false;
  /** The window at hand has expired, and those that wait in it have their turns before that is told. */
  #isExpiring = false;
  #dropped = 0;
  #now: Timestamp = MIN_TIMESTAMP;

  constructor(options: FnKeyedStepOptions) {
    const { fn, keyCoder, windowCoder, transform, transformId, bundle, cache, maxBytes } = options;
    this.#options = options;
    this.#states = new RemoteStates({
      transformId,
      transform,
      states: statesOf(fn),
      keyCoder,
      windowCoder,
      bundle,
      cache,
      writeTimers: (entry) => this.#timers.write(entry),
      maxBytes,
    });
    const { state } = this.#states;
    this.state = Object.fromEntries(Object.keys(fn.state ?? {}).map((name) => [name, state[name]]));
    const families: TimerFamilyShape[] = [];
    const accessors: Record<string, unknown> = Object.create(null);
    for (const [name, { domain, family }] of Object.entries(fn.timers ?? {})) {
      const declared = { name, number: families.length, domain };
      accessors[name] = family ? new TimerFamilyAccessor(this, declared) : new TimerAccessor(this, declared);
      families.push({ name, isEvent: domain === 'event', isLast: false });
    }
    this.timers = accessors;
    this.#expiration = fn.onWindowExpiration === undefined ? -1 : families.length;
    if (this.#expiration >= 0) families.push({ name: EXPIRATION_FAMILY, isEvent: true, isLast: true });
    this.#turns = fn.requiresTimeSortedInput === true ? families.length : -1;
    if (this.#turns >= 0) {
      families.push({ name: SORTING.family, isEvent: true, isLast: false });
      this.#sorted = new SortedInput(state, options.valueCoder, windowCoder, options.allowedLateness);
    }
    this.#families = families;
    const entryOf = (key: unknown, window: Window) => this.#states.entry(key, window);
    this.#timers = new BundleTimers(families, keyCoder, windowCoder, options.timers, entryOf);
  }

  /** Ids of the timer families whose timers come to `deliver`. */
  get timerFamilies(): readonly string[] {
    return this.#families.map(({ name }) => name);
  }

  /** A bundle begins; nothing is left of one that failed. */
  begin({ cacheTokens, hasNoState, onlyBundleForKeys }: ProcessBundleRequest): void {
    this.#timers.reset();
    this.#waited = undefined;
    this.#next = undefined;
    this.#hasTurn = false;
    this.#isExpiring = false;
    this.#dropped = 0;
    const cacheToken = cacheTokens.find(({ userState }) => userState !== undefined)?.token;
    this.#states.begin({ cacheToken, hasNoState, onlyBundleForKeys });
  }

  /** Asks for the state of elements to come, all at once, as far as state has been read for others before. */
  prefetch(elements: readonly unknown[], windows: Window | readonly Window[]): Promise<void> {
    return this.#states.prefetch(keysOf(elements, windows));
  }

  /**
   * Takes timers that the runner has found to be due; they fire when the elements are through.
   *
   * @param timers of one family, encoded one after the other
   * @throws CoderError when they are malformed
   */
  deliver(family: string, timers: Uint8Array): void {
    this.#timers.deliver(family, timers);
  }

  /**
   * Tells the runner of all changes, and comes back when it has confirmed them.
   *
   * @throws RunnerError when it refuses one or has gone
   */
  async finish(): Promise<void> {
    await this.#states.finish();
    this.#timers.flush();
    await this.#options.bundle.flush();
    this.#states.keep();
  }

  /** Elements of the bundle that came too late to be in order. */
  get dropped(): number {
    return this.#dropped;
  }

  // KeyedStep.

  enter(element: unknown, timestamp: number, window: Window, pane: PaneInfo): boolean {
    if (this.#hasTurn) {
      // It was bound when its turn came.
      this.#hasTurn = false;
      return true;
    }
    const pair = element as KV<unknown, unknown>;
    const entry = this.#states.entry(pair[0], window);
    this.#bind(entry, timestamp as Timestamp, timestamp as Timestamp);
    if (this.#expiration >= 0 && !entry.expires) {
      entry.expires = true;
      this.setTimer(this.#expiration, '', this.expiry, this.expiry);
    }
    if (this.#sorted === undefined) return true;
    const added = this.#sorted.add(pair[1], timestamp as Timestamp, window, pane);
    if (added === 'late') this.#dropped++;
    else if (added) this.#setTurn(timestamp as Timestamp);
    return false;
  }

  /** The elements at hand that wait have their turn when the first of them, of this timestamp, is due. */
  #setTurn(first: Timestamp): void {
    // Of bounded data all has come when the watermark moves, so that one turn is enough.
    const due = this.#options.isBounded ? this.expiry : (this.#sorted?.dueAt(first) ?? first);
    this.setTimer(this.#turns, '', Math.min(due, this.expiry) as Timestamp, first);
  }

  /** The next of the elements that have their turns. */
  #nextWaited(): { readonly key: unknown; readonly window: Window; readonly due: KeyedDue } | undefined {
    if (this.#waited === undefined || this.#sorted === undefined) return undefined;
    const { bound } = this.#states;
    const next = (this.#next ??= this.#waited.next());
    if (next.done) {
      this.#waited = undefined;
      this.#next = undefined;
      if (!this.#isExpiring) return undefined;
      this.#isExpiring = false;
      this.#bind(bound, this.expiry, this.expiry);
      return { key: bound.key, window: bound.window, due: { kind: 'expiration' } };
    }
    const { value, timestamp, pane } = next.value;
    // What one of them has set may be due before the next one is.
    const timer = this.#timers.takeBefore(bound, this.#sorted.dueAt(timestamp), this.#turns);
    if (timer !== undefined) return this.#fire(timer);
    this.#next = undefined;
    this.#bind(bound, timestamp, timestamp);
    this.#hasTurn = true;
    return { key: bound.key, window: bound.window, due: { kind: 'element', element: { value, timestamp, pane } } };
  }

  take(): { readonly key: unknown; readonly window: Window; readonly due: KeyedDue } | undefined {
    const waited = this.#nextWaited();
    if (waited !== undefined) return waited;
    const timer = this.#timers.take();
    if (timer === undefined) {
      this.release();
      return undefined;
    }
    return this.#fire(timer);
  }

  #fire(timer: FiringTimer): { readonly key: unknown; readonly window: Window; readonly due: KeyedDue } | undefined {
    const { entry, family, tag, at } = timer;
    const { key, window } = entry;
    this.#bind(entry, this.#timestampOf(timer), at);
    const isExpiration = family === this.#expiration;
    if (this.#sorted !== undefined && (isExpiration || family === this.#turns)) {
      // The runner may tell of the expiry first: nothing waits any longer then.
      const { elements, next } = this.#sorted.take(at, isExpiration || at >= this.expiry);
      if (next !== undefined) this.#setTurn(next);
      this.#waited = elements.values();
      this.#isExpiring = isExpiration;
      if (isExpiration) this.clearTimer(this.#turns, '');
      return this.take();
    }
    if (isExpiration) return { key, window, due: { kind: 'expiration' } };
    return { key, window, due: { kind: 'timer', name: this.#families[family].name, timer: { at, tag } } };
  }

  expire(): void {
    this.#states.bound.expires = false;
    this.#states.expire();
  }

  release(): void {
    this.#states.bind(undefined);
  }

  #bind(entry: KeyedEntry, timestamp: Timestamp, now: Timestamp): void {
    this.#states.bind(entry);
    this.timestamp = timestamp;
    this.#now = now;
  }

  #timestampOf({ family, at, output, entry }: FiringTimer): Timestamp {
    const expiry = garbageCollectionTime(entry.window, this.#options.allowedLateness);
    if (family === this.#expiration) return expiry;
    return output ?? (Math.min(at, expiry) as Timestamp);
  }

  // TimerBinding.

  now(domain: TimeDomain): Timestamp {
    return domain === 'event' ? this.#now : (this.#options.now() as Timestamp);
  }

  get expiry(): Timestamp {
    return garbageCollectionTime(this.#states.bound.window, this.#options.allowedLateness);
  }

  setTimer(family: number, tag: string, at: Timestamp, output: Timestamp | undefined): void {
    this.#timers.note(this.#states.bound, { family, tag, at, output });
  }

  clearTimer(family: number, tag: string): void {
    this.#timers.note(this.#states.bound, { family, tag, at: undefined, output: undefined });
  }
}

function* keysOf(
  elements: readonly unknown[],
  windows: Window | readonly Window[],
): Generator<readonly [key: unknown, window: Window]> {
  for (let i = 0; i < elements.length; i++) {
    const element = elements[i];
    if (!Array.isArray(element)) continue;
    yield [element[0], Array.isArray(windows) ? windows[i] : (windows as Window)];
  }
}
