import type * as A from 'apache-arrow';
import { ByteWriter } from '../../sdk/index.ts';
import { Builder, type Column, Offsets } from './builder.ts';
import type { Convert } from './column-values.ts';
import { wrongValue } from './wrong-value.ts';

type Numbers = Float64Array | BigInt64Array;

/** Numbers of a fixed width, dates and times among them. */
export class NumberBuilder extends Builder {
  #values: Numbers;
  readonly #convert: Convert;
  readonly #zero: number | bigint;

  constructor(column: Column, convert: Convert) {
    super(column);
    this.#convert = convert;
    this.#values = new (column.type.ArrayType as Float64ArrayConstructor)(64);
    this.#zero = this.#values instanceof BigInt64Array || (this.#values as unknown) instanceof BigUint64Array ? 0n : 0;
  }

  get bytes(): number {
    return this.length * this.#values.BYTES_PER_ELEMENT;
  }

  protected appendValue(value: unknown): void {
    this.#put(this.#convert(value) as number);
  }

  protected appendNothing(): void {
    this.#put(this.#zero as number);
  }

  protected truncateValues(): void {}

  #put(value: number): void {
    if (this.length === this.#values.length) {
      const grown = new (this.#values.constructor as Float64ArrayConstructor)(this.length * 2);
      grown.set(this.#values as Float64Array);
      this.#values = grown;
    }
    this.#values[this.length] = value;
  }

  finish(): A.Data {
    return this.make({ data: this.#values.subarray(0, this.length) });
  }
}

/** Decimals: several 32-bit words each, lowest first. */
export class WordsBuilder extends Builder {
  readonly #words: number[] = [];
  readonly #perValue: number;
  readonly #convert: Convert;

  constructor(column: Column, convert: Convert) {
    super(column);
    this.#convert = convert;
    this.#perValue = (column.type as A.Decimal).bitWidth / 32;
  }

  get bytes(): number {
    return this.#words.length * 4;
  }

  protected appendValue(value: unknown): void {
    let rest = this.#convert(value) as bigint;
    for (let i = 0; i < this.#perValue; i++) {
      this.#words.push(Number(rest & 0xffffffffn));
      rest >>= 32n;
    }
  }

  protected appendNothing(): void {
    for (let i = 0; i < this.#perValue; i++) this.#words.push(0);
  }

  protected truncateValues(length: number): void {
    this.#words.length = length * this.#perValue;
  }

  finish(): A.Data {
    return this.make({ data: Uint32Array.from(this.#words) });
  }
}

export class BoolBuilder extends Builder {
  readonly #values: boolean[] = [];

  get bytes(): number {
    return this.length >> 3;
  }

  protected appendValue(value: unknown): void {
    if (typeof value !== 'boolean') throw wrongValue(this.column.path, 'a boolean', value);
    this.#values.push(value);
  }

  protected appendNothing(): void {
    this.#values.push(false);
  }

  protected truncateValues(length: number): void {
    this.#values.length = length;
  }

  finish(): A.Data {
    const bits = new Uint8Array((this.length + 7) >>> 3);
    for (let i = 0; i < this.length; i++) if (this.#values[i]) bits[i >> 3] |= 1 << (i & 7);
    return this.make({ data: bits });
  }
}

abstract class VariableBuilder extends Builder {
  protected readonly content = new ByteWriter(1024);
  readonly #offsets: Offsets;

  constructor(column: Column) {
    super(column);
    this.#offsets = new Offsets(column.path);
  }

  get bytes(): number {
    return this.content.length + this.length * 4;
  }

  protected abstract write(value: unknown): void;

  protected appendValue(value: unknown): void {
    this.write(value);
    this.#offsets.put(this.length, this.content.length);
  }

  protected appendNothing(): void {
    this.#offsets.put(this.length, this.content.length);
  }

  protected truncateValues(length: number): void {
    this.content.length = this.#offsets.end(length);
  }

  finish(): A.Data {
    return this.make({ valueOffsets: this.#offsets.finish(this.length), data: this.content.view() });
  }
}

export class TextBuilder extends VariableBuilder {
  protected write(value: unknown): void {
    if (typeof value !== 'string') throw wrongValue(this.column.path, 'a string', value);
    this.content.utf8(value);
  }
}

export class BytesBuilder extends VariableBuilder {
  protected write(value: unknown): void {
    if (!(value instanceof Uint8Array)) throw wrongValue(this.column.path, 'a Uint8Array', value);
    this.content.raw(value);
  }
}

export class FixedBytesBuilder extends Builder {
  readonly #content = new ByteWriter(1024);
  readonly #width: number;

  constructor(column: Column, width: number) {
    super(column);
    this.#width = width;
  }

  get bytes(): number {
    return this.#content.length;
  }

  protected appendValue(value: unknown): void {
    const width = this.#width;
    if (!(value instanceof Uint8Array) || value.length !== width)
      throw wrongValue(this.column.path, `a Uint8Array of ${width}`, value);
    this.#content.raw(value);
  }

  protected appendNothing(): void {
    this.#content.raw(new Uint8Array(this.#width));
  }

  protected truncateValues(length: number): void {
    this.#content.length = length * this.#width;
  }

  finish(): A.Data {
    return this.make({ data: this.#content.view() });
  }
}
