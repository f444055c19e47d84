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

  /** Appends a cell. It owns all bytes up to the end of what the reader is given. */
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
      case 'bag':
        return encodeItems(layout.coder, cell as BagCell, out);
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
        return;
      case 'orderedList': {
        const { items } = sorted(cell as OrderedCell);
        out.varint(items.length);
        for (const { timestamp, value } of items) {
          encodeTimestamp(timestamp, out);
          layout.coder.encode(value, out, true);
        }
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
      case 'bag':
        return decodeItems(layout.coder, input);
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
          cell.set((identity as KeyIdentity).of(key), [key, decodeItems(layout.value, input)]);
        }
        return cell;
      }
      case 'orderedList': {
        const items: TimestampedValue<unknown>[] = [];
        for (let left = input.varint(); left > 0; left--) {
          const timestamp = decodeTimestamp(input);
          items.push({ value: layout.coder.decode(input, true), timestamp });
        }
        return { items, sorted: true } satisfies OrderedCell;
      }
    }
  }
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

function decodeItems(coder: Coder<unknown>, input: ByteReader): unknown[] {
  const items: unknown[] = [];
  for (let left = input.varint(); left > 0; left--) items.push(coder.decode(input, true));
  return items;
}
