import { ByteReader } from '../../../sdk/coders/byte-reader.ts';
import { ByteWriter } from '../../../sdk/coders/byte-writer.ts';
import type { Coder } from '../../../sdk/coders/coder.ts';
import { PipelineError } from '../../../sdk/errors.ts';
import type { StatefulDoFn } from '../../../sdk/state/check-stateful.ts';
import type { TimeDomain } from '../../../sdk/state/timer.ts';
import type { KV } from '../../../sdk/values.ts';
import type { PaneInfo } from '../../../sdk/windows/pane-info.ts';
import { MAX_TIMESTAMP, MIN_TIMESTAMP, type Timestamp } from '../../../sdk/windows/timestamp.ts';
import type { Window } from '../../../sdk/windows/window.ts';
import type { WindowingStrategy } from '../../../sdk/windows/windowing-strategy.ts';
import { DroppedElements } from './dropped-elements.ts';
import { EntryTimes } from './entry-times.ts';
import { HoldSet } from './hold-set.ts';
import { type BufferedElement, KeyedState, NEVER, type SameWindow, sameWindowBy, WindowState } from './keyed-state.ts';
import { KeyedStateCodec, type StateFailure } from './keyed-state-codec.ts';
import type { PendingTimer } from './pending-timers.ts';
import { ReadMarks } from './read-marks.ts';
import { type StateBinding, stateAccessor } from './state-accessors.ts';
import { EVENT, PROCESSING, type StateBackend } from './state-backend.ts';
import { StateNumbers } from './state-numbers.ts';
import { type Slot, StateTable } from './state-table.ts';
import { StoredLists } from './stored-lists.ts';
import { TimerAccessor, type TimerBinding, TimerFamilyAccessor } from './timer-accessors.ts';

/** Something whose time has come, for the key and window that are bound. */
export type Due =
  | { readonly kind: 'timer'; readonly name: string; readonly timer: PendingTimer }
  | { readonly kind: 'element'; readonly element: BufferedElement }
  | { readonly kind: 'expiration' };

/** What the states of one stateful DoFn are made of. */
export interface KeyedStatesOptions {
  /** The transform's full name: the name of its table too. */
  readonly transform: string;
  readonly fn: StatefulDoFn;
  readonly windowing: WindowingStrategy;
  readonly keyCoder: Coder<unknown>;
  /** Of the elements' values, for those that wait for their turn. */
  readonly valueCoder: Coder<unknown>;
  readonly backend: StateBackend;
  /** Bytes of memory. */
  readonly budget: number;
  /** Tables that share the backend's memory. */
  readonly tables?: number;
  /** What is thrown when a state cannot be written. */
  readonly unwritable?: StateFailure;
  /** Bytes past which items of a list leave their entry; tests make it small. */
  readonly listBytes?: number;
  /** Whether values that are changed in place are found. */
  readonly strict?: boolean;
}

/**
 * State and timers of one stateful DoFn, for all keys. One key and window is bound at a time: state and timer accessors
 * mean that one. Calls of user code are the business of whoever binds.
 */
export class KeyedStates implements StateBinding, TimerBinding {
  /** Input watermark as of now. */
  watermark: Timestamp = MIN_TIMESTAMP;
  processingTime: Timestamp = MIN_TIMESTAMP;
  /** For the DoFn, by the names of its declarations. */
  readonly state: Readonly<Record<string, unknown>>;
  readonly timers: Readonly<Record<string, unknown>>;
  /** Timestamp of the element or timer at hand. */
  timestamp: Timestamp = MIN_TIMESTAMP;
  /** What came after its window's expiry, or too late to be put in order, but for what `onLate` has taken. */
  readonly dropped = new DroppedElements();
  /** Takes the elements that come too late, in place of their being counted. */
  onLate: ((element: unknown, timestamp: number, window: Window, pane: PaneInfo) => void) | undefined;

  readonly #options: KeyedStatesOptions;
  readonly #numbers: StateNumbers;
  readonly #timerNames: readonly string[];
  readonly #times: EntryTimes;
  readonly #lists: StoredLists;
  readonly #codec: KeyedStateCodec;
  readonly #table: StateTable<KeyedState>;
  readonly #sameWindow: SameWindow;
  readonly #holds = new HoldSet();
  readonly #allowedLateness: number;
  readonly #noCells: readonly undefined[];
  /** In strict mode. */
  readonly #marks: ReadMarks | undefined;
  /** Whether each window is visited when it expires: its keys are to be told, or its state to be removed. */
  readonly #expires: boolean;
  readonly #sorts: boolean;

  // The key and window at hand.
  #key: unknown = undefined;
  #window: Window | undefined;
  #slot: Slot<KeyedState> | undefined;
  #state: WindowState | undefined;
  #looked = true;
  /** The next element to enter is one that has waited. */
  #returns = false;
  #changed = false;
  /** Timers, buffered elements or windows have changed. */
  #timesChanged = false;

  constructor(options: KeyedStatesOptions) {
    const { transform, fn, windowing, keyCoder, valueCoder, backend, budget, tables, listBytes, unwritable } = options;
    this.#options = options;
    this.#allowedLateness = windowing.allowedLateness;
    this.#expires = fn.onWindowExpiration !== undefined;
    this.#sorts = fn.requiresTimeSortedInput === true;
    const windowCoder = windowing.windowFn.coder as Coder<Window>;
    this.#sameWindow = sameWindowBy(windowCoder);
    const { state = {}, timers = {} } = fn;
    this.#numbers = new StateNumbers(transform, state, timers, backend.blob(`numbers/${transform}`));
    // Without holes, which would make V8 look every access up.
    this.#noCells = Array.from({ length: Math.max(-1, ...this.#numbers.cells.keys()) + 1 }, () => undefined);
    const timerNames: string[] = [];
    for (const [name, number] of this.#numbers.timers) timerNames[number] = name;
    this.#timerNames = timerNames;
    this.#times = new EntryTimes(windowing, fn, this.#numbers.timers);
    this.#lists = new StoredLists(transform, backend, listBytes);
    this.#codec = new KeyedStateCodec({
      windowCoder,
      cells: this.#numbers.cells,
      noCells: this.#noCells,
      families: new Set(this.#numbers.timers.values()),
      valueCoder,
      lists: this.#lists,
      unwritable,
      holdOf: (entry) => this.#times.holdOf(entry),
    });
    this.#table = new StateTable({ name: transform, keyCoder, codec: this.#codec, backend, budget, tables });

    if (options.strict === true) this.#marks = new ReadMarks(transform, this.#numbers.cells);
    const accessors: Record<string, unknown> = Object.create(null);
    for (const [number, cell] of this.#numbers.cells)
      accessors[cell.name] = stateAccessor(this, number, cell, this.#marks);
    this.state = accessors;
    const timerAccessors: Record<string, unknown> = Object.create(null);
    for (const [name, number] of this.#numbers.timers) {
      const { domain, family } = timers[name];
      const declared = { name, number, domain };
      timerAccessors[name] = family ? new TimerFamilyAccessor(this, declared) : new TimerAccessor(this, declared);
    }
    this.timers = timerAccessors;
  }

  /** What holds the output watermark back; `MAX_TIMESTAMP` when nothing does. */
  get hold(): Timestamp {
    this.release();
    return this.#holds.least as Timestamp;
  }

  /** Watermark at which something may be due; Infinity when nothing is. */
  get nextEventTime(): number {
    this.release();
    return this.#table.next(EVENT);
  }

  /** Processing time at which something may be due; Infinity when nothing is. */
  get nextProcessingTime(): number {
    this.release();
    return this.#table.next(PROCESSING);
  }

  /** Whether something is due, or may be. */
  get isDue(): boolean {
    const { nextEventTime, nextProcessingTime } = this;
    return nextEventTime <= this.watermark || (nextProcessingTime < NEVER && nextProcessingTime <= this.#processingNow);
  }

  /** When the last watermark has come, nothing is left to wait for: processing-time timers fire rather than be lost. */
  get #processingNow(): number {
    return this.watermark >= MAX_TIMESTAMP ? NEVER : this.processingTime;
  }

  /** Estimate of the memory in use, in bytes. */
  get bytes(): number {
    return this.#table.bytes;
  }

  /** Keys that have state or timers. */
  get keys(): number {
    return this.#table.keys;
  }

  /** The same, once everything has been flushed: none are left out, and none are about to go. */
  get storedKeys(): number {
    return this.#table.storedKeys;
  }

  /** States and timers of the checkpoint that are no longer declared, in words; those of earlier runs were told. */
  get gone(): readonly string[] {
    return this.#numbers.gone;
  }

  /** Whether the window's time is over, so that its elements are dropped. */
  isExpired(window: Window): boolean {
    return this.#times.expiryOf(window) < this.watermark;
  }

  /** Makes an element's key and window those at hand; false when it is dropped, or waits for its turn. */
  enter(element: unknown, timestamp: number, window: Window, pane: PaneInfo): boolean {
    if (this.#returns) {
      // It was bound when its turn came.
      this.#returns = false;
      return true;
    }
    const pair = element as KV<unknown, unknown>;
    if (!this.isExpired(window)) {
      this.bind(pair[0], window, timestamp as Timestamp);
      if (!this.#sorts) return true;
      if (this.#buffer(pair[1], timestamp as Timestamp, pane)) return false;
    }
    if (this.onLate === undefined) this.dropped.add(timestamp, window, this.watermark);
    else this.onLate(element, timestamp, window, pane);
    return false;
  }

  /** Makes a key and window the ones at hand. Whatever was at hand before is settled. */
  bind(key: unknown, window: Window, timestamp: Timestamp): void {
    this.release();
    this.#key = key;
    this.#window = window;
    this.timestamp = timestamp;
    this.#looked = false;
    // Whoever is to be told of the window's expiry must be known, state or not.
    if (this.#expires) this.own();
  }

  /** Settles the key and window at hand; none is afterwards. */
  release(): void {
    const [slot, state] = [this.#slot, this.#state];
    if (this.#changed && slot !== undefined && state !== undefined) this.#settle(slot, state);
    this.#slot = undefined;
    this.#state = undefined;
    this.#looked = true;
    this.#window = undefined;
    this.#changed = false;
    this.#timesChanged = false;
    this.#table.trim();
    if (state !== undefined) this.#marks?.check(state.cells);
  }

  #settle(slot: Slot<KeyedState>, state: WindowState): void {
    const entry = slot.entry as KeyedState;
    if (state.isEmpty && !this.#expires) {
      this.#remove(entry, state);
      this.#timesChanged = true;
    }
    if (this.#timesChanged) this.#setTimes(slot, entry);
    if (entry.windows.length === 0) this.#table.remove(slot);
    else this.#table.changed(slot);
  }

  // What accessors ask for.

  peek(): WindowState | undefined {
    if (!this.#looked) this.#look();
    return this.#state;
  }

  own(): WindowState {
    if (!this.#looked) this.#look();
    this.#changed = true;
    if (this.#state !== undefined) return this.#state;
    if (this.#window === undefined) throw this.#unbound();
    this.#slot ??= this.#table.add(this.#key, new KeyedState());
    const state = new WindowState(this.#window, this.#noCells.slice());
    (this.#slot.entry as KeyedState).add(state);
    this.#state = state;
    this.#timesChanged = true;
    return state;
  }

  #look(): void {
    this.#looked = true;
    this.#slot = this.#table.find(this.#key);
    this.#state = this.#slot?.entry?.find(this.#window as Window, this.#sameWindow);
  }

  now(domain: TimeDomain): Timestamp {
    return domain === 'event' ? this.watermark : this.processingTime;
  }

  get expiry(): Timestamp {
    if (this.#window === undefined) throw this.#unbound();
    return this.#times.expiryOf(this.#window);
  }

  #unbound(): PipelineError {
    const { transform } = this.#options;
    return new PipelineError('STATE_UNBOUND', `'${transform}' uses state or timers while it processes nothing`, {
      transform,
      hint: 'process has returned without waiting for what it started: return or await the promise',
    });
  }

  setTimer(family: number, tag: string, at: Timestamp, output: Timestamp | undefined): void {
    // At the end of time processing-time timers fire at once, and one that sets itself again would do so for ever.
    if (this.watermark >= MAX_TIMESTAMP && this.#times.domainOf(family) === 'processing') return;
    this.own().ownTimers().set({ family, tag, at, output });
    this.#timesChanged = true;
  }

  clearTimer(family: number, tag: string): void {
    if (this.peek()?.timers.has(family, tag) !== true) return;
    this.own().ownTimers().delete(family, tag);
    this.#timesChanged = true;
  }

  /** Keeps an element of the bound key and window until the watermark has passed it; false when it comes too late. */
  #buffer(value: unknown, timestamp: Timestamp, pane: PaneInfo): boolean {
    if (timestamp + this.#allowedLateness < this.watermark) return false;
    const buffer = this.own().ownBuffer();
    let at = buffer.length;
    while (at > 0 && buffer[at - 1].timestamp > timestamp) at--;
    buffer.splice(at, 0, { value, timestamp, pane });
    this.#timesChanged = true;
    return true;
  }

  // Times.

  /**
   * Takes the next thing that is due by now, and binds its key and window. In the order of time; processing time first,
   * since timers of it do not outlive their window. What is set meanwhile is taken too, when it is due.
   */
  take(): { readonly key: unknown; readonly window: Window; readonly due: Due } | undefined {
    this.release();
    for (const domain of [PROCESSING, EVENT] as const) {
      const now = domain === EVENT ? this.watermark : this.#processingNow;
      for (let slot = this.#table.take(domain, now); slot !== undefined; slot = this.#table.take(domain, now)) {
        const entry = slot.entry as KeyedState;
        const [at, state, what] = this.#times.next(entry, domain);
        if (at > now || at === NEVER || at > this.#table.next(domain)) {
          // The queue knew of a time that was given up since; others may be due before the new one.
          if (at < NEVER) this.#table.expect(slot, domain, at);
          this.#table.trim();
          continue;
        }
        return {
          key: slot.key,
          window: (state as WindowState).window,
          due: this.#begin(slot, state as WindowState, what),
        };
      }
    }
    return undefined;
  }

  /** Binds what is due and takes it out of the entry. */
  #begin(slot: Slot<KeyedState>, state: WindowState, what: PendingTimer | BufferedElement | undefined): Due {
    this.#key = slot.key;
    this.#window = state.window;
    this.#slot = slot;
    this.#state = state;
    this.#looked = true;
    this.#changed = true;
    this.#timesChanged = true;
    if (what === undefined) {
      this.timestamp = this.expiry;
      return { kind: 'expiration' };
    }
    if ('pane' in what) {
      state.ownBuffer().shift();
      this.#returns = true;
      this.timestamp = what.timestamp;
      return { kind: 'element', element: what };
    }
    state.ownTimers().delete(what.family, what.tag);
    this.timestamp = what.output ?? this.#times.unheld(what, state.window, this.watermark);
    return { kind: 'timer', name: this.#timerNames[what.family], timer: what };
  }

  /** Removes the window at hand with all that is in it: it has expired. */
  expire(): void {
    const entry = this.#slot?.entry;
    if (entry !== undefined) this.#remove(entry, this.#state as WindowState);
    this.release();
  }

  #remove(entry: KeyedState, state: WindowState): void {
    entry.remove(state);
    if (state.lists.size > 0) this.#codec.forget(state);
  }

  #setTimes(slot: Slot<KeyedState>, entry: KeyedState): void {
    this.#setHold(entry, this.#times.holdOf(entry));
    this.#expect(slot, entry);
  }

  #expect(slot: Slot<KeyedState>, entry: KeyedState): void {
    for (const domain of [EVENT, PROCESSING] as const) {
      const [at] = this.#times.next(entry, domain);
      if (at < NEVER) this.#table.expect(slot, domain, at);
    }
  }

  #setHold(entry: KeyedState, hold: number): void {
    if (hold === entry.hold) return;
    if (entry.hold < MAX_TIMESTAMP) this.#holds.remove(entry.hold);
    entry.hold = hold;
    if (hold < MAX_TIMESTAMP) this.#holds.add(hold);
  }

  // Checkpoints.

  /** Writes what has changed to the backend; to be followed by its commit. */
  flush(): void {
    this.release();
    const { backend, transform } = this.#options;
    this.#table.flush();
    this.#lists.save();
    backend.putBlob(`numbers/${transform}`, this.#numbers.bytes);
    const out = new ByteWriter(256);
    out.string(this.#times.rules);
    this.#holds.encode(out);
    backend.putBlob(`times/${transform}`, out.view());
  }

  /** Forgets what is in memory and goes on from what the backend has. */
  restore(): void {
    this.#changed = false;
    this.#returns = false;
    this.release();
    this.#holds.clear();
    this.#lists.restore();
    this.#table.restore();
    const { backend, transform } = this.#options;
    const times = backend.blob(`times/${transform}`);
    if (times === undefined) return;
    const input = new ByteReader(times);
    if (input.string() === this.#times.rules) return this.#holds.decode(input);
    // The DoFn has other timers than it had: what is due is not what was due.
    this.#table.reschedule((slot) => {
      const entry = slot.entry as KeyedState;
      if (entry.hold < MAX_TIMESTAMP) this.#holds.add(entry.hold);
      this.#expect(slot, entry);
    });
  }
}
