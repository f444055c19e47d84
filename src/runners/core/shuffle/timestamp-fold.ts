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

  add(slot: number, timestamp: number): void {
    if (slot >= this.#size) {
      if (slot >= this.stamps.length) this.stamps = grown(this.stamps, slot + 1);
      // Slots are dense: a new one is the next.
      this.#size = slot + 1;
      this.stamps[slot] = timestamp;
    } else if ((timestamp - this.stamps[slot]) * this.#sign < 0) this.stamps[slot] = timestamp;
  }
}

/** Which of two timestamps the group gets. */
export function foldTimestamps(combiner: TimestampCombiner, a: number, b: number): number {
  return combiner === 'latest' ? Math.max(a, b) : Math.min(a, b);
}
