import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RedisClient, type RedisCommand, type RedisReply } from '../../src/io/redis/redis-client.ts';
import { freePort } from '../support/free-port.ts';

/** Why no server can be started here; `undefined` when one can. */
export function whyNoRedis(): string | undefined {
  if (spawnSync('redis-server', ['--version']).status === 0) return undefined;
  return 'Redis is not installed (apt-get install redis-server)';
}

/** A server of its own for one test file, with its data in a temporary folder: what it has acknowledged is on disk. */
export class RedisServer {
  readonly connection: { readonly port: number };
  readonly #folder = mkdtempSync(join(tmpdir(), 'millrace-redis-'));
  readonly #client: RedisClient;
  #process: ChildProcess | undefined;

  private constructor(port: number) {
    this.connection = { port };
    this.#client = new RedisClient(this.connection);
  }

  static async start(): Promise<RedisServer> {
    const server = new RedisServer(await freePort());
    await server.up();
    return server;
  }

  /** Starts the process again, with the data that is there. */
  async up(): Promise<void> {
    const options = ['--bind', '127.0.0.1', '--dir', this.#folder, '--appendonly', 'yes', '--appendfsync', 'always'];
    const child = spawn('redis-server', ['--port', String(this.connection.port), ...options, '--save', ''], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#process = child;
    await new Promise<void>((resolve, reject) => {
      let log = '';
      const read = (chunk: Buffer) => {
        log = (log + chunk).slice(-10_000);
        if (log.includes('Ready to accept connections')) resolve();
      };
      child.stdout?.on('data', read);
      child.stderr?.on('data', read);
      child.on('error', reject);
      child.on('exit', (code) => reject(new Error(`redis-server ended with ${code}: ${log}`)));
    });
  }

  /** Ends the process as a crash does; its data stay. */
  async down(): Promise<void> {
    const child = this.#process;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exit = once(child, 'exit');
    child.kill('SIGKILL');
    await exit;
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
