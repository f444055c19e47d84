import {
  type Coder,
  type Duration,
  type PCollection,
  type Pipeline,
  PipelineError,
  type PTransform,
  splittableParDo,
} from '../../sdk/index.ts';
import { checkChoiceOption, checkIntegerOption, checkOptions, type OptionNames } from '../check-options.ts';
import { durationMillis } from '../duration-millis.ts';
import { checkConnection, type KafkaConnection } from './kafka-connection.ts';
import type { BadKafkaRecord, KafkaRecord } from './kafka-record.ts';
import { type KafkaPosition, type KafkaSourceSettings, partitionSource, type TaggedRecord } from './kafka-source.ts';
import { listPartitions, partitionWatch } from './topic-partitions.ts';

/** What happens to records whose key or value cannot be decoded. */
export type OnBadRecord = 'fail' | 'skip' | 'deadLetter';

/** Options of {@link readKafka}. */
export interface KafkaReadOptions<K = Uint8Array, V = Uint8Array, E extends OnBadRecord = 'fail'> {
  readonly connection: KafkaConnection;
  /** Name or names of the topics. */
  readonly topics: string | readonly string[];
  /** Coder of keys and of values, e.g. `coders.string`; bytes when absent. */
  readonly key?: Coder<K>;
  readonly value?: Coder<V>;
  /**
   * Where reading begins when nothing was read before: default `'latest'`. `'committed'`: where the group `groupId` stands,
   * or at `startWithoutCommit`. A pipeline that goes on from its checkpoint goes on where it was.
   */
  readonly start?: KafkaPosition | 'committed';
  /** Where reading begins in partitions for which the group has committed nothing; default `'earliest'`. */
  readonly startWithoutCommit?: KafkaPosition;
  /**
   * Where reading ends, which makes the collection bounded: `'latest'` is the end of each log when the job starts. Without
   * it reading does not end.
   */
  readonly end?: KafkaPosition;
  /** The consumer group whose offsets are read and committed. The source joins no group: partitions are dealt out here. */
  readonly groupId?: string;
  /** Commits offsets of the group once what was read is durable: for others to see; the source itself needs none. */
  readonly commitOffsets?: boolean;
  /** The event time of a record, in milliseconds; default its timestamp. */
  readonly timestamp?: (record: KafkaRecord<K, V>) => number;
  /**
   * By how much the event time of a record may lie before that of earlier records of its partition; default `'0ms'`. The
   * watermark of a partition stays so much behind.
   */
  readonly maxDelay?: Duration;
  /**
   * After this time without records a partition no longer holds the watermark back: it follows the clock, `maxDelay`
   * behind. Default `'10s'`; `'never'` where records with old timestamps may come at any time.
   */
  readonly idleAfter?: Duration | 'never';
  /** How often new partitions are looked for; default `'1m'`. Not for bounded reads. */
  readonly newPartitions?: Duration;
  /** `'committed'` (default): records of open and aborted transactions are not seen. */
  readonly isolation?: 'committed' | 'uncommitted';
  /** What happens to records that cannot be decoded; default `'fail'`. */
  readonly onError?: E;
  /** When the log has been cut behind the place that was read last: `'fail'` (default), or go on with what is left. */
  readonly onOffsetLost?: 'fail' | 'earliest';
  /** For how long failures of the network and brokers that are away are waited out; default `'1m'`. */
  readonly retryFor?: Duration;
  /** Bytes of a partition fetched at a time; default 1 MiB. */
  readonly maxBytes?: number;
  /** Coder of the records; the default coder when absent. */
  readonly coder?: Coder<KafkaRecord<K, V>>;
}

/** What the source gives: the records, or with dead letters the records and those that could not be decoded. */
export type KafkaOutput<K, V, E extends OnBadRecord> = E extends 'deadLetter'
  ? { readonly records: PCollection<KafkaRecord<K, V>>; readonly errors: PCollection<BadKafkaRecord> }
  : PCollection<KafkaRecord<K, V>>;

const READ_KAFKA_OPTIONS: OptionNames<KafkaReadOptions<unknown, unknown, OnBadRecord>> = {
  connection: true,
  topics: true,
  key: true,
  value: true,
  start: true,
  startWithoutCommit: true,
  end: true,
  groupId: true,
  commitOffsets: true,
  timestamp: true,
  maxDelay: true,
  idleAfter: true,
  newPartitions: true,
  isolation: true,
  onError: true,
  onOffsetLost: true,
  retryFor: true,
  maxBytes: true,
  coder: true,
};

/**
 * Reads topics of Kafka, one restriction per partition: unbounded, or with `end` a bounded collection.
 *
 * On restart: offsets are part of the pipeline's checkpoint, so each record is processed exactly once with regard to the
 * pipeline's state and to sinks that are; without a checkpoint reading begins at `start`. The broker may be away or
 * restart for up to `retryFor`.
 *
 * @throws PipelineError `OPTION_INVALID`; when it runs `PACKAGE_MISSING`, and IoError `KAFKA_CONNECTION`, `KAFKA_TOPIC`,
 *   `KAFKA_ACCESS`, `KAFKA_RECORD` for a record that cannot be decoded, `KAFKA_OFFSET_LOST`
 */
export function readKafka<K = Uint8Array, V = Uint8Array>(
  options: KafkaReadOptions<K, V, 'deadLetter'> & { readonly onError: 'deadLetter' },
): PTransform<Pipeline, KafkaOutput<K, V, 'deadLetter'>>;
export function readKafka<K = Uint8Array, V = Uint8Array>(
  options: KafkaReadOptions<K, V, 'fail' | 'skip'>,
): PTransform<Pipeline, KafkaOutput<K, V, 'fail'>>;
export function readKafka<K, V>(
  options: KafkaReadOptions<K, V, OnBadRecord>,
): PTransform<Pipeline, KafkaOutput<K, V, OnBadRecord>> {
  const name = 'ReadKafka';
  checkOptions(options, READ_KAFKA_OPTIONS, name);
  const settings = checkSettings(options, name);
  const topics = typeof options.topics === 'string' ? [options.topics] : [...options.topics];
  const interval = durationMillis(options.newPartitions ?? '1m');
  const { connection, retryForMillis } = settings;
  return {
    name,
    expand(pipeline) {
      const wanted = pipeline.create([topics]);
      const partitions =
        settings.end === undefined
          ? wanted.apply(splittableParDo('Partitions', partitionWatch(connection, interval, retryForMillis)))
          : wanted.flatMap('Partitions', (names) => listPartitions(connection, names, retryForMillis));
      const read = partitions.apply(splittableParDo('Read', partitionSource(settings)));
      if (settings.onError !== 'deadLetter') return read as PCollection<KafkaRecord<K, V>>;
      const tagged = read as PCollection<TaggedRecord<K, V>>;
      const records = tagged.flatMap('Records', (entry) => (entry[0] === 'record' ? [entry[1]] : []));
      const errors = tagged.flatMap('Errors', (entry) => (entry[0] === 'error' ? [entry[1]] : []));
      return { records: settings.coder === undefined ? records : records.withCoder(settings.coder), errors };
    },
  };
}

function checkSettings<K, V>(
  options: KafkaReadOptions<K, V, OnBadRecord>,
  transform: string,
): KafkaSourceSettings<K, V> {
  const invalid = (message: string): never => {
    throw new PipelineError('OPTION_INVALID', message, { transform });
  };
  const topics = typeof options.topics === 'string' ? [options.topics] : options.topics;
  if (!Array.isArray(topics) || topics.length === 0 || !topics.every((topic) => /^[\w.-]{1,249}$/.test(topic))) {
    invalid(`topics cannot be ${JSON.stringify(options.topics)}`);
  }
  if (new Set(topics).size < topics.length) invalid('topics names one twice');
  const { start = 'latest', startWithoutCommit = 'earliest', end, onError = 'fail', maxBytes = 1024 * 1024 } = options;
  if ((start === 'committed' || options.commitOffsets === true) && !options.groupId) {
    invalid("start: 'committed' and commitOffsets need a groupId");
  }
  for (const [option, position] of Object.entries({ start, startWithoutCommit, end })) {
    if (position !== undefined && !isPosition(position) && !(option === 'start' && position === 'committed')) {
      invalid(`${option} cannot be ${JSON.stringify(position)}`);
    }
  }
  checkChoiceOption('onError', onError, ['fail', 'skip', 'deadLetter'], transform);
  checkIntegerOption('maxBytes', maxBytes, 1, 2 ** 30, transform);
  const idleAfter = options.idleAfter ?? '10s';
  return {
    connection: checkConnection(options.connection, transform),
    key: options.key,
    value: options.value,
    coder: options.coder,
    start,
    startWithoutCommit,
    end,
    groupId: options.groupId,
    commitOffsets: options.commitOffsets ?? false,
    timestampOf: options.timestamp,
    maxDelayMillis: durationMillis(options.maxDelay ?? '0ms'),
    idleMillis: idleAfter === 'never' ? undefined : durationMillis(idleAfter),
    onError,
    onOffsetLost: options.onOffsetLost ?? 'fail',
    isolation: options.isolation ?? 'committed',
    maxBytes,
    retryForMillis: durationMillis(options.retryFor ?? '1m'),
  };
}

function isPosition(position: KafkaPosition | 'committed'): position is KafkaPosition {
  if (position === 'earliest' || position === 'latest') return true;
  if (typeof position !== 'object' || position === null) return false;
  if ('time' in position) return Number.isSafeInteger(Number(position.time)) && Number(position.time) >= 0;
  if (!('offsets' in position) || typeof position.offsets !== 'object') return false;
  return Object.values(position.offsets).every((partitions) =>
    Object.values(partitions).every((offset) => Number.isSafeInteger(offset) && offset >= 0),
  );
}
