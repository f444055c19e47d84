import type { Client, ClientConfig } from 'pg';
import { PipelineError } from '../../sdk/index.ts';
import { loadPackage } from '../load-package.ts';
import { toSqlError } from './sql-errors.ts';

/** How a Postgres server is reached. What is absent comes from `PGHOST`, `PGPORT`, `PGUSER` and so on. */
export interface PostgresOptions {
  /** Name, address, or folder of the Unix socket. */
  readonly host?: string;
  /** Default 5432. */
  readonly port?: number;
  readonly database?: string;
  readonly user?: string;
  /** The password, or a function that gets it: it is called in each worker, so that the program need not hold it. */
  readonly password?: string | (() => string | Promise<string>);
  /** `true`: TLS with the certificate checked; an object: as `node:tls` takes it. Default: no TLS. */
  readonly ssl?:
    | boolean
    | { readonly ca?: string; readonly cert?: string; readonly key?: string; readonly rejectUnauthorized?: boolean };
  /** Milliseconds to wait for a connection; default 10,000. */
  readonly connectTimeout?: number;
  /** Milliseconds after which the server ends a statement; default: what the server says. */
  readonly statementTimeout?: number;
}

/** A server: a URL (`postgres://user@host:5432/database`) or options. */
export type PostgresConnection = string | PostgresOptions;

/** Text formats that the decoders rely on, whatever the server's settings are. */
const SESSION = `SET standard_conforming_strings = on; SET DateStyle = 'ISO, YMD'; SET IntervalStyle = 'iso_8601';
  SET extra_float_digits = 1; SET bytea_output = 'hex'; SET TimeZone = 'UTC'; SET cursor_tuple_fraction = 1`;

/** A result whose values are the texts that the server sent. */
export interface TextResult {
  readonly rows: (string | null)[][];
  readonly fields: readonly { readonly name: string; readonly dataTypeID: number }[];
}

/** One connection. Values go in both directions as texts. */
export class PostgresClient {
  readonly #client: Client;
  readonly #resource: string;
  /** Set when the connection broke while nothing was asked of it. */
  #broken: unknown;

  private constructor(client: Client, resource: string) {
    this.#client = client;
    this.#resource = resource;
    // Without a listener a lost connection would end the process.
    client.on('error', (error) => {
      this.#broken = error;
    });
  }

  /** @throws IoError `SQL_CONNECTION` or `SQL_ACCESS`, PipelineError `PACKAGE_MISSING` */
  static async connect(connection: PostgresConnection): Promise<PostgresClient> {
    const { default: pg } = await loadPackage('pg', 'Postgres', () => import('pg'));
    const resource = resourceOf(connection);
    const client = new pg.Client(configOf(connection));
    const opened = new PostgresClient(client, resource);
    try {
      await client.connect();
      await client.query(SESSION);
    } catch (cause) {
      await client.end().catch(() => {});
      throw toSqlError(cause, 'connect to Postgres', { resource });
    }
    return opened;
  }

  get isBroken(): boolean {
    return this.#broken !== undefined;
  }

  /** The server and database, without user and password. */
  get resource(): string {
    return this.#resource;
  }

  /** One statement. @param name under which the server keeps it prepared */
  async query(
    text: string,
    values: readonly unknown[] = [],
    action = 'query Postgres',
    name?: string,
  ): Promise<TextResult> {
    try {
      return await this.raw(text, values, name);
    } catch (cause) {
      throw toSqlError(cause, action, { resource: this.#resource });
    }
  }

  /** One statement, whose errors are the client's own. */
  async raw(text: string, values: readonly unknown[] = [], name?: string): Promise<TextResult> {
    if (this.#broken !== undefined) throw this.#broken;
    const result = await this.#client.query({
      text,
      values: values as unknown[],
      rowMode: 'array',
      ...(name === undefined ? {} : { name }),
    });
    return result as unknown as TextResult;
  }

  async close(): Promise<void> {
    await this.#client.end().catch(() => {});
  }
}

/** Connections of one worker to one server, opened when needed and used again; at most `limit` at once. */
export class PostgresPool {
  readonly #connection: PostgresConnection;
  readonly #limit: number;
  readonly #idle: PostgresClient[] = [];
  readonly #waiting: (() => void)[] = [];
  #open = 0;

  constructor(connection: PostgresConnection, limit: number) {
    this.#connection = connection;
    this.#limit = limit;
  }

  async acquire(): Promise<PostgresClient> {
    while (this.#idle.length === 0 && this.#open >= this.#limit) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    const idle = this.#idle.pop();
    if (idle !== undefined) return idle;
    this.#open++;
    try {
      return await PostgresClient.connect(this.#connection);
    } catch (error) {
      this.#open--;
      this.#waiting.shift()?.();
      throw error;
    }
  }

  /** Gives a connection back; one in an unknown state is closed instead. */
  async release(client: PostgresClient, reusable: boolean): Promise<void> {
    if (reusable && !client.isBroken) {
      this.#idle.push(client);
    } else {
      this.#open--;
      await client.close();
    }
    this.#waiting.shift()?.();
  }

  /** Closes the idle connections. */
  async close(): Promise<void> {
    const idle = this.#idle.splice(0);
    this.#open -= idle.length;
    await Promise.all(idle.map((client) => client.close()));
  }
}

function configOf(connection: PostgresConnection): ClientConfig {
  const options: PostgresOptions = typeof connection === 'string' ? {} : connection;
  const { statementTimeout, connectTimeout = 10_000, ...given } = options;
  return {
    ...(typeof connection === 'string' ? { connectionString: connection } : (given as ClientConfig)),
    connectionTimeoutMillis: connectTimeout,
    ...(statementTimeout === undefined ? {} : { statement_timeout: statementTimeout }),
    keepAlive: true,
    application_name: 'millrace',
    types: { getTypeParser: () => asText as never },
  };
}

function asText(value: string): string {
  return value;
}

function resourceOf(connection: PostgresConnection): string {
  if (typeof connection !== 'string') {
    const { host = 'localhost', port = 5432, database = '' } = connection;
    return `postgres://${host}:${port}/${database}`;
  }
  try {
    const url = new URL(connection);
    return `${url.protocol}//${url.host}${url.pathname}`;
  } catch {
    throw new PipelineError('OPTION_INVALID', 'The connection is not a URL', {
      hint: 'postgres://user@host:5432/database, or an object with host, port, database, user, password',
    });
  }
}
