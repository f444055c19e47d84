import {
  type AnyElement,
  type Coder,
  type GlobalWindow,
  IntervalWindow,
  type KV,
  type PCollection,
  type Pipeline,
  parDo,
  timestamp,
  type Window,
  withTimestamps,
} from '../../src/sdk/index.ts';

/** A collection of values, each at a time in milliseconds. */
export function at<T extends AnyElement>(
  p: Pipeline,
  elements: readonly (readonly [value: T, millis: number])[],
  coder?: Coder<T>,
): PCollection<T> {
  const stamped = p
    .create(elements)
    .apply(withTimestamps<readonly [T, number], GlobalWindow>('At', ([, millis]) => timestamp(millis)));
  const values = stamped.map('Value', ([value]): T => value);
  return coder === undefined ? values : (values.withCoder(coder as never) as unknown as PCollection<T>);
}

/** `[start, end)` in milliseconds. */
export function interval(start: number, end: number): IntervalWindow {
  return new IntervalWindow(timestamp(start), timestamp(end));
}

/** A window as text: `0-10`, in milliseconds, or `global`. */
export function windowText(window: Window): string {
  return window instanceof IntervalWindow ? `${window.start}-${window.end}` : 'global';
}

/** Each value with its window as text; once for each window. */
export function windowsOf<T, W extends Window>(collection: PCollection<T, W>): PCollection<KV<T, string>, W> {
  return collection.apply(
    parDo<T, KV<T, string>, {}, {}, W>('WindowsOf', { process: (value, { window }) => [[value, windowText(window)]] }),
  ) as PCollection<KV<T, string>, W>;
}

/** Each value with its timestamp in milliseconds. */
export function timesOf<T, W extends Window>(collection: PCollection<T, W>): PCollection<KV<T, number>, W> {
  return collection.apply(
    parDo<T, KV<T, number>, {}, {}, W>('TimesOf', { process: (value, { timestamp }) => [[value, timestamp]] }),
  ) as PCollection<KV<T, number>, W>;
}

/** The values of each group in ascending order, as an array: a grouping promises no order. */
export function sorted<K, V extends number | string | bigint, W extends Window>(
  grouped: PCollection<KV<K, Iterable<V>>, W>,
): PCollection<KV<K, readonly V[]>, W> {
  return grouped.mapValues('Sorted', (values): readonly V[] =>
    [...values].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0)),
  );
}
