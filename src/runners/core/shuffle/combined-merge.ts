import { ByteReader } from '../../../sdk/coders/byte-reader.ts';
import { GLOBAL_WINDOW, type Window } from '../../../sdk/windows/window.ts';
import { AccumulatorFold } from './accumulator-fold.ts';
import type { AnyCombineFn } from './combining-writer.ts';
import { GroupRecord, keyAt, windowAt } from './group-merge.ts';
import type { MergedGroup, MergeInput } from './merge-input.ts';
import { foldTimestamps } from './timestamp-fold.ts';

/** A key, a window and the result of combining. */
export interface CombinedGroups extends MergedGroup {
  readonly value: unknown;
}

/** Combined groups whose windows are final. */
export class CombinedMerge implements CombinedGroups {
  key: unknown;
  window: Window = GLOBAL_WINDOW;
  timestamp = 0;
  value: unknown;
  readonly #input: MergeInput;
  readonly #fn: AnyCombineFn;
  readonly #fold: AccumulatorFold;
  readonly #reader = new ByteReader(new Uint8Array(0));
  readonly #record = new GroupRecord();

  constructor(input: MergeInput, fn: AnyCombineFn) {
    this.#input = input;
    this.#fn = fn;
    this.#fold = new AccumulatorFold(fn);
  }

  next(): boolean {
    const input = this.#input;
    const { tree } = input;
    const { keyCoder, windowing } = input.options;
    let at = tree.least;
    if (at < 0) return false;
    const first = tree.cursors[at];
    const record = this.#record;
    record.set(first, false);
    this.key = keyAt(first, keyCoder, this.#reader);
    this.window = windowAt(first, input, this.#reader);
    let stamp = first.stamp;
    do {
      const cursor = tree.cursors[at];
      stamp = foldTimestamps(windowing.timestampCombiner, stamp, cursor.stamp);
      this.#fold.add(cursor);
      cursor.advance();
      tree.replay();
      at = tree.least;
    } while (at >= 0 && record.matches(tree.cursors[at]));
    this.timestamp = windowing.timestampCombiner === 'endOfWindow' ? this.window.maxTimestamp : stamp;
    this.value = this.#fn.extract(this.#fold.take());
    return true;
  }

  close(): void {
    this.#input.close();
  }
}
