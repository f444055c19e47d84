import { PipelineError } from '../../sdk/index.ts';

/** TLS, as `node:tls` takes it. */
export interface RedisTls {
  /** Certificates of the authorities that are trusted, in PEM; default those of Node. */
  readonly ca?: string;
  /** The client's certificate and key, in PEM. */
  readonly cert?: string;
  readonly key?: string;
  readonly servername?: string;
  readonly rejectUnauthorized?: boolean;
}

/** A Redis server and how it is reached. */
export interface RedisOptions {
  /** Default `127.0.0.1`. */
  readonly host?: string;
  /** Default 6379. */
  readonly port?: number;
  /** Number of the database; default 0. */
  readonly database?: number;
  readonly username?: string;
  /** The password, or a function that gets it: it is called in each worker, so that the program need not hold it. */
  readonly password?: string | (() => string | Promise<string>);
  /** `true`: TLS with Node's certificates. Default: no TLS. */
  readonly tls?: boolean | RedisTls;
  /** Milliseconds to wait for a connection; default 10,000. */
  readonly connectTimeout?: number;
  /** Milliseconds of silence after which a connection is given up, while an answer is waited for or not; default 30,000. */
  readonly requestTimeout?: number;
}

/** A server: a URL (`redis://user:password@host:6379/0`, with TLS `rediss://`) or options. */
export type RedisConnection = string | RedisOptions;

/** @throws PipelineError `OPTION_INVALID` */
export function checkConnection(connection: RedisConnection, transform: string): void {
  const isUrl = typeof connection === 'string';
  if (isUrl ? /^rediss?:$/.test(URL.parse(connection)?.protocol ?? '') : typeof connection === 'object') return;
  throw new PipelineError('OPTION_INVALID', 'The connection is neither a URL of Redis nor an object', {
    transform,
    hint: 'redis://host:6379, or an object with host, port, username, password',
  });
}

/** The server, without user and password. */
export function resourceOf(connection: RedisConnection): string {
  if (typeof connection !== 'string') {
    const { host = '127.0.0.1', port = 6379, database = 0 } = connection;
    return `redis://${host}:${port}/${database}`;
  }
  const { protocol, host, pathname } = new URL(connection);
  return `${protocol}//${host}${pathname}`;
}
