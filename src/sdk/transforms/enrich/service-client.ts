import { ByteWriter } from '../../coders/byte-writer.ts';
import { keyCoder } from '../../coders/default-coder.ts';
import { MillraceError, UserCodeError } from '../../errors.ts';
import type { MetricsScope } from '../../metrics/metrics.ts';
import type { Key } from '../../values.ts';
import type { EnrichLimits, EnrichOptions } from './enrich-options.ts';
import { ResponseCache } from './response-cache.ts';
import { TokenBucket } from './token-bucket.ts';

/** Asks a service within its limits; one per worker and transform. */
export class ServiceClient<Q extends Key, R> {
  readonly #fetch: EnrichOptions<never, Q, R, unknown>['fetch'];
  readonly #retryable: (error: unknown) => boolean;
  readonly #limits: EnrichLimits;
  readonly #cache: ResponseCache<R> | undefined;
  readonly #bucket: TokenBucket | undefined;
  /** Requests under way: equal ones share one call. */
  readonly #asked = new Map<string, Promise<R>>();
  readonly #encoded = new ByteWriter(256);

  constructor(options: EnrichOptions<never, Q, R, unknown>, limits: EnrichLimits) {
    this.#fetch = options.fetch;
    this.#retryable = options.retry?.when ?? (() => true);
    this.#limits = limits;
    const { clock, maxEntries, ttl, perSecond, burst } = limits;
    if (maxEntries > 0) this.#cache = new ResponseCache(clock, maxEntries, ttl);
    if (Number.isFinite(perSecond)) this.#bucket = new TokenBucket(clock, perSecond, burst);
  }

  /** The answer, at once where it is known. */
  ask(request: Q, metrics: MetricsScope): { readonly response: R } | Promise<R> {
    const name = this.#nameOf(request);
    const known = this.#cache?.get(name);
    if (known !== undefined) {
      metrics.counter('cacheHits').inc();
      return known;
    }
    const asked = this.#asked.get(name);
    if (asked !== undefined) return asked;
    const answer = this.#ask(request, metrics).then(
      (response) => {
        this.#asked.delete(name);
        this.#cache?.set(name, response);
        return response;
      },
      (error: unknown) => {
        this.#asked.delete(name);
        throw error;
      },
    );
    this.#asked.set(name, answer);
    return answer;
  }

  /** Requests are told apart by the bytes of their key. */
  #nameOf(request: Q): string {
    this.#encoded.clear();
    keyCoder.encode(request, this.#encoded, false);
    return this.#encoded.bytes.latin1Slice(0, this.#encoded.length);
  }

  async #ask(request: Q, metrics: MetricsScope): Promise<R> {
    const { clock, attempts, initialDelay, maxDelay } = this.#limits;
    for (let attempt = 1; ; attempt++) {
      const wait = this.#bucket?.take() ?? 0;
      if (wait > 0) await clock.sleep(wait);
      metrics.counter('calls').inc();
      try {
        return await this.#call(request, attempt);
      } catch (error) {
        if (attempt >= attempts || !this.#retryable(error)) throw failed(request, attempt, error);
      }
      metrics.counter('retries').inc();
      const pause = Math.min(maxDelay, initialDelay * 2 ** (attempt - 1));
      // Half of it by chance, so that workers which failed together do not come back together.
      await clock.sleep(pause * (0.5 + clock.random() / 2));
    }
  }

  /** One call, given up when it takes too long. */
  async #call(request: Q, attempt: number): Promise<R> {
    const { clock, timeout } = this.#limits;
    const call = new AbortController();
    const timer = new AbortController();
    const late = clock.sleep(timeout, timer.signal).then((): never | Promise<never> => {
      // The call is over: nobody waits for this promise any more.
      if (timer.signal.aborted) return new Promise<never>(() => {});
      call.abort();
      throw new UserCodeError('ENRICH_TIMEOUT', `The service gave no answer in ${timeout} ms`);
    });
    try {
      return await Promise.race([this.#fetch(request, { attempt, signal: call.signal }), late]);
    } finally {
      timer.abort();
    }
  }
}

function failed(request: Key, attempts: number, cause: unknown): UserCodeError {
  const message = cause instanceof MillraceError ? cause.summary : cause instanceof Error ? cause.message : cause;
  const reason = String(message);
  const what = typeof request === 'string' ? JSON.stringify(request.slice(0, 100)) : String(request).slice(0, 100);
  const calls = attempts === 1 ? 'The call' : `All ${attempts} calls`;
  return new UserCodeError('ENRICH_FAILED', `${calls} of the service for ${what} failed: ${reason}`, { cause });
}
