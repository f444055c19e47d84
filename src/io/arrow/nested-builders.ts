import type * as A from 'apache-arrow';
import { Builder, type Column, type ColumnBuilder, Offsets } from './builder.ts';
import { arrow } from './load-arrow.ts';
import { wrongValue } from './wrong-value.ts';

export class ListBuilder extends Builder {
  readonly #items: ColumnBuilder;
  readonly #offsets: Offsets;

  constructor(column: Column, items: ColumnBuilder) {
    super(column);
    this.#items = items;
    this.#offsets = new Offsets(column.path);
  }

  get bytes(): number {
    return this.#items.bytes + this.length * 4;
  }

  protected appendValue(value: unknown): void {
    if (!Array.isArray(value)) throw wrongValue(this.column.path, 'an array', value);
    for (const item of value) this.#items.append(item);
    this.#offsets.put(this.length, this.#offsets.end(this.length) + value.length);
  }

  protected appendNothing(): void {
    this.#offsets.put(this.length, this.#offsets.end(this.length));
  }

  override truncate(length: number): void {
    super.truncate(length);
    // An array that failed half way has left items behind.
    this.#items.truncate(this.#offsets.end(length));
  }

  protected truncateValues(): void {}

  finish(): A.Data {
    return this.make({ valueOffsets: this.#offsets.finish(this.length), child: this.#items.finish() });
  }
}

export class StructBuilder extends Builder {
  readonly #names: readonly string[];
  readonly #children: readonly ColumnBuilder[];

  constructor(column: Column, children: readonly ColumnBuilder[]) {
    super(column);
    this.#names = (column.type as A.Struct).children.map((child) => child.name);
    this.#children = children;
  }

  get bytes(): number {
    return this.#children.reduce((sum, child) => sum + child.bytes, 0);
  }

  protected appendValue(value: unknown): void {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw wrongValue(this.column.path, 'an object', value);
    const row = value as Record<string, unknown>;
    for (let i = 0; i < this.#children.length; i++) {
      const name = this.#names[i];
      this.#children[i].append(Object.hasOwn(row, name) ? row[name] : undefined);
    }
  }

  protected appendNothing(): void {
    for (const child of this.#children) child.appendNull();
  }

  override truncate(length: number): void {
    super.truncate(length);
    for (const child of this.#children) child.truncate(length);
  }

  protected truncateValues(): void {}

  finish(): A.Data {
    return this.make({ children: this.#children.map((child) => child.finish()) });
  }
}

export class MapBuilder extends Builder {
  readonly #keys: ColumnBuilder;
  readonly #values: ColumnBuilder;
  readonly #offsets: Offsets;

  constructor(column: Column, keys: ColumnBuilder, values: ColumnBuilder) {
    super(column);
    this.#keys = keys;
    this.#values = values;
    this.#offsets = new Offsets(column.path);
  }

  get bytes(): number {
    return this.#keys.bytes + this.#values.bytes + this.length * 4;
  }

  protected appendValue(value: unknown): void {
    if (typeof value !== 'object' || value === null) throw wrongValue(this.column.path, 'a Map or an object', value);
    const entries = value instanceof Map ? [...value] : Object.entries(value);
    for (const [key, item] of entries) {
      this.#keys.append(key);
      this.#values.append(item);
    }
    this.#offsets.put(this.length, this.#offsets.end(this.length) + entries.length);
  }

  protected appendNothing(): void {
    this.#offsets.put(this.length, this.#offsets.end(this.length));
  }

  override truncate(length: number): void {
    super.truncate(length);
    const entries = this.#offsets.end(length);
    this.#keys.truncate(entries);
    this.#values.truncate(entries);
  }

  protected truncateValues(): void {}

  finish(): A.Data {
    const { makeData } = arrow();
    const entries = (this.column.type as A.Map_).children[0].type;
    const length = this.#offsets.end(this.length);
    const child = makeData({
      type: entries,
      length,
      nullCount: 0,
      children: [this.#keys.finish(), this.#values.finish()],
    } as never);
    return this.make({ valueOffsets: this.#offsets.finish(this.length), child });
  }
}
