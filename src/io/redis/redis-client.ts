import type { createClient } from '@redis/client';
import { loadPackage } from '../load-package.ts';
import { type RedisConnection, resourceOf } from './redis-connection.ts';
import { isPassing, toRedisError } from './redis-errors.ts';

/** A command: its name and arguments. The client library refuses bytes that are no Buffer. */
export type RedisCommand = readonly (string | Buffer)[];

/** An answer of the second protocol: texts are bytes. */
export type RedisReply = Buffer | string | number | null | readonly RedisReply[];

type Client = ReturnType<typeof createClient>;

/** What is asked of a server. */
export type RedisCommands = Pick<RedisClient, 'ask' | 'tryOnce'>;

/** Pauses between attempts, in milliseconds. */
const FIRST_PAUSE = 50;
const LONGEST_PAUSE = 1000;

/** One connection, which is opened when it is needed and again when it has broken. */
export class RedisClient {
  readonly #connection: RedisConnection;
  readonly #retryFor: number;
  #client: Promise<Client> | undefined;

  /** @param retryFor milliseconds for which a server that is away is waited for; default a minute */
  constructor(connection: RedisConnection, retryFor = 60_000) {
    this.#connection = connection;
    this.#retryFor = retryFor;
  }

  /**
   * Sends commands together, and again when the connection breaks: for commands that may be repeated.
   *
   * @param action for the message, as in `Cannot ${action}`
   * @throws IoError with a code of Redis, PipelineError `PACKAGE_MISSING`
   */
  async ask(commands: readonly RedisCommand[], action: string): Promise<RedisReply[]> {
    let pause = FIRST_PAUSE;
    let failingSince: number | undefined;
    for (;;) {
      try {
        return await this.#send(commands);
      } catch (cause) {
        const now = performance.now();
        failingSince ??= now;
        if (!isPassing(cause) || now - failingSince > this.#retryFor) throw this.#error(cause, action);
        await new Promise((resolve) => setTimeout(resolve, pause));
        pause = Math.min(LONGEST_PAUSE, pause * 2);
      }
    }
  }

  /** Sends commands once; `undefined` when nobody knows whether they have been carried out. */
  async tryOnce(commands: readonly RedisCommand[], action: string): Promise<RedisReply[] | undefined> {
    try {
      return await this.#send(commands);
    } catch (cause) {
      if (isPassing(cause)) return undefined;
      throw this.#error(cause, action);
    }
  }

  async close(): Promise<void> {
    const client = this.#client;
    this.#client = undefined;
    (await client?.catch(() => undefined))?.destroy();
  }

  async #send(commands: readonly RedisCommand[]): Promise<RedisReply[]> {
    this.#client ??= this.#open();
    try {
      const client = await this.#client;
      // All of them: a failure of one must not leave another without anybody who looks at its end.
      const ends = await Promise.allSettled(commands.map((command) => client.sendCommand<RedisReply>(command)));
      return ends.map((end) => {
        if (end.status === 'rejected') throw end.reason;
        return end.value;
      });
    } catch (cause) {
      if (isPassing(cause)) await this.close();
      throw cause;
    }
  }

  async #open(): Promise<Client> {
    const { createClient, RESP_TYPES } = await loadPackage('@redis/client', 'Redis', () => import('@redis/client'));
    const { url, socket, ...login } = await connectionOptions(this.#connection);
    const client = createClient({
      ...(url === undefined ? {} : { url }),
      ...login,
      // The library would go on by itself for ever, and repeat what must not be repeated.
      socket: { ...socket, reconnectStrategy: false },
      disableOfflineQueue: true,
      disableClientInfo: true,
      maintNotifications: 'disabled',
      RESP: 2,
      commandOptions: { typeMapping: { [RESP_TYPES.BLOB_STRING]: Buffer } },
    });
    // Whoever waits for an answer is told; without a listener a lost connection would end the process.
    client.on('error', () => {});
    try {
      await client.connect();
    } catch (cause) {
      client.destroy();
      // The next attempt may have another password.
      this.#client = undefined;
      throw cause;
    }
    return client as unknown as Client;
  }

  #error(cause: unknown, action: string) {
    return toRedisError(cause, action, { resource: resourceOf(this.#connection) });
  }
}

async function connectionOptions(connection: RedisConnection) {
  const options = typeof connection === 'string' ? {} : connection;
  const { host, port, database, username, password, tls = false } = options;
  const { connectTimeout = 10_000, requestTimeout = 30_000 } = options;
  return {
    ...(typeof connection === 'string' ? { url: connection } : {}),
    ...(database === undefined ? {} : { database }),
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password: typeof password === 'string' ? password : await password() }),
    socket: {
      connectTimeout,
      // Of silence: a connection on which nothing is asked for so long is closed, and opened again.
      socketTimeout: requestTimeout,
      ...(host === undefined ? {} : { host }),
      ...(port === undefined ? {} : { port }),
      ...(tls === false ? {} : { ...(tls === true ? {} : tls), tls: true as const }),
    },
  };
}
