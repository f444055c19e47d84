/** Streams of Redis without end: what is guaranteed when the pipeline or the server is killed. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { after, before, describe, type TestContext, test } from 'node:test';
import { GroupFeed } from '../../src/io/redis/group-feed.ts';
import { type RedisReadOptions, readRedisStream, writeRedisStream } from '../../src/io/redis/index.ts';
import { packIds } from '../../src/io/redis/packed-ids.ts';
import { RedisClient } from '../../src/io/redis/redis-client.ts';
import type { RedisEntry } from '../../src/io/redis/stream-entry.ts';
import type { TakenEntries } from '../../src/io/redis/taken-entries.ts';
import { count, fixed, type Job, type MillraceError, Pipeline } from '../../src/sdk/index.ts';
import { startPipeline } from '../../src/sdk/pipeline/runner.ts';
import { freshFolder } from '../support/fresh-folder.ts';
import { RedisServer, whyNoRedis } from './redis-server.ts';

const PROGRAM = join(import.meta.dirname, 'programs/copy.ts');
/** How often the copying process is killed, and the entries that are added each time. */
const KILLS = 5;
const PORTION = 1000;

describe('Redis streams without end', { skip: whyNoRedis() }, () => {
  let server: RedisServer;
  let streams = 0;
  before(async () => {
    server = await RedisServer.start();
  });
  after(() => server?.stop());

  const newStream = () => `endless-${streams++}`;
  const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);

  async function add(stream: string, from: number, to: number): Promise<void> {
    for (let n = from; n < to; n++) await server.command('XADD', stream, '*', 'n', String(n));
  }

  const numbersOf = async (stream: string) => (await server.entries(stream)).map(([, n]) => Number(n));

  for (const group of [undefined, 'copiers']) {
    const how = group === undefined ? 'by ids' : 'as a consumer of a group';
    test(`read ${how}, written exactly once: the process is killed, and each entry is there once`, async (t) => {
      const [from, to] = [newStream(), newStream()];
      const argv = [PROGRAM, String(server.connection.port), from, to, join(freshFolder(t), 'checkpoints')];
      let child: ChildProcess | undefined;
      t.after(() => child?.kill('SIGKILL'));
      const length = async () => Number(await server.command('XLEN', to));
      for (let kill = 0; kill <= KILLS; kill++) {
        const running = spawn(process.execPath, group === undefined ? argv : [...argv, group], { stdio: 'inherit' });
        child = running;
        await add(from, kill * PORTION, (kill + 1) * PORTION);
        // Somewhere in the middle of a portion; at last, when all is done.
        const enough = kill < KILLS ? kill * PORTION + 100 * (kill + 1) : (kill + 1) * PORTION;
        while ((await length()) < enough) assert.equal(running.exitCode, null);
        running.kill('SIGKILL');
        await once(running, 'exit');
      }
      assert.deepEqual(await numbersOf(to), range(0, (KILLS + 1) * PORTION));
      if (group === undefined) return;
      const [pending] = (await server.command('XPENDING', from, group)) as number[];
      assert.ok(pending <= PORTION, `${pending} entries were never acknowledged`);
    });
  }

  /** Runs a pipeline over a stream until it has seen enough. */
  async function stream(
    t: TestContext,
    options: Partial<RedisReadOptions<RedisEntry>> & { streams: string },
    enough: number,
    during: () => Promise<void>,
    to?: string,
  ): Promise<number[]> {
    const { connection } = server;
    const pipeline = new Pipeline();
    const seen: number[] = [];
    const satisfied = Promise.withResolvers<void>();
    const messages = pipeline
      .apply(readRedisStream<RedisEntry>({ connection, start: 'earliest', interval: '5ms', ...options }))
      .map('See', ({ fields }) => {
        if (seen.push(Number(fields.n)) >= enough) satisfied.resolve();
        return { fields };
      });
    if (to !== undefined) messages.apply(writeRedisStream({ connection, stream: to }));
    const job: Job = await startPipeline(pipeline, { threads: 0 });
    t.after(() => job.cancel().catch(() => {}));
    const ended = job.wait();
    await during();
    await Promise.race([satisfied.promise, ended]);
    await job.drain();
    await ended;
    return seen;
  }

  /** Copies a stream exactly once, from a checkpoint to another, until enough has arrived. */
  async function copy(
    t: TestContext,
    options: Partial<RedisReadOptions<RedisEntry>> & { streams: string },
    to: string,
    checkpointDir: string,
    enough: number,
  ): Promise<void> {
    const pipeline = new Pipeline({ name: 'fenced' });
    const { connection } = server;
    pipeline
      .apply(readRedisStream<RedisEntry>({ connection, start: 'earliest', interval: '5ms', ...options }))
      .apply(writeRedisStream({ connection, stream: to, delivery: { exactlyOnce: 'fenced' } }));
    const durable = { threads: 0, maxAttempts: 1, checkpointDir, checkpointInterval: '10ms' } as const;
    const job = await startPipeline(pipeline, durable);
    t.after(() => job.cancel().catch(() => {}));
    let failure: unknown;
    const ended = job.wait().catch((error: MillraceError) => {
      if (error.code !== 'STOPPED') failure = error;
    });
    while (failure === undefined && Number(await server.command('XLEN', to)) < enough);
    if (failure === undefined) await job.stop();
    await ended;
    if (failure !== undefined) throw failure;
  }

  for (const group of [undefined, { name: 'g', consumer: 'c' }]) {
    test(`the server may be killed while it is read ${group === undefined ? 'by ids' : 'by a group'} and written`, async (t) => {
      const [from, to] = [newStream(), newStream()];
      await add(from, 0, 300);
      const reading = { streams: from, batchSize: 10, ...(group === undefined ? {} : { group }) };
      const during = async () => {
        for (let crash = 1; crash <= 3; crash++) {
          await server.down();
          await server.up();
          await add(from, crash * 300, (crash + 1) * 300);
        }
      };
      const seen = await stream(t, reading, 1200, during, to);
      assert.deepEqual(seen, range(0, 1200));
      assert.deepEqual(new Set(await numbersOf(to)), new Set(seen));
    });
  }

  test('two consumers share a group; what one has not acknowledged comes to it again', async () => {
    const from = newStream();
    await add(from, 0, 10);
    const client = new RedisClient(server.connection);
    const feed = (consumer: string, durable?: TakenEntries) =>
      new GroupFeed(client, from, { name: 'g', consumer }, '0-0', durable);
    const ids = ((await server.command('XRANGE', from, '-', '+')) as [Buffer, unknown][]).map(([id]) => String(id));
    const given = async (of: GroupFeed, after: string, many: number) =>
      (await of.next(after, many)).entries.map(({ id }) => ids.indexOf(id));
    const [a, b] = [feed('a'), feed('b')];
    assert.deepEqual(await given(a, '0-0', 4), [0, 1, 2, 3]);
    // Nobody took them, so they are offered once more.
    assert.deepEqual(await given(a, '0-0', 4), [0, 1, 2, 3]);
    a.take();
    assert.deepEqual(await given(b, '0-0', 3), [4, 5, 6]);
    b.take();
    assert.deepEqual(await given(a, ids[3], 9), [7, 8, 9]);
    // The process of `a` has ended; its checkpoint holds the first two, and entry 3 is not there any more.
    await server.command('XDEL', from, ids[3]);
    const again = feed('a', { group: 'g', ids: packIds(ids.slice(0, 2)) });
    assert.deepEqual(await given(again, ids[1], 9), [2, 7, 8, 9]);
    const acknowledge = again.take();
    assert.deepEqual(await given(again, ids[9], 9), []);
    const pending = (await server.command('XPENDING', from, 'g', '-', '+', '99', 'a')) as [Buffer][];
    assert.deepEqual(
      pending.map(([id]) => ids.indexOf(String(id))),
      [2, 7, 8, 9],
    );
    await acknowledge?.();
    assert.deepEqual(await server.command('XPENDING', from, 'g', '-', '+', '99', 'a'), []);
    await client.close();
  });

  /** Reads as a consumer that never acknowledges, and dies. */
  const readAndDie = (stream: string, group: string, most: number) =>
    server.command('XREADGROUP', 'GROUP', group, 'dead', 'COUNT', String(most), 'STREAMS', stream, '>');

  async function pendingOf(stream: string, group: string, consumer: string): Promise<string[]> {
    const pending = (await server.command('XPENDING', stream, group, '-', '+', '9999', consumer)) as [Buffer][];
    return pending.map(([id]) => String(id));
  }

  async function claim(stream: string, group: string, consumer: string): Promise<void> {
    const ids = await pendingOf(stream, group, 'dead');
    if (ids.length > 0) await server.command('XCLAIM', stream, group, consumer, '0', ...ids);
  }

  test('entries that a consumer left behind come to one that they are claimed for, though its checkpoint is past them', async (t) => {
    const [from, to] = [newStream(), newStream()];
    const folder = join(freshFolder(t), 'checkpoints');
    const reading = { streams: from, group: { name: 'g', consumer: 'b' }, batchSize: 3 };
    await server.command('XGROUP', 'CREATE', from, 'g', '0', 'MKSTREAM');
    await add(from, 0, 5);
    await readAndDie(from, 'g', 5);
    await add(from, 5, 10);
    await copy(t, reading, to, folder, 5);
    assert.deepEqual(await numbersOf(to), range(5, 10));
    await claim(from, 'g', 'b');
    // One of them is gone before anybody has seen it.
    const [gone] = await pendingOf(from, 'g', 'b');
    await server.command('XDEL', from, gone);
    await add(from, 10, 15);
    await copy(t, reading, to, folder, 14);
    assert.deepEqual(await numbersOf(to), [...range(5, 10), ...range(1, 5), ...range(10, 15)]);
    // Nothing comes again; the last commit is known to the server.
    await add(from, 15, 16);
    await copy(t, reading, to, folder, 15);
    assert.deepEqual(await numbersOf(to), [...range(5, 10), ...range(1, 5), ...range(10, 16)]);
    assert.deepEqual(await pendingOf(from, 'g', 'b'), []);
  });

  test('entries are claimed for a process that is killed again and again, and each is there once', async (t) => {
    const [from, to, group] = [newStream(), newStream(), 'copiers'];
    const argv = [PROGRAM, String(server.connection.port), from, to, join(freshFolder(t), 'checkpoints'), group];
    let child: ChildProcess | undefined;
    t.after(() => child?.kill('SIGKILL'));
    await server.command('XGROUP', 'CREATE', from, group, '0', 'MKSTREAM');
    const length = async () => Number(await server.command('XLEN', to));
    let added = 0;
    const addMore = async (many: number) => {
      await add(from, added, added + many);
      added += many;
    };
    for (let kill = 0; kill <= KILLS; kill++) {
      await addMore(60);
      // The process reads what comes behind, and finds these on its list when it begins the next time.
      if (kill < KILLS) await readAndDie(from, group, 30);
      const before = await length();
      const running = spawn(process.execPath, argv, { stdio: 'inherit' });
      child = running;
      await addMore(60);
      const enough = kill < KILLS ? before + 50 : added;
      while ((await length()) < enough) assert.equal(running.exitCode, null);
      running.kill('SIGKILL');
      await once(running, 'exit');
      await claim(from, group, 'copier');
    }
    assert.deepEqual(
      (await numbersOf(to)).sort((x, y) => x - y),
      range(0, added),
    );
  });

  test('ids are event times, and the watermark follows the clock of the server', async (t) => {
    const from = newStream();
    const pipeline = new Pipeline();
    const counts: number[] = [];
    const fired = Promise.withResolvers<void>();
    pipeline
      .apply(readRedisStream({ connection: server.connection, streams: from, start: 'earliest', interval: '5ms' }))
      .window(fixed('100ms'))
      .combine(count())
      .map('See', (n) => {
        counts.push(n);
        if (counts.reduce((sum, each) => sum + each, 0) === 20) fired.resolve();
      });
    const job = await startPipeline(pipeline, { threads: 0 });
    t.after(() => job.cancel().catch(() => {}));
    await add(from, 0, 20);
    await Promise.race([fired.promise, job.wait()]);
    const minutes = new Map<number, number>();
    for (const [id] of (await server.command('XRANGE', from, '-', '+')) as [Buffer][]) {
      const window = Math.floor(Number(String(id).split('-')[0]) / 100);
      minutes.set(window, (minutes.get(window) ?? 0) + 1);
    }
    assert.deepEqual(counts, [...minutes.values()]);
  });

  test('a sink whose counter is gone, or that another pipeline uses, does not go on', async (t) => {
    const [from, to] = [newStream(), newStream()];
    const folder = join(freshFolder(t), 'checkpoints');
    const run = (checkpointDir: string, enough: number) => copy(t, { streams: from }, to, checkpointDir, enough);
    await add(from, 0, 10);
    await run(folder, 10);
    await add(from, 10, 20);
    await run(folder, 20);
    assert.deepEqual(await numbersOf(to), range(0, 20));
    // A pipeline that begins without a checkpoint takes the place of the first.
    await run(join(freshFolder(t), 'checkpoints'), 40);
    await add(from, 20, 30);
    await assert.rejects(run(folder, 50), { code: 'REDIS_FENCED' });
  });
});
