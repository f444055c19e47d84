import { ByteReader } from '../../../sdk/coders/byte-reader.ts';
import { ByteWriter } from '../../../sdk/coders/byte-writer.ts';
import { type Coder, encodeToBytes } from '../../../sdk/coders/coder.ts';
import type { Window } from '../../../sdk/windows/window.ts';
import { HoldSet } from '../state/hold-set.ts';
import { KeyIdentity } from '../state/key-identity.ts';
import { justAfter } from '../state/keyed-state.ts';
import { EVENT, type KeySchedule } from '../state/state-backend.ts';
import type { StateTableOptions } from '../state/state-table.ts';
import { KEPT_SHARE, LEAST_SHARE, LOOKED_AT_ONCE, MAX_ENTRY_BYTES, MAX_SCRATCH } from '../state/table-limits.ts';
import { OpenWindow, WindowEntry } from './open-window.ts';
import { OpenWindows } from './open-windows.ts';
import { lastTimestamp } from './window-times.ts';

/** An entry, its place in the Map and its key, in bytes of memory. */
const ENTRY_BYTES = 160;
/** A window in memory, however few entries it has. */
const WINDOW_BYTES = 700;

/** What a table is made of. */
export interface WindowTableOptions<E> extends StateTableOptions<E> {
  readonly windowCoder: Coder<Window>;
  /** Value of an entry that has none yet. */
  readonly empty: E;
}

/**
 * The entries of one stage by window and key, for what is due when its window ends and not before: all entries of a window
 * are taken out at once, and nothing need be known of each of them but its value. As in a StateTable, what has changed goes
 * to the backend with `save`, and past the budget entries that were not used lately go there early.
 */
export class WindowTable<E> {
  readonly name: string;
  /** Estimate of the memory in use. */
  bytes = 0;
  readonly #options: WindowTableOptions<E>;
  readonly #identity: KeyIdentity;
  readonly #windows: OpenWindows<E>;
  readonly #ends = new HoldSet();
  #schedule: KeySchedule;
  /** The schedule has forgotten what was due at this time or before. */
  #skipped = Number.NEGATIVE_INFINITY;
  /** Bytes past which entries have to go: the budget less what the backend takes. */
  #limit: number;
  #inMemory = 0;
  /** Entries that only the backend has. */
  #absent = 0;
  /** Windows that are over, of which the backend has entries until the next `save`. */
  #over: OpenWindow<E>[] = [];
  readonly #key = new ByteWriter(256, MAX_ENTRY_BYTES);
  readonly #out = new ByteWriter(1024, MAX_ENTRY_BYTES);
  readonly #in = new ByteReader(new Uint8Array(0));
  readonly #keyIn = new ByteReader(new Uint8Array(0));

  constructor(options: WindowTableOptions<E>) {
    this.name = options.name;
    this.#options = options;
    this.#limit = options.budget;
    this.#identity = new KeyIdentity(options.keyCoder);
    this.#windows = new OpenWindows(options.windowCoder);
    this.#schedule = options.backend.schedule(this.name, EVENT);
  }

  /** Entries, in memory or not. */
  get size(): number {
    return this.#inMemory + this.#absent;
  }

  /** Entries in the backend: all, when everything has been saved. */
  get stored(): number {
    return this.#options.backend.count(this.name);
  }

  /** The earliest end of a window that has entries, its last timestamp; `MAX_TIMESTAMP` when there is none. */
  get firstEnd(): number {
    return this.#ends.least;
  }

  /** The window's entries in memory; valid until the table is trimmed. */
  open(window: Window): OpenWindow<E> {
    const known = this.#windows.find(window);
    if (known !== undefined) return known;
    const end = lastTimestamp(window);
    const encoded = encodeToBytes(this.#options.windowCoder, window, true);
    const open = new OpenWindow<E>(window, end, justAfter(end), encoded, this.#absent === 0);
    this.#windows.add(open);
    this.bytes += WINDOW_BYTES;
    return open;
  }

  /** The key's entry in a window; one with the empty value where it has none. */
  entry(open: OpenWindow<E>, key: unknown): WindowEntry<E> {
    const id = this.#identity.of(key);
    let entry = open.entries.get(id);
    if (entry !== undefined) {
      entry.used = true;
      return entry;
    }
    if (!open.isWhole && this.#absent > 0) {
      const value = this.#options.backend.read(this.name, this.#keyBytes(open, key));
      if (value !== undefined) return this.#enter(open, key, value, true);
    }
    entry = new WindowEntry<E>(key, this.#options.empty);
    open.entries.set(id, entry);
    this.#inMemory++;
    this.bytes += ENTRY_BYTES;
    this.#ends.add(open.end);
    return entry;
  }

  /** Says that the entry's value is not what it was. */
  changed(open: OpenWindow<E>, entry: WindowEntry<E>): void {
    this.#weigh(entry);
    open.markDirty(entry);
  }

  #weigh(entry: WindowEntry<E>): void {
    const bytes = this.#options.codec.bytesOf(entry.value);
    this.bytes += bytes - entry.bytes;
    entry.bytes = bytes;
  }

  /** Makes an entry of what the backend has just read. @param scheduled whether the schedule will give it */
  #enter(open: OpenWindow<E>, key: unknown, value: Uint8Array, scheduled: boolean): WindowEntry<E> {
    const { codec, backend } = this.#options;
    const { location } = backend;
    const entry = new WindowEntry<E>(key, codec.decode(this.#in.reset(value)));
    entry.location = location;
    entry.scheduled = scheduled;
    open.entries.set(this.#identity.of(key), entry);
    open.stored++;
    this.#absent--;
    this.#inMemory++;
    this.bytes += ENTRY_BYTES;
    this.#weigh(entry);
    return entry;
  }

  // Ends of windows.

  /**
   * Takes out an entry that is not in memory and whose window has ended, where there is one. To be called until it returns
   * false, before windows are taken.
   */
  takeStored(watermark: number, visit: (window: Window, key: unknown, value: E) => void): boolean {
    if (this.#absent === 0) {
      this.#schedule.skip(watermark);
      this.#skipped = watermark;
      return false;
    }
    if (this.#schedule.next > watermark) return false;
    this.#schedule.take((bytes, value) => this.#due(bytes, value, watermark, visit));
    return true;
  }

  #due(
    bytes: Uint8Array,
    value: Uint8Array,
    watermark: number,
    visit: (window: Window, key: unknown, value: E) => void,
  ): void {
    const { windowCoder, keyCoder, backend, codec } = this.#options;
    const keyBytes = Uint8Array.prototype.slice.call(bytes);
    const input = this.#keyIn.reset(keyBytes);
    const window = windowCoder.decode(input, true);
    const key = keyCoder.decode(input, false);
    const open = this.#windows.find(window);
    const known = open?.entries.get(this.#identity.of(key));
    if (open !== undefined && known !== undefined) {
      known.scheduled = false;
      // It may have come before its time: the schedule has to know of it again when this is committed.
      if (open.due > watermark) open.markDirty(known);
      return;
    }
    const end = lastTimestamp(window);
    if (justAfter(end) > watermark) {
      const early = open ?? this.open(window);
      early.markDirty(this.#enter(early, key, value, false));
      return;
    }
    const { location } = backend;
    const taken = codec.decode(this.#in.reset(value));
    backend.delete(this.name, keyBytes, location);
    this.#absent--;
    this.#ends.remove(end);
    visit(window, key, taken);
  }

  /**
   * A window that has ended, where one with entries in memory has; to be closed when those have been given out. Nothing may
   * be trimmed until then.
   */
  take(watermark: number): OpenWindow<E> | undefined {
    return this.#windows.take(watermark);
  }

  /** Forgets a window that was taken, with its entries. */
  close(open: OpenWindow<E>): void {
    const { size } = open.entries;
    for (const entry of open.entries.values()) this.bytes -= entry.bytes;
    this.#inMemory -= size;
    if (size > 0) this.#ends.remove(open.end, size);
    this.#windows.remove(open);
    if (open.stored > 0) this.#over.push(open);
    else this.bytes -= WINDOW_BYTES + size * ENTRY_BYTES;
  }

  /** Removes from the backend what belongs to windows that are over, or some of it. */
  #dropOver(most: number): void {
    const { backend } = this.#options;
    let left = most;
    for (let open = this.#over.at(-1); open !== undefined; open = this.#over.at(-1)) {
      for (const [id, { key, location }] of open.entries) {
        if (left-- === 0) return;
        if (location !== 0) backend.delete(this.name, this.#keyBytes(open, key), location);
        open.entries.delete(id);
        this.bytes -= ENTRY_BYTES;
      }
      this.#over.pop();
      this.bytes -= WINDOW_BYTES;
    }
  }

  // Memory.

  /**
   * Moves entries to the backend, so that the budget is kept if this is called after each change. What `open` and `entry`
   * gave is not valid afterwards.
   */
  trim(): void {
    if (this.bytes > this.#limit) this.#trim();
  }

  #trim(): void {
    // Nothing leaves memory before all this has: the schedule may still have keys of windows that are over.
    this.#dropOver(LOOKED_AT_ONCE);
    if (this.#over.length > 0) return;
    this.#setLimit();
    const target = this.#limit * KEPT_SHARE;
    // Twice around: the first round may only take marks away.
    const most = Math.min(LOOKED_AT_ONCE, 2 * (this.#inMemory + this.#windows.size) + 2);
    for (let left = most; left > 0 && this.bytes > target; left--) {
      const entry = this.#windows.nextUnused();
      if (entry !== undefined) this.#evict(this.#windows.current as OpenWindow<E>, entry);
    }
    this.#setLimit();
  }

  #setLimit(): void {
    const { backend, budget, tables = 1 } = this.#options;
    this.#limit = Math.max(budget * LEAST_SHARE, budget - backend.memory / tables);
  }

  #evict(open: OpenWindow<E>, entry: WindowEntry<E>): void {
    if (entry.dirtyAt >= 0) {
      open.clean(entry);
      this.#write(open, entry);
    } else if (!this.#isExpected(open, entry)) this.#expect(open, entry, this.#keyBytes(open, entry.key));
    open.entries.delete(this.#identity.of(entry.key));
    open.stored--;
    open.isWhole = false;
    this.#absent++;
    this.#inMemory--;
    this.bytes -= ENTRY_BYTES + entry.bytes;
    if (open.entries.size > 0) return;
    this.#windows.remove(open);
    this.bytes -= WINDOW_BYTES;
  }

  #write(open: OpenWindow<E>, entry: WindowEntry<E>): void {
    const { backend, codec } = this.#options;
    const out = this.#out;
    out.clear();
    codec.encode(entry.value, out, entry.key);
    if (entry.location === 0) open.stored++;
    const key = this.#keyBytes(open, entry.key);
    entry.location = backend.write(this.name, key, out.view(), entry.location, open.times);
    if (!this.#isExpected(open, entry)) this.#expect(open, entry, key);
    // One large value must not keep its memory.
    if (out.bytes.length > MAX_SCRATCH) out.bytes = Buffer.allocUnsafeSlow(1024);
  }

  /** Whether the schedule will give the entry's key. */
  #isExpected({ due }: OpenWindow<E>, { scheduled }: WindowEntry<E>): boolean {
    return scheduled && due > this.#skipped;
  }

  /** Has the schedule give the entry's key. */
  #expect(open: OpenWindow<E>, entry: WindowEntry<E>, key: Uint8Array): void {
    this.#schedule.add(key, open.due);
    entry.scheduled = true;
  }

  /** The name of an entry in the backend; valid until the next call. */
  #keyBytes(open: OpenWindow<E>, key: unknown): Buffer {
    const out = this.#key;
    out.clear();
    out.raw(open.encoded);
    this.#options.keyCoder.encode(key, out, false);
    return out.view();
  }

  // Checkpoints.

  /** Writes everything that has changed to the backend; to be followed by its commit. */
  save(out: ByteWriter): void {
    this.#dropOver(Number.POSITIVE_INFINITY);
    for (const open of this.#windows) {
      for (const entry of open.takeDirty()) this.#write(open, entry);
    }
    this.#setLimit();
    this.#ends.encode(out);
  }

  /** Forgets what is in memory and starts from what the backend has. */
  restore(input: ByteReader): void {
    this.#windows.clear();
    this.#over = [];
    this.#schedule = this.#options.backend.schedule(this.name, EVENT);
    this.#skipped = Number.NEGATIVE_INFINITY;
    this.bytes = 0;
    this.#inMemory = 0;
    this.#absent = this.stored;
    this.#setLimit();
    this.#ends.decode(input);
  }
}
