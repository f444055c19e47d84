import type { TimestampCombiner } from '../../../sdk/windows/window-fn.ts';
import { grown } from './key-dictionary.ts';

/** One timestamp per slot: the earliest or the latest given. */
export class TimestampFold {
  /** By slot. */
  stamps = new Float64Array(1024);
  readonly #sign: number;
  #size = 0;

  constructor(combiner: TimestampCombiner) {
    this.#sign = combiner === 'latest' ? -1 : 1;
  }

  clear(): void {
    this.#size = 0;
  }

  /** Takes in timestamps of slots. */
  add(slots: Int32Array, timestamps: Float64Array, count: number): void {
    for (let i = 0; i < count; i++) {
      const slot = slots[i];
      const timestamp = timestamps[i];
      if (slot < this.#size) {
        if ((timestamp - this.stamps[slot]) * this.#sign < 0) this.stamps[slot] = timestamp;
        continue;
      }
      // Slots are dense: a new one is the next.
      if (slot === this.stamps.length) this.stamps = grown(this.stamps, 0);
      this.stamps[slot] = timestamp;
      this.#size = slot + 1;
    }
  }
}

/** Which of two timestamps the group gets. */
export function foldTimestamps(combiner: TimestampCombiner, a: number, b: number): number {
  return combiner === 'latest' ? Math.max(a, b) : Math.min(a, b);
}
