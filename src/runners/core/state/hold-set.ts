import type { ByteReader } from '../../../sdk/coders/byte-reader.ts';
import type { ByteWriter } from '../../../sdk/coders/byte-writer.ts';
import { MAX_TIMESTAMP } from '../../../sdk/windows/timestamp.ts';

/** Past this many distinct times, those next to each other count as the earliest of them. */
const MAX_TIMES = 131_072;
const WIDEN_BY = 4;

/**
 * Times that hold a watermark back, each as often as it was added, and the least of them. With very many the least may be
 * given a little too early, which holds back too much for a while, and never too little.
 */
export class HoldSet {
  #counts = new Map<number, number>();
  /** Milliseconds that count as one time. */
  #width = 1;
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
    this.#add(this.#roundDown(time), 1);
  }

  #add(time: number, times: number): void {
    const count = this.#counts.get(time);
    this.#counts.set(time, (count ?? 0) + times);
    if (count !== undefined) return;
    push(this.#heap, time);
    if (this.#counts.size > MAX_TIMES) this.#widen();
    // Times that went and came back stand in the heap twice.
    if (this.#heap.length > 64 + 2 * this.#counts.size) {
      this.#heap = [...this.#counts.keys()].sort((a, b) => a - b);
    }
  }

  #roundDown(time: number): number {
    return this.#width === 1 ? time : Math.floor(time / this.#width) * this.#width;
  }

  #widen(): void {
    this.#width *= WIDEN_BY;
    const counts = this.#counts;
    this.#counts = new Map();
    this.#heap = [];
    for (const [time, count] of counts) this.#add(this.#roundDown(time), count);
  }

  remove(time: number): void {
    const rounded = this.#roundDown(time);
    const count = this.#counts.get(rounded);
    if (count === undefined) throw new Error(`No hold at ${time}`);
    if (count > 1) this.#counts.set(rounded, count - 1);
    else {
      this.#counts.delete(rounded);
      if (this.#counts.size === 0) this.clear();
    }
  }

  /** Appends all there is, to be read by `decode`. */
  encode(out: ByteWriter): void {
    out.float64(this.#width);
    out.varint(this.#counts.size);
    for (const [time, count] of this.#counts) {
      out.float64(time);
      out.varint(count);
    }
  }

  /** Takes up what `encode` has written instead of what there is. */
  decode(input: ByteReader): void {
    this.clear();
    this.#width = input.float64();
    for (let left = input.varint(); left > 0; left--) this.#add(input.float64(), input.varint());
  }

  clear(): void {
    this.#counts.clear();
    this.#heap = [];
    this.#width = 1;
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
