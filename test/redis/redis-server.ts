import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RedisClient, type RedisCommand, type RedisReply } from '../../src/io/redis/redis-client.ts';
import { has } from '../peers/peer.ts';
import { type ServerProcess, startServer } from '../peers/server-process.ts';
import { freePorts } from '../support/free-ports.ts';

/** Why no server can be started here; `undefined` when one can. */
export function whyNoRedis(): string | undefined {
  return has('redis-server', '--version') ? undefined : 'Redis is not installed (apt-get install redis-server)';
}

/** A server of its own for one test file, with its data in a temporary folder: what it has acknowledged is on disk. */
export class RedisServer {
  readonly connection: { readonly port: number };
  readonly #folder = mkdtempSync(join(tmpdir(), 'millrace-redis-'));
  readonly #client: RedisClient;
  #process: ServerProcess | undefined;

  private constructor(port: number) {
    this.connection = { port };
    this.#client = new RedisClient(this.connection);
  }

  static async start(): Promise<RedisServer> {
    const [port] = await freePorts(1);
    const server = new RedisServer(port);
    await server.up();
    return server;
  }

  /** Starts the process again, with the data that is there. */
  async up(): Promise<void> {
    const options = ['--bind', '127.0.0.1', '--dir', this.#folder, '--appendonly', 'yes', '--appendfsync', 'always'];
    const argv = ['--port', String(this.connection.port), ...options, '--save', ''];
    this.#process = await startServer('redis-server', argv, /Ready to accept connections/);
  }

  /** Ends the process as a crash does; its data stay. */
  async down(): Promise<void> {
    await this.#process?.stop();
  }

  /** Runs a command, for tests to prepare and look at streams. */
  async command(...command: RedisCommand): Promise<RedisReply> {
    return (await this.#client.ask([command], 'prepare a test'))[0];
  }

  /** The fields of a stream's entries, as texts. */
  async entries(stream: string): Promise<string[][]> {
    const entries = (await this.command('XRANGE', stream, '-', '+')) as [Buffer, Buffer[]][];
    return entries.map(([, fields]) => fields.map(String));
  }

  async stop(): Promise<void> {
    await this.#client.close();
    await this.down();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
