import {
  type Coder,
  type DoFn,
  type PCollection,
  PipelineError,
  type PTransform,
  parDo,
  type Window,
} from '../../sdk/index.ts';
import { BatchSender } from '../batch-sender.ts';
import { checkChoiceOption, checkIntegerOption, checkOptions, type OptionNames } from '../check-options.ts';
import { checkConnection, type KafkaConnection } from './kafka-connection.ts';
import { type KafkaMessage, MessageEncoder } from './kafka-message.ts';
import { type KafkaCompression, KafkaProducer } from './kafka-producer.ts';
import { MessageBatch } from './message-batch.ts';
import { writeExactlyOnce } from './write-exactly-once.ts';

/** Options of {@link writeKafka}. */
export interface KafkaWriteOptions<K = Uint8Array, V = Uint8Array> {
  readonly connection: KafkaConnection;
  /** The topic of records that name none. It has to be there. */
  readonly topic?: string;
  /** Coder of keys and of values, e.g. `coders.string`; bytes when absent. */
  readonly key?: Coder<K>;
  readonly value?: Coder<V>;
  /** Default none. */
  readonly compression?: KafkaCompression;
  /** Default `'atLeastOnce'`. */
  readonly delivery?: 'atLeastOnce' | KafkaExactlyOnce;
}

/** What exactly once delivery needs to know. */
export interface KafkaExactlyOnce {
  /**
   * Names this sink in the cluster, as the consumer group that keeps what has been written, and as the beginning of its
   * transactions' names. One sink of one pipeline, the same after every restart.
   */
  readonly exactlyOnce: string;
  /** How many transactions there are side by side, at most as many as the topic has partitions; default 1. */
  readonly shards?: number;
}

const WRITE_KAFKA_OPTIONS: OptionNames<KafkaWriteOptions<unknown, unknown>> = {
  connection: true,
  topic: true,
  key: true,
  value: true,
  compression: true,
  delivery: true,
};

/**
 * Writes records to Kafka. The result has no elements: it is there to wait for.
 *
 * Delivery: **at least once** unless told otherwise. A bundle ends when all replicas in sync have its records; one that
 * fails and is tried again writes those of its first attempt again. Within a bundle, records of one partition keep their
 * order.
 *
 * **Exactly once** with `delivery: { exactlyOnce: 'name' }`, for readers that see committed records only, which is what
 * `readKafka` does: records are numbered in the pipeline's state, and go out when a checkpoint holds them, in a
 * transaction that also commits the number of the last one. After a crash the pipeline goes on from its checkpoint, and
 * what the cluster has already is left out. So it needs a `checkpointDir`, and costs the time between two checkpoints.
 *
 * @throws PipelineError `OPTION_INVALID`; when it runs `PACKAGE_MISSING`, and IoError `KAFKA_CONNECTION`, `KAFKA_TOPIC`,
 *   `KAFKA_ACCESS`, `KAFKA_RECORD`, `KAFKA_RECORD_TOO_LARGE`, `KAFKA_FENCED` when another pipeline uses the same name
 */
export function writeKafka<K = Uint8Array, V = Uint8Array, W extends Window = Window>(
  options: KafkaWriteOptions<K, V>,
): PTransform<PCollection<KafkaMessage<K, V>, W>, PCollection<never, W>> {
  const name = 'WriteKafka';
  checkOptions(options, WRITE_KAFKA_OPTIONS, name);
  checkWriteOptions(options, name);
  const { delivery = 'atLeastOnce' } = options;
  return {
    name,
    expand: (input) =>
      delivery === 'atLeastOnce'
        ? input.apply(parDo<KafkaMessage<K, V>, never, {}, {}, W>('Write', kafkaWriter(options)))
        : writeExactlyOnce(input, { ...options, topic: options.topic as string, delivery }),
  };
}

/** @throws PipelineError `OPTION_INVALID` */
function checkWriteOptions<K, V>(options: KafkaWriteOptions<K, V>, transform: string): void {
  const { connection, topic, compression, delivery = 'atLeastOnce' } = options;
  checkConnection(connection, transform);
  const invalid = (message: string): never => {
    throw new PipelineError('OPTION_INVALID', message, { transform });
  };
  if (topic !== undefined && !/^[\w.-]{1,249}$/.test(topic)) invalid(`topic cannot be ${JSON.stringify(topic)}`);
  if (compression !== undefined) {
    checkChoiceOption('compression', compression, ['none', 'gzip', 'snappy', 'lz4', 'zstd'], transform);
  }
  if (delivery === 'atLeastOnce') return;
  const { exactlyOnce, shards = 1 } = delivery;
  if (typeof exactlyOnce !== 'string' || !/^[\w.-]{1,200}$/.test(exactlyOnce)) {
    invalid(`exactlyOnce names the sink with letters, digits, '.', '_' and '-', not ${JSON.stringify(exactlyOnce)}`);
  }
  if (topic === undefined) invalid('exactly once delivery needs a topic, in whose partitions it counts');
  checkIntegerOption('shards', shards, 1, 1000, transform);
}

/** The DoFn behind {@link writeKafka}: sends one batch while the next one is gathered. */
function kafkaWriter<K, V, W extends Window>(
  options: KafkaWriteOptions<K, V>,
): DoFn<KafkaMessage<K, V>, never, {}, {}, W> {
  const encoder = new MessageEncoder(options.topic, options.key, options.value);
  const batch = new MessageBatch();
  let producer: Promise<KafkaProducer> | undefined;
  const sender = new BatchSender();
  const flush = async () => {
    const messages = batch.take();
    producer ??= KafkaProducer.open(options.connection, options.compression ?? 'none');
    const opened = await producer;
    await sender.send(() => opened.send(messages));
  };
  return {
    concurrency: 1,
    startBundle() {
      batch.take();
      return sender.start();
    },
    process(message, context) {
      const encoded = encoder.encode(message, context.timestamp);
      if (!batch.isFullFor(encoded)) {
        batch.add(encoded);
        return undefined;
      }
      const flushed = flush();
      batch.add(encoded);
      return flushed as Promise<undefined>;
    },
    async finishBundle() {
      if (!batch.isEmpty) await flush();
      await sender.finish();
    },
    async teardown() {
      const open = producer;
      producer = undefined;
      await (await open?.catch(() => undefined))?.close();
    },
  };
}
