import { ByteWriter } from '../../../sdk/coders/byte-writer.ts';
import type { Coder } from '../../../sdk/coders/coder.ts';
import type { PaneInfo } from '../../../sdk/windows/pane-info.ts';
import { MAX_TIMESTAMP, type Timestamp } from '../../../sdk/windows/timestamp.ts';
import { IntervalWindow, type Window } from '../../../sdk/windows/window.ts';
import { PendingTimers } from './pending-timers.ts';
import type { Cell } from './state-cells.ts';
import type { StoredList } from './stored-lists.ts';

/** Never: a time after all others. */
export const NEVER: number = Number.POSITIVE_INFINITY;

/** An element that waits for those before it. */
export interface BufferedElement {
  readonly value: unknown;
  readonly timestamp: Timestamp;
  readonly pane: PaneInfo;
}

/** Never changed. */
const NO_TIMERS = new PendingTimers();
const NO_ELEMENTS: readonly BufferedElement[] = [];
const NO_LISTS: ReadonlyMap<number, StoredList> = new Map();
const NO_WINDOWS: readonly WindowState[] = [];

/**
 * Everything that a stateful DoFn has for one key and window. There may be millions in memory, so what is empty is shared,
 * and arrays have the length that they need: one that grows by push has room for 17.
 */
export class WindowState {
  readonly window: Window;
  /** By the number of the declared state. */
  readonly cells: Cell[];
  #timers = NO_TIMERS;
  #buffer = NO_ELEMENTS;
  #lists = NO_LISTS;

  /** @param cells is kept */
  constructor(window: Window, cells: Cell[]) {
    this.window = window;
    this.cells = cells;
  }

  /** Only to be looked at. */
  get timers(): PendingTimers {
    return this.#timers;
  }

  /** To be changed. */
  ownTimers(): PendingTimers {
    if (this.#timers === NO_TIMERS) this.#timers = new PendingTimers();
    return this.#timers;
  }

  /** In the order of time. */
  get buffer(): readonly BufferedElement[] {
    return this.#buffer;
  }

  /** To be changed. */
  ownBuffer(): BufferedElement[] {
    if (this.#buffer === NO_ELEMENTS) this.#buffer = [];
    return this.#buffer as BufferedElement[];
  }

  /** Lists whose items lie outside of the entry, by the number of the declared state. */
  get lists(): ReadonlyMap<number, StoredList> {
    return this.#lists;
  }

  /** To be changed. */
  ownLists(): Map<number, StoredList> {
    if (this.#lists === NO_LISTS) this.#lists = new Map();
    return this.#lists as Map<number, StoredList>;
  }

  get isEmpty(): boolean {
    return this.timers.size === 0 && this.buffer.length === 0 && this.cells.every((cell) => cell === undefined);
  }
}

/** The entry of one key: its windows, and how far back they hold the watermark. */
export class KeyedState {
  #windows = NO_WINDOWS;
  /** The least time that anything here holds the watermark back to; `MAX_TIMESTAMP` for none. */
  hold: number = MAX_TIMESTAMP;

  /** The window found last: most keys have one, and each step on the way to it may be a cache miss. */
  #latest: WindowState | undefined;

  find(window: Window, same: SameWindow): WindowState | undefined {
    const latest = this.#latest;
    if (latest !== undefined && same(latest.window, window)) return latest;
    const { windows } = this;
    for (let i = windows.length - 1; i >= 0; i--) {
      if (!same(windows[i].window, window)) continue;
      this.#latest = windows[i];
      return windows[i];
    }
    return undefined;
  }

  get windows(): readonly WindowState[] {
    return this.#windows;
  }

  add(state: WindowState): void {
    if (this.#windows.length === 0) this.#windows = [state];
    else (this.#windows as WindowState[]).push(state);
  }

  remove(state: WindowState): void {
    if (this.#latest === state) this.#latest = undefined;
    this.#windows = this.#windows.filter((each) => each !== state);
  }
}

/** The least time after this one that a watermark can have. Past 2^53 two times are 2 ms apart. */
export function justAfter(time: number): Timestamp {
  return (time + 1 > time ? time + 1 : time + 2) as Timestamp;
}

/** Whether two windows of one window function are equal. */
export type SameWindow = (a: Window, b: Window) => boolean;

/** Compares windows by their encodings, which intervals need not be made for. */
export function sameWindowBy(coder: Coder<Window>): SameWindow {
  const [one, other] = [new ByteWriter(64), new ByteWriter(64)];
  return (a, b) => {
    if (a === b) return true;
    if (a.maxTimestamp !== b.maxTimestamp) return false;
    if (a.constructor === IntervalWindow && b.constructor === IntervalWindow) {
      return (a as IntervalWindow).start === (b as IntervalWindow).start;
    }
    one.clear();
    other.clear();
    coder.encode(a, one, true);
    coder.encode(b, other, true);
    return one.view().equals(other.view());
  };
}
