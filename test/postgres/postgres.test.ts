import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { pollPostgres, readPostgres, writePostgres } from '../../src/io/sql/index.ts';
import type { KeyRange } from '../../src/io/sql/key-range.ts';
import { PostgresReader } from '../../src/io/sql/postgres-reader.ts';
import { tableReader } from '../../src/io/sql/read-table.ts';
import { sourceText } from '../../src/io/sql/source-text.ts';
import { coders, Decimal, Pipeline, type PipelineResult } from '../../src/sdk/index.ts';
import { startPipeline } from '../../src/sdk/pipeline/runner.ts';
import { restrictionContext } from '../support/restriction-context.ts';
import { type PostgresServer, startPostgres, whyNoPostgres } from './postgres-server.ts';

const skip = whyNoPostgres();

describe('Postgres', { skip }, () => {
  let server: PostgresServer;
  before(async () => {
    server = await startPostgres();
  });
  after(() => server?.stop());

  async function read<T>(options: Omit<Parameters<typeof readPostgres<T>>[0], 'connection'>): Promise<T[]> {
    const pipeline = new Pipeline();
    const rows = pipeline.apply(readPostgres<T>({ connection: server.options, ...options })).collect();
    const result = await pipeline.run({ threads: 0 });
    return [...result.elements(rows)];
  }

  function write<T extends object>(
    rows: readonly T[],
    options: Omit<Parameters<typeof writePostgres<T>>[0], 'connection' | 'onError'>,
  ): Promise<PipelineResult> {
    const pipeline = new Pipeline();
    pipeline.create(rows).apply(writePostgres<T>({ connection: server.options, ...options }));
    return pipeline.run({ threads: 0, maxAttempts: 1 });
  }

  test('types come as documented', async () => {
    await server.query(`CREATE TABLE kinds (id int PRIMARY KEY, i2 smallint, i8 bigint, f4 real, f8 float8, n numeric, ok bool, bytes bytea,
      day date, at timestamptz, plain timestamp, name text, c char(4), u uuid, j jsonb, a int[], t text[][], d interval)`);
    await server.query(`INSERT INTO kinds VALUES (1, -3, 9007199254740991, 1.5, 'NaN', 12.340, true, '\\x00ff', '2024-02-29', '2024-02-29 12:00:00.123456+02',
      '0001-01-01 00:00:00 BC', E'a "quoted" \\\\ one\\n', 'ab', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '{"x": [1, null]}', '{1,NULL,3}', '{{a,"b,c"},{NULL,"\\"d\\\\"}}', '1 day 02:00')`);
    await server.query('INSERT INTO kinds (id) VALUES (2)');
    const rows = await read<Record<string, unknown>>({ table: 'kinds' });
    rows.sort((a, b) => Number(a.id) - Number(b.id));
    assert.deepEqual(rows[0], {
      id: 1,
      i2: -3,
      i8: 9007199254740991,
      f4: 1.5,
      f8: Number.NaN,
      n: '12.340',
      ok: true,
      bytes: new Uint8Array([0, 255]),
      day: new Date('2024-02-29'),
      at: new Date('2024-02-29T10:00:00.123Z'),
      plain: new Date('0000-01-01T00:00:00Z'),
      name: 'a "quoted" \\ one\n',
      c: 'ab  ',
      u: 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11',
      j: { x: [1, null] },
      a: [1, null, 3],
      t: [
        ['a', 'b,c'],
        [null, '"d\\'],
      ],
      d: 'P1DT2H',
    });
    assert.ok(Object.entries(rows[1]).every(([name, value]) => name === 'id' || value === null));
    const exact = await read<Record<string, unknown>>({
      query: 'SELECT id, i8, at FROM kinds WHERE id = 1',
      integers: 'bigint',
      timestamps: 'text',
    });
    assert.deepEqual(exact, [{ id: 1, i8: 9007199254740991n, at: '2024-02-29T10:00:00.123456Z' }]);
    const coder = coders.row({ n: coders.decimal });
    assert.deepEqual(await read({ query: 'SELECT n FROM kinds WHERE id = 1', decimals: 'decimal', coder }), [
      { n: new Decimal(12340n, 3) },
    ]);
    assert.deepEqual(await read({ query: 'SELECT n FROM kinds WHERE id = 1', decimals: 'number' }), [{ n: 12.34 }]);
  });

  test('what is read is written back the same', async () => {
    await server.query('CREATE TABLE kinds_copy (LIKE kinds INCLUDING ALL)');
    const rows = await read<Record<string, unknown>>({ table: 'kinds', timestamps: 'text' });
    await write(rows, { table: 'kinds_copy', columns: Object.keys(rows[0]) });
    const different = await server.query(
      '(TABLE kinds EXCEPT TABLE kinds_copy) UNION ALL (TABLE kinds_copy EXCEPT TABLE kinds)',
    );
    assert.deepEqual(different, []);
    assert.deepEqual(await server.query('SELECT count(*) FROM kinds_copy'), [['2']]);
  });

  test('an int8 beyond the safe integers fails and says what to do', async () => {
    await assert.rejects(read({ query: 'SELECT 9007199254740993::int8 AS big' }), (error: Error) => {
      assert.match(error.message, /big .*9007199254740993[\s\S]*SQL_VALUE[\s\S]*integers: 'bigint'/);
      return true;
    });
  });

  for (const [key, type, value] of [
    ['integers', 'int', 'i * 3'],
    ['negative int8', 'int8', '(i - 5000)::int8 * 1000000007'],
    ['numeric', 'numeric', 'i / 7.0'],
    ['float', 'float8', 'i * 1e10'],
    ['date', 'date', "date '1990-01-01' + i"],
    ['timestamptz', 'timestamptz', "timestamptz '2020-01-01' + i * interval '1.5 s'"],
    ['text', 'text', "'key ' || md5(i::text) || ''''"],
    ['char', 'char(40)', 'md5(i::text)'],
    ['uuid', 'uuid', 'md5(i::text)::uuid'],
  ] as const) {
    for (const statistics of [true, false]) {
      test(`ranges of ${key} hold each row once, ${statistics ? 'with' : 'without'} statistics`, async () => {
        await server.query('DROP TABLE IF EXISTS ranged');
        await server.query(
          `CREATE TABLE ranged AS SELECT i AS n, (${value})::${type} AS k FROM generate_series(1, 10000) AS i`,
        );
        await server.query('INSERT INTO ranged VALUES (0, NULL), (-1, NULL)');
        if (statistics) await server.query('ANALYZE ranged');
        const { counts, rows } = await readRanges({ table: 'ranged', key: 'k' }, 8, []);
        assert.deepEqual(
          rows,
          Array.from({ length: 10002 }, (_, i) => i - 1),
        );
        // The rows are spread: no range has more than twice its share (the last two hold the greatest key and null).
        assert.ok(counts.length >= 8, `${counts.length} ranges`);
        assert.ok(Math.max(...counts) <= 2600, counts.join());
      });
    }
  }

  test('a range of integers is divided while it is read, and each row comes once', async () => {
    await server.query('CREATE TABLE divided AS SELECT i AS n, i / 3 AS k FROM generate_series(1, 5000) AS i');
    for (const splits of [[0.5], [0.9, 0.1], [0], [0.3, 0, 0.7]]) {
      const { rows, counts } = await readRanges({ table: 'divided', key: 'k' }, 2, splits);
      assert.deepEqual(
        rows,
        Array.from({ length: 5000 }, (_, i) => i + 1),
      );
      assert.ok(counts.length > 4, `${counts.length} ranges`);
    }
  });

  /** Does to a source what a runner does: divide, read, divide again after each batch. */
  async function readRanges(what: { table: string; key: string }, parts: number, splits: readonly number[]) {
    const make = () =>
      new PostgresReader<{ n: number }>({
        connection: server.options,
        source: sourceText(what, 'Test'),
        key: what.key,
        batchSize: 100,
        connections: 2,
      });
    const fn = tableReader(make, { name: 'Test', minParts: parts, maxParts: 100 });
    const whole = await fn.restriction.initial('Test');
    const queue: KeyRange[] = [...((await fn.restriction.split?.('Test', whole, 1e9)) ?? [])];
    const counts: number[] = [];
    const rows: number[] = [];
    let asked = 0;
    for (let range = queue.pop(); range !== undefined; range = queue.pop()) {
      const tracker = fn.restriction.tracker(range);
      const before = rows.length;
      for await (const batch of (await fn.process('Test', restrictionContext(tracker))) as AsyncIterable<
        readonly { n: number }[]
      >) {
        for (const { n } of batch) rows.push(n);
        const split = splits.length === 0 ? undefined : tracker.trySplit(splits[asked++ % splits.length]);
        if (split !== undefined) queue.push(split.residual);
      }
      tracker.checkDone();
      counts.push(rows.length - before);
    }
    await fn.teardown?.();
    return { counts, rows: rows.sort((a, b) => a - b) };
  }

  test('a shared snapshot shows one moment', async () => {
    await server.query('CREATE TABLE moving AS SELECT i AS id FROM generate_series(1, 1000) AS i');
    const reader = new PostgresReader<{ id: number }>({
      connection: server.options,
      source: sourceText({ table: 'moving' }, 'Test'),
      key: 'id',
      snapshot: 'shared',
      batchSize: 100,
      connections: 2,
    });
    const ranges = await reader.divide(await reader.whole(), 4);
    await server.query('DELETE FROM moving');
    let count = 0;
    for (const range of ranges) for await (const { rows } of reader.scan(range)) count += rows.length;
    await reader.close();
    assert.equal(count, 1000);
    await assert.rejects(reader.scan(ranges[0]).next(), { code: 'SQL_SNAPSHOT_LOST' });
    await reader.close();
  });

  test('a pipeline with a shared snapshot reads the moment at which it began, also by one connection', async () => {
    await server.query('CREATE TABLE passing AS SELECT i AS id FROM generate_series(1, 1000) AS i; ANALYZE passing');
    const pipeline = new Pipeline();
    let gone: Promise<unknown> | undefined;
    const options = { key: 'id', splits: 8, batchSize: 10, snapshot: 'shared', connections: 1 } as const;
    const ids = pipeline
      .apply(readPostgres<{ id: number }>({ connection: server.options, table: 'passing', ...options }))
      .map('Delete what is left', async ({ id }) => {
        gone ??= server.query('DELETE FROM passing');
        await gone;
        return id;
      })
      .collect();
    const result = await pipeline.run({ threads: 0 });
    assert.equal(new Set(result.elements(ids)).size, 1000);
    assert.deepEqual(await server.query('SELECT count(*) FROM passing'), [['0']]);
  });

  test('the rows of a query, and of a table with threads', async () => {
    await server.query(
      'CREATE TABLE trips AS SELECT i AS id, i % 7 AS zone FROM generate_series(1, 3000) AS i; ALTER TABLE trips ADD PRIMARY KEY (id)',
    );
    assert.equal((await read({ query: 'SELECT zone, count(*) AS n FROM trips GROUP BY zone' })).length, 7);
    assert.equal((await read({ table: 'public.trips', columns: ['zone'] })).length, 3000);
    assert.equal((await read({ table: 'trips', splits: 10, batchSize: 7 })).length, 3000);
    assert.equal((await read({ query: 'SELECT 1 AS one WHERE false' })).length, 0);
  });

  test('upsert: a second run changes nothing, the last of a key in a batch stays', async () => {
    await server.query(
      "CREATE TABLE accounts (id int, part text, balance numeric, note text DEFAULT 'none', PRIMARY KEY (id, part))",
    );
    const rows = Array.from({ length: 2500 }, (_, i) => ({
      id: i % 2000,
      part: 'a',
      balance: new Decimal(BigInt(i), 2),
    }));
    const options = {
      table: 'accounts',
      columns: ['id', 'part', 'balance'],
      mode: 'upsert',
      key: ['id', 'part'],
      batchSize: 300,
    } as const;
    const result = await write(rows, options);
    assert.equal(result.metrics.counter('rowsWritten'), 2500);
    const contents = () => server.query('SELECT count(*), sum(balance), min(note) FROM accounts');
    const expected = [
      [
        '2000',
        String(
          (Array.from({ length: 2000 }, (_, id) => (id < 500 ? id + 2000 : id)).reduce((a, b) => a + b) / 100).toFixed(
            2,
          ),
        ),
        'none',
      ],
    ];
    assert.deepEqual(await contents(), expected);
    await write(rows, options);
    assert.deepEqual(await contents(), expected);
    await write(
      rows.map((row) => ({ ...row, balance: null })),
      { ...options, mode: 'ignore' },
    );
    assert.deepEqual(await contents(), expected);
  });

  test('a bundle that fails leaves nothing, and its retry writes once', async () => {
    await server.query('CREATE TABLE retried (id int)');
    const pipeline = new Pipeline();
    let failed = false;
    pipeline
      .create(Array.from({ length: 5000 }, (_, id) => ({ id })))
      .map('FailOnce', (row) => {
        if (row.id === 4500 && !failed) {
          failed = true;
          throw new Error('once');
        }
        return row;
      })
      .apply(writePostgres({ connection: server.options, table: 'retried', columns: ['id'], batchSize: 100 }));
    await pipeline.run({ threads: 0 });
    assert.ok(failed);
    assert.deepEqual(await server.query('SELECT count(*), count(DISTINCT id) FROM retried'), [['5000', '5000']]);
  });

  test('refused rows become dead letters, the others are written', async () => {
    await server.query('CREATE TABLE strict (id int PRIMARY KEY, name varchar(5) NOT NULL, age int CHECK (age >= 0))');
    await server.query("INSERT INTO strict VALUES (77, 'old', 1)");
    const bad = new Map<number, object>([
      [10, { id: 10, name: 'too long', age: 1 }],
      [11, { id: 11, name: null, age: 1 }],
      [400, { id: 400, name: 'a', age: -1 }],
      [401, { id: 'x', name: 'a', age: 1 }],
      [402, { id: 402, name: 'a\0b', age: 1 }],
      [403, { id: 403, name: '\ud800', age: 1 }],
      [404, { id: 404, name: 'a', age: 1.5 }],
      [77, { id: 77, name: 'twice', age: 1 }],
      [999, { id: 2 ** 40, name: 'a', age: 1 }],
    ]);
    const pipeline = new Pipeline();
    const { errors } = pipeline
      .create(
        Array.from({ length: 1000 }, (_, id) => (bad.get(id) ?? { id, name: `n${id}`, age: id }) as { id: number }),
      )
      .apply(
        writePostgres({
          connection: server.options,
          table: 'strict',
          columns: ['id', 'name', 'age'],
          onError: 'deadLetter',
          batchSize: 64,
        }),
      );
    const collected = errors.collect();
    const result = await pipeline.run({ threads: 0 });
    const codes = new Map([...result.elements(collected)].map(({ row, error }) => [JSON.stringify(row), error.code]));
    const expected = [...bad.entries()].map(
      ([id, row]) => [JSON.stringify(row), [11, 400, 77].includes(id) ? 'SQL_CONSTRAINT' : 'SQL_VALUE'] as const,
    );
    assert.deepEqual(codes, new Map(expected));
    assert.deepEqual(await server.query('SELECT count(*) FROM strict'), [['992']]);
    assert.deepEqual(await server.query('SELECT name FROM strict WHERE id = 77'), [['old']]);
  });

  test('errors have stable codes and name the server without the password', async () => {
    const connection = `postgres://millrace:secret@127.0.0.1:${server.options.port}/postgres`;
    const failing = async (options: Partial<Parameters<typeof readPostgres>[0]>, code: string) => {
      const pipeline = new Pipeline();
      pipeline.apply(readPostgres({ connection, ...options }));
      await assert.rejects(pipeline.run({ threads: 0, maxAttempts: 1 }), (error: Error & { code: string }) => {
        assert.equal(error.code, code, error.message);
        assert.doesNotMatch(error.message, /secret/);
        return true;
      });
    };
    await failing({ table: 'missing' }, 'SQL_STATEMENT');
    await failing({ query: 'SELEC 1' }, 'SQL_STATEMENT');
    await failing({ query: 'SELECT 1 AS a, 2 AS a' }, 'SQL_COLUMNS');
    await failing({ table: 'trips', key: 'nothing' }, 'OPTION_INVALID');
    await failing({ query: 'SELECT 1 / 0 AS x' }, 'SQL_VALUE');
    await failing({ table: 'trips', connection: 'postgres://127.0.0.1:1/x' }, 'SQL_CONNECTION');
    await failing(
      { table: 'trips', connection: `postgres://millrace@127.0.0.1:${server.options.port}/none` },
      'SQL_STATEMENT',
    );
  });

  test('new and changed rows come as they are committed, ties of the cursor included', async () => {
    await server.query('CREATE TABLE changing (id int PRIMARY KEY, version int NOT NULL)');
    await server.query('INSERT INTO changing SELECT i, 1 FROM generate_series(1, 500) AS i');
    const seen: string[] = [];
    const enough = Promise.withResolvers<void>();
    const pipeline = new Pipeline();
    pipeline
      .apply(
        pollPostgres<{ id: number; version: number }>({
          connection: server.options,
          table: 'changing',
          cursor: 'version',
          key: 'id',
          interval: '10ms',
          batchSize: 30,
        }),
      )
      .map('See', ({ id, version }) => {
        seen.push(`${id} ${version}`);
        if (version === 3 && id === 510) enough.resolve();
      });
    const job = await startPipeline(pipeline, { threads: 0 });
    const ended = job.wait();
    await server.query('UPDATE changing SET version = 2 WHERE id % 10 = 0');
    await server.query('INSERT INTO changing SELECT i, 3 FROM generate_series(501, 510) AS i');
    await Promise.race([enough.promise, ended]);
    await job.drain();
    await ended;
    // The first version of a row that was changed before it was read is not seen.
    const versions = new Set(seen);
    assert.equal(versions.size, seen.length);
    for (let id = 1; id <= 510; id++) assert.ok(versions.has(`${id} ${id > 500 ? 3 : id % 10 === 0 ? 2 : 1}`), `${id}`);
  });
});
