import { TimeHeap } from './time-heap.ts';

/** Items of one time, in the order in which they came: the first one, and those behind it where there are any. */
class Line<T> {
  readonly time: number;
  item: T;
  order: number;
  #items: T[] | undefined = undefined;
  #orders: number[] | undefined = undefined;
  /** The next of those behind. */
  #at = 0;

  constructor(time: number, order: number, item: T) {
    this.time = time;
    this.order = order;
    this.item = item;
  }

  push(order: number, item: T): void {
    if (this.#items === undefined || this.#orders === undefined) {
      this.#items = [item];
      this.#orders = [order];
      return;
    }
    this.#items.push(item);
    this.#orders.push(order);
  }

  /** Goes on to the next item; false when there is none. */
  next(): boolean {
    const [items, orders] = [this.#items, this.#orders];
    if (items === undefined || orders === undefined || this.#at === items.length) return false;
    this.item = items[this.#at];
    this.order = orders[this.#at++];
    // What was taken must not stay in memory as long as the line does.
    if (this.#at > 1024 && this.#at * 2 > items.length) {
      this.#items = items.slice(this.#at);
      this.#orders = orders.slice(this.#at);
      this.#at = 0;
    }
    return true;
  }
}

/**
 * Items by time, soonest first; those of the same time in the order in which they came. Each has a number that its owner
 * knows it by. Windows end for many keys at once, so what is sorted is the times, and not the items.
 */
export class DueItems<T> {
  /** How many there are. */
  length = 0;
  readonly #lines = new Map<number, Line<T>>();
  readonly #heap = new TimeHeap<Line<T>>();

  /** Time of the soonest item; Infinity when there is none. */
  get time(): number {
    return this.#heap.time;
  }

  /** The soonest item, where there is one. */
  get item(): T {
    return this.#heap.item.item;
  }

  get order(): number {
    return this.#heap.item.order;
  }

  /** The order is greater than that of all items of the same time. */
  push(time: number, order: number, item: T): void {
    this.length++;
    const line = this.#lines.get(time);
    if (line !== undefined) {
      line.push(order, item);
      return;
    }
    const added = new Line(time, order, item);
    this.#lines.set(time, added);
    this.#heap.push(time, added);
  }

  /** Takes the soonest item away, where there is one. */
  pop(): void {
    this.length--;
    const first = this.#heap.item;
    if (first.next()) return;
    this.#lines.delete(first.time);
    this.#heap.pop();
  }
}
