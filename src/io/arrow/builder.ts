import type * as A from 'apache-arrow';
import { CoderError } from '../../sdk/index.ts';
import { arrow } from './load-arrow.ts';
import { wrongValue } from './wrong-value.ts';

/** Gathers the values of one column. */
export interface ColumnBuilder {
  /** @throws CoderError `ARROW_VALUE` when the value is not of the column's type; the column is then as before. */
  append(value: unknown): void;
  /** Appends a null without asking whether the column allows one: for what lies under a null row. */
  appendNull(): void;
  /** Forgets the values from a row on. */
  truncate(length: number): void;
  /** The column; the builder is not used afterwards. */
  finish(): A.Data;
  /** About how much memory the values take. */
  readonly bytes: number;
}

/** What a builder makes. */
export interface Column {
  readonly type: A.DataType;
  readonly nullable: boolean;
  readonly path: string;
}

/** The part of all builders: nulls, and going back. */
export abstract class Builder implements ColumnBuilder {
  protected readonly column: Column;
  protected length = 0;
  #nulls = 0;
  #bitmap = new Uint8Array(128);

  constructor(column: Column) {
    this.column = column;
  }

  abstract get bytes(): number;
  abstract finish(): A.Data;
  protected abstract appendValue(value: unknown): void;
  /** Makes room for a value that does not count. */
  protected abstract appendNothing(): void;
  protected abstract truncateValues(length: number): void;

  append(value: unknown): void {
    if (value === null || value === undefined) {
      if (!this.column.nullable) throw wrongValue(this.column.path, 'a value', value);
      this.appendNull();
      return;
    }
    this.appendValue(value);
    this.#mark(1);
  }

  appendNull(): void {
    this.appendNothing();
    this.#nulls++;
    this.#mark(0);
  }

  truncate(length: number): void {
    for (let i = length; i < this.length; i++) {
      if (((this.#bitmap[i >> 3] >> (i & 7)) & 1) === 0) this.#nulls--;
      this.#bitmap[i >> 3] &= ~(1 << (i & 7));
    }
    if (length < this.length) {
      this.truncateValues(length);
      this.length = length;
    }
  }

  protected validity(): { nullCount: number; nullBitmap?: Uint8Array } {
    if (this.#nulls === 0) return { nullCount: 0 };
    return { nullCount: this.#nulls, nullBitmap: this.#bitmap.subarray(0, (this.length + 7) >>> 3) };
  }

  #mark(bit: 0 | 1): void {
    const at = this.length++;
    if (at >> 3 >= this.#bitmap.length) {
      const grown = new Uint8Array(this.#bitmap.length * 2);
      grown.set(this.#bitmap);
      this.#bitmap = grown;
    }
    this.#bitmap[at >> 3] |= bit << (at & 7);
  }

  protected make(parts: object): A.Data {
    return arrow().makeData({ type: this.column.type, length: this.length, ...this.validity(), ...parts } as never);
  }
}

/** Where each value of a column of varying length ends. */
export class Offsets {
  #ends = new Int32Array(65);
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  put(index: number, end: number): void {
    if (end > 0x7fffffff) throw new CoderError('ARROW_TOO_LARGE', `Column '${this.#path}' of a batch exceeds 2 GiB`);
    if (index + 1 >= this.#ends.length) {
      const grown = new Int32Array(this.#ends.length * 2);
      grown.set(this.#ends);
      this.#ends = grown;
    }
    this.#ends[index + 1] = end;
  }

  end(length: number): number {
    return this.#ends[length];
  }

  finish(length: number): Int32Array {
    return this.#ends.subarray(0, length + 1);
  }
}
