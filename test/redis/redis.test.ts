import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import {
  type RawRedisEntry,
  type RedisEntry,
  type RedisMessage,
  type RedisReadOptions,
  type RedisWriteOptions,
  readRedisStream,
  writeRedisStream,
} from '../../src/io/redis/index.ts';
import { textEntry } from '../../src/io/redis/stream-entry.ts';
import { streamSource } from '../../src/io/redis/stream-source.ts';
import { Pipeline, type TimestampedBatch } from '../../src/sdk/index.ts';
import { restrictionContext } from '../support/restriction-context.ts';
import { RedisServer, whyNoRedis } from './redis-server.ts';

describe('Redis streams', { skip: whyNoRedis() }, () => {
  let server: RedisServer;
  let streams = 0;
  before(async () => {
    server = await RedisServer.start();
  });
  after(() => server?.stop());

  const newStream = () => `stream-${streams++}`;

  async function write(messages: readonly RedisMessage[], options: Partial<RedisWriteOptions> & { stream: string }) {
    const pipeline = new Pipeline();
    pipeline.create(messages).apply(writeRedisStream({ connection: server.connection, ...options }));
    return pipeline.run({ threads: 0, maxAttempts: 1 });
  }

  async function read<T = RedisEntry>(
    name: string | readonly string[],
    options: Partial<RedisReadOptions<T>> = {},
  ): Promise<T[]> {
    const pipeline = new Pipeline();
    const { connection } = server;
    const elements = pipeline
      .apply(readRedisStream<T>({ connection, streams: name, start: 'earliest', end: 'latest', ...options }))
      .collect();
    return [...(await pipeline.run({ threads: 0, maxAttempts: 1 })).elements(elements)];
  }

  test('what is written is read: texts, numbers, bytes, in their order', async () => {
    const stream = newStream();
    const bytes = new Uint8Array([0, 255, 13, 10]);
    await write([{ fields: { b: 'ü', a: 1.5 } }, { fields: { empty: '', 'a name': 'x' } }], { stream });
    await write([{ fields: { bytes } }], { stream });
    const decode = ({ fields }: RawRedisEntry) =>
      fields.map(([name, value]) => [String(name), [...value]] as [string, number[]]);
    assert.deepEqual(await read(stream, { decode }), [
      [
        ['b', [0xc3, 0xbc]],
        ['a', [...Buffer.from('1.5')]],
      ],
      [
        ['empty', []],
        ['a name', [120]],
      ],
      [['bytes', [...bytes]]],
    ]);
    await assert.rejects(read(stream), { code: 'REDIS_ENTRY', message: /bytes is not UTF-8[\s\S]*decode/ });
    await server.command('DEL', stream);
    await server.command('XADD', stream, '7-3', 'a', '1', 'b', '2');
    assert.deepEqual(await read(stream), [{ stream, id: '7-3', fields: { a: '1', b: '2' } }]);
    await server.command('XADD', stream, '8-0', 'a', '1', 'a', '2');
    await assert.rejects(read(stream), { code: 'REDIS_ENTRY', message: /two fields a[\s\S]*at 8-0/ });
  });

  test('reading begins and ends at ids and times', async () => {
    const stream = newStream();
    for (let i = 0; i < 100; i++)
      await server.command('XADD', stream, `${1000 + Math.floor(i / 2)}-${i % 2}`, 'n', `${i}`);
    const numbers = async (options: Partial<RedisReadOptions<RedisEntry>>) =>
      (await read(stream, { batchSize: 7, ...options })).map(({ fields }) => Number(fields.n)).sort((a, b) => a - b);
    const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);
    assert.deepEqual(await numbers({}), range(0, 100));
    assert.deepEqual(await numbers({ start: { time: 1010 } }), range(20, 100));
    assert.deepEqual(await numbers({ end: { time: new Date(1010) } }), range(0, 20));
    assert.deepEqual(await numbers({ start: { after: '1010-0' }, end: { after: '1020-0' } }), range(21, 41));
    assert.deepEqual(await numbers({ start: { time: 5000 } }), []);
    assert.deepEqual(await numbers({ start: 'latest' }), []);
    assert.deepEqual(await numbers({ start: { time: 1010 }, end: { time: 1010 } }), []);
    assert.deepEqual(await read('not-there'), []);
  });

  test('a large stream is read in parts, and each entry once', async () => {
    const [a, b] = [newStream(), newStream()];
    const messages = (from: number) => Array.from({ length: 50_000 }, (_, i) => ({ fields: { n: from + i } }));
    await write(messages(0), { stream: a });
    await write(messages(50_000), { stream: b });
    const seen = await read([a, b]);
    assert.deepEqual(
      seen.map(({ fields }) => Number(fields.n)).sort((x, y) => x - y),
      Array.from({ length: 100_000 }, (_, i) => i),
    );
  });

  test('a read with an end is divided by time, and each entry is in one part', async () => {
    const stream = newStream();
    // Ten entries each second for a while, then one after a long silence.
    for (let n = 0; n < 200; n++) await server.command('XADD', stream, `${1_000_000 + n * 100}-0`, 'n', String(n));
    await server.command('XADD', stream, '1060000-5', 'n', '200');
    const fn = streamSource<RedisEntry>({
      connection: server.connection,
      start: 'earliest',
      end: 'latest',
      group: undefined,
      decode: textEntry,
      timestampOf: undefined,
      maxDelayMillis: 0,
      interval: '1s',
      batchSize: 9,
      retryForMillis: 0,
      coder: undefined,
    });
    const whole = await fn.restriction.initial(stream);
    const parts = [...((await fn.restriction.split?.(stream, whole, whole.at.bytes / 12)) ?? [])];
    assert.equal(parts.length, 12);
    const seen: number[][] = [];
    for (const part of parts) {
      const tracker = fn.restriction.tracker(part);
      const batches = fn.process(stream, restrictionContext(tracker)) as AsyncIterable<TimestampedBatch<RedisEntry>>;
      const numbers: number[] = [];
      for await (const { values } of batches) numbers.push(...values.map(({ fields }) => Number(fields.n)));
      tracker.checkDone();
      seen.push(numbers);
    }
    await fn.teardown?.();
    assert.deepEqual(
      seen.flat(),
      Array.from({ length: 201 }, (_, i) => i),
    );
    assert.deepEqual(
      seen.map((numbers) => numbers.length),
      [50, 50, 50, 50, 0, 0, 0, 0, 0, 0, 0, 1],
    );
  });

  test('the stream is trimmed when asked for', async () => {
    const stream = newStream();
    await write(
      Array.from({ length: 5000 }, (_, n) => ({ fields: { n } })),
      { stream, maxLength: 100 },
    );
    const length = Number(await server.command('XLEN', stream));
    // About: whole nodes of a hundred entries go.
    assert.ok(length >= 100 && length <= 300, String(length));
  });

  test('a user with a password, a URL, another database', async () => {
    const stream = newStream();
    await server.command('ACL', 'SETUSER', 'reader', 'on', '>reader-secret', '~*', '+@all');
    const { port } = server.connection;
    const connection = { port, username: 'reader', password: async () => 'reader-secret', database: 3 };
    await write([{ fields: { n: 1 } }], { stream, connection });
    assert.equal((await read(stream, { connection })).length, 1);
    assert.equal((await read(stream, { connection: `redis://reader:reader-secret@127.0.0.1:${port}/3` })).length, 1);
    assert.equal((await read(stream)).length, 0);
    for (const wrong of [{ ...connection, password: 'wrong' }, `redis://reader:wrong@127.0.0.1:${port}`]) {
      await assert.rejects(read(stream, { connection: wrong }), (error: Error & { code: string }) => {
        assert.equal(error.code, 'REDIS_ACCESS', error.message);
        assert.doesNotMatch(error.message, /reader:wrong/);
        return true;
      });
    }
  });

  test('errors have stable codes', async () => {
    await server.command('SET', 'text', 'x');
    await assert.rejects(read('text'), { code: 'REDIS_STREAM' });
    await assert.rejects(write([{ fields: { n: 1 } }], { stream: 'text' }), { code: 'REDIS_STREAM' });
    await assert.rejects(read('x', { connection: { port: 1 }, retryFor: '1ms' }), { code: 'REDIS_CONNECTION' });
    for (const fields of [{}, { a: null }, { a: '\ud800' }, { a: { b: 1 } }, null]) {
      await assert.rejects(write([{ fields } as never], { stream: 'x' }), { code: 'REDIS_ENTRY' });
    }
    const stream = newStream();
    await server.command('XADD', stream, '18446744073709551615-1', 'a', '1');
    await assert.rejects(read(stream), { code: 'REDIS_ENTRY', message: /no time/ });
    assert.equal((await read(stream, { timestamp: () => 5 })).length, 1);
  });

  test('wrong options are refused', () => {
    const { connection } = server;
    const reading = (options: object) => () => readRedisStream({ connection, streams: 'x', ...options });
    for (const options of [
      { streams: [] },
      { streams: ['a', 'a'] },
      { streams: '' },
      { start: 'first' },
      { start: { after: '5' } },
      { end: { time: -1 } },
      { group: { name: 'g', consumer: 'c' }, end: 'latest' },
      { group: { name: 'g' } },
      { batchSize: 0 },
      { connection: 'http://127.0.0.1' },
      { connection: undefined },
    ]) {
      assert.throws(reading(options), { code: 'OPTION_INVALID' }, JSON.stringify(options));
    }
    const writing = (options: object) => () => writeRedisStream({ connection, stream: 'x', ...options });
    for (const options of [{ stream: '' }, { maxLength: 0 }, { delivery: { exactlyOnce: '' } }]) {
      assert.throws(writing(options), { code: 'OPTION_INVALID' }, JSON.stringify(options));
    }
    assert.throws(reading({ stream: 'x' }), { code: 'OPTION_UNKNOWN' });
    assert.throws(writing({ maxlen: 1 }), { code: 'OPTION_UNKNOWN' });
  });
});
