import { ByteWriter } from '../../../sdk/coders/byte-writer.ts';
import type { Coder } from '../../../sdk/coders/coder.ts';
import type { Window } from '../../../sdk/windows/window.ts';
import { type KeyId, KeyIdentity } from '../../core/state/key-identity.ts';
import { KeyedEntry } from './keyed-entry.ts';
import { textOf, type UserStateCache } from './user-state-cache.ts';

/** Bytes of memory that a bundle's state may take; what has been touched is then written and forgotten. */
const MAX_BUNDLE_BYTES = 64 * 1024 * 1024;

export interface BundleEntriesOptions {
  /** Id of the transform in the descriptor. */
  readonly transformId: string;
  /** As the descriptor has them: with lengths where the runner wants them. */
  readonly keyCoder: Coder<unknown>;
  readonly windowCoder: Coder<Window>;
  readonly cache: UserStateCache;
  /** Bytes of memory that a bundle's state may take; default 64 MiB. */
  readonly maxBytes?: number | undefined;
}

/** What a bundle says of the state of its keys. */
export interface StateTerms {
  /** Under which what is cached is still good, and under which it may be cached. */
  readonly cacheToken: Uint8Array | undefined;
  /** There is none yet. */
  readonly hasNoState: boolean;
  /** It will not be asked for again. */
  readonly onlyBundleForKeys: boolean;
}

/** The keys and windows that one bundle has touched. */
export class BundleEntries {
  readonly #options: BundleEntriesOptions;
  readonly #states: number;
  readonly #write: (entry: KeyedEntry) => void;
  readonly #identity: KeyIdentity;
  readonly #scratch = new ByteWriter(64);
  readonly #maxBytes: number;
  /** With more, all that need not be in memory is written and forgotten. */
  #limit: number;
  #bytes = 0;
  readonly #windows = new Map<string, Map<KeyId, KeyedEntry>>();
  #lastWindow: Window | undefined;
  #lastKeys: Map<KeyId, KeyedEntry> | undefined;
  #hasNoState = false;
  #token: string | undefined;

  /**
   * @param states how many states the DoFn has
   * @param write tells the runner of what has changed in an entry
   */
  constructor(options: BundleEntriesOptions, states: number, write: (entry: KeyedEntry) => void) {
    this.#options = options;
    this.#states = states;
    this.#write = write;
    this.#identity = new KeyIdentity(options.keyCoder);
    this.#maxBytes = options.maxBytes ?? MAX_BUNDLE_BYTES;
    this.#limit = this.#maxBytes;
  }

  begin({ cacheToken, hasNoState }: StateTerms): void {
    this.clear();
    this.#hasNoState = hasNoState;
    this.#token = cacheToken === undefined ? undefined : textOf(cacheToken);
  }

  clear(): void {
    this.#windows.clear();
    this.#bytes = 0;
    this.#limit = this.#maxBytes;
    this.#lastWindow = undefined;
    this.#lastKeys = undefined;
  }

  /** Whether there is room to read ahead. */
  get hasRoom(): boolean {
    return this.#bytes < this.#maxBytes / 2;
  }

  /** What is known of a key and window in this bundle. `current` is an entry that is in use. */
  of(key: unknown, window: Window, current: KeyedEntry | undefined): KeyedEntry {
    const keys = this.#keysOf(window);
    const id = this.#identity.of(key);
    const known = keys.get(id);
    if (known !== undefined) return known;
    if (this.#bytes > this.#limit) this.#spill(current);
    const keyBytes = this.#encoded(this.#options.keyCoder, key);
    const windowBytes = this.#encoded(this.#options.windowCoder, window);
    const entry =
      this.#cached(windowBytes, keyBytes) ??
      new KeyedEntry(key, window, keyBytes, windowBytes, this.#states, !this.#hasNoState);
    keys.set(id, entry);
    this.#bytes += entry.bytes;
    return entry;
  }

  #cached(windowBytes: Uint8Array, keyBytes: Uint8Array): KeyedEntry | undefined {
    if (this.#token === undefined) return undefined;
    const { cache, transformId } = this.#options;
    return cache.take(transformId, this.#token, textOf(windowBytes), textOf(keyBytes));
  }

  #keysOf(window: Window): Map<KeyId, KeyedEntry> {
    if (window === this.#lastWindow && this.#lastKeys !== undefined) return this.#lastKeys;
    const text = textOf(this.#encoded(this.#options.windowCoder, window));
    let keys = this.#windows.get(text);
    if (keys === undefined) this.#windows.set(text, (keys = new Map()));
    this.#lastWindow = window;
    this.#lastKeys = keys;
    return keys;
  }

  #encoded<T>(coder: Coder<T>, value: T): Uint8Array {
    this.#scratch.clear();
    coder.encode(value, this.#scratch, true);
    return this.#scratch.copy();
  }

  /** An entry takes so many bytes now. */
  resize(entry: KeyedEntry, bytes: number): void {
    this.#bytes += bytes - entry.bytes;
    entry.bytes = bytes;
  }

  *[Symbol.iterator](): Generator<KeyedEntry> {
    for (const keys of this.#windows.values()) yield* keys.values();
  }

  /** The bundle has succeeded: what it leaves is what the runner has. */
  keep(): void {
    const { cache, transformId } = this.#options;
    if (this.#token !== undefined) for (const entry of this) cache.put(transformId, this.#token, entry);
    this.clear();
  }

  /** Writes and forgets all but the entry in use, and those that a timer is still to fire for: it may have been cleared. */
  #spill(current: KeyedEntry | undefined): void {
    // What was written may be asked for again.
    this.#hasNoState = false;
    this.#bytes = 0;
    for (const keys of this.#windows.values()) {
      for (const [id, entry] of keys) {
        if (entry.due > 0 || entry === current) {
          this.#bytes += entry.bytes;
          continue;
        }
        this.#write(entry);
        keys.delete(id);
      }
    }
    this.#limit = Math.max(this.#maxBytes, 2 * this.#bytes);
  }
}
