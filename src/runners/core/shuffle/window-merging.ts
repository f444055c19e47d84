import { RunnerError } from '../../../sdk/errors.ts';
import { IntervalWindow, type Window } from '../../../sdk/windows/window.ts';
import type { WindowFn } from '../../../sdk/windows/window-fn.ts';
import { WindowSet } from './window-set.ts';

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
  const sources = new WindowSet(windowFn.coder);
  const numbers = windows.map((window) => sources.add(window));
  const merged = new WindowSet(windowFn.coder);
  const targets = new Int32Array(sources.windows.length).fill(-1);
  for (const merge of windowFn.merge?.(sources.windows) ?? []) {
    const target = merged.add(merge.merged);
    for (const source of merge.sources) {
      const number = sources.find(source);
      if (number < 0 || targets[number] >= 0) throw invalid(windowFn, source);
      targets[number] = target;
    }
  }
  // A window that was not named stays; it may equal a merged one.
  for (let i = 0; i < targets.length; i++) if (targets[i] < 0) targets[i] = merged.add(sources.windows[i]);
  return { windows: merged.windows, targets: Int32Array.from(numbers, (number) => targets[number]) };
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
