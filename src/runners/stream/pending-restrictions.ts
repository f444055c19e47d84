import type { OpenRestriction } from '../../harness/bundle-input.ts';
import { MAX_TIMESTAMP } from '../../sdk/windows/timestamp.ts';
import type { Window } from '../../sdk/windows/window.ts';
import { HoldSet } from '../core/state/hold-set.ts';
import { TimeHeap } from '../core/state/time-heap.ts';

/** A restriction that waits to be taken up. */
export interface PendingRestriction {
  readonly open: OpenRestriction;
  /** Where its watermark was left. */
  readonly watermark: number;
  /** Processing time before which it is not taken up. */
  readonly notBefore: number;
  /** What is left to do of it while the pipeline is drained. */
  readonly isTruncated?: boolean;
}

const NEVER = Number.POSITIVE_INFINITY;
/** Items that have been taken are cut off when there are this many, and at least as many as are left. */
const MANY_TAKEN = 1024;

/** The restrictions of one splittable transform that wait: each takes its turn, those that pause when their time has come. */
export class PendingRestrictions {
  /** First come, first served. */
  #ready: PendingRestriction[] = [];
  #taken = 0;
  /** By the time that they wait for. */
  readonly #later = new TimeHeap<PendingRestriction>();
  readonly #holds = new HoldSet();
  readonly #windows = new HoldSet();
  readonly #expiryOf: ((window: Window) => number) | undefined;

  /** @param expiryOf when nothing of a window is asked for any more; where absent nobody asks for `open` */
  constructor(expiryOf?: (window: Window) => number) {
    this.#expiryOf = expiryOf;
  }

  get size(): number {
    return this.ready + this.#later.length;
  }

  /** How many need not wait for their time. */
  get ready(): number {
    return this.#ready.length - this.#taken;
  }

  /** The least watermark; +Infinity when nothing waits. */
  get hold(): number {
    return this.size === 0 ? NEVER : this.#holds.least;
  }

  /** The least time up to which something of a restriction's window, or before its watermark, is still needed. */
  get open(): number {
    return this.size === 0 ? NEVER : this.#windows.least;
  }

  /** The processing time at which one may be taken; +Infinity when nothing waits. */
  get next(): number {
    if (this.ready > 0) return this.#ready[this.#taken].notBefore;
    return this.#later.time;
  }

  add(pending: PendingRestriction, now: number): void {
    this.#holds.add(Math.min(pending.watermark, MAX_TIMESTAMP));
    if (this.#expiryOf !== undefined) this.#windows.add(this.#openUntil(pending, this.#expiryOf));
    if (pending.notBefore <= now) this.#ready.push(pending);
    else this.#later.push(pending.notBefore, pending);
  }

  /** Those whose time has come stand behind those that had none. */
  advance(now: number): void {
    for (; this.#later.length > 0 && this.#later.time <= now; this.#later.pop()) this.#ready.push(this.#later.item);
  }

  take(): PendingRestriction | undefined {
    if (this.ready === 0) return undefined;
    const pending = this.#ready[this.#taken++];
    if (this.#taken >= MANY_TAKEN && this.#taken * 2 >= this.#ready.length) {
      this.#ready = this.#ready.slice(this.#taken);
      this.#taken = 0;
    }
    this.#holds.remove(Math.min(pending.watermark, MAX_TIMESTAMP));
    if (this.#expiryOf !== undefined) this.#windows.remove(this.#openUntil(pending, this.#expiryOf));
    return pending;
  }

  #openUntil({ watermark, open }: PendingRestriction, expiryOf: (window: Window) => number): number {
    return Math.min(watermark, expiryOf(open.window));
  }

  /** All of them, those that are ready first. */
  *[Symbol.iterator](): Generator<PendingRestriction, void> {
    for (let i = this.#taken; i < this.#ready.length; i++) yield this.#ready[i];
    yield* this.#later.items;
  }

  clear(): void {
    this.#ready = [];
    this.#taken = 0;
    this.#later.clear();
    this.#holds.clear();
    this.#windows.clear();
  }
}
