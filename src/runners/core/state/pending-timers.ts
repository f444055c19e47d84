import type { Timestamp } from '../../../sdk/windows/timestamp.ts';

/** A timer that is set. */
export interface PendingTimer {
  /** Number of the declared timer. */
  readonly family: number;
  readonly tag: string;
  readonly at: Timestamp;
  /** Timestamp of what it will emit, which holds the watermark back; undefined when it holds nothing back. */
  readonly output: Timestamp | undefined;
}

/** Timers up to which they are looked for one after the other. */
const FEW = 8;

/**
 * The timers that are set for one key and window, in the order in which they were set. Most keys have one or two, and there
 * may be millions of keys: a Map each would be most of what is in memory.
 */
export class PendingTimers implements Iterable<PendingTimer> {
  #few: PendingTimer[] = [];
  #many: Map<number | string, PendingTimer> | undefined;

  get size(): number {
    return this.#many === undefined ? this.#few.length : this.#many.size;
  }

  [Symbol.iterator](): Iterator<PendingTimer> {
    return this.#many === undefined ? this.#few.values() : this.#many.values();
  }

  has(family: number, tag: string): boolean {
    return this.#many === undefined ? this.#indexOf(family, tag) >= 0 : this.#many.has(timerKey(family, tag));
  }

  /** Sets a timer, which comes behind those that were set before it. */
  set(timer: PendingTimer): void {
    const { family, tag } = timer;
    if (this.#many !== undefined) {
      this.#many.delete(timerKey(family, tag));
      this.#many.set(timerKey(family, tag), timer);
      return;
    }
    const at = this.#indexOf(family, tag);
    // An array that grows by push has room for 17.
    if (at < 0) this.#few = this.#few.length === 0 ? [timer] : [...this.#few, timer];
    else {
      this.#few.splice(at, 1);
      this.#few.push(timer);
    }
    if (this.#few.length <= FEW) return;
    this.#many = new Map(this.#few.map((each) => [timerKey(each.family, each.tag), each]));
    this.#few = [];
  }

  delete(family: number, tag: string): void {
    if (this.#many !== undefined) {
      this.#many.delete(timerKey(family, tag));
      return;
    }
    const at = this.#indexOf(family, tag);
    if (at >= 0) this.#few.splice(at, 1);
  }

  #indexOf(family: number, tag: string): number {
    for (let i = 0; i < this.#few.length; i++) {
      if (this.#few[i].family === family && this.#few[i].tag === tag) return i;
    }
    return -1;
  }
}

/** Name of a timer within its key and window. */
export function timerKey(family: number, tag: string): number | string {
  return tag === '' ? family : `${family}:${tag}`;
}
