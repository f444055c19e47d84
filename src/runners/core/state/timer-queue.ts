import { DueItems } from './due-items.ts';
import type { QueueDomain } from './state-backend.ts';
import type { Slot } from './state-table.ts';

const NEVER = Number.POSITIVE_INFINITY;

/** Where a slot's times say, by domain, when it is due, which item of the queue stands for it, and what its schedule knows. */
const TIME = 0;
const ITEM = 2;
export const SCHEDULED = 4;
/** Items of slots that no queue knows, and of those that their schedule will bring. */
export const NO_ITEM = -1;
export const BEYOND = -2;
/** A schedule that knows nothing of a slot. */
export const UNSCHEDULED = Number.NEGATIVE_INFINITY;

/**
 * Slots in memory by the time at which something in them is due, soonest first; those of the same time in the order in
 * which they came in. A slot stands in the queue once, with a time that is not after its soonest: when a timer is moved
 * to a later time, which most timers are again and again, the queue is told only when the earlier time has come.
 */
export class TimerQueue<E> {
  readonly #domain: QueueDomain;
  #items = new DueItems<Slot<E>>();
  #order = 0;
  #live = 0;

  constructor(domain: QueueDomain) {
    this.#domain = domain;
  }

  /** Slots in the queue. */
  get size(): number {
    return this.#live;
  }

  /** The soonest time, at which something may be due; Infinity when nothing is. */
  get next(): number {
    this.#dropStale();
    return this.#items.time;
  }

  /** Makes sure that the slot comes up at this time or before. False when it would anyway. */
  expect(slot: Slot<E>, time: number): boolean {
    const domain = this.#domain;
    if (time >= (slot.due === undefined ? NEVER : slot.due[domain])) return false;
    slot.due ??= [NEVER, NEVER, NO_ITEM, NO_ITEM, UNSCHEDULED, UNSCHEDULED];
    if (slot.due[ITEM + domain] < 0) this.#live++;
    slot.due[TIME + domain] = time;
    this.#enter(slot, slot.due);
    return true;
  }

  /** Takes over a slot that its schedule was to bring. */
  bring(slot: Slot<E>): void {
    if (slot.due === undefined || slot.due[ITEM + this.#domain] !== BEYOND) return;
    this.#live++;
    this.#enter(slot, slot.due);
  }

  #enter(slot: Slot<E>, due: number[]): void {
    due[ITEM + this.#domain] = this.#order;
    this.#items.push(due[TIME + this.#domain], this.#order++, slot);
    this.#tidy();
  }

  /** Takes out the soonest slot if its time has come; it is expected anew afterwards. */
  take(now: number): Slot<E> | undefined {
    this.#dropStale();
    if (this.#items.length === 0 || this.#items.time > now) return undefined;
    const slot = this.#items.item;
    this.#items.pop();
    this.drop(slot);
    return slot;
  }

  /** Lets go of a slot. */
  drop({ due }: Slot<E>): void {
    if (due === undefined) return;
    if (due[ITEM + this.#domain] >= 0) this.#live--;
    due[TIME + this.#domain] = NEVER;
    due[ITEM + this.#domain] = NO_ITEM;
    this.#tidy();
  }

  /** Items that stand for nothing keep their slots in memory. */
  #tidy(): void {
    if (this.#items.length > 64 + 1.25 * this.#live) this.#rebuild();
  }

  clear(): void {
    this.#items = new DueItems();
    this.#order = 0;
    this.#live = 0;
  }

  /** Takes items from the top that were overtaken by one that came up before. */
  #dropStale(): void {
    const items = this.#items;
    while (items.length > 0 && !this.#isCurrent(items.item, items.order)) items.pop();
  }

  #isCurrent(slot: Slot<E>, order: number): boolean {
    return slot.due !== undefined && slot.due[ITEM + this.#domain] === order;
  }

  #rebuild(): void {
    const items = this.#items;
    this.#items = new DueItems();
    for (; items.length > 0; items.pop()) {
      if (this.#isCurrent(items.item, items.order)) this.#items.push(items.time, items.order, items.item);
    }
  }
}
