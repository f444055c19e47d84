import {
  type Coder,
  type Duration,
  type PCollection,
  type Pipeline,
  PipelineError,
  type PTransform,
  splittableParDo,
} from '../../sdk/index.ts';
import { checkIntegerOption, checkOptions, type OptionNames } from '../check-options.ts';
import { durationMillis } from '../duration-millis.ts';
import { isEntryId } from './entry-id.ts';
import type { RedisGroup } from './group-feed.ts';
import { checkConnection, type RedisConnection } from './redis-connection.ts';
import { type RawRedisEntry, type RedisEntry, textEntry } from './stream-entry.ts';
import { type RedisPosition, type RedisSourceSettings, streamSource } from './stream-source.ts';

/** Options of {@link readRedisStream}. */
export interface RedisReadOptions<T> {
  readonly connection: RedisConnection;
  /** Name or names of the streams. One that is not there yet is empty. */
  readonly streams: string | readonly string[];
  /**
   * Where reading begins when nothing was read before: default `'latest'`. A pipeline that goes on from its checkpoint goes
   * on where it was, and a group that exists where it stands.
   */
  readonly start?: RedisPosition;
  /** Where reading ends, which makes the collection bounded: `'latest'` is the last entry when the job starts. Not for groups. */
  readonly end?: RedisPosition;
  /** Reads as a consumer of a group, which shares the entries out among its consumers. Default: all entries, by their ids. */
  readonly group?: RedisGroup;
  /** Makes the element; default the fields as texts, which fails for what is not UTF-8 and for two fields of one name. */
  readonly decode?: (entry: RawRedisEntry) => T;
  /** The event time of an element in milliseconds; default the time in the entry's id, which the server gives it. */
  readonly timestamp?: (element: T) => number;
  /** By how much event times may lie before what was read already; default `'0ms'`. */
  readonly maxDelay?: Duration;
  /** How often new entries are asked for when there were none; default `'50ms'`. */
  readonly interval?: Duration;
  /** Entries fetched at a time; default 1,000. */
  readonly batchSize?: number;
  /** For how long a server that is away is waited for; default `'1m'`. */
  readonly retryFor?: Duration;
  /** Coder of the elements; the default coder when absent. */
  readonly coder?: Coder<T>;
}

const READ_REDIS_OPTIONS: OptionNames<RedisReadOptions<unknown>> = {
  connection: true,
  streams: true,
  start: true,
  end: true,
  group: true,
  decode: true,
  timestamp: true,
  maxDelay: true,
  interval: true,
  batchSize: true,
  retryFor: true,
  coder: true,
};

/**
 * Reads streams of Redis, one restriction per stream: unbounded, or with `end` a bounded collection that is read in
 * parallel by time. Needs the package `@redis/client`, and Redis 5 or later, or Valkey.
 *
 * On restart: the id of the last entry is part of the pipeline's checkpoint, so each entry is processed exactly once with
 * regard to the pipeline's state and to sinks that are. What is trimmed before it is read is not seen, and Redis does not
 * tell: keep entries (`MAXLEN`) for longer than the pipeline may be away.
 *
 * With a group the same holds as long as the consumer keeps its name and nobody sets the group back: entries are
 * acknowledged when a checkpoint holds them, and those on the list of this consumer that no checkpoint holds come when the
 * pipeline starts: again, or for the first time where they were claimed for it (`XCLAIM`), with event times that may be late.
 * Without a checkpoint entries are acknowledged when they have gone through the pipeline: at least once.
 *
 * @throws PipelineError `OPTION_INVALID`; when it runs `PACKAGE_MISSING`, and IoError `REDIS_CONNECTION`, `REDIS_ACCESS`,
 *   `REDIS_STREAM` for a key that holds something else, `REDIS_ENTRY` for an entry that cannot be decoded, `REDIS_CLUSTER`
 */
export function readRedisStream<T = RedisEntry>(options: RedisReadOptions<T>): PTransform<Pipeline, PCollection<T>> {
  const name = 'ReadRedisStream';
  checkOptions(options, READ_REDIS_OPTIONS, name);
  const streams = typeof options.streams === 'string' ? [options.streams] : options.streams;
  const settings = settingsOf(options, streams, name);
  return {
    name,
    expand: (pipeline) =>
      pipeline.create([...streams]).apply(splittableParDo('Read', streamSource(settings))) as PCollection<T>,
  };
}

function settingsOf<T>(
  options: RedisReadOptions<T>,
  streams: readonly string[],
  transform: string,
): RedisSourceSettings<T> {
  const invalid = (message: string): never => {
    throw new PipelineError('OPTION_INVALID', message, { transform });
  };
  const { connection, start = 'latest', end, group, batchSize = 1000, coder } = options;
  checkConnection(connection, transform);
  if (!Array.isArray(streams) || streams.length === 0 || !streams.every(isName)) {
    invalid(`streams cannot be ${JSON.stringify(options.streams)}`);
  }
  if (new Set(streams).size < streams.length) invalid('streams names one twice');
  for (const [option, position] of Object.entries({ start, end })) {
    if (position !== undefined && !isPosition(position)) invalid(`${option} cannot be ${JSON.stringify(position)}`);
  }
  if (group !== undefined && end !== undefined) invalid('A group has no end: leave out end, or group');
  if (group !== undefined && !(isName(group.name) && isName(group.consumer))) {
    invalid('A group has a name and a consumer, which are not empty');
  }
  checkIntegerOption('batchSize', batchSize, 1, 100_000, transform);
  return {
    connection,
    start,
    end,
    group,
    decode: options.decode ?? (textEntry as (entry: RawRedisEntry) => T),
    timestampOf: options.timestamp,
    maxDelayMillis: durationMillis(options.maxDelay ?? '0ms'),
    interval: options.interval ?? '50ms',
    batchSize,
    retryForMillis: durationMillis(options.retryFor ?? '1m'),
    coder,
  };
}

function isName(name: unknown): boolean {
  return typeof name === 'string' && name !== '';
}

function isPosition(position: RedisPosition): boolean {
  if (position === 'earliest' || position === 'latest') return true;
  if (typeof position !== 'object' || position === null) return false;
  if ('after' in position) return isEntryId(position.after);
  return Number.isSafeInteger(Number(position.time)) && Number(position.time) >= 0;
}
