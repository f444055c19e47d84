import { ByteReader } from '../../../sdk/coders/byte-reader.ts';
import type { Coder } from '../../../sdk/coders/coder.ts';
import { type AnyCombineFn, accumulatorCoder } from './combining-writer.ts';
import { readValues } from './read-values.ts';
import type { SliceCursor } from './slice-cursor.ts';

/** Accumulators, and bytes of them, that are decoded before they are merged. */
const MAX_PENDING = 64;
const MAX_PENDING_BYTES = 1 << 20;

/** Merges the accumulators of one group as they come, a handful at a time. */
export class AccumulatorFold {
  readonly #fn: AnyCombineFn;
  readonly #coder: Coder<unknown>;
  readonly #reader = new ByteReader(new Uint8Array(0));
  #pending: unknown[] = [];
  #bytes = 0;

  constructor(fn: AnyCombineFn) {
    this.#fn = fn;
    this.#coder = accumulatorCoder(fn);
  }

  add(cursor: SliceCursor): void {
    readValues(cursor, this.#coder, this.#reader, this.#pending);
    this.#bytes += cursor.size;
    if (this.#pending.length >= MAX_PENDING || this.#bytes > MAX_PENDING_BYTES) this.#merge();
  }

  #merge(): void {
    // A new array each time: the function may keep the one it gets.
    if (this.#pending.length > 1) this.#pending = [this.#fn.merge(this.#pending)];
    this.#bytes = 0;
  }

  /** The accumulator of everything added; the fold is empty again. */
  take(): unknown {
    this.#merge();
    const accumulator = this.#pending[0];
    this.#pending = [];
    return accumulator;
  }
}
