/** Bytes of side inputs that a harness keeps, of the bundle at hand and of earlier ones. */
const MAX_BYTES = 128 * 1024 * 1024;

interface KeptView {
  readonly view: unknown;
  readonly bytes: number;
}

/**
 * Views of side inputs that were built in earlier bundles and still are what the runner has, as its cache tokens say, and
 * those of bundles at hand. One for all bundles of a harness.
 */
export class SideInputCache {
  readonly #maxBytes: number;
  /** The least recently used first. */
  readonly #views = new Map<string, KeptView>();
  #bytes = 0;
  #scopes = 0;

  /** @param maxBytes default 128 MiB; a single view may be larger */
  constructor(maxBytes: number = MAX_BYTES) {
    this.#maxBytes = maxBytes;
  }

  /** A number for what only one bundle may read. */
  nextScope(): number {
    return this.#scopes++;
  }

  get(name: string): { readonly view: unknown } | undefined {
    const kept = this.#views.get(name);
    if (kept === undefined) return undefined;
    this.#views.delete(name);
    this.#views.set(name, kept);
    return kept;
  }

  put(name: string, view: unknown, bytes: number): void {
    this.#bytes += bytes - (this.#views.get(name)?.bytes ?? 0);
    this.#views.delete(name);
    this.#views.set(name, { view, bytes });
    for (const [oldest, kept] of this.#views) {
      // What is in use stays, whatever its size.
      if (this.#bytes <= this.#maxBytes || oldest === name) break;
      this.#views.delete(oldest);
      this.#bytes -= kept.bytes;
    }
  }
}
