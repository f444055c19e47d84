import type { Connection, ConnectionPool, fetchV17, RecordsBatch } from '@platformatic/kafka';
import { IoError } from '../../sdk/index.ts';
import { committedBatches, dataBatches } from './committed-batches.ts';
import type { Isolation, KafkaCluster, Leader } from './kafka-cluster.ts';
import { partitionName, type TopicPartition } from './kafka-connection.ts';
import { errorNames, isPassing, toKafkaError } from './kafka-errors.ts';

/** What one request has brought. */
export interface Fetched {
  /** Batches that a reader sees; the first may begin before the offset that was asked for. */
  readonly batches: readonly RecordsBatch[];
  /** Where to go on. */
  readonly next: number;
  /** The end of what can be read at the moment. */
  readonly end: number;
}

/** How a partition is read. */
export interface FetchSettings {
  readonly isolation: Isolation;
  /** Milliseconds that the broker waits for records. */
  readonly maxWait: number;
  /** Bytes of one answer; a batch that is larger comes all the same. */
  readonly maxBytes: number;
  /** Milliseconds for which failures of the network are waited out. */
  readonly retryFor: number;
}

/** Longest pause between two attempts. */
const MAX_PAUSE = 2000;

/** Reads one partition over a connection of its own, and finds the leader again when it moves or the broker restarts. */
export class PartitionReader {
  readonly #cluster: KafkaCluster;
  readonly #at: TopicPartition;
  readonly #settings: FetchSettings;
  /** Since when there has been nothing new. Outlasts the calls of the DoFn, which end when nothing comes. */
  idleSince: number | undefined;
  #pool: ConnectionPool | undefined;
  #leader: Leader | undefined;

  constructor(cluster: KafkaCluster, at: TopicPartition, settings: FetchSettings) {
    this.#cluster = cluster;
    this.#at = at;
    this.#settings = settings;
  }

  /**
   * The records from an offset on, none when nothing comes for a while.
   *
   * @throws IoError `KAFKA_OFFSET_LOST` when the log does not reach back so far, `KAFKA_CONNECTION` when nothing helps
   */
  async fetch(offset: number, signal: AbortSignal): Promise<Fetched> {
    let pause = 50;
    let failingSince: number | undefined;
    for (;;) {
      try {
        return await this.#fetchOnce(offset);
      } catch (cause) {
        await this.#reset();
        const now = Date.now();
        failingSince ??= now;
        const passing = isPassing(cause) || (cause instanceof IoError && cause.code === 'KAFKA_CONNECTION');
        if (signal.aborted || !passing || now - failingSince > this.#settings.retryFor) {
          throw toKafkaError(cause, 'read records', { resource: `${partitionName(this.#at)} at offset ${offset}` });
        }
        await sleep(pause, signal);
        pause = Math.min(MAX_PAUSE, pause * 2);
      }
    }
  }

  /** The offset at which the log begins. */
  async start(): Promise<number> {
    return (await this.#cluster.offsetAt(this.#at, -2n, this.#settings.isolation)) ?? 0;
  }

  async close(): Promise<void> {
    await this.#reset();
  }

  async #fetchOnce(offset: number): Promise<Fetched> {
    const { isolation, maxWait, maxBytes } = this.#settings;
    const { kafka } = this.#cluster;
    const version = await this.#cluster.fetchVersion();
    this.#leader ??= await this.#cluster.leader(this.#at, this.#pool === undefined);
    const { host, port, epoch, topicId } = this.#leader;
    this.#pool ??= this.#cluster.ownConnections();
    const connection = await this.#pool.get({ host, port });
    const committed = isolation === 'committed';
    const partition = {
      partition: this.#at.partition,
      currentLeaderEpoch: epoch,
      fetchOffset: BigInt(offset),
      lastFetchedEpoch: -1,
      partitionMaxBytes: maxBytes,
    };
    // Older brokers know a topic by its name.
    const topics = [{ topicId: version >= 13 ? topicId : this.#at.topic, partitions: [partition] }];
    const { async: request } = fetchApi(kafka, version);
    const level = committed ? kafka.FetchIsolationLevels.READ_COMMITTED : kafka.FetchIsolationLevels.READ_UNCOMMITTED;
    // Session 0 in epoch -1: the request stands for itself.
    const response = await request(connection, maxWait, 1, maxBytes, level, 0, -1, topics, [], '');
    const answer = response.responses[0]?.partitions[0];
    if (answer === undefined) return { batches: [], next: offset, end: offset };
    const records = answer.records ?? [];
    const last = records[records.length - 1];
    return {
      batches: committed ? committedBatches(records, answer.abortedTransactions) : dataBatches(records),
      next: last === undefined ? offset : Math.max(offset, Number(last.firstOffset) + last.lastOffsetDelta + 1),
      end: Number(committed ? answer.lastStableOffset : answer.highWatermark),
    };
  }

  async #reset(): Promise<void> {
    const pool = this.#pool;
    this.#pool = undefined;
    this.#leader = undefined;
    // Whatever goes wrong with a connection that is given up does not matter.
    await pool?.close().catch(() => {});
  }
}

/** Whether an error says that the log does not hold an offset. */
export function isOffsetLost(error: unknown): boolean {
  return (
    (error instanceof IoError && error.code === 'KAFKA_OFFSET_LOST') || errorNames(error).has('OFFSET_OUT_OF_RANGE')
  );
}

type FetchApi = {
  readonly async: (
    connection: Connection,
    maxWait: number,
    minBytes: number,
    maxBytes: number,
    isolation: number,
    session: number,
    epoch: number,
    topics: readonly unknown[],
    forgotten: readonly unknown[],
    rack: string,
  ) => Promise<fetchV17.FetchResponse>;
};

function fetchApi(kafka: KafkaCluster['kafka'], version: number): FetchApi {
  const module = (kafka as unknown as Record<string, { readonly api: FetchApi } | undefined>)[`fetchV${version}`];
  if (module === undefined)
    throw new IoError('KAFKA_VERSION', `The broker speaks version ${version} of fetch requests at most`);
  return module.api;
}

function sleep(millis: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, millis);
    signal.addEventListener('abort', done);
  });
}
