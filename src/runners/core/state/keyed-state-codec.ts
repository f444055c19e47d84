import type { ByteReader } from '../../../sdk/coders/byte-reader.ts';
import type { ByteWriter } from '../../../sdk/coders/byte-writer.ts';
import type { Coder } from '../../../sdk/coders/coder.ts';
import { decodeTimestamp, encodeTimestamp } from '../../../sdk/coders/timestamp-coder.ts';
import { decodePane, encodePane } from '../../../sdk/windows/pane-info.ts';
import type { Window } from '../../../sdk/windows/window.ts';
import { KeyedState, timerKey, WindowState } from './keyed-state.ts';
import type { StateCell } from './state-cells.ts';
import type { EntryCodec } from './state-table.ts';

const HOLDS = 1;
const TAGGED = 2;
/** Of a window's state and its place in the entry. */
const WINDOW_BYTES = 240;
const TIMER_BYTES = 120;
const BUFFERED_BYTES = 200;

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
  /** Where the entry holds the watermark. */
  holdOf(entry: KeyedState): number;
}

/** Encodes the entries of a stateful DoFn. Cells carry their number and length, so that states can come and go. */
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

  encode({ windows }: KeyedState, out: ByteWriter): void {
    out.varint(windows.length);
    for (const state of windows) {
      this.#parts.windowCoder.encode(state.window, out, true);
      this.#encodeTimers(state, out);
      this.#encodeCells(state, out);
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
    for (const { family, tag, at, output } of timers.values()) {
      out.varint(family);
      out.byte((output === undefined ? 0 : HOLDS) | (tag === '' ? 0 : TAGGED));
      if (tag !== '') out.string(tag);
      encodeTimestamp(at, out);
      if (output !== undefined) encodeTimestamp(output, out);
    }
  }

  #encodeCells({ cells }: WindowState, out: ByteWriter): void {
    let count = 0;
    for (const cell of cells) if (cell !== undefined) count++;
    out.varint(count);
    for (let i = 0; i < cells.length; i++) {
      if (cells[i] === undefined) continue;
      out.varint(i);
      const at = out.reserve(4);
      out.length = at + 4;
      (this.#parts.cells.get(i) as StateCell).encode(cells[i], out);
      out.bytes.writeUInt32BE(out.length - at - 4, at);
    }
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
      if (this.#parts.families.has(family)) state.ownTimers().set(timerKey(family, tag), { family, tag, at, output });
    }
  }

  #decodeCells({ cells }: WindowState, input: ByteReader): void {
    for (let left = input.varint(); left > 0; left--) {
      const number = input.varint();
      const length = input.uint32();
      const start = input.take(length);
      const cell = this.#parts.cells.get(number);
      if (cell === undefined) continue;
      const { end } = input;
      input.position = start;
      input.end = start + length;
      const value = cell.decode(input);
      if (input.position !== input.end) throw input.malformed(`${input.remaining} bytes too many in a state`);
      input.end = end;
      cells[number] = value;
    }
  }
}
