import type { Window } from '../../../sdk/windows/window.ts';
import type { KeyId } from '../state/key-identity.ts';
import type { StateLocation, StateTimes } from '../state/state-backend.ts';

/** What a table has of one key in one window. */
export class WindowEntry<E> {
  readonly key: unknown;
  value: E;
  /** @internal Where the backend has the value, of whatever age; 0 when it has none. */
  location: StateLocation = 0;
  /** @internal Estimate of what the value takes. */
  bytes = 0;
  /** @internal Place among its window's entries that are to be written; −1 when it is not there. */
  dirtyAt = -1;
  /** @internal Looked at since the last round of eviction. */
  used = true;
  /** @internal Whether the backend's schedule will give its key. */
  scheduled = false;

  constructor(key: unknown, value: E) {
    this.key = key;
    this.value = value;
  }
}

/** The entries of one window that are in memory. */
export class OpenWindow<E> {
  readonly window: Window;
  /** Its last timestamp. */
  readonly end: number;
  /** The watermark at which it has ended. */
  readonly due: number;
  readonly entries = new Map<KeyId, WindowEntry<E>>();
  /** @internal Begins the names of its entries in the backend. */
  readonly encoded: Uint8Array;
  /** @internal */
  readonly times: StateTimes;
  /** @internal No entry of it is in the backend alone. */
  isWhole: boolean;
  /** @internal False once the table has let go of it. */
  isOpen = true;
  /** @internal Entries in memory that the backend has, too. */
  stored = 0;
  #dirty: WindowEntry<E>[] = [];

  constructor(window: Window, end: number, due: number, encoded: Uint8Array, isWhole: boolean) {
    this.window = window;
    this.end = end;
    this.due = due;
    this.encoded = encoded;
    this.times = [due, Number.POSITIVE_INFINITY];
    this.isWhole = isWhole;
  }

  /** @internal The entry is to be written. */
  markDirty(entry: WindowEntry<E>): void {
    if (entry.dirtyAt < 0) entry.dirtyAt = this.#dirty.push(entry) - 1;
  }

  /** @internal An entry that is to be written need not be any more. */
  clean(entry: WindowEntry<E>): void {
    const last = this.#dirty.pop() as WindowEntry<E>;
    if (last !== entry) {
      this.#dirty[entry.dirtyAt] = last;
      last.dirtyAt = entry.dirtyAt;
    }
    entry.dirtyAt = -1;
  }

  /** @internal What is to be written, which is up to the caller now. */
  takeDirty(): readonly WindowEntry<E>[] {
    const dirty = this.#dirty;
    this.#dirty = [];
    for (const entry of dirty) entry.dirtyAt = -1;
    return dirty;
  }
}
