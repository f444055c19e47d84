import { PipelineError } from '../../errors.ts';
import type { Key } from '../../values.ts';
import { type Duration, durationMillis } from '../../windows/timestamp.ts';
import { type Clock, systemClock } from './clock.ts';

/** What a call of the service is told. */
export interface FetchContext {
  /** 1 for the first call of a request, 2 for its first retry. */
  readonly attempt: number;
  /** Aborted when the call has taken too long; pass it on to `fetch` and the like. */
  readonly signal: AbortSignal;
}

/**
 * How elements are enriched by a service. All limits hold for one worker: with `threads: 4` there are four caches, and
 * four times the rate.
 */
export interface EnrichOptions<T, Q extends Key, R, O> {
  /** What is asked for an element. Equal requests are asked once as long as the answer is in the cache. */
  readonly request: (element: T) => Q;
  /** Asks the service. Throws when it cannot be had now; a thing that does not exist is better an answer, e.g. null. */
  readonly fetch: (request: Q, context: FetchContext) => R | Promise<R>;
  /** Makes the output of an element and the answer; default the two as a pair. */
  readonly join?: (element: T, response: R) => O;
  /** Answers that are kept: at most `maxEntries` (default 10,000), each for `ttl` (default `10m`). False keeps none. */
  readonly cache?: { readonly maxEntries?: number; readonly ttl?: Duration } | false;
  /** Most calls per second, retries included, after a burst of `burst` calls (default: those of one second). */
  readonly rate?: { readonly perSecond: number; readonly burst?: number };
  /**
   * Calls of one request before it fails (`attempts`, default 4), with pauses that double from `initialDelay` (`200ms`)
   * to `maxDelay` (`10s`) and vary by chance. `when` tells errors that a retry may help from others; default all.
   */
  readonly retry?: {
    readonly attempts?: number;
    readonly initialDelay?: Duration;
    readonly maxDelay?: Duration;
    readonly when?: (error: unknown) => boolean;
  };
  /** Longest that one call may take; default `30s`. */
  readonly timeout?: Duration;
  /** Calls under way at once; default 16. */
  readonly concurrency?: number;
  /** Opens a connection, once per worker. */
  readonly setup?: () => void | Promise<void>;
  /** Closes it. */
  readonly teardown?: () => void | Promise<void>;
  /** Another clock, for tests. */
  readonly clock?: Clock;
}

/** The options as numbers, with defaults filled in. */
export interface EnrichLimits {
  readonly clock: Clock;
  readonly maxEntries: number;
  readonly ttl: number;
  readonly perSecond: number;
  readonly burst: number;
  readonly attempts: number;
  readonly initialDelay: number;
  readonly maxDelay: number;
  readonly timeout: number;
  readonly concurrency: number;
}

/** @throws PipelineError `ENRICH_INVALID` when a limit is out of range */
export function enrichLimits(name: string, options: EnrichOptions<never, Key, unknown, unknown>): EnrichLimits {
  const cache = options.cache === false ? { maxEntries: 0 } : options.cache;
  const within = (what: string, value: number, min: number, max: number, whole = true): number => {
    if (value >= min && value <= max && (!whole || Number.isInteger(value))) return value;
    throw new PipelineError('ENRICH_INVALID', `The ${what} of '${name}' must be from ${min} to ${max}, not ${value}`);
  };
  const perSecond = options.rate === undefined ? Number.POSITIVE_INFINITY : options.rate.perSecond;
  return {
    clock: options.clock ?? systemClock,
    maxEntries: within('cache size', cache?.maxEntries ?? 10_000, 0, 100_000_000),
    ttl: durationMillis(cache?.ttl ?? '10m'),
    perSecond: options.rate === undefined ? perSecond : within('rate', perSecond, 0.001, 1_000_000, false),
    burst: within(
      'burst',
      options.rate?.burst ?? Math.min(1_000_000, Math.max(1, Math.floor(perSecond))),
      1,
      1_000_000,
    ),
    attempts: within('number of attempts', options.retry?.attempts ?? 4, 1, 1000),
    initialDelay: durationMillis(options.retry?.initialDelay ?? '200ms'),
    maxDelay: durationMillis(options.retry?.maxDelay ?? '10s'),
    timeout: within('timeout in milliseconds', durationMillis(options.timeout ?? '30s'), 1, 2 ** 31 - 1),
    concurrency: within('concurrency', options.concurrency ?? 16, 1, 100_000),
  };
}
