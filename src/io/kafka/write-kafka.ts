import {
  type Coder,
  type DoFn,
  type PCollection,
  PipelineError,
  type PTransform,
  parDo,
  type Window,
} from '../../sdk/index.ts';
import { checkConnection, type KafkaConnection } from './kafka-connection.ts';
import { type KafkaMessage, MessageEncoder, sizeOf } from './kafka-message.ts';
import { type EncodedMessage, type KafkaCompression, KafkaProducer } from './kafka-producer.ts';

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
}

/** Bytes and records that are sent at a time: far below what a broker takes as one batch (1 MiB). */
const BATCH_BYTES = 512 * 1024;
const BATCH_RECORDS = 5000;
/**
 * Widest span of timestamps in what is sent at a time. The client (2.12) writes differences of more than 32 bits wrong,
 * and the broker has no way to tell.
 */
const BATCH_MILLIS = 2 ** 30;

/**
 * Writes records to Kafka.
 *
 * Delivery: at least once. A bundle ends when all replicas in sync have its records; one that fails and is tried again
 * writes those of its first attempt again. Within a bundle, records of one partition keep their order. The result has
 * no elements: it is there to wait for.
 *
 * @throws PipelineError `OPTION_INVALID`; when it runs `PACKAGE_MISSING`, and IoError `KAFKA_CONNECTION`, `KAFKA_TOPIC`,
 *   `KAFKA_ACCESS`, `KAFKA_RECORD`, `KAFKA_RECORD_TOO_LARGE`
 */
export function writeKafka<K = Uint8Array, V = Uint8Array, W extends Window = Window>(
  options: KafkaWriteOptions<K, V>,
): PTransform<PCollection<KafkaMessage<K, V>, W>, PCollection<never, W>> {
  const name = 'WriteKafka';
  checkWriteOptions(options, name);
  return {
    name,
    expand: (input) => input.apply(parDo<KafkaMessage<K, V>, never, {}, {}, W>('Write', kafkaWriter(options))),
  };
}

/** @throws PipelineError `OPTION_INVALID` */
export function checkWriteOptions<K, V>(
  { connection, topic, compression }: KafkaWriteOptions<K, V>,
  transform: string,
): void {
  checkConnection(connection, transform);
  const invalid = (message: string): never => {
    throw new PipelineError('OPTION_INVALID', message, { transform });
  };
  if (topic !== undefined && !/^[\w.-]{1,249}$/.test(topic)) invalid(`topic cannot be ${JSON.stringify(topic)}`);
  if (compression !== undefined && !['none', 'gzip', 'snappy', 'lz4', 'zstd'].includes(compression)) {
    invalid(`compression cannot be '${compression}'`);
  }
}

/** The DoFn behind {@link writeKafka}: sends one batch while the next one is gathered. */
function kafkaWriter<K, V, W extends Window>(
  options: KafkaWriteOptions<K, V>,
): DoFn<KafkaMessage<K, V>, never, {}, {}, W> {
  const encoder = new MessageEncoder(options.topic, options.key, options.value);
  let producer: Promise<KafkaProducer> | undefined;
  let pending: EncodedMessage[] = [];
  let bytes = 0;
  let earliest = Number.POSITIVE_INFINITY;
  let latest = Number.NEGATIVE_INFINITY;
  let sending: Promise<void> | undefined;
  const begin = () => {
    pending = [];
    bytes = 0;
    earliest = Number.POSITIVE_INFINITY;
    latest = Number.NEGATIVE_INFINITY;
  };
  const add = (message: EncodedMessage, time: number) => {
    pending.push(message);
    bytes += sizeOf(message);
    earliest = Math.min(earliest, time);
    latest = Math.max(latest, time);
  };
  const flush = async () => {
    const batch = pending;
    begin();
    producer ??= KafkaProducer.open(options.connection, options.compression ?? 'none');
    await sending;
    sending = (await producer).send(batch);
    // Its failure is met at the next flush or at the bundle's end.
    sending.catch(() => {});
  };
  return {
    concurrency: 1,
    async startBundle() {
      begin();
      await sending?.catch(() => {});
      sending = undefined;
    },
    process(message, context) {
      const encoded = encoder.encode(message, context.timestamp);
      const time = Number(encoded.timestamp);
      if (Math.max(latest, time) - Math.min(earliest, time) > BATCH_MILLIS && pending.length > 0) {
        return flush().then(() => {
          add(encoded, time);
          return undefined;
        });
      }
      add(encoded, time);
      return bytes < BATCH_BYTES && pending.length < BATCH_RECORDS ? undefined : flush();
    },
    async finishBundle() {
      if (pending.length > 0) await flush();
      await sending;
      sending = undefined;
    },
    async teardown() {
      const open = producer;
      producer = undefined;
      await (await open?.catch(() => undefined))?.close();
    },
  };
}
