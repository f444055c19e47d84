import type { Clock } from './clock.ts';

interface Entry<R> {
  readonly response: R;
  readonly expires: number;
}

/** The latest responses of a service: at most `maxEntries`, those used longest ago go first, none older than its time. */
export class ResponseCache<R> {
  readonly #clock: Clock;
  readonly #maxEntries: number;
  readonly #ttl: number;
  /** In the order of their use. */
  readonly #entries = new Map<string, Entry<R>>();

  constructor(clock: Clock, maxEntries: number, ttl: number) {
    this.#clock = clock;
    this.#maxEntries = maxEntries;
    this.#ttl = ttl;
  }

  /** The entry of a request, wrapped because a response may be undefined. */
  get(request: string): { readonly response: R } | undefined {
    const entry = this.#entries.get(request);
    if (entry === undefined) return undefined;
    this.#entries.delete(request);
    if (entry.expires <= this.#clock.now()) return undefined;
    this.#entries.set(request, entry);
    return entry;
  }

  set(request: string, response: R): void {
    this.#entries.delete(request);
    this.#entries.set(request, { response, expires: this.#clock.now() + this.#ttl });
    if (this.#entries.size <= this.#maxEntries) return;
    for (const oldest of this.#entries.keys()) {
      this.#entries.delete(oldest);
      break;
    }
  }
}
