import type { Admin, ConnectionPool } from '@platformatic/kafka';
import { IoError } from '../../sdk/index.ts';
import { type KafkaConnection, partitionName, type TopicPartition } from './kafka-connection.ts';
import { isPassing, toKafkaError } from './kafka-errors.ts';
import { clientOptions, type Kafka, loadKafka } from './load-kafka.ts';

/** Where the log of a partition is read. */
export interface Leader {
  readonly host: string;
  readonly port: number;
  readonly epoch: number;
  readonly topicId: string;
}

/** What a consumer group has committed for a partition. */
export interface CommittedOffset {
  readonly offset: number;
  /** A text that was committed with it; may be empty. */
  readonly metadata: string;
}

/** Times that mean a place in the log. */
export const EARLIEST = -2n;
export const LATEST = -1n;

/** Whether records of open and aborted transactions are seen. */
export type Isolation = 'committed' | 'uncommitted';

/** What is asked of a cluster besides its records; one per worker. */
export class KafkaCluster {
  readonly kafka: Kafka;
  readonly #admin: Admin;
  readonly #connection: KafkaConnection;
  readonly #retryFor: number;
  #fetchVersion: Promise<number> | undefined;

  private constructor(kafka: Kafka, connection: KafkaConnection, retryFor: number) {
    this.kafka = kafka;
    this.#connection = connection;
    this.#retryFor = retryFor;
    this.#admin = new kafka.Admin(clientOptions(connection));
  }

  /** @param retryFor milliseconds for which brokers that are away are waited for */
  static async open(connection: KafkaConnection, retryFor = 60_000): Promise<KafkaCluster> {
    return new KafkaCluster(await loadKafka(), connection, retryFor);
  }

  /** How many partitions each topic has. @throws IoError `KAFKA_TOPIC` for one that there is not */
  partitionCounts(topics: readonly string[]): Promise<Map<string, number>> {
    return this.#ask('read the partitions', topics.join(), async () => {
      const { topics: found } = await this.#admin.metadata({ topics: [...topics], forceUpdate: true });
      return new Map(topics.map((topic) => [topic, found.get(topic)?.partitionsCount ?? 0]));
    });
  }

  /** The leader of a partition. @param fresh asks the cluster, and not what is remembered */
  leader(at: TopicPartition, fresh: boolean): Promise<Leader> {
    return this.#ask('find the leader', partitionName(at), async () => {
      const { topics, brokers } = await this.#admin.metadata({ topics: [at.topic], forceUpdate: fresh });
      const topic = topics.get(at.topic);
      const partition = topic?.partitions[at.partition];
      const broker = partition === undefined ? undefined : brokers.get(partition.leader);
      if (topic === undefined || partition === undefined)
        throw new IoError('KAFKA_TOPIC', 'There is no such partition');
      if (broker === undefined) throw new IoError('KAFKA_CONNECTION', 'The partition has no leader');
      return { host: broker.host, port: broker.port, epoch: partition.leaderEpoch, topicId: topic.id };
    });
  }

  /** The first offset at or after a time, `EARLIEST` or `LATEST`; `undefined` when no record is so late. */
  offsetAt(at: TopicPartition, time: bigint, isolation: Isolation): Promise<number | undefined> {
    return this.#ask('look up an offset', partitionName(at), async () => {
      const { FetchIsolationLevels } = this.kafka;
      const [topic] = await this.#admin.listOffsets({
        topics: [{ name: at.topic, partitions: [{ partitionIndex: at.partition, timestamp: time }] }],
        isolationLevel:
          isolation === 'committed' ? FetchIsolationLevels.READ_COMMITTED : FetchIsolationLevels.READ_UNCOMMITTED,
      });
      const offset = topic?.partitions.find(({ partitionIndex }) => partitionIndex === at.partition)?.offset;
      return offset === undefined || offset < 0n ? undefined : Number(offset);
    });
  }

  /** What a consumer group has committed; `undefined` when it has nothing. Waits for transactions that are being ended. */
  committedOffset(at: TopicPartition, groupId: string): Promise<CommittedOffset | undefined> {
    return this.#ask('read the committed offset', `${partitionName(at)} of group ${groupId}`, async () => {
      const [group] = await this.#admin.listConsumerGroupOffsets({
        groups: [{ groupId, topics: [{ name: at.topic, partitionIndexes: [at.partition] }] }],
        requireStable: true,
      });
      const topic = group?.topics.find(({ name }) => name === at.topic);
      const found = topic?.partitions.find(({ partitionIndex }) => partitionIndex === at.partition);
      if (found === undefined || found.committedOffset < 0n) return undefined;
      return { offset: Number(found.committedOffset), metadata: found.metadata ?? '' };
    });
  }

  /** The broker that keeps the offsets of a group. */
  groupCoordinator(groupId: string): Promise<{ host: string; port: number }> {
    return this.#ask('find the coordinator', `group ${groupId}`, async () => {
      const { FindCoordinatorKeyTypes } = this.kafka;
      const [found] = await this.#admin.findCoordinator({ keyType: FindCoordinatorKeyTypes.GROUP, keys: [groupId] });
      if (found === undefined) throw new IoError('KAFKA_CONNECTION', 'The group has no coordinator');
      return { host: found.host, port: found.port };
    });
  }

  /** Commits an offset for a group that has no members of its own. */
  commitOffset(at: TopicPartition, groupId: string, offset: number): Promise<void> {
    return this.#ask('commit an offset', `${partitionName(at)} of group ${groupId}`, () =>
      this.#admin.alterConsumerGroupOffsets({
        groupId,
        topics: [{ name: at.topic, partitionOffsets: [{ partition: at.partition, offset: BigInt(offset) }] }],
      }),
    );
  }

  /** The version of fetch requests that both sides speak. */
  fetchVersion(): Promise<number> {
    this.#fetchVersion ??= this.#ask('read the versions', '', async () => {
      const { maxVersion } = (await this.#admin.listApis()).find(({ name }) => name === 'Fetch') ?? { maxVersion: 4 };
      return Math.min(17, maxVersion);
    }).catch((error) => {
      this.#fetchVersion = undefined;
      throw error;
    });
    return this.#fetchVersion;
  }

  /** Connections that nobody else waits on: a broker answers the requests of one connection in turn. */
  ownConnections(): ConnectionPool {
    const { clientId, connectTimeout, requestTimeout, ...rest } = clientOptions(this.#connection);
    return new this.kafka.ConnectionPool(clientId, {
      connectTimeout,
      requestTimeout,
      ...('tls' in rest ? { tls: rest.tls } : {}),
      ...('sasl' in rest ? { sasl: rest.sasl } : {}),
    } as ConstructorParameters<Kafka['ConnectionPool']>[1]);
  }

  async close(): Promise<void> {
    await this.#admin.close();
  }

  async #ask<R>(action: string, resource: string, ask: () => Promise<R>): Promise<R> {
    const giveUpAt = Date.now() + this.#retryFor;
    for (;;) {
      try {
        return await ask();
      } catch (cause) {
        // The client has tried a few times by itself, with pauses.
        if (isPassing(cause) && Date.now() < giveUpAt) continue;
        throw toKafkaError(cause, action, resource === '' ? {} : { resource });
      }
    }
  }
}
