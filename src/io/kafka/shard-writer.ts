import type { ConnectionPool, Producer } from '@platformatic/kafka';
import { IoError } from '../../sdk/index.ts';
import type { Numbered, NumberedWriter } from '../write-once.ts';
import { KafkaCluster } from './kafka-cluster.ts';
import { toKafkaError } from './kafka-errors.ts';
import { encodedMessage, type PlainMessage } from './kafka-message.ts';
import { type EncodedMessage, retryDelay } from './kafka-producer.ts';
import { clientOptions } from './load-kafka.ts';
import { MessageBatch } from './message-batch.ts';
import type { ExactlyOnceOptions } from './write-exactly-once.ts';

type RawProducer = Producer<Buffer | undefined, Buffer | null, Buffer, Buffer | null>;
type RawTransaction = Awaited<ReturnType<RawProducer['beginTransaction']>>;

/** What a {@link ShardWriter} needs to know. */
export type ShardWriterOptions = Pick<
  ExactlyOnceOptions<unknown, unknown>,
  'connection' | 'topic' | 'compression' | 'delivery'
>;

/** Records of one transaction at most; the broker gives up transactions that take too long. */
const TRANSACTION_RECORDS = 100_000;
/** Attempts of one request. */
const ATTEMPTS = 30;

/**
 * Writes the records of one shard in transactions. Each commits, besides the records, the number of the next one as the
 * offset of a consumer group, with the writer's name: a writer that begins reads them and leaves out what is there.
 */
export class ShardWriter implements NumberedWriter<PlainMessage> {
  readonly #options: ShardWriterOptions;
  readonly #shard: number;
  readonly #batch = new MessageBatch();
  #cluster: KafkaCluster | undefined;
  #producer: RawProducer | undefined;
  #pool: ConnectionPool | undefined;
  #transaction: RawTransaction | undefined;
  #records = 0;
  #writer: string | undefined;
  /** Number of the next record to be written; unknown at first. */
  #next: number | undefined;

  constructor(options: ShardWriterOptions, shard: number) {
    this.#options = options;
    this.#shard = shard;
  }

  /** Takes a record. Those of a shard come in the order of their numbers; those that are written already are left out. */
  write(numbered: Numbered<PlainMessage>): Promise<void> | undefined {
    if (this.#next !== undefined && this.#transaction !== undefined) {
      const encoded = encodedMessage(numbered.message);
      if (!this.#batch.isFullFor(encoded) && this.#records < TRANSACTION_RECORDS) {
        this.#add(numbered, encoded);
        return undefined;
      }
    }
    return this.#writeSlowly(numbered);
  }

  /** Ends the transaction, if one was begun: everything taken is written, once. */
  async commit(): Promise<void> {
    const transaction = this.#transaction;
    // Where all records were there already, the cluster knows of no transaction: it goes on with the next records.
    if (transaction === undefined || this.#records === 0) return;
    await this.#ask('write records', async () => {
      await this.#flush(transaction);
      await this.#commitNumber(transaction);
      await transaction.commit();
    });
    this.#transaction = undefined;
    this.#records = 0;
  }

  async close(): Promise<void> {
    // A transaction that is still open is aborted by the broker when the next writer begins, or after its time.
    await this.#producer?.close(true).catch(() => {});
    await this.#pool?.close().catch(() => {});
    await this.#cluster?.close().catch(() => {});
  }

  async #writeSlowly(numbered: Numbered<PlainMessage>): Promise<void> {
    await this.#ask('write records', async () => {
      if (this.#records >= TRANSACTION_RECORDS) await this.commit();
      const transaction = await this.#begun(numbered);
      const encoded = encodedMessage(numbered.message);
      if (this.#batch.isFullFor(encoded)) await this.#flush(transaction);
      this.#add(numbered, encoded);
    });
  }

  #add({ number }: Numbered<PlainMessage>, encoded: EncodedMessage): void {
    const next = this.#next as number;
    if (number < next) return;
    if (number > next) throw new Error(`Record ${number} of shard ${this.#shard} came when ${next} was expected`);
    this.#next = next + 1;
    this.#records++;
    this.#batch.add(encoded);
  }

  async #begun({ number, writer }: Numbered<PlainMessage>): Promise<RawTransaction> {
    this.#producer ??= await this.#open();
    // -1: whatever the cluster knows of this name; its older producers are shut out.
    this.#transaction ??= await this.#producer.beginTransaction({ producerId: -1n, producerEpoch: -1 });
    if (this.#next === undefined) this.#next = await this.#firstNumber(number, writer);
    return this.#transaction;
  }

  /** What is written already ends here. Asked after the transaction has begun, when no older producer can write any more. */
  async #firstNumber(number: number, writer: string): Promise<number> {
    const { topic, delivery } = this.#options;
    const at = { topic, partition: this.#shard };
    const committed = await (this.#cluster as KafkaCluster).committedOffset(at, delivery.exactlyOnce);
    this.#writer = writer;
    if (committed === undefined) {
      if (number === 0) return 0;
      throw this.#mismatch(`nothing is committed for shard ${this.#shard}, and the pipeline is at record ${number}`);
    }
    if (committed.metadata === writer) return committed.offset;
    // The first record of a pipeline that begins without a checkpoint: it takes the place of what was before.
    if (number === 0) return 0;
    throw this.#mismatch('another pipeline has written under this name since the checkpoint');
  }

  #mismatch(what: string): IoError {
    return new IoError('KAFKA_FENCED', `The sink '${this.#options.delivery.exactlyOnce}' cannot go on: ${what}`, {
      resource: this.#options.topic,
      hint: 'Give each sink a name of its own, and keep the offsets of its group for as long as its checkpoints.',
    });
  }

  async #open(): Promise<RawProducer> {
    const { connection, compression = 'none', delivery } = this.#options;
    this.#cluster = await KafkaCluster.open(connection);
    const { kafka } = this.#cluster;
    const options = { ...clientOptions(connection), retries: ATTEMPTS, retryDelay, compression, idempotent: true };
    return new kafka.Producer({ ...options, transactionalId: `${delivery.exactlyOnce}-${this.#shard}` } as never);
  }

  async #flush(transaction: RawTransaction): Promise<void> {
    if (this.#batch.isEmpty) return;
    await transaction.send({ messages: this.#batch.take() as never });
  }

  /** Makes the number of the next record part of the transaction. */
  async #commitNumber(transaction: RawTransaction): Promise<void> {
    const { topic, delivery } = this.#options;
    const groupId = delivery.exactlyOnce;
    const cluster = this.#cluster as KafkaCluster;
    const { producerId, producerEpoch } = this.#producer as RawProducer;
    // Of the consumer it uses the group's name only.
    await transaction.addConsumer({ groupId } as never);
    this.#pool ??= cluster.ownConnections();
    const connection = await this.#pool.get(await cluster.groupCoordinator(groupId));
    const partition = {
      partitionIndex: this.#shard,
      committedOffset: BigInt(this.#next as number),
      committedLeaderEpoch: -1,
      committedMetadata: this.#writer ?? null,
    };
    await cluster.kafka.txnOffsetCommitV3.api.async(
      connection,
      transaction.id,
      groupId,
      producerId as bigint,
      producerEpoch as number,
      -1,
      '',
      null,
      [{ name: topic, partitions: [partition] }],
    );
  }

  async #ask<R>(action: string, ask: () => Promise<R>): Promise<R> {
    try {
      return await ask();
    } catch (cause) {
      throw toKafkaError(cause, action, { resource: this.#options.topic });
    }
  }
}
