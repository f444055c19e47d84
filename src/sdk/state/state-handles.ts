import type { TimestampedValue } from '../transforms/timestamped-value.ts';
import type { Timestamp } from '../windows/timestamp.ts';

/**
 * What a stateful DoFn reads and writes, per key and window. All calls are synchronous. A handle always means the key and
 * window that are being processed, so it must not be used after `process` has returned, or settled.
 *
 * What has been read must not be changed in place: write it back instead.
 */
export interface ReadableState {
  /** Says that the state will be read, so that a runner may fetch it together with others (Beam's readLater). */
  readLater(): this;
  /** Back to empty. */
  clear(): void;
}

/** One value (Beam's ValueState). */
export interface ValueState<T> extends ReadableState {
  /** The value last written; undefined when there is none. */
  read(): T | undefined;
  /** Replaces the value; writing `undefined` is the same as clearing. */
  write(value: T): void;
}

/** State that holds any number of things. */
interface CollectionState extends ReadableState {
  isEmpty(): boolean;
}

/** Values in the order in which they were added (Beam's BagState). */
export interface BagState<T> extends CollectionState {
  add(value: T): void;
  /** The values as they are now; later additions do not show up in it. */
  read(): Iterable<T>;
}

/** The accumulator of a CombineFn (Beam's CombiningState). */
export interface CombiningState<I, A, O> extends CollectionState {
  add(input: I): void;
  /** The result for all inputs so far; the CombineFn's empty result when there were none. */
  read(): O;
  /** Merges in an accumulator that was made elsewhere. */
  addAccumulator(accumulator: A): void;
}

/** One value per map key (Beam's MapState), in the order of insertion. */
export interface MapState<K, V> extends CollectionState {
  get(key: K): V | undefined;
  has(key: K): boolean;
  put(key: K, value: V): void;
  /** The value of the key; where it has none, the one that `make` gives is put there first. */
  computeIfAbsent(key: K, make: (key: K) => V): V;
  remove(key: K): void;
  keys(): Iterable<K>;
  values(): Iterable<V>;
  entries(): Iterable<readonly [key: K, value: V]>;
}

/** Any number of values per map key (Beam's MultimapState). */
export interface MultimapState<K, V> extends CollectionState {
  /** The values of the key, in the order in which they were put; none when it has none. */
  get(key: K): Iterable<V>;
  has(key: K): boolean;
  put(key: K, value: V): void;
  /** Removes the key with all its values. */
  remove(key: K): void;
  keys(): Iterable<K>;
  /** One entry per value. */
  entries(): Iterable<readonly [key: K, value: V]>;
}

/** Distinct values (Beam's SetState), in the order of insertion. */
export interface SetState<T> extends CollectionState {
  add(value: T): void;
  /** Adds the value and says whether it was new. */
  addIfAbsent(value: T): boolean;
  has(value: T): boolean;
  remove(value: T): void;
  read(): Iterable<T>;
}

/** Values in the order of their timestamps, equal ones in the order in which they were added (Beam's OrderedListState). */
export interface OrderedListState<T> extends CollectionState {
  add(value: TimestampedValue<T>): void;
  read(): Iterable<TimestampedValue<T>>;
  /** Those with `min <= timestamp < max`. @throws PipelineError `STATE_TIMESTAMP` for a bound that is no number */
  readRange(min: Timestamp, max: Timestamp): Iterable<TimestampedValue<T>>;
  /** Removes those with `min <= timestamp < max`. @throws PipelineError `STATE_TIMESTAMP` for a bound that is no number */
  clearRange(min: Timestamp, max: Timestamp): void;
}
