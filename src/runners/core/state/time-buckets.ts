import { TimeHeap } from './time-heap.ts';

/** Past this many buckets they are made wider. */
const MAX_BUCKETS = 65_536;
const WIDEN_BY = 4;
const FIRST_CHUNK = 4;
const LAST_CHUNK = 16_384;
/** Of memory, besides its numbers. */
const BUCKET_BYTES = 320;
/** Of a bucket that is written: its least and last time, how many numbers follow. */
const BUCKET_HEADER = 20;

/** Numbers in the order in which they came, without ever being copied. */
class NumberList {
  length = 0;
  chunks: Uint32Array[] = [];
  /** Numbers in the last chunk, and those of the first that are taken already. */
  #filled = 0;
  #taken = 0;

  push(number: number): void {
    let last = this.chunks.at(-1);
    if (last === undefined || this.#filled === last.length) {
      last = new Uint32Array(last === undefined ? FIRST_CHUNK : Math.min(LAST_CHUNK, last.length * 4));
      this.chunks.push(last);
      this.#filled = 0;
    }
    last[this.#filled++] = number;
    this.length++;
  }

  shift(): number {
    const [first] = this.chunks;
    const number = first[this.#taken++];
    this.length--;
    if (this.#taken === first.length) {
      this.chunks.shift();
      this.#taken = 0;
    }
    return number;
  }

  clear(): void {
    this.length = this.#filled = this.#taken = 0;
    this.chunks = [];
  }

  forEach(visit: (number: number) => void): void {
    let left = this.length;
    let at = this.#taken;
    for (const chunk of this.chunks) {
      for (; at < chunk.length && left > 0; at++, left--) visit(chunk[at]);
      at = 0;
    }
  }
}

interface Bucket {
  /** The least and the last time in it. */
  min: number;
  max: number;
  readonly numbers: NumberList;
}

/**
 * Numbers by time, 4 bytes each as long as many are of the same time. Times close to each other share a bucket when there
 * are too many of them, so that a number may come out before its time, but never after it.
 */
export class TimeBuckets {
  size = 0;
  /** Milliseconds of one bucket. */
  #width = 1;
  /** Those that still grow, by their time divided by the width. */
  #growing = new Map<number, Bucket>();
  /** All, by the least time that they had when they were put there. */
  readonly #heap = new TimeHeap<Bucket>();

  get memory(): number {
    return this.size * 4 + this.#heap.length * BUCKET_BYTES;
  }

  /** Not after the time of any number; Infinity when there is none. */
  get next(): number {
    const heap = this.#heap;
    while (heap.length > 0 && !isCurrent(heap.item, heap.time)) heap.pop();
    return heap.time;
  }

  add(time: number, number: number): void {
    this.#add(time, time, number);
  }

  /** Adds a number whose time lies between two. */
  #add(time: number, max: number, number: number): void {
    const at = Math.floor(time / this.#width);
    let bucket = this.#growing.get(at);
    if (bucket === undefined) {
      if (this.#growing.size >= MAX_BUCKETS) {
        this.#widen();
        this.#add(time, max, number);
        return;
      }
      bucket = { min: Number.POSITIVE_INFINITY, max, numbers: new NumberList() };
      this.#growing.set(at, bucket);
    }
    bucket.numbers.push(number);
    this.size++;
    if (max > bucket.max) bucket.max = max;
    if (time >= bucket.min) return;
    bucket.min = time;
    this.#heap.push(time, bucket);
  }

  /** Takes out one of the soonest numbers; `undefined` when there is none. Its time is not after `last`. */
  take(): { readonly number: number; readonly last: number } | undefined {
    if (this.next === Number.POSITIVE_INFINITY) return undefined;
    const bucket = this.#heap.item;
    // What is added from now on comes after all that is here, or whoever puts back what came too early never ends.
    this.#stopGrowing(bucket);
    const number = bucket.numbers.shift();
    this.size--;
    if (bucket.numbers.length === 0) this.#heap.pop();
    return { number, last: bucket.max };
  }

  #stopGrowing(bucket: Bucket): void {
    const at = Math.floor(bucket.min / this.#width);
    if (this.#growing.get(at) === bucket) this.#growing.delete(at);
  }

  /** Drops the buckets of which nothing is due after a time. */
  skip(time: number): void {
    while (this.next <= time && this.#heap.item.max <= time) {
      const bucket = this.#heap.item;
      this.#stopGrowing(bucket);
      this.size -= bucket.numbers.length;
      bucket.numbers.clear();
      this.#heap.pop();
    }
  }

  clear(): void {
    this.size = 0;
    this.#growing = new Map();
    this.#heap.clear();
  }

  #widen(): void {
    const before = this.#growing;
    this.#width *= WIDEN_BY;
    this.#growing = new Map();
    this.size -= [...before.values()].reduce((sum, { numbers }) => sum + numbers.length, 0);
    for (const { min, max, numbers } of before.values()) {
      numbers.forEach((number) => {
        this.#add(min, max, number);
      });
      // It is not current any more.
      numbers.length = 0;
    }
    this.#heap.keep(isCurrent);
  }

  /** All there is, to be read by {@link TimeBuckets.decode}. */
  encode(): Buffer {
    const buckets = new Set(this.#heap.items.filter(({ numbers }) => numbers.length > 0));
    const bytes = Buffer.allocUnsafeSlow(8 + buckets.size * BUCKET_HEADER + this.size * 4);
    bytes.writeDoubleLE(this.#width, 0);
    let at = 8;
    for (const { min, max, numbers } of buckets) {
      bytes.writeDoubleLE(min, at);
      bytes.writeDoubleLE(max, at + 8);
      bytes.writeUInt32LE(numbers.length, at + 16);
      at += BUCKET_HEADER;
      numbers.forEach((number) => {
        bytes.writeUInt32LE(number, at);
        at += 4;
      });
    }
    return bytes;
  }

  static decode(bytes: Buffer): TimeBuckets {
    const buckets = new TimeBuckets();
    buckets.#width = bytes.readDoubleLE(0);
    for (let at = 8; at < bytes.length; ) {
      const min = bytes.readDoubleLE(at);
      const max = bytes.readDoubleLE(at + 8);
      const end = at + BUCKET_HEADER + bytes.readUInt32LE(at + 16) * 4;
      for (at += BUCKET_HEADER; at < end; at += 4) buckets.#add(min, max, bytes.readUInt32LE(at));
    }
    return buckets;
  }
}

function isCurrent({ min, numbers }: Bucket, time: number): boolean {
  return min === time && numbers.length > 0;
}
