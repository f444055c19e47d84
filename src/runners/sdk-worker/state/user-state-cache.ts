import type { KeyedEntry } from './keyed-entry.ts';

/** Bytes of state that a harness keeps from bundle to bundle, when the runner allows it. */
const MAX_BYTES = 64 * 1024 * 1024;

/**
 * State that has been read or written in earlier bundles and still is what the runner has, as the runner's cache tokens
 * say. One for all bundles of a harness: those of one DoFn take turns with a key, whichever thread of work they belong to.
 */
export class UserStateCache {
  readonly #maxBytes: number;
  /** The least recently used first. */
  readonly #entries = new Map<string, KeyedEntry>();
  #bytes = 0;

  /** @param maxBytes default 64 MiB */
  constructor(maxBytes: number = MAX_BYTES) {
    this.#maxBytes = maxBytes;
  }

  /** Hands an entry over to a bundle. */
  take(transform: string, token: string, windowText: string, keyText: string): KeyedEntry | undefined {
    const name = nameOf(transform, token, windowText, keyText);
    const entry = this.#entries.get(name);
    if (entry === undefined) return undefined;
    this.#entries.delete(name);
    this.#bytes -= entry.bytes;
    return entry;
  }

  /** Takes an entry back that is what the runner has. */
  put(transform: string, token: string, entry: KeyedEntry): void {
    if (entry.bytes > this.#maxBytes / 4) return;
    const name = nameOf(transform, token, textOf(entry.windowBytes), textOf(entry.keyBytes));
    this.#entries.set(name, entry);
    this.#bytes += entry.bytes;
    for (const [oldest, { bytes }] of this.#entries) {
      if (this.#bytes <= this.#maxBytes) break;
      this.#entries.delete(oldest);
      this.#bytes -= bytes;
    }
  }
}

/** Bytes as a string. */
export function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).latin1Slice();
}

function nameOf(transform: string, token: string, windowText: string, keyText: string): string {
  return `${transform}\0${token.length}:${token}${windowText.length}:${windowText}${keyText}`;
}
