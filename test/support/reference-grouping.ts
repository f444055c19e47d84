import { type Coder, encodeToBytes } from '../../src/sdk/coders/coder.ts';
import type { PaneInfo, PaneTiming } from '../../src/sdk/windows/pane-info.ts';
import { END_OF_GLOBAL_WINDOW, MIN_TIMESTAMP, type Timestamp } from '../../src/sdk/windows/timestamp.ts';
import { GLOBAL_WINDOW, type Window } from '../../src/sdk/windows/window.ts';
import type { WindowingStrategy } from '../../src/sdk/windows/windowing-strategy.ts';
import { arrive, dueTime, fire, merge, type Now, type Run, ready, start, waitsForTime } from './reference-trigger.ts';

interface ReferenceElement {
  readonly value: unknown;
  /** Where it holds the output watermark; `undefined` when it came too late for that. */
  readonly hold: number | undefined;
  shown: boolean;
}

interface ReferenceWindow {
  readonly window: Window;
  elements: ReferenceElement[];
  panes: PaneInfo[];
  run: Run;
  ended: boolean;
  closed: boolean;
  /** Whether its last pane is not to be late for what is downstream. */
  holdsExpiry: boolean;
  /** When its trigger was last looked at, and whether elements were coming in then. */
  looked: { readonly time: number; readonly arriving: boolean };
}

/** A pane as the reference gives it. */
export interface ReferencePane {
  readonly values: readonly unknown[];
  readonly timestamp: number;
  readonly window: Window;
  readonly pane: PaneInfo;
}

/**
 * What Beam's model says about the grouping of one key: everything that has come is kept, and every answer is worked out
 * from it. Slow, and as plain as it can be.
 */
export class ReferenceGrouping {
  readonly #windowing: WindowingStrategy;
  readonly #merging: boolean;
  #windows: ReferenceWindow[] = [];
  #panes: ReferencePane[] = [];
  readonly dropped: unknown[] = [];
  watermark: number = MIN_TIMESTAMP;
  processingTime = 0;

  constructor(windowing: WindowingStrategy) {
    this.#windowing = windowing;
    this.#merging = windowing.windowFn.merge !== undefined;
  }

  /** The panes since the last call. */
  take(): ReferencePane[] {
    const panes = this.#panes;
    this.#panes = [];
    return panes;
  }

  element(value: unknown, timestamp: number): void {
    const { windowFn } = this.#windowing;
    for (const window of windowFn.assign(timestamp as Timestamp, value, GLOBAL_WINDOW)) {
      this.#into(window, value, timestamp);
    }
  }

  /** The end of a step: what is due happens. */
  step(): void {
    for (const one of [...this.#windows]) {
      const ending = !one.ended && this.watermark > endOf(one.window);
      const expired = this.watermark > this.#expiryOf(one.window);
      const due = this.#becameDue(one);
      one.ended ||= ending;
      one.looked = { time: this.processingTime, arriving: false };
      if (one.closed) continue;
      // Who gives the last pane asks no trigger.
      if (expired) this.#pane(one, true, ending);
      else if ((ending || due) && ready(one.run, this.#now(one, false))) {
        this.#fire(one, this.#now(one, false), ending);
      }
    }
    this.#windows = this.#windows.filter(({ window }) => this.watermark <= this.#expiryOf(window));
  }

  /** The bound of the output watermark. */
  get hold(): number {
    return Math.min(...this.#windows.map((one) => this.#holdOf(one)));
  }

  #into(own: Window, value: unknown, timestamp: number): void {
    if (this.#expiryOf(own) < this.watermark) {
      this.dropped.push(value);
      return;
    }
    const window = this.#merging ? this.#merge(own) : own;
    let one = this.#windows.find((other) => this.#same(other.window, window));
    if (one?.closed === true) {
      this.dropped.push(value);
      return;
    }
    if (one === undefined) this.#windows.push((one = this.#fresh(window)));
    const hold = this.#holdFor(one, timestamp);
    one.elements.push({ value, hold, shown: false });
    if (hold === undefined) one.holdsExpiry = true;
    const now = this.#now(one, true);
    arrive(one.run, now, this.#merging);
    if (ready(one.run, now)) this.#fire(one, now, false);
    one.looked = { time: this.processingTime, arriving: true };
  }

  #fresh(window: Window): ReferenceWindow {
    return {
      window,
      elements: [],
      panes: [],
      run: start(this.#windowing.trigger),
      ended: this.watermark > endOf(window),
      closed: false,
      holdsExpiry: false,
      looked: { time: this.processingTime, arriving: true },
    };
  }

  #merge(own: Window): Window {
    const { windowFn } = this.#windowing;
    const open = this.#windows.filter((one) => !one.closed);
    const all = open.map((one) => one.window);
    if (!all.some((window) => this.#same(window, own))) all.push(own);
    let home = own;
    for (const { merged, sources } of windowFn.merge?.(all) ?? []) {
      const isSource = (window: Window) => sources.some((source) => this.#same(source, window));
      if (isSource(own)) home = merged;
      const old = open.filter((one) => isSource(one.window));
      if (old.length === 0 || (old.length === 1 && this.#same(old[0].window, merged))) continue;
      const one = this.#fresh(merged);
      const now = this.#now(one, true);
      one.elements = old.flatMap(({ elements }) => elements);
      one.panes = old.find(({ window }) => this.#same(window, merged))?.panes ?? [];
      one.run = merge(
        old.map(({ run }) => run),
        now,
      );
      one.holdsExpiry = true;
      if (this.#windowing.timestampCombiner === 'endOfWindow') {
        const hold = one.ended ? undefined : endOf(merged);
        one.elements = one.elements.map((element) => ({ ...element, hold }));
      }
      this.#windows = this.#windows.filter(
        (other) => !old.includes(other) && !(other.closed && this.#same(other.window, merged)),
      );
      this.#windows.push(one);
    }
    return home;
  }

  #becameDue({ run, looked }: ReferenceWindow): boolean {
    const leaves = (part: Run): Run[] => [part, ...part.parts.flatMap(leaves)];
    return leaves(run).some((part) => {
      if (!waitsForTime(part) || part.finished) return false;
      const due = dueTime(part);
      return due <= this.processingTime && (looked.arriving ? due >= looked.time : due > looked.time);
    });
  }

  #fire(one: ReferenceWindow, now: Now, ending: boolean): void {
    fire(one.run, now, this.#merging);
    this.#pane(one, one.run.finished, ending);
    one.closed = one.run.finished;
  }

  #pane(one: ReferenceWindow, last: boolean, ending: boolean): void {
    const { accumulation, onTime, closing } = this.#windowing;
    const fresh = one.elements.filter(({ shown }) => !shown);
    const held = heldBy(fresh);
    const past = one.ended && !ending && held.length === 0;
    const before = one.panes.filter(({ timing }) => timing !== 'EARLY').length;
    const timing: PaneTiming = before > 0 || past ? 'LATE' : one.ended ? 'ON_TIME' : 'EARLY';
    const timestamp = this.#combine(held) ?? endOf(one.window);
    const wanted = fresh.length > 0 || (timing === 'ON_TIME' && onTime === 'fireAlways');
    for (const element of fresh) element.shown = true;
    one.holdsExpiry = !last && closing === 'fireAlways';
    if (wanted || (last && closing === 'fireAlways')) {
      const pane: PaneInfo = {
        timing,
        first: one.panes.length === 0,
        last,
        index: one.panes.length,
        nonSpeculativeIndex: timing === 'EARLY' ? -1 : before,
      };
      one.panes = [...one.panes, pane];
      const values = (accumulation === 'discarding' ? fresh : one.elements).map(({ value }) => value);
      this.#panes.push({ values, timestamp, window: one.window, pane });
    }
  }

  #now({ ended }: ReferenceWindow, arriving: boolean): Now {
    return { processingTime: this.processingTime, ended, arriving };
  }

  /** The hold that an element gets: none when the window is past, or the output watermark would not heed it. */
  #holdFor(one: ReferenceWindow, timestamp: number): number | undefined {
    if (one.ended) return undefined;
    const hold = this.#windowing.timestampCombiner === 'endOfWindow' ? endOf(one.window) : timestamp;
    return hold < Math.min(this.watermark, this.#holdOf(one)) ? undefined : hold;
  }

  #holdOf(one: ReferenceWindow): number {
    const held = this.#combine(heldBy(one.elements.filter(({ shown }) => !shown)));
    const expiry = one.holdsExpiry && !one.closed ? this.#expiryOf(one.window) : Number.POSITIVE_INFINITY;
    return Math.min(held ?? Number.POSITIVE_INFINITY, expiry);
  }

  #combine(holds: readonly number[]): number | undefined {
    if (holds.length === 0) return undefined;
    return this.#windowing.timestampCombiner === 'latest' ? Math.max(...holds) : Math.min(...holds);
  }

  #expiryOf(window: Window): number {
    return Math.min(endOf(window) + this.#windowing.allowedLateness, END_OF_GLOBAL_WINDOW);
  }

  #same(a: Window, b: Window): boolean {
    return sameEncoding(this.#windowing.windowFn.coder, a, b);
  }
}

function heldBy(elements: readonly ReferenceElement[]): number[] {
  return elements.flatMap(({ hold }) => (hold === undefined ? [] : [hold]));
}

function endOf(window: Window): number {
  return window.maxTimestamp;
}

function sameEncoding(coder: Coder<Window>, a: Window, b: Window): boolean {
  return Buffer.compare(encodeToBytes(coder, a), encodeToBytes(coder, b)) === 0;
}
