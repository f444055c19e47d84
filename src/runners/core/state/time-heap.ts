/**
 * Items by a time, soonest first: a binary heap in two columns, so that comparing follows no pointers. Those of the same
 * time come in no particular order.
 */
export class TimeHeap<T> {
  #times: number[] = [];
  #items: T[] = [];

  get length(): number {
    return this.#times.length;
  }

  /** The soonest time; Infinity when there is no item. */
  get time(): number {
    return this.#times.length === 0 ? Number.POSITIVE_INFINITY : this.#times[0];
  }

  /** The soonest item, where there is one. */
  get item(): T {
    return this.#items[0];
  }

  /** All of them, in no particular order. */
  get items(): readonly T[] {
    return this.#items;
  }

  push(time: number, item: T): void {
    const [times, items] = [this.#times, this.#items];
    let at = times.length;
    times.push(time);
    items.push(item);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (times[parent] <= time) break;
      times[at] = times[parent];
      items[at] = items[parent];
      at = parent;
    }
    times[at] = time;
    items[at] = item;
  }

  /** Takes the soonest item away, where there is one. */
  pop(): void {
    const [times, items] = [this.#times, this.#items];
    const time = times.pop() as number;
    const item = items.pop() as T;
    const { length } = times;
    if (length === 0) return;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= length) break;
      if (child + 1 < length && times[child + 1] < times[child]) child++;
      if (times[child] >= time) break;
      times[at] = times[child];
      items[at] = items[child];
      at = child;
    }
    times[at] = time;
    items[at] = item;
  }

  /** Drops the items that are not to be kept. */
  keep(isKept: (item: T, time: number) => boolean): void {
    const [times, items] = [this.#times, this.#items];
    this.clear();
    times.forEach((time, i) => {
      if (isKept(items[i], time)) this.push(time, items[i]);
    });
  }

  clear(): void {
    this.#times = [];
    this.#items = [];
  }
}
