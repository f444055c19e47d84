import type { fetchV17, RecordsBatch } from '@platformatic/kafka';

const TRANSACTIONAL = 1 << 4;
const CONTROL = 1 << 5;
/** Type of a control record, in its key behind the version. */
const ABORT = 0;

/**
 * The batches of a fetch that a reader of committed data sees: without control records and without those of aborted
 * transactions. `aborted` names each by its producer and first offset; it ends at the producer's next marker.
 */
export function committedBatches(
  batches: readonly RecordsBatch[],
  aborted: fetchV17.FetchResponsePartition['abortedTransactions'],
): RecordsBatch[] {
  const upcoming = [...(aborted ?? [])].sort((a, b) => (a.firstOffset < b.firstOffset ? -1 : 1));
  const open = new Set<bigint>();
  const seen: RecordsBatch[] = [];
  for (const batch of batches) {
    const last = batch.firstOffset + BigInt(batch.lastOffsetDelta);
    while (upcoming.length > 0 && upcoming[0].firstOffset <= last) {
      open.add(upcoming[0].producerId);
      upcoming.shift();
    }
    if ((batch.attributes & CONTROL) !== 0) {
      const key = batch.records[0]?.key;
      if (key !== null && key !== undefined && key.length >= 4 && key.readInt16BE(2) === ABORT)
        open.delete(batch.producerId);
      continue;
    }
    if ((batch.attributes & TRANSACTIONAL) !== 0 && open.has(batch.producerId)) continue;
    seen.push(batch);
  }
  return seen;
}

/** The batches that are no control records: what a reader of uncommitted data sees. */
export function dataBatches(batches: readonly RecordsBatch[]): RecordsBatch[] {
  return batches.filter((batch) => (batch.attributes & CONTROL) === 0);
}
