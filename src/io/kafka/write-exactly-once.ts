import { randomUUID } from 'node:crypto';
import { type DoFn, globalWindows, type KV, type PCollection, parDo, state, type Window } from '../../sdk/index.ts';
import { type KafkaMessage, MessageEncoder, type PlainMessage, plainMessage } from './kafka-message.ts';
import { keyHash } from './key-hash.ts';
import { ShardWriter, type ShardWriterOptions } from './shard-writer.ts';
import type { KafkaExactlyOnce, KafkaWriteOptions } from './write-kafka.ts';

/** Options with what exactly once delivery needs. */
export interface ExactlyOnceOptions<K, V> extends KafkaWriteOptions<K, V> {
  readonly topic: string;
  readonly delivery: KafkaExactlyOnce;
}

/** A record with its number within the shard, and the writer that counts. */
export interface NumberedMessage {
  readonly number: number;
  /** Made up when the first record of a shard comes, and kept with the count. */
  readonly writer: string;
  readonly message: PlainMessage;
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
  const numbered = (dealt as PCollection<KV<number, PlainMessage>, W>)
    .window(globalWindows())
    .apply(parDo('Number', numberer()));
  return (numbered as PCollection<KV<number, NumberedMessage>>).apply(
    parDo('Write', transactionalWriter(options)),
  ) as unknown as PCollection<never, W>;
}

/** Counts the records of each shard. */
function numberer() {
  const counting = { next: state.value<number>(), writer: state.value<string>() };
  const fn: DoFn<KV<number, PlainMessage>, KV<number, NumberedMessage>, {}, {}, Window, typeof counting> = {
    state: counting,
    process([shard, message], { state: { next, writer } }) {
      const number = next.read() ?? 0;
      next.write(number + 1);
      let name = writer.read();
      if (name === undefined) {
        name = randomUUID();
        writer.write(name);
      }
      return [[shard, { number, writer: name, message }] as const];
    },
  };
  return fn;
}

/** Writes the numbered records of each shard that it meets. */
function transactionalWriter(options: ShardWriterOptions): DoFn<KV<number, NumberedMessage>, never> {
  const writers = new Map<number, ShardWriter>();
  const closeAll = async () => {
    const open = [...writers.values()];
    writers.clear();
    await Promise.all(open.map((writer) => writer.close()));
  };
  let failed = false;
  return {
    requiresStableInput: true,
    concurrency: 1,
    async startBundle() {
      // What is known about a transaction that failed may be wrong: begin anew with what the cluster has.
      if (failed) await closeAll();
      failed = true;
    },
    process([shard, numbered]) {
      let writer = writers.get(shard);
      if (writer === undefined) {
        writer = new ShardWriter(options, shard);
        writers.set(shard, writer);
      }
      return writer.write(numbered) as undefined;
    },
    async finishBundle() {
      const ends = await Promise.allSettled([...writers.values()].map((writer) => writer.commit()));
      for (const end of ends) if (end.status === 'rejected') throw end.reason;
      failed = false;
    },
    teardown: closeAll,
  };
}
