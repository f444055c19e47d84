import { ByteWriter } from '../../../sdk/coders/byte-writer.ts';
import type { Coder } from '../../../sdk/coders/coder.ts';
import { defaultCoder } from '../../../sdk/coders/default-coder.ts';
import { doubleCoder } from '../../../sdk/coders/double-coder.ts';
import { grown } from './key-dictionary.ts';

const FIRST = 4096;
/** Positions in a run are 32-bit integers; this leaves room for the records. */
const MAX_BYTES = 0x70000000;
const NUMBER_CODERS = new Set<unknown>([defaultCoder, doubleCoder]);

/** Whether numbers of this coder may travel as doubles instead: they come back the same. */
export function carriesNumbers(coder: Coder<unknown>): boolean {
  return NUMBER_CODERS.has(coder);
}

/**
 * Values in the order of arrival, each with the slot of its group. As long as all are numbers they are a column of doubles; the first
 * other value turns the log into one of encoded values for good.
 */
export class ValueLog {
  /** Number of values. */
  size = 0;
  /** Slots of the values, as far as they have been settled. */
  slots = new Int32Array(FIRST);
  /** The values, while all are numbers. */
  numbers: Float64Array;
  /** Where each value ends in `encoded`, after that. */
  ends: Int32Array = new Int32Array(0);
  readonly encoded: ByteWriter;
  isNumeric: boolean;
  readonly #coder: Coder<unknown>;

  constructor(coder: Coder<unknown>) {
    this.#coder = coder;
    this.isNumeric = carriesNumbers(coder);
    this.numbers = new Float64Array(this.isNumeric ? FIRST : 0);
    this.encoded = new ByteWriter(64, MAX_BYTES);
    if (!this.isNumeric) this.ends = new Int32Array(FIRST);
  }

  /** Bytes of memory in use. */
  get bytes(): number {
    return this.isNumeric ? this.size * 12 : this.size * 8 + this.encoded.length;
  }

  clear(): void {
    this.size = 0;
    this.encoded.clear();
  }

  /** @throws CoderError when the value cannot be encoded; it is not in the log then. */
  add(value: unknown): void {
    const index = this.size;
    if (index === this.slots.length) this.#grow();
    if (this.isNumeric) {
      if (typeof value === 'number') {
        this.numbers[index] = value;
        this.size = index + 1;
        return;
      }
      this.#encodeNumbers();
    }
    const encoded = this.encoded;
    this.#coder.encode(value, encoded, true);
    this.ends[index] = encoded.length;
    this.size = index + 1;
  }

  /** Gives the last values their slots. */
  settle(slots: Int32Array, count: number): void {
    const start = this.size - count;
    for (let i = 0; i < count; i++) this.slots[start + i] = slots[i];
  }

  #grow(): void {
    this.slots = grown(this.slots, 0);
    if (this.isNumeric) this.numbers = grown(this.numbers, 0);
    else this.ends = grown(this.ends, 0);
  }

  #encodeNumbers(): void {
    this.isNumeric = false;
    this.ends = new Int32Array(this.slots.length);
    for (let i = 0; i < this.size; i++) {
      this.#coder.encode(this.numbers[i], this.encoded, true);
      this.ends[i] = this.encoded.length;
    }
    this.numbers = new Float64Array(0);
  }
}
