import { setTimeout as delay } from 'node:timers/promises';

/** Time and chance, as far as calls of a service depend on them: a test brings its own. */
export interface Clock {
  /** Milliseconds from any fixed point; never runs backwards. */
  now(): number;
  /** Resolves after `millis`, or as soon as `signal` is aborted. */
  sleep(millis: number, signal?: AbortSignal): Promise<void>;
  /** A random number from 0 up to 1. */
  random(): number;
}

/** The machine's clock. */
export const systemClock: Clock = {
  now: () => performance.now(),
  sleep: (millis, signal) => delay(millis, undefined, { ...(signal === undefined ? {} : { signal }) }).catch(() => {}),
  random: Math.random,
};
