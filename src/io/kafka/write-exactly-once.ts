import { type DoFn, type KV, type PCollection, parDo, type Window } from '../../sdk/index.ts';
import { writeOnce } from '../write-once.ts';
import { type KafkaMessage, MessageEncoder, type PlainMessage, plainMessage } from './kafka-message.ts';
import { keyHash } from './key-hash.ts';
import { ShardWriter } from './shard-writer.ts';
import type { KafkaExactlyOnce, KafkaWriteOptions } from './write-kafka.ts';

/** Options with what exactly once delivery needs. */
export interface ExactlyOnceOptions<K, V> extends KafkaWriteOptions<K, V> {
  readonly topic: string;
  readonly delivery: KafkaExactlyOnce;
}

/**
 * The composite behind exactly once delivery: deal out to shards, number within the shard, and write what a checkpoint
 * holds, each shard in transactions of its own that commit the number as well.
 */
export function writeExactlyOnce<K, V, W extends Window>(
  input: PCollection<KafkaMessage<K, V>, W>,
  options: ExactlyOnceOptions<K, V>,
): PCollection<never, W> {
  const { shards = 1 } = options.delivery;
  const encoder = new MessageEncoder(options.topic, options.key, options.value);
  let next = 0;
  const deal: DoFn<KafkaMessage<K, V>, KV<number, PlainMessage>, {}, {}, W> = {
    process(element, { timestamp }) {
      const message = plainMessage(encoder.encode(element, timestamp));
      // Records of one partition, and of one key, go through one shard: they keep their order.
      const place = message.partition ?? (message.key === null ? next++ : keyHash(message.key));
      return [[place % shards, message] as const];
    },
  };
  const dealt = input.apply(parDo<KafkaMessage<K, V>, KV<number, PlainMessage>, {}, {}, W>('Deal', deal));
  return writeOnce(dealt as PCollection<KV<number, PlainMessage>, W>, (shard) => new ShardWriter(options, shard));
}
