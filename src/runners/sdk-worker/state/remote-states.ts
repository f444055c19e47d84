import type { StateGetResponse, StateKey } from '../../../model/fn-execution.ts';
import type { Init } from '../../../model/pipeline.ts';
import { ByteWriter } from '../../../sdk/coders/byte-writer.ts';
import type { Coder } from '../../../sdk/coders/coder.ts';
import { PipelineError } from '../../../sdk/errors.ts';
import type { StateSpecs } from '../../../sdk/state/state-spec.ts';
import type { Window } from '../../../sdk/windows/window.ts';
import { type KeyId, KeyIdentity } from '../../core/state/key-identity.ts';
import type { WindowState } from '../../core/state/keyed-state.ts';
import { type Cell, StateCell } from '../../core/state/state-cells.ts';
import type { BundleState } from './bundle-state.ts';
import { KeyedEntry } from './keyed-entry.ts';
import { PagedItems } from './paged-items.ts';
import { type RemoteBinding, remoteAccessor } from './remote-accessors.ts';
import type { RemoteCell } from './remote-cell.ts';
import { StateItems } from './state-items.ts';
import { textOf, type UserStateCache } from './user-state-cache.ts';

/** A bag with more bytes than this is read page by page, if the runner gives it in pages. */
const MAX_LOADED_BAG = 1024 * 1024;
/** Bytes of memory that a bundle's state may take; what has been touched is then written and forgotten. */
const MAX_BUNDLE_BYTES = 64 * 1024 * 1024;
/** Estimates: what is decoded takes more than its encoding. */
const DECODED_FACTOR = 4;
/** One in so many states that are added to and never read is read after all: its history may be longer than it need be. */
const LOOK_AT_EACH = 16;
/** One in so many contents is encoded to know how large they are. */
const MEASURE_EACH = 32;
/** Keys whose state is asked for at once. */
const MAX_PREFETCH = 1000;

export interface RemoteStatesOptions {
  /** Id of the transform in the descriptor. */
  readonly transformId: string;
  readonly transform: string;
  readonly states: StateSpecs;
  /** As the descriptor has them: with lengths where the runner wants them. */
  readonly keyCoder: Coder<unknown>;
  readonly windowCoder: Coder<Window>;
  readonly bundle: BundleState;
  readonly cache: UserStateCache;
  /** Tells the runner of the timers that an entry has set. */
  writeTimers(entry: KeyedEntry): void;
  /** Bytes of memory that a bundle's state may take; default 64 MiB. */
  readonly maxBytes?: number;
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

/** The states of a stateful DoFn that a runner keeps, for the keys of one bundle. One key and window is at hand at a time. */
export class RemoteStates implements RemoteBinding {
  /** For the DoFn, by the names of its declarations. */
  readonly state: Readonly<Record<string, unknown>>;
  readonly #options: RemoteStatesOptions;
  readonly #items: readonly StateItems[];
  readonly #identity: KeyIdentity;
  readonly #scratch = new ByteWriter(64);
  readonly #maxBytes: number;
  /** More than that is not kept in memory, as far as it need not. */
  #limit: number;
  /** Entries that this bundle has touched, by window and key. */
  readonly #windows = new Map<string, Map<KeyId, KeyedEntry>>();
  #bytes = 0;
  #lastWindow: Window | undefined;
  #lastKeys: Map<KeyId, KeyedEntry> | undefined;
  #entry: KeyedEntry | undefined;
  #terms: StateTerms = { cacheToken: undefined, hasNoState: false, onlyBundleForKeys: false };
  #token: string | undefined;
  /** States that have been read for some key; they will be for others. */
  readonly #isRead: boolean[];
  #blind = 0;
  /** Whether the entry at hand may have something to write. */
  #isTouched = false;
  /** Average sizes of encoded contents, by the number of the state. */
  readonly #sizes: number[];
  #measured = 0;

  constructor(options: RemoteStatesOptions) {
    this.#options = options;
    this.#identity = new KeyIdentity(options.keyCoder);
    this.#maxBytes = options.maxBytes ?? MAX_BUNDLE_BYTES;
    this.#limit = this.#maxBytes;
    this.#items = Object.entries(options.states).map(([name, spec]) => new StateItems(new StateCell(name, spec)));
    this.#isRead = this.#items.map(() => false);
    this.#sizes = this.#items.map(() => 64);
    const accessors: Record<string, unknown> = Object.create(null);
    this.#items.forEach((items, number) => {
      accessors[items.cell.name] = remoteAccessor(this, number, items);
    });
    this.state = accessors;
  }

  begin(terms: StateTerms): void {
    this.reset();
    this.#terms = terms;
    this.#token = terms.cacheToken === undefined ? undefined : textOf(terms.cacheToken);
  }

  /** Forgets all that is of this bundle. */
  reset(): void {
    this.#windows.clear();
    this.#bytes = 0;
    this.#limit = this.#maxBytes;
    this.#lastWindow = undefined;
    this.#lastKeys = undefined;
    this.#entry = undefined;
  }

  /** What is known of a key and window in this bundle. */
  entry(key: unknown, window: Window): KeyedEntry {
    const keys = this.#keysOf(window);
    const id = this.#identity.of(key);
    const known = keys.get(id);
    if (known !== undefined) return known;
    if (this.#bytes > this.#limit) this.#spill();
    const keyBytes = this.#encoded(this.#options.keyCoder, key);
    const windowBytes = this.#encoded(this.#options.windowCoder, window);
    const entry = this.#cached(windowBytes, keyBytes) ?? this.#newEntry(key, window, keyBytes, windowBytes);
    keys.set(id, entry);
    this.#bytes += entry.bytes;
    return entry;
  }

  #newEntry(key: unknown, window: Window, keyBytes: Uint8Array, windowBytes: Uint8Array): KeyedEntry {
    return new KeyedEntry(key, window, keyBytes, windowBytes, this.#items, !this.#terms.hasNoState);
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

  /** Makes an entry the one at hand. */
  bind(entry: KeyedEntry | undefined): void {
    if (entry === this.#entry) return;
    this.#settle();
    this.#entry = entry;
  }

  /** Counts what the entry at hand has to write. */
  #settle(): void {
    const entry = this.#entry;
    if (entry === undefined || !this.#isTouched) return;
    this.#isTouched = false;
    let waiting = 0;
    for (let i = 0; i < entry.cells.length; i++) {
      const cell = entry.cells[i];
      waiting += cell.replaces ? this.#sizeOf(i, entry.contents.cells[i]) : cell.waiting;
    }
    this.#grow(entry, waiting - entry.waiting);
    entry.waiting = waiting;
  }

  /** Estimate of what a whole content takes: now and then one is encoded to know. */
  #sizeOf(number: number, content: Cell): number {
    if (this.#measured++ % MEASURE_EACH === 0 && content !== undefined) {
      this.#scratch.clear();
      this.#items[number].encode(content, this.#scratch);
      this.#sizes[number] += (this.#scratch.length - this.#sizes[number]) / 4;
    }
    return DECODED_FACTOR * this.#sizes[number];
  }

  get bound(): KeyedEntry {
    if (this.#entry !== undefined) return this.#entry;
    const { transform } = this.#options;
    throw new PipelineError('STATE_UNBOUND', `'${transform}' uses state or timers while it processes nothing`, {
      transform,
      hint: 'process has returned without waiting for what it started: return or await the promise',
    });
  }

  // What accessors ask for.

  peek(): WindowState {
    return this.bound.contents;
  }

  own(): WindowState {
    return this.bound.contents;
  }

  remote(number: number): RemoteCell {
    this.#isTouched = true;
    return this.bound.cells[number];
  }

  load(number: number): boolean {
    const entry = this.bound;
    const cell = entry.cells[number];
    if (cell.known) return true;
    this.#isRead[number] = true;
    return this.#complete(entry, number, this.#options.bundle.get(this.#keyOf(entry, number)));
  }

  pages(number: number): Iterable<unknown> {
    const entry = this.bound;
    const { bundle } = this.#options;
    const key = this.#keyOf(entry, number);
    const { layout } = this.#items[number].cell;
    if (layout.kind !== 'bag') throw new Error(`State of the kind ${layout.kind} is not read in pages`);
    const stored = new PagedItems(layout.coder, (token) => bundle.get(key, token));
    const data = entry.cells[number].pendingItems();
    const added = new PagedItems(layout.coder, () => ({ continuationToken: new Uint8Array(), data }));
    return {
      *[Symbol.iterator]() {
        yield* stored;
        yield* added;
      },
    };
  }

  /** Reads the pages behind the first; a bag's only until it is clear that there are many. */
  #complete(entry: KeyedEntry, number: number, first: StateGetResponse): boolean {
    const { bundle } = this.#options;
    const items = this.#items[number];
    const key = this.#keyOf(entry, number);
    const pages = [first.data];
    let bytes = first.data.length;
    for (let token = first.continuationToken; token.length > 0; ) {
      if (items.cell.layout.kind === 'bag' && bytes > MAX_LOADED_BAG) return false;
      const page = bundle.get(key, token);
      pages.push(page.data);
      bytes += page.data.length;
      token = page.continuationToken;
    }
    const data = pages.length === 1 ? first.data : Buffer.concat(pages);
    const { cells } = entry.contents;
    cells[number] = entry.cells[number].loaded(items, cells[number], data);
    this.#grow(entry, DECODED_FACTOR * bytes);
    return true;
  }

  #grow(entry: KeyedEntry, bytes: number): void {
    entry.bytes += bytes;
    this.#bytes += bytes;
  }

  #keyOf({ windowBytes, keyBytes }: KeyedEntry, number: number): Init<StateKey> {
    const { transformId } = this.#options;
    const { name } = this.#items[number].cell;
    return { bagUserState: { transformId, userStateId: name, window: windowBytes, key: keyBytes } };
  }

  /** The window at hand is over: nothing is left in it. */
  expire(): void {
    const entry = this.bound;
    entry.contents.cells.fill(undefined);
    for (const cell of entry.cells) cell.cleared();
  }

  /** Asks for the states of these keys and windows, as far as states like them have been read before. */
  async prefetch(pairs: Iterable<readonly [key: unknown, window: Window]>): Promise<void> {
    if (!this.#isRead.includes(true)) return;
    const wanted: { readonly entry: KeyedEntry; readonly number: number }[] = [];
    const seen = new Set<KeyedEntry>();
    for (const [key, window] of pairs) {
      if (seen.size >= MAX_PREFETCH || this.#bytes > this.#maxBytes / 2) break;
      const entry = this.entry(key, window);
      if (seen.has(entry)) continue;
      seen.add(entry);
      this.#isRead.forEach((isRead, number) => {
        if (isRead && !entry.cells[number].known) wanted.push({ entry, number });
      });
    }
    await this.#fetch(wanted);
  }

  async #fetch(wanted: readonly { readonly entry: KeyedEntry; readonly number: number }[]): Promise<void> {
    const keys = wanted.map(({ entry, number }) => this.#keyOf(entry, number));
    const pages = await this.#options.bundle.fetch(keys);
    wanted.forEach(({ entry, number }, i) => {
      // What goes on in pages is read when somebody needs it.
      if (pages[i].continuationToken.length === 0 && !entry.cells[number].known)
        this.#complete(entry, number, pages[i]);
    });
  }

  // Writing back.

  /** Tells the runner what has changed. It is confirmed when the bundle's state has been flushed. */
  async finish(): Promise<void> {
    this.bind(undefined);
    if (!this.#terms.onlyBundleForKeys) await this.#lookAtSome();
    for (const keys of this.#windows.values()) {
      for (const entry of keys.values()) {
        this.#options.writeTimers(entry);
        if (!this.#terms.onlyBundleForKeys) this.#write(entry);
      }
    }
  }

  /** The bundle has succeeded, and what it has left is what the runner has. */
  keep(): void {
    const { cache, transformId } = this.#options;
    if (this.#token !== undefined && !this.#terms.onlyBundleForKeys) {
      for (const keys of this.#windows.values()) {
        for (const entry of keys.values()) cache.put(transformId, this.#token, entry);
      }
    }
    this.reset();
  }

  /** Reads some of those states that are only ever added to, so that their histories do not grow for ever. */
  async #lookAtSome(): Promise<void> {
    const wanted: { readonly entry: KeyedEntry; readonly number: number }[] = [];
    for (const keys of this.#windows.values()) {
      for (const entry of keys.values()) {
        entry.cells.forEach((cell, number) => {
          if (!cell.addsBlindly || this.#items[number].cell.layout.kind === 'bag') return;
          if (this.#blind++ % LOOK_AT_EACH === LOOK_AT_EACH - 1) wanted.push({ entry, number });
        });
      }
    }
    for (let i = 0; i < wanted.length; i += MAX_PREFETCH) await this.#fetch(wanted.slice(i, i + MAX_PREFETCH));
  }

  #write(entry: KeyedEntry): void {
    const { bundle } = this.#options;
    const { cells } = entry.contents;
    entry.cells.forEach((cell, number) => {
      if (!cell.isDirty) return;
      const stateKey = this.#keyOf(entry, number);
      const { clear, append } = cell.takeChange(this.#items[number], cells[number]);
      if (!cell.known) cells[number] = undefined;
      if (clear) bundle.write({ stateKey, clear: {} });
      if (append === undefined) return;
      bundle.write({ stateKey, append: { data: append } });
      this.#grow(entry, cell.known ? DECODED_FACTOR * append.length : 0);
    });
  }

  /** Writes and forgets all but the entry at hand, and those that a timer is still to fire for: it may have been cleared. */
  #spill(): void {
    this.#settle();
    this.#bytes = 0;
    // What was written may be asked for again.
    this.#terms = { ...this.#terms, hasNoState: false };
    for (const keys of this.#windows.values()) {
      for (const [id, entry] of keys) {
        this.#write(entry);
        if (entry.due > 0 || entry === this.#entry) {
          this.#bytes += entry.bytes;
          continue;
        }
        this.#options.writeTimers(entry);
        keys.delete(id);
      }
    }
    this.#limit = Math.max(this.#maxBytes, 2 * this.#bytes);
  }
}
