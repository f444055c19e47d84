const POSTED = 0;
const STOPPED = 1;

/** Shared memory by which other threads wake one that blocks until a runner answers about state. */
export class WakeSignal {
  readonly memory: SharedArrayBuffer;
  readonly #words: Int32Array;

  /** @param memory of another thread's signal, to be the same one */
  constructor(memory: SharedArrayBuffer = new SharedArrayBuffer(8)) {
    this.memory = memory;
    this.#words = new Int32Array(memory);
  }

  /** How often somebody has posted. */
  get posted(): number {
    return Atomics.load(this.#words, POSTED);
  }

  /** Says that there is a message. */
  post(): void {
    Atomics.add(this.#words, POSTED, 1);
    Atomics.notify(this.#words, POSTED);
  }

  /** Says that no answer will come any more. */
  stop(): void {
    Atomics.store(this.#words, STOPPED, 1);
    this.post();
  }

  get isStopped(): boolean {
    return Atomics.load(this.#words, STOPPED) !== 0;
  }

  /** Blocks until more is posted than so much; false when nothing is in so many milliseconds. */
  wait(posted: number, millis: number): boolean {
    return Atomics.wait(this.#words, POSTED, posted, millis) !== 'timed-out';
  }
}
