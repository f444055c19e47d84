import { RunnerError } from '../../../sdk/errors.ts';
import { IntervalWindow, type Window } from '../../../sdk/windows/window.ts';
import type { WindowFn } from '../../../sdk/windows/window-fn.ts';
import { WindowIds } from './window-ids.ts';

/** Distinct windows into which a key's windows merge, and for each window given the number of the one it went into. */
export interface MergedWindows {
  readonly windows: readonly Window[];
  readonly targets: Int32Array;
}

/**
 * Applies a merging WindowFn to the windows of one key; a window may be given twice.
 *
 * @throws RunnerError `WINDOW_MERGE_INVALID` when the function merges a window that is not there, or one into two.
 */
export function mergeWindows(windowFn: WindowFn<Window>, windows: readonly Window[]): MergedWindows {
  if (windows.length === 1) return { windows, targets: new Int32Array(1) };
  const sources = new WindowIds(windowFn.coder);
  const ids = Int32Array.from(windows, (window) => sources.idOf(window));
  const distinct: Window[] = [];
  for (let i = 0; i < windows.length; i++) if (ids[i] === distinct.length) distinct.push(windows[i]);

  const results = new WindowIds(windowFn.coder);
  const merged: Window[] = [];
  const resultOf = (window: Window): number => {
    const id = results.idOf(window);
    if (id === merged.length) merged.push(window);
    return id;
  };
  const targets = new Int32Array(distinct.length).fill(-1);
  for (const merge of windowFn.merge?.(distinct) ?? []) {
    const target = resultOf(merge.merged);
    for (const source of merge.sources) {
      const id = sources.idOf(source);
      if (id >= distinct.length || targets[id] >= 0) throw invalid(windowFn, source);
      targets[id] = target;
    }
  }
  // A window that was not named stays; it may equal a merged one.
  for (let id = 0; id < distinct.length; id++) if (targets[id] < 0) targets[id] = resultOf(distinct[id]);
  return { windows: merged, targets: ids.map((id) => targets[id]) };
}

function invalid(windowFn: WindowFn<Window>, window: Window): RunnerError {
  return new RunnerError(
    'WINDOW_MERGE_INVALID',
    `The WindowFn ${windowFn.urn} merged the window ${window} twice or out of nothing`,
  );
}

/** Windows that are intervals of which no two overlap, so that a window's place among them follows from its bounds. */
export class DisjointIntervals {
  readonly #intervals: readonly IntervalWindow[];
  /** Number of each interval in the list it was made from. */
  readonly #numbers: readonly number[];

  private constructor(intervals: readonly IntervalWindow[], numbers: readonly number[]) {
    this.#intervals = intervals;
    this.#numbers = numbers;
  }

  /** `undefined` when the windows are no intervals or overlap. */
  static of(windows: readonly Window[]): DisjointIntervals | undefined {
    const intervals = windows.filter((window) => window instanceof IntervalWindow);
    if (intervals.length < windows.length) return undefined;
    const numbers = intervals.map((_, i) => i).sort((a, b) => intervals[a].start - intervals[b].start);
    const sorted = numbers.map((number) => intervals[number]);
    for (let i = 1; i < sorted.length; i++) if (sorted[i].start < sorted[i - 1].end) return undefined;
    return new DisjointIntervals(sorted, numbers);
  }

  /** Number of the interval that covers a window; −1 when none does. */
  locate(window: Window): number {
    if (!(window instanceof IntervalWindow)) return -1;
    const intervals = this.#intervals;
    let low = 0;
    for (let high = intervals.length; low < high; ) {
      const middle = (low + high) >>> 1;
      if (intervals[middle].start <= window.start) low = middle + 1;
      else high = middle;
    }
    return low > 0 && window.end <= intervals[low - 1].end ? this.#numbers[low - 1] : -1;
  }
}
