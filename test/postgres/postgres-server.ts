import { spawnSync } from 'node:child_process';
import { chownSync, existsSync, globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import type { PostgresOptions } from '../../src/io/sql/index.ts';
import { PostgresClient } from '../../src/io/sql/postgres-client.ts';
import { startServer } from '../peers/server-process.ts';
import { freePorts } from '../support/free-ports.ts';

/** A server of its own for one test file, in a temporary folder. */
export interface PostgresServer {
  readonly options: PostgresOptions & { readonly port: number };
  /** Runs a statement, for tests to prepare and look at tables. */
  query(text: string): Promise<(string | null)[][]>;
  stop(): Promise<void>;
}

/** The folder with `initdb` and `postgres`: on the path, or where Debian puts them. */
function binaries(): string | undefined {
  const folders = [
    ...(process.env.PATH ?? '').split(delimiter),
    ...globSync('/usr/lib/postgresql/*/bin').sort().reverse(),
  ];
  return folders.find((folder) => existsSync(join(folder, 'initdb')) && existsSync(join(folder, 'postgres')));
}

/** Why no server can be started here; `undefined` when one can. */
export function whyNoPostgres(): string | undefined {
  if (binaries() === undefined) return 'Postgres is not installed (apt-get install postgresql)';
  if (process.getuid?.() === 0 && ordinaryUser() === undefined)
    return 'Postgres does not run as root, and there is no user postgres or nobody';
  return undefined;
}

/** Postgres refuses to run as root. */
function ordinaryUser(): { uid: number; gid: number } | undefined {
  const users = readFileSync('/etc/passwd', 'utf8').split('\n');
  for (const name of ['postgres', 'nobody']) {
    const fields = users.find((line) => line.startsWith(`${name}:`))?.split(':');
    if (fields !== undefined) return { uid: Number(fields[2]), gid: Number(fields[3]) };
  }
  return undefined;
}

/** Starts a server. */
export async function startPostgres(): Promise<PostgresServer> {
  const bin = binaries();
  if (bin === undefined) throw new Error(whyNoPostgres());
  const folder = mkdtempSync(join(tmpdir(), 'millrace-postgres-'));
  const data = join(folder, 'data');
  const user = process.getuid?.() === 0 ? ordinaryUser() : undefined;
  if (user !== undefined) chownSync(folder, user.uid, user.gid);
  const as = { cwd: folder, ...user };
  const made = spawnSync(
    join(bin, 'initdb'),
    ['-D', data, '-U', 'millrace', '--auth=trust', '--no-sync', '-E', 'UTF8', '--locale=C'],
    { ...as, encoding: 'utf8' },
  );
  if (made.status !== 0) throw new Error(`initdb failed: ${made.stderr}`);
  const [port] = await freePorts(1);
  const options = { host: '127.0.0.1', port, user: 'millrace', database: 'postgres' };
  const settings = ['listen_addresses=127.0.0.1', 'fsync=off', 'max_connections=60'].flatMap((each) => ['-c', each]);
  const server = await startServer(
    join(bin, 'postgres'),
    ['-D', data, '-p', String(port), '-k', folder, ...settings],
    /ready to accept connections/,
    as,
  );
  return {
    options,
    async query(text) {
      const client = await PostgresClient.connect(options);
      try {
        return (await client.query(text)).rows;
      } finally {
        await client.close();
      }
    },
    async stop() {
      await server.stop('SIGINT');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
