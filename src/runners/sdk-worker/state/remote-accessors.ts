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
import { MAX_TIMESTAMP, MIN_TIMESTAMP, type Timestamp } from '../../../sdk/windows/timestamp.ts';
import { checkRange, checkStamped, type StateBinding, stateAccessor } from '../../core/state/state-accessors.ts';
import type { RemoteCell } from './remote-cell.ts';
import type { StateItems } from './state-items.ts';

/** Gives accessors the state of the key and window at hand. */
export interface RemoteBinding extends StateBinding {
  /** To be changed. */
  remote(number: number): RemoteCell;
  /** Reads the state, if it is not known; false when there is too much of it to have it in memory. */
  load(number: number): boolean;
  /** The values of a bag that is not in memory, read as they are asked for. */
  pages(number: number): Iterable<unknown>;
}

/**
 * What a DoFn gets for one of its states. What has been read is looked at and changed by the accessor that all runners have;
 * here is said when to read, and noted what the runner is to be told.
 */
abstract class RemoteAccessor<A extends ReadableState & { isEmpty(): boolean }> implements ReadableState {
  protected readonly binding: RemoteBinding;
  protected readonly number: number;
  protected readonly items: StateItems;
  /** On what is in memory. */
  protected readonly local: A;

  constructor(binding: RemoteBinding, number: number, items: StateItems) {
    this.binding = binding;
    this.number = number;
    this.items = items;
    this.local = stateAccessor(binding, number, items.cell) as unknown as A;
  }

  /** The accessor, when the state has been read. */
  protected get loaded(): A {
    this.binding.load(this.number);
    return this.local;
  }

  protected get cell(): RemoteCell {
    return this.binding.remote(this.number);
  }

  isEmpty(): boolean {
    return this.loaded.isEmpty();
  }

  clear(): void {
    this.local.clear();
    this.cell.cleared();
  }

  readLater(): this {
    return this;
  }

  /** Notes an addition. Nothing is noted of what cannot be encoded. */
  protected note(what: unknown, value?: unknown): void {
    this.#append('added', what, value);
  }

  protected noteRemoval(what: unknown, end?: unknown): void {
    this.#append('removed', what, end);
  }

  #append(how: 'added' | 'removed', what: unknown, value: unknown): void {
    const { cell } = this;
    const before = cell.waiting;
    const journal = cell.journal();
    try {
      if (how === 'added') this.items.added(what, value, journal);
      else this.items.removed(what, value, journal);
    } catch (error) {
      cell.withdraw(before);
      throw error;
    }
  }
}

class RemoteValue extends RemoteAccessor<ValueState<unknown> & { isEmpty(): boolean }> implements ValueState<unknown> {
  read(): unknown {
    return this.loaded.read();
  }

  write(value: unknown): void {
    if (value === undefined) return this.clear();
    this.local.write(value);
    this.cell.replaced();
  }
}

class RemoteCombining
  extends RemoteAccessor<CombiningState<unknown, unknown, unknown>>
  implements CombiningState<unknown, unknown, unknown>
{
  // Without having been read, what is added becomes an accumulator of its own beside those that the runner has.

  add(input: unknown): void {
    this.local.add(input);
    this.cell.changed();
  }

  addAccumulator(accumulator: unknown): void {
    this.local.addAccumulator(accumulator);
    this.cell.changed();
  }

  read(): unknown {
    return this.loaded.read();
  }
}

class RemoteBag extends RemoteAccessor<BagState<unknown>> implements BagState<unknown> {
  add(value: unknown): void {
    this.note(value);
    if (this.cell.known) this.local.add(value);
  }

  read(): Iterable<unknown> {
    return this.binding.load(this.number) ? this.local.read() : this.binding.pages(this.number);
  }

  override isEmpty(): boolean {
    return this.binding.load(this.number) && this.local.isEmpty();
  }
}

class RemoteSet extends RemoteAccessor<SetState<unknown>> implements SetState<unknown> {
  add(value: unknown): void {
    if (this.cell.known) this.addIfAbsent(value);
    else this.note(value);
  }

  addIfAbsent(value: unknown): boolean {
    if (this.loaded.has(value)) return false;
    this.note(value);
    return this.local.addIfAbsent(value);
  }

  has(value: unknown): boolean {
    return this.loaded.has(value);
  }

  remove(value: unknown): void {
    if (this.cell.known && !this.local.has(value)) return;
    this.noteRemoval(value);
    if (this.cell.known) this.local.remove(value);
  }

  read(): Iterable<unknown> {
    return this.loaded.read();
  }
}

/** What maps and multimaps have in common. */
abstract class RemoteKeyed<
  A extends MapState<unknown, unknown> | MultimapState<unknown, unknown>,
> extends RemoteAccessor<A> {
  has(key: unknown): boolean {
    return this.loaded.has(key);
  }

  put(key: unknown, value: unknown): void {
    this.note(key, value);
    if (this.cell.known) this.local.put(key, value);
  }

  remove(key: unknown): void {
    if (this.cell.known && !this.local.has(key)) return;
    this.noteRemoval(key);
    if (this.cell.known) this.local.remove(key);
  }

  keys(): Iterable<unknown> {
    return this.loaded.keys();
  }

  entries(): Iterable<readonly [unknown, unknown]> {
    return this.loaded.entries();
  }
}

class RemoteMap extends RemoteKeyed<MapState<unknown, unknown>> implements MapState<unknown, unknown> {
  get(key: unknown): unknown {
    return this.loaded.get(key);
  }

  computeIfAbsent(key: unknown, make: (key: unknown) => unknown): unknown {
    if (this.loaded.has(key)) return this.local.get(key);
    const value = make(key);
    this.put(key, value);
    return value;
  }

  values(): Iterable<unknown> {
    return this.loaded.values();
  }
}

class RemoteMultimap extends RemoteKeyed<MultimapState<unknown, unknown>> implements MultimapState<unknown, unknown> {
  get(key: unknown): Iterable<unknown> {
    return this.loaded.get(key) as Iterable<unknown>;
  }
}

class RemoteOrderedList extends RemoteAccessor<OrderedListState<unknown>> implements OrderedListState<unknown> {
  add(item: TimestampedValue<unknown>): void {
    checkStamped(item);
    this.note(item.timestamp, item.value);
    if (this.cell.known) this.local.add(item);
  }

  read(): Iterable<TimestampedValue<unknown>> {
    return this.loaded.read();
  }

  readRange(min: Timestamp, max: Timestamp): Iterable<TimestampedValue<unknown>> {
    checkRange(min, max);
    return this.loaded.readRange(min, max);
  }

  clearRange(min: Timestamp, max: Timestamp): void {
    checkRange(min, max);
    const [from, to] = [within(min), within(max)];
    if (from >= to || (this.cell.known && this.local.isEmpty())) return;
    this.noteRemoval(from, to);
    if (this.cell.known) this.local.clearRange(from, to);
  }
}

/** No item has a time past the extremes. */
function within(time: Timestamp): Timestamp {
  return Math.min(Math.max(time, MIN_TIMESTAMP), MAX_TIMESTAMP) as Timestamp;
}

/** The object through which a DoFn reads and writes one of its states. */
export function remoteAccessor(binding: RemoteBinding, number: number, items: StateItems): ReadableState {
  const Accessor = ACCESSORS[items.cell.layout.kind];
  return new Accessor(binding, number, items);
}

const ACCESSORS = {
  value: RemoteValue,
  combining: RemoteCombining,
  bag: RemoteBag,
  set: RemoteSet,
  map: RemoteMap,
  multimap: RemoteMultimap,
  orderedList: RemoteOrderedList,
} as const;
