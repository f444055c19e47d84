/** Tables that are polled, by a process that is killed again and again: each row counts once. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import { startPostgres, whyNoPostgres } from '../postgres/postgres-server.ts';
import { freshFolder } from '../support/fresh-folder.ts';

const PROGRAM = join(import.meta.dirname, 'programs/tally.ts');
const KILLS = 5;
/** Rows that are added before each kill. */
const PORTION = 1000;
const ZONES = 7;
const COLUMNS = '(id INTEGER PRIMARY KEY, zone INTEGER NOT NULL)';

/** A database whose table `events` is polled. */
interface Database {
  /** Says to the program where it is. */
  readonly source: object;
  execute(statement: string): Promise<unknown> | void;
}

test('SQLite: the process is killed again and again, and each row counts once', async (t) => {
  const file = join(freshFolder(t), 'events.db');
  const database = new DatabaseSync(file);
  t.after(() => database.close());
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF');
  await killAndGoOn(t, { source: { file }, execute: (statement) => database.exec(statement) });
});

test('Postgres: the process is killed again and again, and each row counts once', {
  skip: whyNoPostgres(),
}, async (t) => {
  const server = await startPostgres();
  t.after(() => server.stop());
  await killAndGoOn(t, { source: { connection: server.options }, execute: (statement) => server.query(statement) });
});

async function killAndGoOn(t: TestContext, { source, execute }: Database): Promise<void> {
  const folder = freshFolder(t);
  const totals = new DatabaseSync(join(folder, 'totals.db'));
  t.after(() => totals.close());
  totals.exec('PRAGMA journal_mode = WAL; CREATE TABLE totals (zone INTEGER PRIMARY KEY, total INTEGER)');
  await execute(`CREATE TABLE events ${COLUMNS}`);
  const counted = () => Number(totals.prepare('SELECT coalesce(sum(total), 0) AS n FROM totals').get()?.n);
  const argv = [PROGRAM, JSON.stringify(source), join(folder, 'totals.db'), join(folder, 'checkpoints')];
  let child: ChildProcess | undefined;
  t.after(() => child?.kill('SIGKILL'));
  const go = () => {
    child = spawn(process.execPath, argv, { stdio: ['ignore', 'pipe', 'inherit'] });
    return child;
  };
  let added = 0;
  for (let kill = 0; kill <= KILLS; kill++) {
    const running = go();
    const rows = Array.from({ length: PORTION }, (_, i) => `(${added + i}, ${(added + i) % ZONES})`);
    await execute(`INSERT INTO events VALUES ${rows.join(', ')}`);
    added += PORTION;
    // Somewhere in the middle of a portion; at last, when all is done.
    const enough = kill < KILLS ? added - PORTION + 100 * (kill + 1) : added;
    await countedTo(running, () => counted() >= enough);
    running.kill('SIGKILL');
    await once(running, 'exit');
  }
  const rows = totals.prepare('SELECT zone, total FROM totals ORDER BY zone').all();
  assert.deepEqual(
    rows.map((row) => ({ ...row })),
    Array.from({ length: ZONES }, (_, zone) => ({ zone, total: Math.ceil((added - zone) / ZONES) })),
  );
}

/** Resolves once a condition holds, which is looked at whenever the program has written. */
async function countedTo(child: ChildProcess, isReached: () => boolean): Promise<void> {
  const { stdout } = child;
  if (stdout === null) throw new Error('The program has no output');
  await new Promise<void>((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`The program ended with ${code}`)));
    stdout.on('data', () => {
      if (isReached()) resolve();
    });
  });
}
