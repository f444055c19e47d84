import type { ByteReader } from '../../../sdk/coders/byte-reader.ts';
import type { ByteWriter } from '../../../sdk/coders/byte-writer.ts';
import { MAX_TIMESTAMP } from '../../../sdk/windows/timestamp.ts';
import { TimeHeap } from './time-heap.ts';

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
  /** The distinct times; some may have no count any more. */
  readonly #heap = new TimeHeap<undefined>();

  /** Number of distinct times. */
  get size(): number {
    return this.#counts.size;
  }

  /** The least time; `MAX_TIMESTAMP` when there is none. */
  get least(): number {
    const heap = this.#heap;
    while (heap.length > 0 && !this.#counts.has(heap.time)) heap.pop();
    return heap.length === 0 ? MAX_TIMESTAMP : heap.time;
  }

  /** @param times how often */
  add(time: number, times = 1): void {
    this.#add(this.#roundDown(time), times);
  }

  #add(time: number, times: number): void {
    const count = this.#counts.get(time);
    this.#counts.set(time, (count ?? 0) + times);
    if (count !== undefined) return;
    this.#heap.push(time, undefined);
    if (this.#counts.size > MAX_TIMES) this.#widen();
    // Times that went and came back stand in the heap twice.
    if (this.#heap.length > 64 + 2 * this.#counts.size) {
      this.#heap.clear();
      for (const each of this.#counts.keys()) this.#heap.push(each, undefined);
    }
  }

  #roundDown(time: number): number {
    return this.#width === 1 ? time : Math.floor(time / this.#width) * this.#width;
  }

  #widen(): void {
    this.#width *= WIDEN_BY;
    const counts = this.#counts;
    this.#counts = new Map();
    this.#heap.clear();
    for (const [time, count] of counts) this.#add(this.#roundDown(time), count);
  }

  /** @param times how often */
  remove(time: number, times = 1): void {
    const rounded = this.#roundDown(time);
    const count = this.#counts.get(rounded);
    if (count === undefined || count < times) throw new Error(`No ${times} holds at ${time}`);
    if (count > times) this.#counts.set(rounded, count - times);
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
    this.#heap.clear();
    this.#width = 1;
  }
}
