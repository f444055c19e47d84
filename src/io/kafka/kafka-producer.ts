import type { MessageToProduce, Producer } from '@platformatic/kafka';
import type { KafkaConnection } from './kafka-connection.ts';
import { toKafkaError } from './kafka-errors.ts';
import { clientOptions, loadKafka } from './load-kafka.ts';

/** A record ready to be sent. */
export type EncodedMessage = MessageToProduce<Buffer | undefined, Buffer | null, Buffer, Buffer | null> & {
  readonly topic: string;
};

type RawProducer = Producer<Buffer | undefined, Buffer | null, Buffer, Buffer | null>;

/** Compressions that every broker knows and that need no other package. */
export type KafkaCompression = 'none' | 'gzip' | 'snappy' | 'lz4' | 'zstd';

/** Attempts to send, a second apart at most: brokers restart within less. */
const ATTEMPTS = 60;

/**
 * Sends records, and waits until all replicas that are in sync have them. Repetitions after failures of the network
 * are told apart by the broker, so they neither double nor reorder records.
 */
export class KafkaProducer {
  readonly #producer: RawProducer;
  readonly #known = new Set<string>();

  private constructor(producer: RawProducer) {
    this.#producer = producer;
  }

  static async open(connection: KafkaConnection, compression: KafkaCompression): Promise<KafkaProducer> {
    const { Producer } = await loadKafka();
    const options = clientOptions(connection);
    return new KafkaProducer(
      new Producer({
        ...options,
        idempotent: true,
        retries: ATTEMPTS,
        retryDelay: retryDelay,
        compression,
      } as never) as never,
    );
  }

  /** @throws IoError `KAFKA_CONNECTION`, `KAFKA_TOPIC`, `KAFKA_RECORD_TOO_LARGE`, `KAFKA_ACCESS` */
  async send(messages: EncodedMessage[]): Promise<void> {
    const topics = [...new Set(messages.map(({ topic }) => topic))];
    try {
      await this.#checkTopics(topics);
      await this.#producer.send({ messages: messages as never });
    } catch (cause) {
      throw toKafkaError(cause, 'write records', { resource: topics.join() });
    }
  }

  /** A topic that is not there would be waited for as long as a broker that is away. */
  async #checkTopics(topics: readonly string[]): Promise<void> {
    for (const topic of topics) {
      if (this.#known.has(topic)) continue;
      await this.#producer.metadata({ topics: [topic], retries: 3 });
      this.#known.add(topic);
    }
  }

  async close(): Promise<void> {
    await this.#producer.close(true).catch(() => {});
  }
}

/** Doubles from 100 ms to a second. */
export function retryDelay(_client: unknown, _operation: string, attempt: number): number {
  return Math.min(1000, 100 * 2 ** Math.min(attempt, 5));
}
