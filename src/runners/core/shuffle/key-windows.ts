import { RunnerError } from '../../../sdk/errors.ts';
import type { Window } from '../../../sdk/windows/window.ts';
import type { WindowingStrategy } from '../../../sdk/windows/windowing-strategy.ts';
import { foldTimestamps } from './timestamp-fold.ts';
import { DisjointIntervals, mergeWindows } from './window-merging.ts';
import { WindowSet } from './window-set.ts';

/** Windows of one key, if it is large, that are collected before they are merged for the first time. */
const FIRST_LIMIT = 1 << 16;
/** Windows of one large key that may remain after merging. */
const MAX_WINDOWS = 1 << 20;

/** One window of a key, as assigned or merged. */
export interface KeyWindow {
  readonly window: Window;
  timestamp: number;
  /** All values, unless the key is large. */
  values: unknown[];
  /** Triples of slice, block and part where the window starts in each slice that has it. */
  starts: number[];
}

/** Collects the windows of one key in the order of their records, and merges them. */
export class KeyWindows {
  windows: KeyWindow[] = [];
  readonly #windowing: WindowingStrategy;
  readonly #maxWindows: number;
  #limit: number;
  #isCompacted = false;

  constructor(windowing: WindowingStrategy, firstLimit = FIRST_LIMIT, maxWindows = MAX_WINDOWS) {
    this.#windowing = windowing;
    this.#limit = firstLimit;
    this.#maxWindows = maxWindows;
  }

  add(window: Window, timestamp: number): KeyWindow {
    const added = { window, timestamp, values: [], starts: [] };
    this.windows.push(added);
    return added;
  }

  /**
   * Keeps the windows of a large key few, by merging those collected so far.
   *
   * @throws RunnerError `WINDOWS_TOO_MANY`.
   */
  compact(): void {
    if (this.windows.length < this.#limit) return;
    this.#isCompacted = true;
    this.mergeAndLocate();
    if (this.windows.length > this.#maxWindows) throw this.#tooMany();
    this.#limit = Math.max(this.#limit, this.windows.length * 2);
  }

  #tooMany(): RunnerError {
    return new RunnerError('WINDOWS_TOO_MANY', `One key has more than ${this.windows.length} windows that stay apart`, {
      hint: 'Use a longer gap, or a finer key.',
    });
  }

  /** Merges all windows, and tells for each into which one it went. */
  merge(): Int32Array {
    const before = this.windows;
    const { windowFn, timestampCombiner } = this.#windowing;
    const { windows, targets } = mergeWindows(windowFn, before.map(windowOf));
    if (before.length === 1) return targets;
    const after: (KeyWindow | undefined)[] = new Array(windows.length).fill(undefined);
    for (let i = 0; i < before.length; i++) {
      const source = before[i];
      const target = after[targets[i]];
      if (target === undefined) {
        after[targets[i]] = { ...source, window: windows[targets[i]] };
        continue;
      }
      target.timestamp = foldTimestamps(timestampCombiner, target.timestamp, source.timestamp);
      for (const value of source.values) target.values.push(value);
      mergeStarts(target.starts, source.starts);
    }
    this.windows = after as KeyWindow[];
    return targets;
  }

  /** As {@link merge}; tells for a window as assigned in which one it has ended up, now or in an earlier merge. */
  mergeAndLocate(): (window: Window) => number {
    const given = this.windows.map(windowOf);
    const targets = this.merge();
    const intervals = DisjointIntervals.of(this.windows.map(windowOf));
    if (intervals !== undefined && given.every((window, i) => intervals.locate(window) === targets[i])) {
      return (window) => intervals.locate(window);
    }
    // The places of windows merged earlier are known by the bounds of intervals only.
    if (this.#isCompacted) throw this.#tooMany();
    const sources = new WindowSet(this.#windowing.windowFn.coder);
    for (const window of given) sources.add(window);
    return (window) => targets[sources.find(window)] ?? -1;
  }
}

function windowOf({ window }: KeyWindow): Window {
  return window;
}

/** Keeps the first position in each slice. */
function mergeStarts(target: number[], source: readonly number[]): void {
  for (let i = 0; i < source.length; i += 3) {
    let at = 0;
    while (at < target.length && target[at] !== source[i]) at += 3;
    if (at === target.length) target.push(source[i], source[i + 1], source[i + 2]);
    else if (source[i + 1] < target[at + 1] || (source[i + 1] === target[at + 1] && source[i + 2] < target[at + 2])) {
      target[at + 1] = source[i + 1];
      target[at + 2] = source[i + 2];
    }
  }
}
