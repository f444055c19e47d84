import type { BundleSource } from './messages.ts';

/** Where a bundle's elements come from; a partition's parts are looked up when it is sent. */
export type PlannedSource =
  | Exclude<BundleSource, { kind: 'partition' }>
  | { readonly kind: 'partition'; readonly partition: number };

/** A bundle as the coordinator keeps it. */
export interface Bundle {
  readonly id: number;
  readonly stage: number;
  /** `undefined` when the bundle is done: it will not run again, and its parts may be given up. */
  source: PlannedSource | undefined;
  size: number;
  /** Counted from 1; 0 before the first. */
  attempt: number;
  /** Of the latest assignment. */
  sequence: number;
  state: 'pending' | 'running' | 'done';
  worker: string | undefined;
  sentAt: number;
  /** Memory set aside for what the running attempt will leave there. */
  allowance: number;
  /** Splits of the running attempt that are accounted for. */
  splits: number;
  splitAskedAt: number;
  /** What the last attempt failed with, in words. */
  failure: string | undefined;
  /** Whether all attempts failed with that. */
  failsAlike: boolean;
}

/** Bundles that wait for a worker: first come, first served, but those that failed go first. */
export class BundleQueue {
  readonly #again: Bundle[] = [];
  #waiting: Bundle[] = [];
  #head = 0;

  push(bundle: Bundle): void {
    this.#waiting.push(bundle);
  }

  /** The rest of its stage waits for a bundle that failed, so it comes before all others. */
  pushAgain(bundle: Bundle): void {
    this.#again.push(bundle);
  }

  take(): Bundle | undefined {
    const again = this.#again.pop();
    if (again !== undefined || this.#head === this.#waiting.length) return again;
    const next = this.#waiting[this.#head++];
    // There may be a million bundles: the array is moved seldom enough to cost nothing per bundle.
    if (this.#head > 1024 && this.#head * 2 > this.#waiting.length) {
      this.#waiting = this.#waiting.slice(this.#head);
      this.#head = 0;
    }
    return next;
  }
}
