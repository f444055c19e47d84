import { MAX_TIMESTAMP } from '../../../sdk/windows/timestamp.ts';

/** Times that hold a watermark back, each as often as it was added, and the least of them. */
export class HoldSet {
  readonly #counts = new Map<number, number>();
  /** A binary heap of the distinct times; some may have no count any more. */
  #heap: number[] = [];

  /** Number of distinct times. */
  get size(): number {
    return this.#counts.size;
  }

  /** The least time; `MAX_TIMESTAMP` when there is none. */
  get least(): number {
    const heap = this.#heap;
    while (heap.length > 0 && !this.#counts.has(heap[0])) popLeast(heap);
    return heap.length === 0 ? MAX_TIMESTAMP : heap[0];
  }

  add(time: number): void {
    const count = this.#counts.get(time);
    if (count !== undefined) {
      this.#counts.set(time, count + 1);
      return;
    }
    this.#counts.set(time, 1);
    push(this.#heap, time);
    // Times that went and came back stand in the heap twice.
    if (this.#heap.length > 64 + 2 * this.#counts.size) {
      this.#heap = [...this.#counts.keys()].sort((a, b) => a - b);
    }
  }

  remove(time: number): void {
    const count = this.#counts.get(time);
    if (count === undefined) throw new Error(`No hold at ${time}`);
    if (count === 1) this.#counts.delete(time);
    else this.#counts.set(time, count - 1);
  }

  clear(): void {
    this.#counts.clear();
    this.#heap = [];
  }
}

function push(heap: number[], time: number): void {
  let at = heap.length;
  heap.push(time);
  while (at > 0) {
    const parent = (at - 1) >> 1;
    if (heap[parent] <= time) break;
    heap[at] = heap[parent];
    at = parent;
  }
  heap[at] = time;
}

function popLeast(heap: number[]): void {
  const time = heap.pop() as number;
  const { length } = heap;
  if (length === 0) return;
  let at = 0;
  for (;;) {
    let child = 2 * at + 1;
    if (child >= length) break;
    if (child + 1 < length && heap[child + 1] < heap[child]) child++;
    if (heap[child] >= time) break;
    heap[at] = heap[child];
    at = child;
  }
  heap[at] = time;
}
