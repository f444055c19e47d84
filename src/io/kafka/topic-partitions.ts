import { type Coder, coders, MIN_TIMESTAMP, resume, type SplittableDoFn, timestamp } from '../../sdk/index.ts';
import { type Positioned, PositionTracker } from '../position-tracker.ts';
import { KafkaCluster } from './kafka-cluster.ts';
import type { KafkaConnection, TopicPartition } from './kafka-connection.ts';

/** Later than any record. */
const NEVER = timestamp('9999-01-01T00:00:00Z');

/** Partitions of each topic that have been handed out already, by topic. */
export type KnownPartitions = Readonly<Record<string, number>>;

/** Hands out the partitions of topics, and looks for new ones from time to time. */
export function partitionWatch(
  connection: KafkaConnection,
  intervalMillis: number,
  retryForMillis: number,
): SplittableDoFn<readonly string[], Positioned<KnownPartitions>, Positioned<KnownPartitions>, TopicPartition> {
  let cluster: Promise<KafkaCluster> | undefined;
  return {
    unbounded: true,
    watermark: 'manual',
    restriction: {
      coder: coders.default() as Coder<Positioned<KnownPartitions>>,
      initial: () => ({ at: {}, over: false }),
      size: () => 1,
      tracker: (known) => new PositionTracker(known),
    },
    async *process(topics, { tracker, watermark }) {
      cluster ??= KafkaCluster.open(connection, retryForMillis);
      const counts = await (await cluster).partitionCounts(topics);
      const known = tracker.current().at;
      const found: TopicPartition[] = [];
      for (const [topic, count] of counts) {
        for (let partition = known[topic] ?? 0; partition < count; partition++) found.push({ topic, partition });
      }
      if (!tracker.tryClaim({ at: Object.fromEntries(counts), over: false })) return;
      // The partition's own watermark begins at the element's timestamp, and its records may be of any time.
      if (found.length > 0) yield { values: found, timestamps: found.map(() => MIN_TIMESTAMP) };
      // From now on the partitions alone say what time it is; one that is added later may have late records.
      watermark.set(NEVER);
      return resume(`${intervalMillis}ms`);
    },
    async teardown() {
      const known = cluster;
      cluster = undefined;
      await (await known?.catch(() => undefined))?.close();
    },
  };
}

/** The partitions that topics have now. */
export async function listPartitions(
  connection: KafkaConnection,
  topics: readonly string[],
  retryForMillis: number,
): Promise<TopicPartition[]> {
  const cluster = await KafkaCluster.open(connection, retryForMillis);
  try {
    const counts = await cluster.partitionCounts(topics);
    return [...counts].flatMap(([topic, count]) =>
      Array.from({ length: count }, (_, partition) => ({ topic, partition })),
    );
  } finally {
    await cluster.close();
  }
}
