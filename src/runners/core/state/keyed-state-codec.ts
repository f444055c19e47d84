import type { ByteReader } from '../../../sdk/coders/byte-reader.ts';
import type { ByteWriter } from '../../../sdk/coders/byte-writer.ts';
import type { Coder } from '../../../sdk/coders/coder.ts';
import { decodeTimestamp, encodeTimestamp } from '../../../sdk/coders/timestamp-coder.ts';
import { IoError } from '../../../sdk/errors.ts';
import { decodePane, encodePane } from '../../../sdk/windows/pane-info.ts';
import type { Window } from '../../../sdk/windows/window.ts';
import { KeyedState, WindowState } from './keyed-state.ts';
import type { StateCell } from './state-cells.ts';
import type { EntryCodec } from './state-table.ts';
import type { StoredList, StoredLists } from './stored-lists.ts';

const HOLDS = 1;
const TAGGED = 2;
/** The number of a cell is shifted by a bit, which says that items of it are stored elsewhere. */
const STORED = 1;
/** Of a window's state and its place in the entry. */
const WINDOW_BYTES = 240;
const TIMER_BYTES = 120;
const BUFFERED_BYTES = 200;

/** Names the state, and its key, that was not to be written. */
export type StateFailure = (error: unknown, state: string, key: unknown) => unknown;

/** What a codec of entries needs to know about the DoFn. */
export interface KeyedStateParts {
  readonly windowCoder: Coder<Window>;
  /** By number. A number whose state is not declared any more is skipped. */
  readonly cells: ReadonlyMap<number, StateCell>;
  /** Empty cells, as many as there are numbers. */
  readonly noCells: readonly undefined[];
  /** Numbers of the declared timers; others are dropped. */
  readonly families: ReadonlySet<number>;
  /** Of buffered elements. */
  readonly valueCoder: Coder<unknown>;
  /** Where the items of large lists go. */
  readonly lists: StoredLists;
  /** What is thrown when a state cannot be written; where absent, what has been thrown. */
  readonly unwritable?: StateFailure | undefined;
  /** Where the entry holds the watermark. */
  holdOf(entry: KeyedState): number;
}

/**
 * Encodes the entries of a stateful DoFn. Cells carry their number and length, so that states can come and go. Encoding stores
 * the items of lists that have become large, and removes those of lists that are gone.
 */
export class KeyedStateCodec implements EntryCodec<KeyedState> {
  readonly #parts: KeyedStateParts;

  constructor(parts: KeyedStateParts) {
    this.#parts = parts;
  }

  bytesOf({ windows }: KeyedState): number {
    let bytes = 100;
    for (const { cells, timers, buffer } of windows) {
      bytes += WINDOW_BYTES + timers.size * TIMER_BYTES + buffer.length * BUFFERED_BYTES;
      for (let i = 0; i < cells.length; i++) {
        if (cells[i] !== undefined) bytes += this.#parts.cells.get(i)?.bytesOf(cells[i]) ?? 0;
      }
    }
    return bytes;
  }

  encode({ windows }: KeyedState, out: ByteWriter, key: unknown): void {
    out.varint(windows.length);
    for (const state of windows) {
      this.#parts.windowCoder.encode(state.window, out, true);
      this.#encodeTimers(state, out);
      this.#encodeCells(state, out, key);
      out.varint(state.buffer.length);
      for (const { value, timestamp, pane } of state.buffer) {
        encodeTimestamp(timestamp, out);
        encodePane(pane, out);
        this.#parts.valueCoder.encode(value, out, true);
      }
    }
  }

  #encodeTimers({ timers }: WindowState, out: ByteWriter): void {
    out.varint(timers.size);
    for (const { family, tag, at, output } of timers) {
      out.varint(family);
      out.byte((output === undefined ? 0 : HOLDS) | (tag === '' ? 0 : TAGGED));
      if (tag !== '') out.string(tag);
      encodeTimestamp(at, out);
      if (output !== undefined) encodeTimestamp(output, out);
    }
  }

  #encodeCells(state: WindowState, out: ByteWriter, key: unknown): void {
    const { cells, lists } = state;
    for (const [number, list] of lists) {
      if (list.cell !== undefined && list.cell === cells[number]) continue;
      this.#parts.lists.remove(list);
      state.ownLists().delete(number);
    }
    let count = 0;
    for (const cell of cells) if (cell !== undefined) count++;
    out.varint(count);
    for (let i = 0; i < cells.length; i++) {
      if (cells[i] === undefined) continue;
      const cell = this.#parts.cells.get(i) as StateCell;
      try {
        this.#encodeCell(state, i, cell, out);
      } catch (error) {
        // A disk that fails is nobody's fault here.
        if (error instanceof IoError || this.#parts.unwritable === undefined) throw error;
        throw this.#parts.unwritable(error, cell.name, key);
      }
    }
  }

  #encodeCell(state: WindowState, number: number, cell: StateCell, out: ByteWriter): void {
    if (cell.isList) return this.#encodeList(state, number, cell, out);
    out.varint(number << 1);
    const at = startLength(out);
    cell.encode(state.cells[number], out);
    endLength(out, at);
  }

  /** Items that are stored are left out; when the others are too many, they are stored too. */
  #encodeList(state: WindowState, number: number, cell: StateCell, out: ByteWriter): void {
    const { lists } = this.#parts;
    const value = state.cells[number];
    const known = state.lists.get(number);
    const fresh = cell.freshItems(value, known?.items ?? 0);
    const start = out.length;
    const at = encodeItems(number, known, cell, fresh, out);
    if (!lists.isLarge(out.length - at)) return;
    const list = known ?? lists.create(value);
    if (known === undefined) state.ownLists().set(number, list);
    lists.append(list, out.bytes.subarray(at, out.length), fresh.length);
    cell.markStored(value);
    out.length = start;
    encodeItems(number, list, cell, [], out);
  }

  /** A window is over: what it has outside of its entry goes too. */
  forget(state: WindowState): void {
    for (const list of state.lists.values()) this.#parts.lists.remove(list);
  }

  decode(input: ByteReader): KeyedState {
    const entry = new KeyedState();
    for (let left = input.varint(); left > 0; left--) {
      const state = new WindowState(this.#parts.windowCoder.decode(input, true), this.#parts.noCells.slice());
      this.#decodeTimers(state, input);
      this.#decodeCells(state, input);
      for (let count = input.varint(); count > 0; count--) {
        const timestamp = decodeTimestamp(input);
        const pane = decodePane(input);
        state.ownBuffer().push({ timestamp, pane, value: this.#parts.valueCoder.decode(input, true) });
      }
      entry.add(state);
    }
    // Only now: the input does not outlive the next call of the backend.
    for (const state of entry.windows) if (state.lists.size > 0) this.#readLists(state);
    entry.hold = this.#parts.holdOf(entry);
    return entry;
  }

  #decodeTimers(state: WindowState, input: ByteReader): void {
    for (let left = input.varint(); left > 0; left--) {
      const family = input.varint();
      const flags = input.byte();
      const tag = (flags & TAGGED) === 0 ? '' : input.string();
      const at = decodeTimestamp(input);
      const output = (flags & HOLDS) === 0 ? undefined : decodeTimestamp(input);
      if (this.#parts.families.has(family)) state.ownTimers().set({ family, tag, at, output });
    }
  }

  #decodeCells(state: WindowState, input: ByteReader): void {
    const { cells } = state;
    for (let left = input.varint(); left > 0; left--) {
      const header = input.varint();
      const number = header >>> 1;
      if ((header & STORED) !== 0) {
        const id = input.varint();
        // Where they are is not known: 0 would say that they are nowhere.
        const pieces = Array.from({ length: input.varint() }, () => undefined);
        state.ownLists().set(number, { cell: undefined, id, pieces, items: input.varint() });
      }
      const length = input.uint32();
      const start = input.take(length);
      const cell = this.#parts.cells.get(number);
      if (cell === undefined) continue;
      const { end } = input;
      input.position = start;
      input.end = start + length;
      const value = cell.isList ? cell.emptyList() : cell.decode(input);
      if (cell.isList) cell.decodeItems(input, value);
      if (input.position !== input.end) throw input.malformed(`${input.remaining} bytes too many in a state`);
      input.end = end;
      cells[number] = value;
    }
  }
  /** Puts the stored items of lists before those of the entry. Lists of a state that is not declared any more have no cell. */
  #readLists({ cells, lists }: WindowState): void {
    for (const [number, list] of lists) {
      const kind = this.#parts.cells.get(number);
      if (kind === undefined) continue;
      const whole = kind.emptyList();
      this.#parts.lists.read(list, kind, whole);
      kind.append(whole, cells[number]);
      cells[number] = whole;
    }
  }
}

/** Appends a list with items that are not stored, and returns where those begin. */
function encodeItems(
  number: number,
  list: StoredList | undefined,
  cell: StateCell,
  items: readonly unknown[],
  out: ByteWriter,
): number {
  out.varint((number << 1) | (list === undefined ? 0 : STORED));
  if (list !== undefined) {
    out.varint(list.id);
    out.varint(list.pieces.length);
    out.varint(list.items);
  }
  const at = startLength(out);
  cell.encodeItems(items, out);
  endLength(out, at);
  return at + 4;
}

/** Leaves room for a length, and returns where. */
function startLength(out: ByteWriter): number {
  const at = out.reserve(4);
  out.length = at + 4;
  return at;
}

/** Writes the length of what has come since. */
function endLength(out: ByteWriter, at: number): void {
  out.bytes.writeUInt32BE(out.length - at - 4, at);
}
