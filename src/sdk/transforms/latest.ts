import type { Coder } from '../coders/coder.ts';
import { kvCoder } from '../coders/kv-coder.ts';
import { combineGlobally, combinePerKey } from '../combine/combine.ts';
import { latest } from '../combine/latest.ts';
import { timestampedValueCoder } from '../combine/timestamped-value-coder.ts';
import type { PCollection } from '../pipeline/p-collection.ts';
import { type PTransform, transform } from '../pipeline/p-transform.ts';
import type { Key, KV } from '../values.ts';
import type { Window } from '../windows/window.ts';
import { settleKvCoder } from './group-by-key.ts';
import { parDo } from './par-do.ts';
import { Reify } from './reify.ts';
import type { TimestampedValue } from './timestamped-value.ts';

/** The elements with the greatest timestamps (Beam's Latest). */
export const Latest = {
  /** The latest element of each window; undefined for an empty collection in the global window. */
  globally: <T, W extends Window>(): PTransform<PCollection<T, W>, PCollection<T | undefined, W>> =>
    transform('LatestGlobally', (input: PCollection<T, W>) =>
      input
        .apply(Reify.timestamps<T, W>())
        .apply(combineGlobally<TimestampedValue<T>, TimestampedValue<T> | null, T | undefined, W>(latest<T>())),
    ),
  /** The latest value of each key. */
  perKey: <K extends Key, V, W extends Window>(): PTransform<PCollection<KV<K, V>, W>, PCollection<KV<K, V>, W>> =>
    transform('LatestPerKey', (input: PCollection<KV<K, V>, W>) => {
      const [key, value] = settleKvCoder(input.node, 'LatestPerKey');
      const stamped = input.apply(
        parDo<KV<K, V>, KV<K, TimestampedValue<V>>, {}, {}, W>('ReifyTimestamps', {
          coder: kvCoder(key as Coder<K>, timestampedValueCoder(value as Coder<V>)),
          process: ([key, value], { timestamp }) => [[key, { value, timestamp }]],
        }),
      );
      const combined = stamped.apply(
        combinePerKey<K, TimestampedValue<V>, TimestampedValue<V> | null, V | undefined, W>(latest<V>()),
      );
      // A key that is there has a value.
      return combined as unknown as PCollection<KV<K, V>, W>;
    }),
} as const;
