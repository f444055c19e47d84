import type { ByteReader } from '../../../sdk/coders/byte-reader.ts';
import type { ByteWriter } from '../../../sdk/coders/byte-writer.ts';
import { type Coder, decodeFromBytes, encodeToBytes } from '../../../sdk/coders/coder.ts';
import { CombineFailure } from '../../../sdk/combine/combine-failure.ts';
import type { CombineFn } from '../../../sdk/combine/combine-fn.ts';

/** Contents of a pane that has none: an accumulator may be `undefined`. */
export const NOTHING = Symbol('nothing');

/** How a grouping keeps what has come into a window. */
export interface PaneContents {
  add(contents: unknown, key: unknown, value: unknown): unknown;
  /** What two windows have, together; either may be changed. */
  merge(one: unknown, other: unknown): unknown;
  /** The output of a pane after which the contents are forgotten. */
  take(contents: unknown): unknown;
  /** The output of a pane after which more is added to the contents: that does not show in the output. */
  copy(contents: unknown): unknown;
  encode(contents: unknown, count: number, out: ByteWriter): void;
  decode(input: ByteReader, count: number): unknown;
}

/** Keeps the values themselves, in the order in which they came. */
export class CollectedContents implements PaneContents {
  readonly #coder: Coder<unknown>;

  constructor(valueCoder: Coder<unknown>) {
    this.#coder = valueCoder;
  }

  add(contents: unknown, _key: unknown, value: unknown): unknown {
    if (contents === NOTHING) return [value];
    (contents as unknown[]).push(value);
    return contents;
  }

  merge(one: unknown, other: unknown): unknown {
    if (one === NOTHING) return other;
    if (other === NOTHING) return one;
    const [into, from] = [one as unknown[], other as unknown[]];
    if (into.length < from.length) return this.merge(from, into);
    for (const value of from) into.push(value);
    return into;
  }

  take(contents: unknown): unknown {
    return contents === NOTHING ? [] : contents;
  }

  copy(contents: unknown): unknown {
    return contents === NOTHING ? [] : (contents as unknown[]).slice();
  }

  encode(contents: unknown, _count: number, out: ByteWriter): void {
    for (const value of contents as unknown[]) this.#coder.encode(value, out, true);
  }

  decode(input: ByteReader, count: number): unknown {
    const values: unknown[] = [];
    for (let i = 0; i < count; i++) values.push(this.#coder.decode(input, true));
    return values;
  }
}

/** Keeps the accumulator of a CombineFn. */
export class CombinedContents implements PaneContents {
  readonly #fn: CombineFn<unknown, unknown, unknown>;
  readonly #coder: Coder<unknown>;

  constructor(fn: CombineFn<unknown, unknown, unknown>, accumulatorCoder: Coder<unknown>) {
    this.#fn = fn;
    this.#coder = accumulatorCoder;
  }

  add(contents: unknown, key: unknown, value: unknown): unknown {
    try {
      return this.#fn.add(contents === NOTHING ? this.#fn.create() : contents, value);
    } catch (cause) {
      throw CombineFailure.adding(cause, key, value);
    }
  }

  merge(one: unknown, other: unknown): unknown {
    if (one === NOTHING) return other;
    if (other === NOTHING) return one;
    try {
      return this.#fn.merge([one, other]);
    } catch (cause) {
      throw new CombineFailure(cause);
    }
  }

  take(contents: unknown): unknown {
    try {
      return this.#fn.extract(contents === NOTHING ? this.#fn.create() : contents);
    } catch (cause) {
      throw new CombineFailure(cause);
    }
  }

  /** A result may be the accumulator or a part of it, so it is made of another one. */
  copy(contents: unknown): unknown {
    if (typeof contents !== 'object' || contents === null) return this.take(contents);
    return this.take(decodeFromBytes(this.#coder, this.#encoded(contents), true));
  }

  #encoded(accumulator: unknown): Uint8Array {
    try {
      return encodeToBytes(this.#coder, this.#compact(accumulator), true);
    } catch (cause) {
      throw new CombineFailure(cause);
    }
  }

  #compact(accumulator: unknown): unknown {
    return this.#fn.compact === undefined ? accumulator : this.#fn.compact(accumulator);
  }

  encode(contents: unknown, _count: number, out: ByteWriter): void {
    try {
      this.#coder.encode(this.#compact(contents), out, true);
    } catch (cause) {
      throw new CombineFailure(cause);
    }
  }

  decode(input: ByteReader): unknown {
    return this.#coder.decode(input, true);
  }
}
