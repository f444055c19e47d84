import {
  type Coder,
  type Duration,
  IoError,
  MAX_TIMESTAMP,
  type MetricsScope,
  MIN_TIMESTAMP,
  type OffsetRange,
  offsetRangeCoder,
  resume,
  type SplittableDoFn,
  type Timestamp,
} from '../../sdk/index.ts';
import { timeBehind } from '../time-behind.ts';
import { EARLIEST, type Isolation, KafkaCluster, LATEST } from './kafka-cluster.ts';
import { type KafkaConnection, partitionName, type TopicPartition } from './kafka-connection.ts';
import { type BadKafkaRecord, type KafkaRecord, RecordDecoder } from './kafka-record.ts';
import { NO_END, PartitionTracker } from './offset-tracker.ts';
import { type Fetched, isOffsetLost, PartitionReader } from './partition-reader.ts';

/** A place in the logs: their begin or end, a time, or an offset for each partition by topic. */
export type KafkaPosition =
  | 'earliest'
  | 'latest'
  | { readonly time: number | Date }
  | { readonly offsets: Readonly<Record<string, Readonly<Record<number, number>>>> };

/** How a partition is read; all options checked and with their defaults. */
export interface KafkaSourceSettings<K, V> {
  readonly connection: KafkaConnection;
  readonly key: Coder<K> | undefined;
  readonly value: Coder<V> | undefined;
  readonly coder: Coder<KafkaRecord<K, V>> | undefined;
  readonly start: KafkaPosition | 'committed';
  readonly startWithoutCommit: KafkaPosition;
  readonly end: KafkaPosition | undefined;
  readonly groupId: string | undefined;
  readonly commitOffsets: boolean;
  readonly timestampOf: ((record: KafkaRecord<K, V>) => number) | undefined;
  readonly maxDelayMillis: number;
  readonly idleMillis: number | undefined;
  readonly onError: 'fail' | 'skip' | 'deadLetter';
  readonly onOffsetLost: 'fail' | 'earliest';
  readonly isolation: Isolation;
  readonly maxBytes: number;
  readonly retryForMillis: number;
}

/** A record, or a dead letter. */
export type TaggedRecord<K, V> = readonly ['record', KafkaRecord<K, V>] | readonly ['error', BadKafkaRecord];

type Output<K, V> = KafkaRecord<K, V> | TaggedRecord<K, V>;

/** Milliseconds that the broker waits for records when there are none. */
const MAX_WAIT = 200;
/** Between two looks at a partition that has nothing new. */
const IDLE_PAUSE: Duration = '10ms';
/** Guessed bytes of a record, to compare partitions by. */
const RECORD_BYTES = 100;
/** An unbounded range counts as so many records more than are there. */
const UNBOUNDED_SIZE = 1_000_000;

/** The splittable DoFn that reads one partition: records, or with dead letters what is tagged as record and as error. */
export function partitionSource<K, V>(
  settings: KafkaSourceSettings<K, V>,
): SplittableDoFn<TopicPartition, OffsetRange, number, Output<K, V>> {
  let cluster: Promise<KafkaCluster> | undefined;
  const readers = new Map<string, PartitionReader>();
  const opened = () => {
    cluster ??= KafkaCluster.open(settings.connection, settings.retryForMillis);
    return cluster;
  };
  const readerOf = async (at: TopicPartition) => {
    const name = partitionName(at);
    const known = readers.get(name);
    // Two calls may read parts of one partition at the same time: each has a connection of its own.
    if (known !== undefined && readers.delete(name)) return known;
    const { isolation, maxBytes, retryForMillis } = settings;
    return new PartitionReader(await opened(), at, {
      isolation,
      maxWait: MAX_WAIT,
      maxBytes,
      retryFor: retryForMillis,
    });
  };
  const keep = async (at: TopicPartition, reader: PartitionReader) => {
    const name = partitionName(at);
    if (readers.has(name)) await reader.close();
    else readers.set(name, reader);
  };
  const deadLetters = settings.onError === 'deadLetter';
  return {
    unbounded: settings.end === undefined,
    watermark: 'manual',
    ...(deadLetters || settings.coder === undefined ? {} : { coder: settings.coder as Coder<Output<K, V>> }),
    restriction: {
      coder: offsetRangeCoder,
      initial: async (at) => {
        const known = await opened();
        const start = await startOf(known, at, settings);
        const end = settings.end === undefined ? NO_END : await offsetOf(known, at, settings.end, settings.isolation);
        return { start, end: Math.max(start, end) };
      },
      size: (_, { start, end }) => (end === NO_END ? UNBOUNDED_SIZE : end - start) * RECORD_BYTES,
      // A log is read from front to back by one connection; parts of it are given away only when a worker is idle.
      tracker: (range) => new PartitionTracker(range),
    },
    async *process(at, context) {
      const { tracker, signal, metrics, watermark } = context;
      const progress = tracker as PartitionTracker;
      const reader = await readerOf(at);
      const batches = new BatchMaker(at, settings, metrics);
      let position = tracker.current().start;
      if (settings.commitOffsets && settings.groupId !== undefined) {
        const { groupId } = settings;
        const begin = position;
        // Called when everything that this call has claimed is durable.
        context.afterBundleCommit(async () => {
          if (position > begin) await (await opened()).commitOffset(at, groupId, position);
        });
      }
      let upcoming: Promise<Fetched | undefined> | undefined;
      const fetch = (offset: number): Promise<Fetched | undefined> => {
        const fetched = untilAborted(fetchOrSkip(reader, offset, at, settings, signal, metrics), signal);
        fetched.catch(() => {});
        return fetched;
      };
      try {
        for (;;) {
          const { end } = tracker.current();
          if (position >= end) return;
          const fetched = await (upcoming ?? fetch(position));
          upcoming = undefined;
          if (fetched === undefined) {
            // The rest was taken back; a claim tells whether it really was.
            if (!tracker.tryClaim(position)) return;
            throw new Error('A restriction was stopped and not taken back');
          }
          progress.seeLogEnd(fetched.end);
          if (fetched.next <= position) {
            const now = context.processingTime();
            reader.idleSince ??= now;
            const idle = settings.idleMillis;
            if (idle !== undefined && now - reader.idleSince >= idle) {
              watermark.set(timeBehind(now, settings.maxDelayMillis));
            }
            if (end !== NO_END) continue;
            return resume(IDLE_PAUSE);
          }
          reader.idleSince = undefined;
          const from = position;
          const to = Math.min(fetched.next, tracker.current().end);
          // Everything up to there is this call's, control records and gaps of compaction included.
          if (to <= from || !tracker.tryClaim(to - 1)) return;
          position = to;
          if (to < tracker.current().end) upcoming = fetch(to);
          const batch = batches.make(fetched, from, to);
          if (batch === undefined) continue;
          if (batches.watermark > watermark.current) watermark.set(batches.watermark);
          yield batch;
        }
      } finally {
        await keep(at, reader);
      }
    },
    async teardown() {
      const all = [...readers.values()];
      readers.clear();
      await Promise.all(all.map((reader) => reader.close()));
      const known = cluster;
      cluster = undefined;
      await (await known?.catch(() => undefined))?.close();
    },
  };
}

/** Turns what was fetched into outputs with their timestamps, and follows the watermark. */
class BatchMaker<K, V> {
  readonly #settings: KafkaSourceSettings<K, V>;
  readonly #decoder: RecordDecoder<K, V>;
  readonly #metrics: MetricsScope;
  #latest = Number.NEGATIVE_INFINITY;

  constructor(at: TopicPartition, settings: KafkaSourceSettings<K, V>, metrics: MetricsScope) {
    this.#settings = settings;
    this.#decoder = new RecordDecoder(at, settings.key, settings.value);
    this.#metrics = metrics;
  }

  /** No record will come that is earlier, as far as their delay is bounded. */
  get watermark(): Timestamp {
    return timeBehind(this.#latest, this.#settings.maxDelayMillis);
  }

  make({ batches }: Fetched, from: number, to: number): { values: Output<K, V>[]; timestamps: number[] } | undefined {
    const { onError, timestampOf } = this.#settings;
    const records: KafkaRecord<K, V>[] = [];
    const bad: BadKafkaRecord[] = [];
    for (const batch of batches) this.#decoder.decode(batch, from, to, records, bad);
    if (bad.length > 0) this.#report(bad);
    const timestamps: number[] = [];
    for (const record of records) {
      const timestamp = timestampOf === undefined ? record.timestamp : checked(timestampOf(record), record);
      if (timestamp > this.#latest) this.#latest = timestamp;
      timestamps.push(timestamp);
    }
    if (onError !== 'deadLetter') return records.length === 0 ? undefined : { values: records, timestamps };
    const values: TaggedRecord<K, V>[] = records.map((record) => ['record', record]);
    for (const record of bad) {
      values.push(['error', record]);
      timestamps.push(record.timestamp);
    }
    return values.length === 0 ? undefined : { values, timestamps };
  }

  #report(bad: readonly BadKafkaRecord[]): void {
    this.#metrics.counter('badRecords').inc(bad.length);
    if (this.#settings.onError !== 'fail') return;
    const [{ topic, partition, offset, part, error }] = bad;
    throw new IoError('KAFKA_RECORD', `The ${part} of a record cannot be decoded: ${error.message}`, {
      resource: `${topic}/${partition} at offset ${offset}`,
      hint: "onError: 'skip' leaves such records out, 'deadLetter' gives them as a collection of their own.",
    });
  }
}

function checked(timestamp: number, { topic, partition, offset }: KafkaRecord<unknown, unknown>): number {
  if (timestamp >= MIN_TIMESTAMP && timestamp <= MAX_TIMESTAMP) return timestamp;
  throw new IoError('KAFKA_TIMESTAMP', `The timestamp of a record cannot be ${timestamp}`, {
    resource: `${topic}/${partition} at offset ${offset}`,
  });
}

/** What is at an offset; where the log does not reach back so far and that is allowed, from its begin. */
async function fetchOrSkip<K, V>(
  reader: PartitionReader,
  offset: number,
  at: TopicPartition,
  settings: KafkaSourceSettings<K, V>,
  signal: AbortSignal,
  metrics: MetricsScope,
): Promise<Fetched> {
  try {
    return await reader.fetch(offset, signal);
  } catch (error) {
    if (!isOffsetLost(error)) throw error;
    const begin = await reader.start();
    if (settings.onOffsetLost === 'fail' || begin <= offset) {
      throw new IoError('KAFKA_OFFSET_LOST', `The log holds offsets from ${begin} on: what was before is lost`, {
        resource: `${partitionName(at)} at offset ${offset}`,
        hint: "onOffsetLost: 'earliest' goes on with what is there.",
        cause: error,
      });
    }
    metrics.counter('offsetsLost').inc(begin - offset);
    return { batches: [], next: begin, end: begin };
  }
}

async function startOf<K, V>(
  cluster: KafkaCluster,
  at: TopicPartition,
  settings: KafkaSourceSettings<K, V>,
): Promise<number> {
  const { start, startWithoutCommit, groupId, isolation } = settings;
  if (start !== 'committed') return offsetOf(cluster, at, start, isolation);
  const committed = await cluster.committedOffset(at, groupId as string);
  return committed?.offset ?? offsetOf(cluster, at, startWithoutCommit, isolation);
}

/** The offset of a position; where no record is so late, the end. */
async function offsetOf(
  cluster: KafkaCluster,
  at: TopicPartition,
  position: KafkaPosition,
  isolation: Isolation,
): Promise<number> {
  const end = async () => (await cluster.offsetAt(at, LATEST, isolation)) ?? 0;
  if (position === 'earliest') return (await cluster.offsetAt(at, EARLIEST, isolation)) ?? 0;
  if (position === 'latest') return end();
  if ('time' in position) return (await cluster.offsetAt(at, BigInt(Number(position.time)), isolation)) ?? end();
  const offset = position.offsets[at.topic]?.[at.partition];
  if (offset !== undefined) return offset;
  throw new IoError('KAFKA_POSITION', 'No offset is given for a partition', { resource: partitionName(at) });
}

/** The result, or `undefined` as soon as nobody wants it any more. */
function untilAborted<T>(result: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  if (signal.aborted) return Promise.resolve(undefined);
  return new Promise((resolve, reject) => {
    const stop = () => resolve(undefined);
    signal.addEventListener('abort', stop, { once: true });
    result.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}
