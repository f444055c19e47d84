import type { Coder } from '../../../sdk/coders/coder.ts';
import { IntervalWindow, type Window } from '../../../sdk/windows/window.ts';
import { type KeyId, KeyIdentity } from '../state/key-identity.ts';
import { TimeHeap } from '../state/time-heap.ts';
import type { OpenWindow, WindowEntry } from './open-window.ts';
import { lastTimestamp } from './window-times.ts';

/** Windows that are looked at before all others are: an element of sliding windows has one after the other. */
const RECENT = 4;

/** The windows of a table that have entries in memory: found by window, taken by their end, gone around for eviction. */
export class OpenWindows<E> {
  readonly #identity: KeyIdentity;
  readonly #all = new Set<OpenWindow<E>>();
  /** By end, then by what tells those of one end apart. */
  readonly #byEnd = new Map<number, Map<KeyId, OpenWindow<E>>>();
  readonly #heap = new TimeHeap<OpenWindow<E>>();
  /** The objects by which windows were asked for lately, and what was found for them. */
  #recent: Window[] = [];
  #found: OpenWindow<E>[] = [];
  #oldest = 0;
  #windowHand: Iterator<OpenWindow<E>> | undefined;
  #entryHand: Iterator<WindowEntry<E>> | undefined;
  /** The window of the entry that was given for eviction last. */
  current: OpenWindow<E> | undefined;

  constructor(coder: Coder<Window>) {
    this.#identity = new KeyIdentity(coder as unknown as Coder<unknown>);
  }

  get size(): number {
    return this.#all.size;
  }

  [Symbol.iterator](): Iterator<OpenWindow<E>> {
    return this.#all.values();
  }

  find(window: Window): OpenWindow<E> | undefined {
    const recent = this.#recent;
    for (let i = 0; i < recent.length; i++) if (recent[i] === window) return this.#found[i];
    const open = this.#byEnd.get(lastTimestamp(window))?.get(this.#idOf(window));
    if (open === undefined) return undefined;
    recent[this.#oldest] = window;
    this.#found[this.#oldest] = open;
    this.#oldest = (this.#oldest + 1) % RECENT;
    return open;
  }

  /** Tells windows of one end apart: there may be one for each key. */
  #idOf(window: Window): KeyId {
    return window instanceof IntervalWindow ? window.start : this.#identity.of(window);
  }

  add(open: OpenWindow<E>): void {
    this.#all.add(open);
    const id = this.#idOf(open.window);
    const others = this.#byEnd.get(open.end);
    if (others === undefined) this.#byEnd.set(open.end, new Map([[id, open]]));
    else others.set(id, open);
    this.#heap.push(open.due, open);
  }

  remove(open: OpenWindow<E>): void {
    if (!this.#all.delete(open)) return;
    open.isOpen = false;
    const others = this.#byEnd.get(open.end);
    others?.delete(this.#idOf(open.window));
    if (others?.size === 0) this.#byEnd.delete(open.end);
    this.#forgetRecent();
    if (this.#heap.length > 64 + 2 * this.#all.size) this.#heap.keep((each) => each.isOpen);
  }

  /** The window that ends first, if it has ended at the watermark; not given again. */
  take(watermark: number): OpenWindow<E> | undefined {
    const heap = this.#heap;
    while (heap.length > 0 && heap.time <= watermark) {
      const open = heap.item;
      heap.pop();
      if (open.isOpen) return open;
    }
    return undefined;
  }

  /** Goes on to the next entry, around all windows: gives it if it has not been used since the last time. */
  nextUnused(): WindowEntry<E> | undefined {
    if (this.#entryHand === undefined || this.current?.isOpen !== true) {
      const { done, value } = (this.#windowHand ??= this.#all.values()).next();
      this.current = done ? undefined : value;
      this.#entryHand = done ? undefined : value.entries.values();
      if (done) this.#windowHand = undefined;
      return undefined;
    }
    const { done, value: entry } = this.#entryHand.next();
    if (done) this.#entryHand = undefined;
    else if (entry.used) entry.used = false;
    else return entry;
    return undefined;
  }

  #forgetRecent(): void {
    this.#recent = [];
    this.#found = [];
    this.#oldest = 0;
  }

  clear(): void {
    this.#all.clear();
    this.#byEnd.clear();
    this.#heap.clear();
    this.#forgetRecent();
    this.#windowHand = this.#entryHand = this.current = undefined;
  }
}
