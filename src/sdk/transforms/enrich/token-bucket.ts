import type { Clock } from './clock.ts';

/**
 * Lets calls through at a steady rate, after a burst. A call that comes too early is told how long to wait and has its
 * turn then: calls are served in the order in which they asked.
 */
export class TokenBucket {
  readonly #clock: Clock;
  readonly #perMilli: number;
  readonly #burst: number;
  /** Below zero: calls that already wait. */
  #tokens: number;
  #filled: number;

  constructor(clock: Clock, perSecond: number, burst: number) {
    this.#clock = clock;
    this.#perMilli = perSecond / 1000;
    this.#burst = burst;
    this.#tokens = burst;
    this.#filled = clock.now();
  }

  /** Takes a token and returns the milliseconds until it is there. */
  take(): number {
    const now = this.#clock.now();
    this.#tokens = Math.min(this.#burst, this.#tokens + (now - this.#filled) * this.#perMilli) - 1;
    this.#filled = now;
    return this.#tokens >= 0 ? 0 : -this.#tokens / this.#perMilli;
  }
}
