import type { PCollection } from '../pipeline/p-collection.ts';
import { type PTransform, transform } from '../pipeline/p-transform.ts';
import type { Key, KV } from '../values.ts';
import type { Window } from '../windows/window.ts';
import { checkBatchSize } from './batch-elements.ts';
import { flatMap } from './element-wise.ts';
import { GroupByKey } from './group-by-key.ts';

/**
 * The values of each key and window in arrays of `size` values; the last one of a key may be shorter (Beam's
 * GroupIntoBatches). Unlike `batchElements` it gathers values from all bundles, by a shuffle.
 *
 * @throws PipelineError `BATCH_INVALID` when the size is not an integer from 1 to 10,000,000
 */
export function groupIntoBatches<K extends Key, V, W extends Window>(
  size: number,
): PTransform<PCollection<KV<K, V>, W>, PCollection<KV<K, readonly V[]>, W>> {
  checkBatchSize(size);
  return transform('GroupIntoBatches', (input) =>
    input
      .apply(new GroupByKey<K, V, W>())
      .apply(
        flatMap<KV<K, Iterable<V>>, KV<K, readonly V[]>, W>('Batches', ([key, group]) => batches(key, group, size)),
      ),
  );
}

function* batches<K, V>(key: K, group: Iterable<V>, size: number): Generator<KV<K, readonly V[]>> {
  let batch: V[] = [];
  for (const value of group) {
    batch.push(value);
    if (batch.length < size) continue;
    yield [key, batch];
    batch = [];
  }
  if (batch.length > 0) yield [key, batch];
}
