import { NO_TIMES, type Slot, type SlotTimes } from './state-table.ts';

const NEVER = Number.POSITIVE_INFINITY;

/** Which of a slot's times a queue keeps. */
export type QueueDomain = 0 | 1;
export const EVENT: QueueDomain = 0;
export const PROCESSING: QueueDomain = 1;

/**
 * Slots by the time at which something in them is due, soonest first; those of the same time in the order in which they
 * came in. A slot stands in the queue once, with a time that is not after its soonest: when a timer is moved to a later
 * time, which most timers are again and again, the queue is told only when the earlier time has come.
 */
export class TimerQueue<E> {
  readonly #domain: QueueDomain;
  /** A binary heap in three columns. */
  #times: number[] = [];
  #orders: number[] = [];
  #slots: Slot<E>[] = [];
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
    return this.#times.length === 0 ? NEVER : this.#times[0];
  }

  /** Makes sure that the slot comes up at this time or before. */
  expect(slot: Slot<E>, time: number): void {
    const known = slot.due[this.#domain];
    if (time >= known) return;
    if (known === NEVER) this.#live++;
    this.#note(slot, time, this.#order);
    this.#push(time, this.#order++, slot);
    if (this.#times.length > 64 + 2 * this.#live) this.#rebuild();
  }

  /** Takes out the soonest slot if its time has come; it is expected anew afterwards, or unpinned. */
  take(now: number): Slot<E> | undefined {
    this.#dropStale();
    if (this.#times.length === 0 || this.#times[0] > now) return undefined;
    const slot = this.#slots[0];
    this.#pop();
    this.#note(slot, NEVER, -1);
    this.#live--;
    return slot;
  }

  #note(slot: Slot<E>, time: number, item: number): void {
    const [event, processing, eventItem, processingItem] = slot.due;
    const due: SlotTimes =
      this.#domain === EVENT ? [time, processing, item, processingItem] : [event, time, eventItem, item];
    slot.due = due[EVENT] === NEVER && due[PROCESSING] === NEVER ? NO_TIMES : due;
  }

  clear(): void {
    this.#times = [];
    this.#orders = [];
    this.#slots = [];
    this.#order = 0;
    this.#live = 0;
  }

  /** Takes items from the top that were overtaken by one that came up before. */
  #dropStale(): void {
    while (this.#times.length > 0 && !this.#isCurrent(this.#slots[0], this.#orders[0])) this.#pop();
  }

  #isCurrent(slot: Slot<E>, order: number): boolean {
    return slot.due[this.#domain === EVENT ? 2 : 3] === order;
  }

  #rebuild(): void {
    const [times, orders, slots] = [this.#times, this.#orders, this.#slots];
    this.#times = [];
    this.#orders = [];
    this.#slots = [];
    for (let i = 0; i < times.length; i++) {
      if (this.#isCurrent(slots[i], orders[i])) this.#push(times[i], orders[i], slots[i]);
    }
  }

  #push(time: number, order: number, slot: Slot<E>): void {
    const [times, orders, slots] = [this.#times, this.#orders, this.#slots];
    let at = times.length;
    times.push(time);
    orders.push(order);
    slots.push(slot);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (times[parent] < time || (times[parent] === time && orders[parent] < order)) break;
      times[at] = times[parent];
      orders[at] = orders[parent];
      slots[at] = slots[parent];
      at = parent;
    }
    times[at] = time;
    orders[at] = order;
    slots[at] = slot;
  }

  #pop(): void {
    const [times, orders, slots] = [this.#times, this.#orders, this.#slots];
    const time = times.pop() as number;
    const order = orders.pop() as number;
    const slot = slots.pop() as Slot<E>;
    const { length } = times;
    if (length === 0) return;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= length) break;
      const right = child + 1;
      if (
        right < length &&
        (times[right] < times[child] || (times[right] === times[child] && orders[right] < orders[child]))
      )
        child = right;
      if (times[child] > time || (times[child] === time && orders[child] > order)) break;
      times[at] = times[child];
      orders[at] = orders[child];
      slots[at] = slots[child];
      at = child;
    }
    times[at] = time;
    orders[at] = order;
    slots[at] = slot;
  }
}
