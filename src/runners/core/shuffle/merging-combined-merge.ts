import { ByteReader } from '../../../sdk/coders/byte-reader.ts';
import { RunnerError } from '../../../sdk/errors.ts';
import { GLOBAL_WINDOW, type Window } from '../../../sdk/windows/window.ts';
import { AccumulatorFold } from './accumulator-fold.ts';
import type { CombinedGroups } from './combined-merge.ts';
import type { AnyCombineFn } from './combining-writer.ts';
import { GroupRecord, keyAt, windowAt } from './group-merge.ts';
import type { MergeInput } from './merge-input.ts';
import { foldTimestamps } from './timestamp-fold.ts';
import { mergeWindows } from './window-merging.ts';

/** Windows of one key that are collected before those so far are merged. */
const FIRST_LIMIT = 1 << 12;
/** Windows of one key that may remain after merging. */
const MAX_WINDOWS = 1 << 20;

interface WindowAccumulator {
  readonly window: Window;
  readonly timestamp: number;
  readonly accumulator: unknown;
}

/** Combined groups of a merging WindowFn: a key's windows are collected and merged with their accumulators. */
export class MergingCombinedMerge implements CombinedGroups {
  key: unknown;
  window: Window = GLOBAL_WINDOW;
  timestamp = 0;
  value: unknown;
  readonly #input: MergeInput;
  readonly #fn: AnyCombineFn;
  readonly #fold: AccumulatorFold;
  readonly #reader = new ByteReader(new Uint8Array(0));
  readonly #keyRecord = new GroupRecord();
  readonly #record = new GroupRecord();
  /** Windows of the key at hand. */
  #windows: WindowAccumulator[] = [];
  #next = 0;

  constructor(input: MergeInput, fn: AnyCombineFn) {
    this.#input = input;
    this.#fn = fn;
    this.#fold = new AccumulatorFold(fn);
  }

  next(): boolean {
    if (this.#next === this.#windows.length && !this.#nextKey()) return false;
    const { window, timestamp, accumulator } = this.#windows[this.#next++];
    this.window = window;
    this.timestamp =
      this.#input.options.windowing.timestampCombiner === 'endOfWindow' ? window.maxTimestamp : timestamp;
    this.value = this.#fn.extract(accumulator);
    return true;
  }

  #nextKey(): boolean {
    const { tree, options } = this.#input;
    const at = tree.least;
    if (at < 0) return false;
    this.key = keyAt(tree.cursors[at], options.keyCoder, this.#reader);
    this.#keyRecord.set(tree.cursors[at], true);
    this.#windows = [];
    this.#next = 0;
    let limit = FIRST_LIMIT;
    do {
      this.#windows.push(this.#nextWindow());
      if (this.#windows.length < limit) continue;
      this.#merge();
      limit = Math.max(FIRST_LIMIT, this.#windows.length * 2);
      if (this.#windows.length > MAX_WINDOWS) {
        throw new RunnerError('WINDOWS_TOO_MANY', `One key has more than ${MAX_WINDOWS} windows that stay apart`, {
          hint: 'Use a longer gap, or a finer key.',
        });
      }
    } while (tree.least >= 0 && this.#keyRecord.matches(tree.cursors[tree.least]));
    this.#merge();
    return true;
  }

  /** Reads the parts of one window as assigned. */
  #nextWindow(): WindowAccumulator {
    const { tree, options } = this.#input;
    const { timestampCombiner } = options.windowing;
    let at = tree.least;
    const first = tree.cursors[at];
    const record = this.#record;
    record.set(first, false);
    const window = windowAt(first, this.#input, this.#reader);
    let timestamp = first.stamp;
    do {
      const cursor = tree.cursors[at];
      timestamp = foldTimestamps(timestampCombiner, timestamp, cursor.stamp);
      this.#fold.add(cursor);
      cursor.advance();
      tree.replay();
      at = tree.least;
    } while (at >= 0 && record.matches(tree.cursors[at]));
    return { window, timestamp, accumulator: this.#fold.take() };
  }

  #merge(): void {
    const before = this.#windows;
    const { windowFn, timestampCombiner } = this.#input.options.windowing;
    const { windows, targets } = mergeWindows(
      windowFn,
      before.map(({ window }) => window),
    );
    const members: WindowAccumulator[][] = windows.map(() => []);
    for (let i = 0; i < before.length; i++) members[targets[i]].push(before[i]);
    this.#windows = windows.map((window, i) => {
      const sources = members[i];
      const accumulators = sources.map(({ accumulator }) => accumulator);
      return {
        window,
        timestamp: sources.reduce(
          (t, source) => foldTimestamps(timestampCombiner, t, source.timestamp),
          sources[0].timestamp,
        ),
        accumulator: accumulators.length === 1 ? accumulators[0] : this.#fn.merge(accumulators),
      };
    });
  }

  close(): void {
    this.#input.close();
  }
}
