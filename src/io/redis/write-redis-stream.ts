import {
  type DoFn,
  type KV,
  type PCollection,
  PipelineError,
  type PTransform,
  parDo,
  type Window,
} from '../../sdk/index.ts';
import { BatchSender } from '../batch-sender.ts';
import { checkIntegerOption, checkOptions, type OptionNames } from '../check-options.ts';
import { writeOnce } from '../write-once.ts';
import { CountedAppender } from './counted-appender.ts';
import { RedisClient, type RedisCommand } from './redis-client.ts';
import { checkConnection, type RedisConnection } from './redis-connection.ts';
import {
  argumentsOf,
  BATCH_BYTES,
  BATCH_ENTRIES,
  type PlainFields,
  plainFields,
  type RedisMessage,
  sizeOf,
} from './stream-message.ts';

/** Options of {@link writeRedisStream}. */
export interface RedisWriteOptions {
  readonly connection: RedisConnection;
  /** Name of the stream; it is made where there is none. */
  readonly stream: string;
  /** Entries that the stream is trimmed to, about (`MAXLEN ~`); default: it is not trimmed. */
  readonly maxLength?: number;
  /** Default `'atLeastOnce'`. */
  readonly delivery?: 'atLeastOnce' | RedisExactlyOnce;
}

/** What exactly once delivery needs to know. */
export interface RedisExactlyOnce {
  /** Names this sink on the server, beside the stream. One sink of one pipeline, the same after every restart. */
  readonly exactlyOnce: string;
}

const WRITE_REDIS_OPTIONS: OptionNames<RedisWriteOptions> = {
  connection: true,
  stream: true,
  maxLength: true,
  delivery: true,
};

/**
 * Adds entries to a stream of Redis; the server gives them their ids. The result has no elements: it is there to wait for.
 *
 * Delivery: **at least once** unless told otherwise. A bundle ends when the server has its entries; one that fails, or
 * whose connection breaks, writes entries again. Within a bundle they keep their order, unless some are written again.
 *
 * **Exactly once** with `delivery: { exactlyOnce: 'name' }`: entries are numbered in the pipeline's state, and go out when
 * a checkpoint holds them, by a script that keeps the number of the next one in the key `{stream}:millrace:name`. After a
 * crash the pipeline goes on from its checkpoint, and what the stream has already is left out. So it needs a
 * `checkpointDir`, costs the time between two checkpoints, and holds as far as the server keeps what it has acknowledged
 * (`appendfsync always`).
 *
 * @throws PipelineError `OPTION_INVALID`; when it runs `PACKAGE_MISSING`, and IoError `REDIS_CONNECTION`, `REDIS_ACCESS`,
 *   `REDIS_STREAM`, `REDIS_ENTRY`, `REDIS_RESOURCES`, `REDIS_CLUSTER`, `REDIS_FENCED` when another pipeline uses the same
 *   name
 */
export function writeRedisStream<M extends RedisMessage = RedisMessage, W extends Window = Window>(
  options: RedisWriteOptions,
): PTransform<PCollection<M, W>, PCollection<never, W>> {
  const name = 'WriteRedisStream';
  checkOptions(options, WRITE_REDIS_OPTIONS, name);
  checkWrite(options, name);
  const { delivery = 'atLeastOnce' } = options;
  return {
    name,
    expand(input) {
      if (delivery === 'atLeastOnce') {
        return input.apply(parDo<M, never, {}, {}, W>('Write', appender<M, W>(options)));
      }
      const encode: DoFn<M, KV<number, PlainFields>, {}, {}, W> = {
        // A stream has one order, so there is one shard.
        process: (message) => [[0, plainFields(message)] as const],
      };
      const encoded = input.apply(parDo<M, KV<number, PlainFields>, {}, {}, W>('Encode', encode));
      const writer = () => new CountedAppender(options, delivery.exactlyOnce);
      return writeOnce(encoded as PCollection<KV<number, PlainFields>, W>, writer);
    },
  };
}

/** @throws PipelineError `OPTION_INVALID` */
function checkWrite({ connection, stream, maxLength, delivery = 'atLeastOnce' }: RedisWriteOptions, transform: string) {
  checkConnection(connection, transform);
  const invalid = (message: string): never => {
    throw new PipelineError('OPTION_INVALID', message, { transform });
  };
  if (typeof stream !== 'string' || stream === '') invalid(`stream cannot be ${JSON.stringify(stream)}`);
  if (maxLength !== undefined) checkIntegerOption('maxLength', maxLength, 1, Number.MAX_SAFE_INTEGER, transform);
  if (delivery === 'atLeastOnce') return;
  const { exactlyOnce } = delivery;
  if (typeof exactlyOnce !== 'string' || exactlyOnce === '') {
    invalid(`exactlyOnce names the sink, and cannot be ${JSON.stringify(exactlyOnce)}`);
  }
}

/** The DoFn that adds entries: it sends one batch while the next one is gathered. */
function appender<M extends RedisMessage, W extends Window>({
  connection,
  stream,
  maxLength,
}: RedisWriteOptions): DoFn<M, never, {}, {}, W> {
  const add: readonly string[] = ['XADD', stream, ...(maxLength === undefined ? [] : ['MAXLEN', '~', `${maxLength}`])];
  const client = new RedisClient(connection);
  let batch: RedisCommand[] = [];
  let bytes = 0;
  const sender = new BatchSender();
  const flush = async () => {
    const commands = batch;
    batch = [];
    bytes = 0;
    await sender.send(() => client.ask(commands, `write to ${stream}`));
  };
  return {
    concurrency: 1,
    startBundle() {
      batch = [];
      bytes = 0;
      return sender.start();
    },
    process(message) {
      const fields = plainFields(message);
      batch.push([...add, '*', ...argumentsOf(fields)]);
      bytes += sizeOf(fields);
      return batch.length >= BATCH_ENTRIES || bytes >= BATCH_BYTES ? (flush() as Promise<undefined>) : undefined;
    },
    async finishBundle() {
      if (batch.length > 0) await flush();
      await sender.finish();
    },
    teardown: () => client.close(),
  };
}
