import type { ElementBlock } from '../../../harness/bundle-input.ts';
import { ByteReader } from '../../../sdk/coders/byte-reader.ts';
import type { Coder } from '../../../sdk/coders/coder.ts';
import { decodeList } from '../../../sdk/coders/iterable-coder.ts';
import { decodeTimestamp } from '../../../sdk/coders/timestamp-coder.ts';
import { ParamWindowedValueCoder, type WindowedValueCoder } from '../../../sdk/coders/windowed-value-coder.ts';
import { CoderError } from '../../../sdk/errors.ts';
import { decodePane, NO_FIRING, type PaneInfo } from '../../../sdk/windows/pane-info.ts';
import { MIN_TIMESTAMP } from '../../../sdk/windows/timestamp.ts';
import { GLOBAL_WINDOW, type Window } from '../../../sdk/windows/window.ts';

/** Coder of a port of the data plane. */
export type PortCoder = WindowedValueCoder<unknown, Window> | ParamWindowedValueCoder<unknown, Window>;

/** What stands before a value: timestamp, windows, pane. */
interface Header {
  readonly timestamp: number;
  readonly windows: readonly Window[];
  readonly pane: PaneInfo;
}

/**
 * Takes the elements of a bundle out of the chunks in which they come. Most elements have the timestamp, windows and pane of
 * the one before, so these are compared as bytes and decoded once; a block in which they never change has no columns.
 */
export class ElementReader {
  readonly #value: Coder<unknown>;
  readonly #window: Coder<Window>;
  readonly #constant: Header | undefined;
  readonly #input = new ByteReader(new Uint8Array(0));
  #header: Header = { timestamp: MIN_TIMESTAMP, windows: [GLOBAL_WINDOW], pane: NO_FIRING };
  #headerBytes = Buffer.alloc(0);
  readonly #chunks: Uint8Array[] = [];
  #at = 0;
  /** Where chunks were joined last, with room behind them; what was decoded may be views of it. */
  #joined = new Uint8Array(0);

  constructor(coder: PortCoder) {
    [this.#value, this.#window] = coder.components as readonly [Coder<unknown>, Coder<Window>];
    if (coder instanceof ParamWindowedValueCoder) this.#constant = coder.params;
  }

  /** Bytes that have come and are not decoded. */
  get waiting(): number {
    let bytes = -this.#at;
    for (const chunk of this.#chunks) bytes += chunk.length;
    return bytes;
  }

  /** Gives the reader the next bytes; an element may go on in the next chunk. */
  push(chunk: Uint8Array): void {
    if (chunk.length > 0) this.#chunks.push(chunk);
  }

  /**
   * The next elements, at most so many; `undefined` when what has come is used up.
   *
   * @throws CoderError when the bytes are malformed
   */
  next(most: number): { readonly block: ElementBlock; readonly count: number } | undefined {
    const values: unknown[] = [];
    const columns = new Columns();
    let count = 0;
    while (count < most && this.#chunks.length > 0) {
      const input = this.#input.reset(this.#chunks[0], this.#at);
      try {
        while (count < most && input.remaining > 0) {
          this.#at = input.position;
          const header = this.#constant ?? this.#readHeader(input);
          const value = this.#value.decode(input, true);
          for (const window of header.windows) {
            columns.add(values.length, header.timestamp, window, header.pane);
            values.push(value);
          }
          count++;
        }
        this.#at = input.position;
        if (input.remaining > 0) break;
        this.#chunks.shift();
        this.#at = 0;
      } catch (error) {
        if (!(error instanceof CoderError) || error.code !== 'CODER_TRUNCATED') throw error;
        if (this.#chunks.length < 2) break;
        this.#gather();
      }
    }
    return count === 0 ? undefined : { block: columns.block(values), count };
  }

  /**
   * The element at hand goes on in the chunks that follow: joins those that have come, until there is twice as much. What was
   * joined has room for more, so an element in many chunks is copied a few times and not once per chunk.
   */
  #gather(): void {
    const first = this.#chunks[0].subarray(this.#at);
    let { length } = first;
    let count = 1;
    while (count < this.#chunks.length && length < 2 * first.length) length += this.#chunks[count++].length;
    const [, ...others] = this.#chunks.splice(0, count);
    let start = first.byteOffset;
    if (first.buffer !== this.#joined.buffer || start + length > this.#joined.length) {
      // Most elements lie in two chunks: room is only made for one that goes on.
      this.#joined = new Uint8Array(first.buffer === this.#joined.buffer ? 2 * length : length);
      this.#joined.set(first);
      start = 0;
    }
    let end = start + first.length;
    for (const other of others) {
      this.#joined.set(other, end);
      end += other.length;
    }
    this.#chunks.unshift(this.#joined.subarray(start, end));
    this.#at = 0;
  }

  #readHeader(input: ByteReader): Header {
    const start = input.position;
    const { length } = this.#headerBytes;
    // No encoding of a header is the beginning of another one.
    if (
      length > 0 &&
      input.remaining >= length &&
      this.#headerBytes.compare(input.bytes, start, start + length) === 0
    ) {
      input.position += length;
      return this.#header;
    }
    const timestamp = decodeTimestamp(input);
    const windows = decodeList(this.#window, input);
    const pane = decodePane(input);
    this.#headerBytes = Buffer.from(input.bytes.subarray(start, input.position));
    this.#header = { timestamp, windows, pane };
    return this.#header;
  }
}

/** Timestamps, windows and panes: one value each for as long as they stay the same. */
class Columns {
  #count = 0;
  #timestamp: number | number[] = 0;
  #window: Window | Window[] = GLOBAL_WINDOW;
  #pane: PaneInfo | PaneInfo[] = NO_FIRING;

  add(index: number, timestamp: number, window: Window, pane: PaneInfo): void {
    if (this.#count++ === 0) {
      this.#timestamp = timestamp;
      this.#window = window;
      this.#pane = pane;
      return;
    }
    this.#timestamp = extended(this.#timestamp, index, timestamp);
    this.#window = extended(this.#window, index, window);
    this.#pane = extended(this.#pane, index, pane);
  }

  block(values: readonly unknown[]): ElementBlock {
    return { values, timestamps: this.#timestamp, windows: this.#window, panes: this.#pane };
  }
}

function extended<T extends number | Window | PaneInfo>(column: T | T[], index: number, value: T): T | T[] {
  if (Array.isArray(column)) {
    column.push(value);
    return column;
  }
  if (column === value) return column;
  const all = new Array<T>(index).fill(column);
  all.push(value);
  return all;
}
