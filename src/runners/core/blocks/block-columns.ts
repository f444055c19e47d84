import type { ByteWriter } from '../../../sdk/coders/byte-writer.ts';
import type { Coder } from '../../../sdk/coders/coder.ts';
import { encodePane, type PaneInfo } from '../../../sdk/windows/pane-info.ts';
import type { Window } from '../../../sdk/windows/window.ts';
import { WindowIds } from '../shuffle/window-ids.ts';

/*
 * Columns of a block under construction. A column keeps one value until a different one comes, which is seldom; only
 * then does it get an array. `set` is called with 0, 1, 2, …
 */

export class TimestampColumn {
  readonly #capacity: number;
  #first = 0;
  #all: Float64Array | undefined;
  #varies = false;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get isConstant(): boolean {
    return !this.#varies;
  }

  clear(): void {
    this.#varies = false;
  }

  set(index: number, timestamp: number): void {
    if (index === 0) this.#first = timestamp;
    else if (this.#varies) (this.#all as Float64Array)[index] = timestamp;
    else if (timestamp !== this.#first) {
      this.#varies = true;
      this.#all ??= new Float64Array(this.#capacity);
      this.#all.fill(this.#first, 0, index);
      this.#all[index] = timestamp;
    }
  }

  /** The values: one, or `count`. */
  values(count: number): Float64Array {
    return this.#varies ? (this.#all as Float64Array).subarray(0, count) : Float64Array.of(this.#first);
  }
}

export class WindowColumn {
  readonly #capacity: number;
  readonly #coder: Coder<Window>;
  readonly #ids: WindowIds;
  #windows: Window[] = [];
  #last: Window | undefined;
  #lastId = 0;
  #all: Int32Array | undefined;

  constructor(coder: Coder<Window>, capacity: number) {
    this.#coder = coder;
    this.#ids = new WindowIds(coder);
    this.#capacity = capacity;
  }

  get isConstant(): boolean {
    return this.#windows.length < 2;
  }

  clear(): void {
    this.#ids.clear();
    this.#windows = [];
    this.#last = undefined;
  }

  set(index: number, window: Window): void {
    if (window !== this.#last) this.#enter(index, window);
    if (this.#windows.length > 1) (this.#all as Int32Array)[index] = this.#lastId;
  }

  #enter(index: number, window: Window): void {
    this.#last = window;
    this.#lastId = this.#ids.idOf(window);
    if (this.#lastId < this.#windows.length) return;
    this.#windows.push(window);
    if (this.#windows.length !== 2) return;
    this.#all ??= new Int32Array(this.#capacity);
    this.#all.fill(0, 0, index);
  }

  /** The number of each element's window. */
  numbers(count: number): Int32Array {
    return (this.#all as Int32Array).subarray(0, count);
  }

  /** The distinct windows, by number. */
  encode(out: ByteWriter): void {
    out.varint(this.#windows.length);
    for (const window of this.#windows) this.#coder.encode(window, out, true);
  }
}

export class PaneColumn {
  #all: PaneInfo[] = [];
  #varies = false;

  get isConstant(): boolean {
    return !this.#varies;
  }

  clear(): void {
    this.#all = [];
    this.#varies = false;
  }

  set(index: number, pane: PaneInfo): void {
    if (index === 0 || this.#varies) this.#all[index] = pane;
    else if (pane !== this.#all[0]) {
      this.#varies = true;
      this.#all = new Array(index).fill(this.#all[0]);
      this.#all.push(pane);
    }
  }

  encode(out: ByteWriter): void {
    for (const pane of this.#all) encodePane(pane, out);
  }
}
