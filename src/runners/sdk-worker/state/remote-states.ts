import type { StateGetResponse, StateKey } from '../../../model/fn-execution.ts';
import type { Init } from '../../../model/pipeline.ts';
import { ByteWriter } from '../../../sdk/coders/byte-writer.ts';
import { CoderError, PipelineError } from '../../../sdk/errors.ts';
import type { StateSpecs } from '../../../sdk/state/state-spec.ts';
import type { Window } from '../../../sdk/windows/window.ts';
import type { WindowState } from '../../core/state/keyed-state.ts';
import { type Cell, StateCell } from '../../core/state/state-cells.ts';
import { BundleEntries, type BundleEntriesOptions, type StateTerms } from './bundle-entries.ts';
import type { BundleState } from './bundle-state.ts';
import { ENTRY_BYTES, type KeyedEntry } from './keyed-entry.ts';
import { PagedItems } from './paged-items.ts';
import { type RemoteBinding, remoteAccessor } from './remote-accessors.ts';
import type { RemoteCell } from './remote-cell.ts';
import { StateItems } from './state-items.ts';

/** A bag with more bytes than this is read page by page, if the runner gives it in pages. */
const MAX_LOADED_BAG = 1024 * 1024;
/** Estimate: what is decoded takes more than its encoding. */
const DECODED_FACTOR = 4;
/** One in so many states that are added to and never read is read after all: its history may be longer than it need be. */
const LOOK_AT_EACH = 16;
/** One in so many contents is encoded to know how large they are. */
const MEASURE_EACH = 32;
/** States that are asked for at once. */
const MAX_FETCH = 1000;

export interface RemoteStatesOptions extends BundleEntriesOptions {
  /** For messages. */
  readonly transform: string;
  readonly states: StateSpecs;
  readonly bundle: BundleState;
  /** Tells the runner of the timers that an entry has set. */
  writeTimers(entry: KeyedEntry): void;
}

interface Wanted {
  readonly entry: KeyedEntry;
  readonly number: number;
}

/** The states of a stateful DoFn that a runner keeps, for the keys of one bundle. One key and window is at hand at a time. */
export class RemoteStates implements RemoteBinding {
  /** For the DoFn, by the names of its declarations. */
  readonly state: Readonly<Record<string, unknown>>;
  readonly #options: RemoteStatesOptions;
  readonly #items: readonly StateItems[];
  readonly #entries: BundleEntries;
  #entry: KeyedEntry | undefined;
  /** Whether the entry at hand may have changed. */
  #isTouched = false;
  /** Whether changes go to the runner. */
  #writes = true;
  /** States that have been read for some key; they will be for others. */
  readonly #isRead: boolean[];
  #draw = 1;
  /** Average sizes of encoded contents, by the number of the state. */
  readonly #sizes: number[];
  readonly #scratch = new ByteWriter(64);
  #measured = 0;

  constructor(options: RemoteStatesOptions) {
    this.#options = options;
    this.#items = Object.entries(options.states).map(([name, spec]) => new StateItems(new StateCell(name, spec)));
    this.#entries = new BundleEntries(options, this.#items.length, (entry) => this.#write(entry));
    this.#isRead = this.#items.map(() => false);
    this.#sizes = this.#items.map(() => 64);
    const accessors: Record<string, unknown> = Object.create(null);
    this.#items.forEach((items, number) => {
      accessors[items.cell.name] = remoteAccessor(this, number, items);
    });
    this.state = accessors;
  }

  /** A bundle begins; nothing is left of one that failed. */
  begin(terms: StateTerms): void {
    this.#entry = undefined;
    this.#isTouched = false;
    this.#writes = !terms.onlyBundleForKeys;
    this.#entries.begin(terms);
  }

  /** What is known of a key and window in this bundle. */
  entry(key: unknown, window: Window): KeyedEntry {
    return this.#entries.of(key, window, this.#entry);
  }

  /** Makes an entry the one at hand. */
  bind(entry: KeyedEntry | undefined): void {
    if (entry === this.#entry) return;
    if (this.#entry !== undefined && this.#isTouched) this.#measure(this.#entry);
    this.#isTouched = false;
    this.#entry = entry;
  }

  get bound(): KeyedEntry {
    if (this.#entry !== undefined) return this.#entry;
    const { transform } = this.#options;
    throw new PipelineError('STATE_UNBOUND', `'${transform}' uses state or timers while it processes nothing`, {
      transform,
      hint: 'process has returned without waiting for what it started: return or await the promise',
    });
  }

  // Memory.

  #measure(entry: KeyedEntry): void {
    let bytes = ENTRY_BYTES;
    for (let i = 0; i < entry.cells.length; i++) {
      const cell = entry.cells[i];
      bytes += DECODED_FACTOR * (cell.replaces ? this.#sizeOf(i, entry.contents.cells[i]) : cell.size);
    }
    this.#entries.resize(entry, bytes);
  }

  /** Estimate of what a whole content takes that is still to be encoded: now and then one is, to know. */
  #sizeOf(number: number, content: Cell): number {
    if (this.#measured++ % MEASURE_EACH === 0 && content !== undefined) {
      this.#scratch.clear();
      try {
        this.#items[number].encode(content, this.#scratch);
        this.#sizes[number] += (this.#scratch.length - this.#sizes[number]) / 4;
      } catch {
        // It is an error when it is written.
      }
    }
    return this.#sizes[number];
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
    if (entry.cells[number].known) return true;
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

  #keyOf({ windowBytes, keyBytes }: KeyedEntry, number: number): Init<StateKey> {
    const { transformId } = this.#options;
    const { name } = this.#items[number].cell;
    return { bagUserState: { transformId, userStateId: name, window: windowBytes, key: keyBytes } };
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
    this.#measure(entry);
    return true;
  }

  /** The window at hand is over: nothing is left in it. */
  expire(): void {
    const entry = this.bound;
    this.#isTouched = true;
    entry.contents.cells.fill(undefined);
    for (const cell of entry.cells) cell.cleared();
  }

  // Reading ahead.

  /** Asks for the states of these keys and windows, as far as states like them have been read before. */
  async prefetch(pairs: Iterable<readonly [key: unknown, window: Window]>): Promise<void> {
    if (!this.#isRead.includes(true)) return;
    const wanted = new Map<RemoteCell, Wanted>();
    for (const [key, window] of pairs) {
      if (wanted.size >= MAX_FETCH || !this.#entries.hasRoom) break;
      const entry = this.entry(key, window);
      for (let number = 0; number < entry.cells.length; number++) {
        if (this.#isRead[number] && !entry.cells[number].known) wanted.set(entry.cells[number], { entry, number });
      }
    }
    await this.#fetch([...wanted.values()]);
  }

  async #fetch(wanted: readonly Wanted[]): Promise<void> {
    for (let i = 0; i < wanted.length; i += MAX_FETCH) {
      const some = wanted.slice(i, i + MAX_FETCH);
      const pages = await this.#options.bundle.fetch(some.map(({ entry, number }) => this.#keyOf(entry, number)));
      some.forEach(({ entry, number }, j) => {
        // What goes on in pages is read when somebody needs it.
        if (pages[j].continuationToken.length === 0) this.#complete(entry, number, pages[j]);
      });
    }
  }

  // Writing back.

  /** Tells the runner what has changed. It is confirmed when the bundle's state has been flushed. */
  async finish(): Promise<void> {
    this.bind(undefined);
    if (this.#writes) await this.#lookAtSome();
    for (const entry of this.#entries) this.#write(entry);
  }

  /** The bundle has succeeded: what it leaves is what the runner has. */
  keep(): void {
    if (this.#writes) this.#entries.keep();
    else this.#entries.clear();
  }

  /** Reads some of those states that are only ever added to, so that their histories do not grow for ever. */
  async #lookAtSome(): Promise<void> {
    const wanted: Wanted[] = [];
    for (const entry of this.#entries) {
      entry.cells.forEach((cell, number) => {
        if (!cell.addsBlindly || this.#items[number].cell.layout.kind === 'bag') return;
        if (this.#isDrawn()) wanted.push({ entry, number });
      });
    }
    await this.#fetch(wanted);
  }

  /** One in so many, at random: keys and states come in patterns, and one of them must not be left out for ever. */
  #isDrawn(): boolean {
    this.#draw = (Math.imul(this.#draw, 1103515245) + 12345) & 0x7fffffff;
    return (this.#draw >>> 16) % LOOK_AT_EACH === 0;
  }

  #write(entry: KeyedEntry): void {
    this.#options.writeTimers(entry);
    if (!this.#writes) return;
    try {
      for (let number = 0; number < entry.cells.length; number++) this.#writeCell(entry, number);
    } catch (error) {
      throw error instanceof CoderError ? error.with({ transform: this.#options.transform }) : error;
    }
    this.#measure(entry);
  }

  #writeCell(entry: KeyedEntry, number: number): void {
    const { bundle } = this.#options;
    const { cells } = entry.contents;
    const cell = entry.cells[number];
    if (!cell.isDirty) return;
    const stateKey = this.#keyOf(entry, number);
    const { clear, append } = cell.takeChange(this.#items[number], cells[number]);
    // What was added to what is not known is with the runner now.
    if (!cell.known) cells[number] = undefined;
    if (clear) bundle.write({ stateKey, clear: {} });
    if (append !== undefined) bundle.write({ stateKey, append: { data: append } });
  }
}
