import { getHeapStatistics, setFlagsFromString } from 'node:v8';

/** Share of the budget past which the heap is kept small, and below which it is let alone again. */
const TIGHT = 1 / 8;
const EASY = 1 / 16;
/** Percent of garbage, of what is alive, that a tight heap gathers before it is collected. */
const GARBAGE = 40;
const AS_V8_LIKES = 0;

/** Watches that keep the heap small just now. There is one heap in the process. */
let tight = 0;

/**
 * Keeps the garbage of a job that runs in the calling thread within its memory budget. Left to itself, V8 lets a heap grow
 * to several times of what is alive; the limits that a worker thread is given cannot be set for a thread that runs.
 */
export class HeapWatch {
  readonly #budget: number;
  #isTight = false;

  /** @param budget bytes */
  constructor(budget: number) {
    this.#budget = budget;
  }

  /** To be called now and then. @param heapBytes what the heap takes */
  look(heapBytes: number = getHeapStatistics().total_heap_size): void {
    if (!this.#isTight && heapBytes > this.#budget * TIGHT) this.#set(true);
    else if (this.#isTight && heapBytes < this.#budget * EASY) this.#set(false);
  }

  /** Whether the heap is kept small. */
  get isTight(): boolean {
    return this.#isTight;
  }

  /** Lets the heap alone. */
  close(): void {
    if (this.#isTight) this.#set(false);
  }

  #set(isTight: boolean): void {
    this.#isTight = isTight;
    tight += isTight ? 1 : -1;
    if (tight > 1 || (tight === 1 && !isTight)) return;
    setFlagsFromString(`--heap-growing-percent=${isTight ? GARBAGE : AS_V8_LIKES}`);
  }
}
