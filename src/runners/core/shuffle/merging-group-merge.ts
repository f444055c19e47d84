import { ByteReader } from '../../../sdk/coders/byte-reader.ts';
import type { Coder } from '../../../sdk/coders/coder.ts';
import { GLOBAL_WINDOW, IntervalWindow, type Window } from '../../../sdk/windows/window.ts';
import { GroupRecord, keyAt, type ValueGroups, windowAt } from './group-merge.ts';
import { type KeyWindow, KeyWindows } from './key-windows.ts';
import { LargeValues, type PartTest } from './large-values.ts';
import type { MergeInput } from './merge-input.ts';
import { readValues } from './read-values.ts';
import { foldTimestamps } from './timestamp-fold.ts';

/** What a window weighs, as bytes, when it is decided whether a key is large. */
const WINDOW_SIZE = 64;

/** Groups of a merging WindowFn: a key's windows are collected and merged, then come one after another. */
export class MergingGroupMerge implements ValueGroups {
  key: unknown;
  window: Window = GLOBAL_WINDOW;
  timestamp = 0;
  values: Iterable<unknown> = [];
  readonly #input: MergeInput;
  readonly #valueCoder: Coder<unknown>;
  readonly #reader = new ByteReader(new Uint8Array(0));
  readonly #keyRecord = new GroupRecord();
  readonly #record = new GroupRecord();
  /** Merged windows of the key at hand. */
  #windows: readonly KeyWindow[] = [];
  #next = 0;
  /** Makes the values of one of them, when the key is large. */
  #large: ((number: number) => LargeValues) | undefined;

  constructor(input: MergeInput, valueCoder: Coder<unknown>) {
    this.#input = input;
    this.#valueCoder = valueCoder;
  }

  next(): boolean {
    if (this.#next === this.#windows.length && !this.#nextKey()) return false;
    const number = this.#next++;
    const { window, timestamp, values } = this.#windows[number];
    const { timestampCombiner } = this.#input.options.windowing;
    this.window = window;
    this.timestamp = timestampCombiner === 'endOfWindow' ? window.maxTimestamp : timestamp;
    this.values = this.#large === undefined ? values : this.#large(number);
    return true;
  }

  #nextKey(): boolean {
    const input = this.#input;
    const { tree } = input;
    const { keyCoder, windowing } = input.options;
    let at = tree.least;
    if (at < 0) return false;
    this.key = keyAt(tree.cursors[at], keyCoder, this.#reader);
    const key = this.#keyRecord;
    const record = this.#record;
    key.set(tree.cursors[at], true);
    const collected = new KeyWindows(windowing);
    let current: KeyWindow | undefined;
    let previous = -1;
    let size = 0;
    let isLarge = false;
    do {
      const cursor = tree.cursors[at];
      if (current === undefined || !record.matches(cursor)) {
        if (isLarge) collected.compact();
        current = collected.add(windowAt(cursor, input, this.#reader), cursor.stamp);
        record.set(cursor, false);
        previous = -1;
        size += WINDOW_SIZE;
      }
      if (at !== previous) current.starts.push(at, cursor.blockIndex, cursor.index);
      previous = at;
      current.timestamp = foldTimestamps(windowing.timestampCombiner, current.timestamp, cursor.stamp);
      size += cursor.size;
      if (size > input.arrayBytes && !isLarge) {
        isLarge = true;
        for (const window of collected.windows) window.values = [];
      }
      if (isLarge) cursor.skipGroup();
      else {
        readValues(cursor, this.#valueCoder, this.#reader, current.values);
        cursor.advance();
      }
      tree.replay();
      at = tree.least;
    } while (at >= 0 && key.matches(tree.cursors[at]));
    if (isLarge) {
      const locate = collected.mergeAndLocate();
      this.#large = this.#largeValues(collected.windows, key, locate);
    } else {
      collected.merge();
      this.#large = undefined;
    }
    this.#windows = collected.windows;
    this.#next = 0;
    return true;
  }

  /** Values of a merged window of a large key: those parts from its first one on whose window ended up in it. */
  #largeValues(
    windows: readonly KeyWindow[],
    key: GroupRecord,
    locate: (window: Window) => number,
  ): (number: number) => LargeValues {
    const matches = key.test();
    const reader = new ByteReader(new Uint8Array(0));
    // Interval windows are in the order of their ends, so what ends later than the merged window is past it.
    const isOrdered = this.#input.options.windowing.windowFn.coder.urn === 'beam:coder:interval_window:v1';
    return (number) => {
      const { window, starts } = windows[number];
      const end = isOrdered && window instanceof IntervalWindow ? window.end : Number.POSITIVE_INFINITY;
      const test: PartTest = (cursor) => {
        if (!matches(cursor)) return 'end';
        const source = windowAt(cursor, this.#input, reader);
        if (source instanceof IntervalWindow && source.end > end) return 'end';
        return locate(source) === number ? 'mine' : 'other';
      };
      return new LargeValues(this.#input, this.#valueCoder, Int32Array.from(starts), test);
    };
  }

  close(): void {
    this.#input.close();
  }
}
