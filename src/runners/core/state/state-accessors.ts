import type { CombineFn } from '../../../sdk/combine/combine-fn.ts';
import { PipelineError } from '../../../sdk/errors.ts';
import type {
  BagState,
  CombiningState,
  MapState,
  MultimapState,
  OrderedListState,
  ReadableState,
  SetState,
  ValueState,
} from '../../../sdk/state/state-handles.ts';
import type { TimestampedValue } from '../../../sdk/transforms/timestamped-value.ts';
import type { Timestamp } from '../../../sdk/windows/timestamp.ts';
import type { KeyIdentity } from './key-identity.ts';
import type { WindowState } from './keyed-state.ts';
import type { ReadMarks } from './read-marks.ts';
import {
  addOrdered,
  type BagCell,
  type MapCell,
  type MultimapCell,
  type OrderedCell,
  type SetCell,
  type StateCell,
  sorted,
  UNDEFINED_ACCUMULATOR,
} from './state-cells.ts';

/** Gives accessors the key and window that are being processed. */
export interface StateBinding {
  /** What there is, to be read. */
  peek(): WindowState | undefined;
  /** What is there from now on, to be changed. */
  own(): WindowState;
}

/** What a DoFn gets for one of its states. The same object serves all keys and windows. */
abstract class Accessor<C> implements ReadableState {
  protected readonly binding: StateBinding;
  protected readonly number: number;

  constructor(binding: StateBinding, number: number) {
    this.binding = binding;
    this.number = number;
  }

  protected get cell(): C | undefined {
    return this.binding.peek()?.cells[this.number] as C | undefined;
  }

  protected replace(cell: C | undefined): void {
    this.binding.own().cells[this.number] = cell;
  }

  /** Tells the binding that the cell was changed in place. */
  protected changed(): void {
    this.binding.own();
  }

  isEmpty(): boolean {
    return this.cell === undefined;
  }

  clear(): void {
    if (this.cell !== undefined) this.replace(undefined);
  }

  readLater(): this {
    return this;
  }
}

class ValueAccessor extends Accessor<unknown> implements ValueState<unknown> {
  read(): unknown {
    return this.cell;
  }

  write(value: unknown): void {
    if (value === undefined) this.clear();
    else this.replace(value);
  }
}

/** Notes what it gives, so that changes in place are found. */
class StrictValueAccessor extends ValueAccessor {
  readonly #marks: ReadMarks;

  constructor(binding: StateBinding, number: number, marks: ReadMarks) {
    super(binding, number);
    this.#marks = marks;
  }

  override read(): unknown {
    const value = super.read();
    this.#marks.note(this.number, value);
    return value;
  }

  override write(value: unknown): void {
    super.write(value);
    this.#marks.forget(this.number);
  }
}

class BagAccessor extends Accessor<BagCell> implements BagState<unknown> {
  add(value: unknown): void {
    const { cell } = this;
    if (cell === undefined) return this.replace([value]);
    cell.push(value);
    this.changed();
  }

  read(): Iterable<unknown> {
    return this.cell?.slice() ?? [];
  }
}

class CombiningAccessor extends Accessor<unknown> implements CombiningState<unknown, unknown, unknown> {
  readonly #fn: CombineFn<unknown, unknown, unknown>;

  constructor(binding: StateBinding, number: number, fn: CombineFn<unknown, unknown, unknown>) {
    super(binding, number);
    this.#fn = fn;
  }

  add(input: unknown): void {
    this.#set(this.#fn.add(this.#accumulator(), input));
  }

  addAccumulator(accumulator: unknown): void {
    this.#set(this.#fn.merge([this.#accumulator(), accumulator]));
  }

  read(): unknown {
    return this.#fn.extract(this.#accumulator());
  }

  #accumulator(): unknown {
    const { cell } = this;
    if (cell === undefined) return this.#fn.create();
    return cell === UNDEFINED_ACCUMULATOR ? undefined : cell;
  }

  #set(accumulator: unknown): void {
    this.replace(accumulator === undefined ? UNDEFINED_ACCUMULATOR : accumulator);
  }
}

class SetAccessor extends Accessor<SetCell> implements SetState<unknown> {
  readonly #identity: KeyIdentity;

  constructor(binding: StateBinding, number: number, identity: KeyIdentity) {
    super(binding, number);
    this.#identity = identity;
  }

  add(value: unknown): void {
    this.addIfAbsent(value);
  }

  addIfAbsent(value: unknown): boolean {
    const id = this.#identity.of(value);
    const { cell } = this;
    if (cell === undefined) {
      this.replace(new Map([[id, value]]));
      return true;
    }
    if (cell.has(id)) return false;
    cell.set(id, value);
    this.changed();
    return true;
  }

  has(value: unknown): boolean {
    return this.cell?.has(this.#identity.of(value)) ?? false;
  }

  remove(value: unknown): void {
    const { cell } = this;
    if (cell === undefined || !cell.delete(this.#identity.of(value))) return;
    if (cell.size === 0) this.replace(undefined);
    else this.changed();
  }

  read(): Iterable<unknown> {
    return [...(this.cell?.values() ?? [])];
  }
}

/** What maps and multimaps have in common: keys told apart by their encodings. */
abstract class KeyedAccessor<V> extends Accessor<Map<ReturnType<KeyIdentity['of']>, readonly [unknown, V]>> {
  protected readonly identity: KeyIdentity;

  constructor(binding: StateBinding, number: number, identity: KeyIdentity) {
    super(binding, number);
    this.identity = identity;
  }

  has(key: unknown): boolean {
    return this.cell?.has(this.identity.of(key)) ?? false;
  }

  remove(key: unknown): void {
    const { cell } = this;
    if (cell === undefined || !cell.delete(this.identity.of(key))) return;
    if (cell.size === 0) this.replace(undefined);
    else this.changed();
  }

  keys(): Iterable<unknown> {
    return Array.from(this.cell?.values() ?? [], ([key]) => key);
  }
}

class MapAccessor extends KeyedAccessor<unknown> implements MapState<unknown, unknown> {
  get(key: unknown): unknown {
    return this.cell?.get(this.identity.of(key))?.[1];
  }

  put(key: unknown, value: unknown): void {
    const id = this.identity.of(key);
    const cell: MapCell | undefined = this.cell;
    if (cell === undefined) return this.replace(new Map([[id, [key, value]]]));
    cell.set(id, [key, value]);
    this.changed();
  }

  computeIfAbsent(key: unknown, make: (key: unknown) => unknown): unknown {
    const known = this.cell?.get(this.identity.of(key));
    if (known !== undefined) return known[1];
    const value = make(key);
    this.put(key, value);
    return value;
  }

  values(): Iterable<unknown> {
    return Array.from(this.cell?.values() ?? [], ([, value]) => value);
  }

  entries(): Iterable<readonly [unknown, unknown]> {
    return [...(this.cell?.values() ?? [])];
  }
}

class MultimapAccessor extends KeyedAccessor<unknown[]> implements MultimapState<unknown, unknown> {
  get(key: unknown): Iterable<unknown> {
    return this.cell?.get(this.identity.of(key))?.[1].slice() ?? [];
  }

  put(key: unknown, value: unknown): void {
    const id = this.identity.of(key);
    const cell: MultimapCell | undefined = this.cell;
    if (cell === undefined) return this.replace(new Map([[id, [key, [value]]]]));
    const known = cell.get(id);
    if (known === undefined) cell.set(id, [key, [value]]);
    else known[1].push(value);
    this.changed();
  }

  entries(): Iterable<readonly [unknown, unknown]> {
    return Array.from(this.cell?.values() ?? []).flatMap(([key, values]) =>
      values.map((value) => [key, value] as const),
    );
  }
}

class OrderedListAccessor extends Accessor<OrderedCell> implements OrderedListState<unknown> {
  add(item: TimestampedValue<unknown>): void {
    checkStamped(item);
    const { value, timestamp } = item;
    const { cell } = this;
    if (cell === undefined) return this.replace({ items: [{ value, timestamp }], sorted: true });
    addOrdered(cell, { value, timestamp });
    this.changed();
  }

  read(): Iterable<TimestampedValue<unknown>> {
    const { cell } = this;
    return cell === undefined ? [] : sorted(cell).items.slice();
  }

  readRange(min: Timestamp, max: Timestamp): Iterable<TimestampedValue<unknown>> {
    checkRange(min, max);
    const { cell } = this;
    if (cell === undefined) return [];
    const { items } = sorted(cell);
    return items.slice(firstFrom(items, min), firstFrom(items, max));
  }

  clearRange(min: Timestamp, max: Timestamp): void {
    checkRange(min, max);
    const { cell } = this;
    if (cell === undefined) return;
    const { items } = sorted(cell);
    const [from, to] = [firstFrom(items, min), firstFrom(items, max)];
    if (from >= to) return;
    items.splice(from, to - from);
    // Another cell: what is stored of this one outside of the entry is not what it has.
    this.replace(items.length === 0 ? undefined : { items, sorted: true });
  }
}

/** @throws PipelineError `STATE_TIMESTAMP` when what an ordered list is given has no timestamp */
export function checkStamped(item: TimestampedValue<unknown>): void {
  if (Number.isInteger(item?.timestamp)) return;
  throw new PipelineError('STATE_TIMESTAMP', `${String(item?.timestamp)} is no timestamp of an ordered list's value`, {
    hint: 'add({ value, timestamp })',
  });
}

/** @throws PipelineError `STATE_TIMESTAMP` when a bound of an ordered list's range is no time */
export function checkRange(min: Timestamp, max: Timestamp): void {
  if (isTime(min) && isTime(max)) return;
  throw new PipelineError(
    'STATE_TIMESTAMP',
    `${String(isTime(min) ? max : min)} is no bound of an ordered list's range`,
    {
      hint: 'a range is from a timestamp up to one: min <= timestamp < max',
    },
  );
}

/** Bounds may lie past all times. */
function isTime(bound: unknown): boolean {
  return typeof bound === 'number' && !Number.isNaN(bound);
}

/** Index of the first item that is not before the time. */
function firstFrom(items: readonly TimestampedValue<unknown>[], time: Timestamp): number {
  let [low, high] = [0, items.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (items[middle].timestamp < time) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The object through which a DoFn reads and writes one of its states. */
export function stateAccessor(
  binding: StateBinding,
  number: number,
  { layout, identity }: StateCell,
  marks?: ReadMarks,
): ReadableState {
  switch (layout.kind) {
    case 'value':
      return marks === undefined ? new ValueAccessor(binding, number) : new StrictValueAccessor(binding, number, marks);
    case 'bag':
      return new BagAccessor(binding, number);
    case 'combining':
      return new CombiningAccessor(binding, number, layout.fn);
    case 'orderedList':
      return new OrderedListAccessor(binding, number);
    case 'set':
      return new SetAccessor(binding, number, identity as KeyIdentity);
    case 'map':
      return new MapAccessor(binding, number, identity as KeyIdentity);
    case 'multimap':
      return new MultimapAccessor(binding, number, identity as KeyIdentity);
  }
}
