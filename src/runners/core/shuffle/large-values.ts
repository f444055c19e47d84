import { ByteReader } from '../../../sdk/coders/byte-reader.ts';
import type { Coder } from '../../../sdk/coders/coder.ts';
import type { MergeInput } from './merge-input.ts';
import { checkAllRead } from './read-values.ts';
import type { SliceCursor } from './slice-cursor.ts';

/** What a part is to the group that is being read. */
export type PartTest = (cursor: SliceCursor) => 'mine' | 'other' | 'end';

/**
 * The values of a group that is too large for an array: each iteration reads them from the runs. Keeps positions only,
 * and stays valid until the merge is closed.
 */
export class LargeValues implements Iterable<unknown> {
  readonly #input: MergeInput;
  readonly #coder: Coder<unknown>;
  /** Triples of slice, block and part where the group starts in each slice that has it. */
  readonly #starts: Int32Array;
  readonly #test: PartTest;

  constructor(input: MergeInput, coder: Coder<unknown>, starts: Int32Array, test: PartTest) {
    this.#input = input;
    this.#coder = coder;
    this.#starts = starts;
    this.#test = test;
  }

  [Symbol.iterator](): Iterator<unknown> {
    return new LargeValuesIterator(this.#input, this.#coder, this.#starts, this.#test);
  }
}

/** Written out rather than as a generator, which would cost more than decoding a value. */
class LargeValuesIterator implements Iterator<unknown> {
  readonly #input: MergeInput;
  readonly #coder: Coder<unknown>;
  readonly #starts: Int32Array;
  readonly #test: PartTest;
  readonly #reader = new ByteReader(new Uint8Array(0));
  #nextStart = 0;
  #cursor: SliceCursor | undefined;
  /** Values left in the part at hand. */
  #left = 0;
  #numbers: Float64Array | undefined;
  #numberAt = 0;

  constructor(input: MergeInput, coder: Coder<unknown>, starts: Int32Array, test: PartTest) {
    this.#input = input;
    this.#coder = coder;
    this.#starts = starts;
    this.#test = test;
  }

  next(): IteratorResult<unknown> {
    if (this.#left === 0 && !this.#nextPart()) return { done: true, value: undefined };
    this.#left--;
    const numbers = this.#numbers;
    if (numbers !== undefined) return { done: false, value: numbers[this.#numberAt++] };
    const value = this.#coder.decode(this.#reader, true);
    if (this.#left === 0) checkAllRead(this.#reader, this.#coder);
    return { done: false, value };
  }

  #nextPart(): boolean {
    for (;;) {
      const cursor = this.#nextCursor();
      if (cursor === undefined) return false;
      const answer = this.#test(cursor);
      if (answer === 'end') this.#cursor = undefined;
      if (answer !== 'mine') continue;
      const { block, start, end, count } = cursor;
      this.#left = count;
      this.#numbers = block.numbers;
      if (block.numbers === undefined) this.#reader.reset(block.bytes, start, end);
      else this.#numberAt = (start - block.valuesAt) / 8;
      return true;
    }
  }

  /** The cursor on the next part, of the slice at hand or of the next one. */
  #nextCursor(): SliceCursor | undefined {
    this.#cursor?.advance();
    while (this.#cursor === undefined || this.#cursor.done) {
      const at = this.#nextStart;
      if (at === this.#starts.length) return undefined;
      this.#cursor = this.#input.reopen(this.#starts[at], this.#starts[at + 1], this.#starts[at + 2]);
      this.#nextStart = at + 3;
    }
    return this.#cursor;
  }
}
