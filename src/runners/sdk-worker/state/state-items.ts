import type { ByteReader } from '../../../sdk/coders/byte-reader.ts';
import { ByteWriter } from '../../../sdk/coders/byte-writer.ts';
import type { Coder } from '../../../sdk/coders/coder.ts';
import { encodeStandingAlone } from '../../../sdk/coders/default-coder.ts';
import { decodeTimestamp, encodeTimestamp } from '../../../sdk/coders/timestamp-coder.ts';
import type { Timestamp } from '../../../sdk/windows/timestamp.ts';
import type { KeyIdentity } from '../../core/state/key-identity.ts';
import {
  addOrdered,
  type BagCell,
  type Cell,
  type MapCell,
  type MultimapCell,
  type OrderedCell,
  type SetCell,
  type StateCell,
  UNDEFINED_ACCUMULATOR,
} from '../../core/state/state-cells.ts';

const REMOVE = 0;
const ADD = 1;

/**
 * How one state is kept in a runner's bag, the one kind of state that every runner has. A value is one item, a bag its
 * values, a combining state any number of accumulators. The others are kept as what happened to them, additions and removals
 * one after the other, each behind its length: so what is added needs not be read before.
 */
export class StateItems {
  readonly cell: StateCell;
  readonly #scratch = new ByteWriter(64);

  constructor(cell: StateCell) {
    this.cell = cell;
  }

  /** Whether the items are a history, which may be longer than what has come of it. */
  get isHistory(): boolean {
    const { kind } = this.cell.layout;
    return kind !== 'value' && kind !== 'bag' && kind !== 'combining';
  }

  /** How many items the content takes when nothing of its past is kept. */
  live(cell: Cell): number {
    if (cell === undefined) return 0;
    switch (this.cell.layout.kind) {
      case 'value':
      case 'combining':
        return 1;
      case 'bag':
        return (cell as BagCell).length;
      case 'orderedList':
        return (cell as OrderedCell).items.length;
      case 'multimap':
        return (cell as MultimapCell).values().reduce((sum, [, values]) => sum + values.length, 0);
      default:
        return (cell as SetCell | MapCell).size;
    }
  }

  /** Appends a whole content, with nothing of its past. */
  encode(cell: Cell, out: ByteWriter): void {
    const { layout } = this.cell;
    switch (layout.kind) {
      case 'value':
        return encodeStandingAlone(layout.coder, cell, out, true);
      case 'combining': {
        const accumulator = cell === UNDEFINED_ACCUMULATOR ? undefined : cell;
        const { fn } = layout;
        const compacted = fn.compact === undefined ? accumulator : fn.compact(accumulator);
        return encodeStandingAlone(layout.coder, compacted, out, true);
      }
      case 'bag':
        for (const item of cell as BagCell) this.added(item, undefined, out);
        return;
      case 'set':
        for (const item of (cell as SetCell).values()) this.added(item, undefined, out);
        return;
      case 'map':
        for (const [key, value] of (cell as MapCell).values()) this.added(key, value, out);
        return;
      case 'multimap':
        for (const [key, values] of (cell as MultimapCell).values()) {
          for (const value of values) this.added(key, value, out);
        }
        return;
      case 'orderedList':
        for (const { timestamp, value } of (cell as OrderedCell).items) this.added(timestamp, value, out);
    }
  }

  /** Appends an addition: of a bag's or set's value, a map's key and value, an ordered list's timestamp and value. */
  added(what: unknown, value: unknown, out: ByteWriter): void {
    const { layout } = this.cell;
    if (layout.kind === 'bag') return encodeStandingAlone(layout.coder, what, out, true);
    const scratch = this.#begin(ADD);
    switch (layout.kind) {
      case 'set':
        encodeStandingAlone(layout.coder, what, scratch, false);
        break;
      case 'orderedList':
        encodeTimestamp(what as Timestamp, scratch);
        encodeStandingAlone(layout.coder, value, scratch, false);
        break;
      case 'map':
      case 'multimap':
        encodeStandingAlone(layout.key, what, scratch, true);
        encodeStandingAlone(layout.value, value, scratch, false);
    }
    this.#end(out);
  }

  /** Appends a removal: of a set's value, a map's key, an ordered list's timestamps from `what` to before `end`. */
  removed(what: unknown, end: unknown, out: ByteWriter): void {
    const { layout } = this.cell;
    const scratch = this.#begin(REMOVE);
    switch (layout.kind) {
      case 'set':
        encodeStandingAlone(layout.coder, what, scratch, false);
        break;
      case 'orderedList':
        encodeTimestamp(what as Timestamp, scratch);
        encodeTimestamp(end as Timestamp, scratch);
        break;
      case 'map':
      case 'multimap':
        encodeStandingAlone(layout.key, what, scratch, true);
    }
    this.#end(out);
  }

  #begin(what: number): ByteWriter {
    this.#scratch.clear();
    this.#scratch.byte(what);
    return this.#scratch;
  }

  #end(out: ByteWriter): void {
    out.varint(this.#scratch.length);
    out.raw(this.#scratch.view());
  }

  /** What a content becomes by the items up to the reader's end; `seen` is told of each. */
  fold(cell: Cell, input: ByteReader, seen: () => void): Cell {
    const { layout } = this.cell;
    let content = cell;
    while (input.remaining > 0) {
      seen();
      switch (layout.kind) {
        case 'value':
          content = layout.coder.decode(input, true);
          break;
        case 'combining':
          content = this.merged(content, layout.coder.decode(input, true));
          break;
        case 'bag':
          content ??= [];
          (content as BagCell).push(layout.coder.decode(input, true));
          break;
        default: {
          const size = input.varint();
          const end = input.end;
          input.end = input.take(size) + size;
          input.position = input.end - size;
          content = this.#happened(content, input);
          if (input.remaining > 0) throw input.malformed(`${input.remaining} bytes left behind an item of state`);
          input.end = end;
        }
      }
    }
    return content;
  }

  /** A combining state's cell with one more accumulator. */
  merged(cell: Cell, accumulator: unknown): Cell {
    const { layout } = this.cell;
    if (layout.kind !== 'combining') throw new Error(`${layout.kind} state has no accumulators`);
    const before = cell === UNDEFINED_ACCUMULATOR ? undefined : cell;
    const merged = cell === undefined ? accumulator : layout.fn.merge([before, accumulator]);
    return merged === undefined ? UNDEFINED_ACCUMULATOR : merged;
  }

  #happened(cell: Cell, input: ByteReader): Cell {
    const { layout, identity } = this.cell;
    const isAdded = input.byte() === ADD;
    if (layout.kind === 'orderedList') return ordered(cell as OrderedCell | undefined, isAdded, layout.coder, input);
    const content = (cell ?? new Map()) as SetCell & MapCell & MultimapCell;
    const what = layout.kind === 'set' ? layout.coder.decode(input, false) : undefined;
    const key = 'key' in layout ? layout.key.decode(input, true) : what;
    const id = (identity as KeyIdentity).of(key);
    if (!isAdded) content.delete(id);
    else if ('key' in layout) {
      const value = layout.value.decode(input, false);
      if (layout.kind === 'map') (content as MapCell).set(id, [key, value]);
      else {
        const known = (content as MultimapCell).get(id);
        if (known === undefined) (content as MultimapCell).set(id, [key, [value]]);
        else known[1].push(value);
      }
    } else if (!content.has(id)) (content as SetCell).set(id, what);
    return content.size === 0 ? undefined : content;
  }
}

function ordered(
  cell: OrderedCell | undefined,
  isAdded: boolean,
  coder: Coder<unknown>,
  input: ByteReader,
): OrderedCell | undefined {
  const timestamp = decodeTimestamp(input);
  if (isAdded) {
    const content = cell ?? { items: [], sorted: true };
    addOrdered(content, { value: coder.decode(input, false), timestamp });
    return content;
  }
  const end = decodeTimestamp(input);
  if (cell === undefined) return undefined;
  const items = cell.items.filter((item) => item.timestamp < timestamp || item.timestamp >= end);
  return items.length === 0 ? undefined : { items, sorted: cell.sorted };
}
