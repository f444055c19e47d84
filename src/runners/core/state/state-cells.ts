import type { ByteReader } from '../../../sdk/coders/byte-reader.ts';
import type { ByteWriter } from '../../../sdk/coders/byte-writer.ts';
import type { Coder } from '../../../sdk/coders/coder.ts';
import { decodeTimestamp, encodeTimestamp } from '../../../sdk/coders/timestamp-coder.ts';
import type { StateLayout } from '../../../sdk/state/state-spec.ts';
import type { TimestampedValue } from '../../../sdk/transforms/timestamped-value.ts';
import { type KeyId, KeyIdentity } from './key-identity.ts';

/**
 * What one state holds for one key and window: a value, an array, a Map. `undefined` is empty, whatever the kind, so that
 * what was cleared takes no room.
 */
export type Cell = unknown;
export type BagCell = unknown[];
export type SetCell = Map<KeyId, unknown>;
export type MapCell = Map<KeyId, readonly [key: unknown, value: unknown]>;
export type MultimapCell = Map<KeyId, readonly [key: unknown, values: unknown[]]>;
export interface OrderedCell {
  items: TimestampedValue<unknown>[];
  /** Whether the items are in the order of time. */
  sorted: boolean;
  /** Those that are not stored outside of the entry, as they came; `undefined` where none is stored there. */
  fresh?: TimestampedValue<unknown>[];
}

/** An accumulator that is `undefined` itself. */
export const UNDEFINED_ACCUMULATOR = Symbol('undefined');

/** One declared state, ready to encode its cells. */
export class StateCell {
  readonly name: string;
  readonly layout: StateLayout;
  /** Tells keys of maps and values of sets apart. */
  readonly identity: KeyIdentity | undefined;
  /** Average size of an encoded item, for estimates. */
  #itemBytes = 16;

  constructor(name: string, layout: StateLayout) {
    this.name = name;
    this.layout = layout;
    if ('key' in layout) this.identity = new KeyIdentity(layout.key);
    else if (layout.kind === 'set') this.identity = new KeyIdentity(layout.coder);
  }

  /** Estimate of the memory that a cell takes. */
  bytesOf(cell: Cell): number {
    return 32 + this.#itemsOf(cell) * (48 + 2 * this.#itemBytes);
  }

  #itemsOf(cell: Cell): number {
    switch (this.layout.kind) {
      case 'value':
      case 'combining':
        return 1;
      case 'bag':
        return (cell as BagCell).length;
      case 'orderedList':
        return (cell as OrderedCell).items.length;
      case 'multimap': {
        let items = 0;
        for (const [, values] of (cell as MultimapCell).values()) items += 1 + values.length;
        return items;
      }
      default:
        return (cell as SetCell | MapCell).size;
    }
  }

  /** Whether the cell is a list that is added to at its end, so that items which are stored need not be written again. */
  get isList(): boolean {
    return this.layout.kind === 'bag' || this.layout.kind === 'orderedList';
  }

  /** Items of a list behind the first ones, which are stored. */
  freshItems(cell: Cell, stored: number): readonly unknown[] {
    if (this.layout.kind === 'bag') return stored === 0 ? (cell as BagCell) : (cell as BagCell).slice(stored);
    const { fresh } = cell as OrderedCell;
    return stored === 0 || fresh === undefined ? sorted(cell as OrderedCell).items : fresh;
  }

  /** All items of a list are stored. */
  markStored(cell: Cell): void {
    if (this.layout.kind === 'orderedList') (cell as OrderedCell).fresh = [];
  }

  /** Appends items of a list, to be read by `decodeItems`. */
  encodeItems(items: readonly unknown[], out: ByteWriter): void {
    const start = out.length;
    if (this.layout.kind === 'bag') encodeItems(this.layout.coder, items, out);
    else if (this.layout.kind === 'orderedList') {
      out.varint(items.length);
      for (const { timestamp, value } of items as readonly TimestampedValue<unknown>[]) {
        encodeTimestamp(timestamp, out);
        this.layout.coder.encode(value, out, true);
      }
    }
    if (items.length > 0) this.#itemBytes += ((out.length - start) / items.length - this.#itemBytes) / 16;
  }

  /** Adds items to a list. */
  decodeItems(input: ByteReader, cell: Cell): void {
    const { layout } = this;
    if (layout.kind === 'bag') decodeItems(layout.coder, input, cell as BagCell);
    else if (layout.kind === 'orderedList') {
      const { items } = cell as OrderedCell;
      for (let left = input.varint(); left > 0; left--) {
        const timestamp = decodeTimestamp(input);
        items.push({ value: layout.coder.decode(input, true), timestamp });
      }
    }
  }

  /** Adds the items of another list, which are not stored, to one whose are. */
  append(cell: Cell, fresh: Cell): void {
    if (this.layout.kind === 'bag') for (const item of fresh as BagCell) (cell as BagCell).push(item);
    else {
      const { items } = fresh as OrderedCell;
      for (const item of items) (cell as OrderedCell).items.push(item);
      (cell as OrderedCell).fresh = items;
    }
  }

  /** A list without items, to decode some into. */
  emptyList(): Cell {
    return this.layout.kind === 'bag' ? [] : ({ items: [], sorted: false } satisfies OrderedCell);
  }

  /** Appends a cell that is no list. It owns all bytes up to the end of what the reader is given. */
  encode(cell: Cell, out: ByteWriter): void {
    const start = out.length;
    this.#encode(cell, out);
    const items = this.#itemsOf(cell);
    if (items > 0) this.#itemBytes += ((out.length - start) / items - this.#itemBytes) / 16;
  }

  #encode(cell: Cell, out: ByteWriter): void {
    const { layout } = this;
    switch (layout.kind) {
      case 'value':
        return layout.coder.encode(cell, out, false);
      case 'combining': {
        const accumulator = cell === UNDEFINED_ACCUMULATOR ? undefined : cell;
        const { fn } = layout;
        return layout.coder.encode(fn.compact === undefined ? accumulator : fn.compact(accumulator), out, false);
      }
      case 'set':
        out.varint((cell as SetCell).size);
        for (const item of (cell as SetCell).values()) layout.coder.encode(item, out, true);
        return;
      case 'map':
        out.varint((cell as MapCell).size);
        for (const [key, value] of (cell as MapCell).values()) {
          layout.key.encode(key, out, true);
          layout.value.encode(value, out, true);
        }
        return;
      case 'multimap':
        out.varint((cell as MultimapCell).size);
        for (const [key, values] of (cell as MultimapCell).values()) {
          layout.key.encode(key, out, true);
          encodeItems(layout.value, values, out);
        }
    }
  }

  decode(input: ByteReader): Cell {
    const { layout, identity } = this;
    switch (layout.kind) {
      case 'value':
        return layout.coder.decode(input, false);
      case 'combining': {
        const accumulator = layout.coder.decode(input, false);
        return accumulator === undefined ? UNDEFINED_ACCUMULATOR : accumulator;
      }
      case 'set': {
        const cell: SetCell = new Map();
        for (let left = input.varint(); left > 0; left--) {
          const item = layout.coder.decode(input, true);
          cell.set((identity as KeyIdentity).of(item), item);
        }
        return cell;
      }
      case 'map': {
        const cell: MapCell = new Map();
        for (let left = input.varint(); left > 0; left--) {
          const key = layout.key.decode(input, true);
          cell.set((identity as KeyIdentity).of(key), [key, layout.value.decode(input, true)]);
        }
        return cell;
      }
      case 'multimap': {
        const cell: MultimapCell = new Map();
        for (let left = input.varint(); left > 0; left--) {
          const key = layout.key.decode(input, true);
          cell.set((identity as KeyIdentity).of(key), [key, decodeItems(layout.value, input, [])]);
        }
        return cell;
      }
    }
    return undefined;
  }
}

/** Adds an item to an ordered list; one that is not the latest brings it out of order. */
export function addOrdered(cell: OrderedCell, item: TimestampedValue<unknown>): void {
  const last = cell.items.at(-1);
  if (last !== undefined && last.timestamp > item.timestamp) cell.sorted = false;
  cell.items.push(item);
  cell.fresh?.push(item);
}

/** Brings an ordered list into order; items of equal times stay as they came. */
export function sorted(cell: OrderedCell): OrderedCell {
  if (!cell.sorted) {
    cell.items.sort((a, b) => a.timestamp - b.timestamp);
    cell.sorted = true;
  }
  return cell;
}

function encodeItems(coder: Coder<unknown>, items: readonly unknown[], out: ByteWriter): void {
  out.varint(items.length);
  for (const item of items) coder.encode(item, out, true);
}

function decodeItems(coder: Coder<unknown>, input: ByteReader, items: unknown[]): unknown[] {
  for (let left = input.varint(); left > 0; left--) items.push(coder.decode(input, true));
  return items;
}
