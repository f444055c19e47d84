import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, describe, test } from 'node:test';
import { restrictionContext } from '../../../test/support/restriction-context.ts';
import { Decimal, MIN_TIMESTAMP, Pipeline, type TimestampedBatch, timestamp } from '../../sdk/index.ts';
import type { Positioned } from '../position-tracker.ts';
import { CursorColumns, type CursorPosition } from './cursor-columns.ts';
import { type PollStart, pollSqlite, readSqlite, writeSqlite } from './index.ts';
import type { KeyRange } from './key-range.ts';
import { tableReader } from './read-table.ts';
import { sourceText } from './source-text.ts';
import { SqlitePoller } from './sqlite-poller.ts';
import { SqliteReader } from './sqlite-reader.ts';
import { tablePoller } from './table-poller.ts';

interface Row {
  readonly id: bigint;
  readonly v: unknown;
}

describe('SQLite', () => {
  let folder: string;
  let file: string;
  let database: DatabaseSync;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'millrace-sqlite-'));
    file = join(folder, 'test.db');
    database = new DatabaseSync(file);
    database.exec('PRAGMA journal_mode = WAL');
  });
  after(() => {
    database.close();
    rmSync(folder, { recursive: true });
  });

  async function read<T>(options: Omit<Parameters<typeof readSqlite<T>>[0], 'file'>): Promise<T[]> {
    const pipeline = new Pipeline();
    const rows = pipeline.apply(readSqlite<T>({ file, ...options })).collect();
    const result = await pipeline.run({ threads: 0, maxAttempts: 1 });
    return [...result.elements(rows)];
  }

  test('values come as documented', async () => {
    database.exec(
      "CREATE TABLE kinds (i, r REAL, t TEXT, b BLOB); INSERT INTO kinds VALUES (3, 1.5, 'ü', x'00ff'), (NULL, NULL, NULL, NULL)",
    );
    assert.deepEqual(await read({ table: 'kinds' }), [
      { i: 3, r: 1.5, t: 'ü', b: new Uint8Array([0, 255]) },
      { i: null, r: null, t: null, b: null },
    ]);
    assert.deepEqual(await read({ table: 'kinds', columns: ['t'], integers: 'bigint' }), [{ t: 'ü' }, { t: null }]);
    assert.deepEqual(await read({ query: 'SELECT 9223372036854775807 AS big', integers: 'bigint' }), [
      { big: 9223372036854775807n },
    ]);
    await assert.rejects(read({ query: 'SELECT 9223372036854775807 AS big' }), { code: 'SQL_VALUE' });
  });

  for (const [name, what, key] of [
    ['of rowids', { table: 'ranged' }, {}],
    ['of a column with nulls', { table: 'ranged' }, { key: 'k' }],
    ['of a query', { query: 'SELECT n, k FROM ranged' }, { key: 'k' }],
  ] as const) {
    for (const splits of [[], [0.5], [0, 0.8]]) {
      test(`ranges ${name} hold each row once, divided at ${splits.join() || 'the start'}`, async () => {
        database.exec(`DROP TABLE IF EXISTS ranged; CREATE TABLE ranged (n INTEGER, k INTEGER);
          WITH RECURSIVE c(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM c WHERE i < 3000)
          INSERT INTO ranged SELECT i, CASE WHEN i % 10 = 0 THEN NULL ELSE (i - 1500) * 1000000007 / 3 END FROM c`);
        const source = sourceText(what, 'Test');
        const make = () => new SqliteReader<{ n: number }>({ file, source, ...key, batchSize: 50 });
        const fn = tableReader(make, { name: 'Test', minParts: 4, maxParts: 100 });
        const whole = await fn.restriction.initial('Test');
        const queue: KeyRange[] = [...((await fn.restriction.split?.('Test', whole, 1e9)) ?? [])];
        assert.ok(queue.length >= 4);
        const rows: number[] = [];
        let asked = 0;
        for (let range = queue.pop(); range !== undefined; range = queue.pop()) {
          const tracker = fn.restriction.tracker(range);
          const batches = (await fn.process('Test', restrictionContext(tracker))) as AsyncIterable<
            readonly { n: number }[]
          >;
          for await (const batch of batches) {
            for (const { n } of batch) rows.push(n);
            const split = splits.length === 0 ? undefined : tracker.trySplit(splits[asked++ % splits.length]);
            if (split !== undefined) queue.push(split.residual);
          }
          tracker.checkDone();
        }
        assert.deepEqual(
          rows.sort((a, b) => a - b),
          Array.from({ length: 3000 }, (_, i) => i + 1),
        );
      });
    }
  }

  test('an empty table, a view, a table without rowid', async () => {
    database.exec(`CREATE TABLE empty (a); CREATE VIEW seen AS SELECT 1 AS one;
      CREATE TABLE keyed (a TEXT PRIMARY KEY) WITHOUT ROWID; INSERT INTO keyed VALUES ('x'), ('y')`);
    assert.deepEqual(await read({ table: 'empty' }), []);
    assert.deepEqual(await read({ table: 'seen' }), [{ one: 1 }]);
    assert.deepEqual(await read({ table: 'keyed' }), [{ a: 'x' }, { a: 'y' }]);
  });

  test('what is written reads the same, and an upsert twice is once', async () => {
    database.exec('CREATE TABLE written (id INTEGER PRIMARY KEY, v, note DEFAULT 7)');
    const values = [
      1,
      -2.5,
      9007199254740991,
      2n ** 62n,
      true,
      'text',
      null,
      undefined,
      new Date(0),
      new Uint8Array([1]),
      { a: [1] },
      new Decimal(15n, 1),
      Number.POSITIVE_INFINITY,
      -0,
    ];
    const write = async (mode: 'upsert' | 'ignore' | 'insert', rows: readonly object[]) => {
      const pipeline = new Pipeline();
      pipeline
        .create(rows)
        .map('AsIs', (row) => row)
        .apply(
          writeSqlite({
            file,
            table: 'written',
            columns: ['id', 'v'],
            mode,
            ...(mode === 'upsert' ? { key: ['id'] } : {}),
          }),
        );
      return pipeline.run({ threads: 0, maxAttempts: 1 });
    };
    const plain = values.map((v, id) => ({ id, v: v instanceof Decimal ? String(v) : v }));
    await write('upsert', plain);
    await write('upsert', plain);
    await write(
      'ignore',
      plain.map(({ id }) => ({ id, v: 'other' })),
    );
    const read = database.prepare('SELECT v, note FROM written ORDER BY id');
    read.setReadBigInts(true);
    assert.deepEqual(
      read.all().map((row) => row.v),
      [
        1n,
        -2.5,
        9007199254740991n,
        2n ** 62n,
        1n,
        'text',
        null,
        null,
        '1970-01-01T00:00:00.000Z',
        new Uint8Array([1]),
        '{"a":[1]}',
        '1.5',
        Number.POSITIVE_INFINITY,
        -0,
      ],
    );
    assert.ok(read.all().every((row) => row.note === 7n));
    await assert.rejects(write('insert', plain), { code: 'SQL_CONSTRAINT' });
    await assert.rejects(write('upsert', [{ id: 1, v: Number.NaN }]), { code: 'SQL_VALUE' });
  });

  test('refused rows become dead letters, the others are written', async () => {
    database.exec('CREATE TABLE strictly (id INTEGER PRIMARY KEY, n INTEGER CHECK (n > 0)) STRICT');
    const bad = new Map<number, object>([
      [3, { id: 3, n: 0 }],
      [5, { id: 5, n: 'five' }],
      [9, { id: 8, n: 1 }],
      [11, { id: 11, n: 2n ** 64n }],
    ]);
    const pipeline = new Pipeline();
    const { errors, written } = pipeline
      .create(Array.from({ length: 100 }, (_, id) => bad.get(id) ?? { id, n: 1 }))
      .apply(writeSqlite({ file, table: 'strictly', columns: ['id', 'n'], onError: 'deadLetter', batchSize: 7 }));
    const [failed, done] = [errors.collect(), written.collect()];
    const result = await pipeline.run({ threads: 0 });
    assert.deepEqual(
      new Map([...result.elements(failed)].map(({ row, error }) => [row, error.code])),
      new Map([...bad.values()].map((row, i) => [row, i === 3 ? 'SQL_VALUE' : 'SQL_CONSTRAINT'])),
    );
    assert.equal(
      [...result.elements(done)].reduce((sum, { rows }) => sum + rows, 0),
      96,
    );
    assert.deepEqual({ ...database.prepare('SELECT count(*) AS n FROM strictly').get() }, { n: 96 });
  });

  test('errors have stable codes', async () => {
    await assert.rejects(read({ table: 'missing' }), { code: 'SQL_STATEMENT' });
    await assert.rejects(read({ table: 'ranged', key: 'none' }), { code: 'SQL_STATEMENT' });
    await assert.rejects(read({ table: 'kinds', key: 't' }), { code: 'OPTION_INVALID' });
    assert.throws(() => readSqlite({ file }), { code: 'OPTION_INVALID' });
    assert.throws(() => readSqlite({ file, table: 'a.b.c' }), { code: 'SQL_NAME' });
    assert.throws(() => writeSqlite({ file, table: 'x', columns: ['a'], mode: 'upsert' }), { code: 'OPTION_INVALID' });
    const pipeline = new Pipeline();
    pipeline.apply(readSqlite({ file: join(folder, 'none.db'), table: 'x' }));
    await assert.rejects(pipeline.run({ threads: 0, maxAttempts: 1 }), { code: 'FILE_NOT_FOUND' });
  });

  /** Polls once, at a time of day, from where the last poll has come to. */
  function poller(options: { cursor: string; key?: string; start?: PollStart; timestamp?: (row: Row) => number }) {
    const { cursor, key, start = 'beginning', timestamp: timestampOf } = options;
    const target = { source: sourceText({ table: 'polled' }, 'Test'), cursor: new CursorColumns(cursor, key) };
    const fn = tablePoller<Row>(() => new SqlitePoller<Row>({ file, ...target, integers: 'bigint' }), {
      start,
      interval: '1s',
      batchSize: 2,
      timestampOf,
      maxDelayMillis: 5,
      coder: undefined,
    });
    let progress: Positioned<CursorPosition | undefined> | undefined;
    return {
      async poll(now: number) {
        progress ??= (await fn.restriction.initial('Test')) as Positioned<CursorPosition | undefined>;
        const tracker = fn.restriction.tracker(progress);
        let watermark: number = MIN_TIMESTAMP;
        const batches = fn.process('Test', {
          ...restrictionContext(tracker),
          processingTime: () => timestamp(now),
          watermark: { current: MIN_TIMESTAMP, set: (time) => (watermark = Math.max(watermark, time)) },
        }) as AsyncIterable<TimestampedBatch<Row>>;
        const rows: Row[] = [];
        const times: number[] = [];
        for await (const { values, timestamps } of batches) {
          rows.push(...values);
          times.push(...Array.from(timestamps));
        }
        progress = tracker.current();
        return { ids: rows.map(({ id }) => Number(id)), times, watermark };
      },
      close: () => fn.teardown?.(),
    };
  }

  for (const [name, type, values] of [
    ['integers', 'INTEGER', ['9', '10', '9007199254740993']],
    ['reals', 'REAL', ['-1.5', '0.1', '1e300']],
    ['texts', 'TEXT', ["'10'", "'9'", "'a ''quoted'' one'"]],
    ['integers and texts', '', ['9', '10', "'9'"]],
  ] as const) {
    test(`polling goes on behind cursors of ${name}, ties included`, async () => {
      database.exec(`DROP TABLE IF EXISTS polled; CREATE TABLE polled (id INTEGER PRIMARY KEY, v ${type})`);
      const polling = poller({ cursor: 'v', key: 'id' });
      let id = 0;
      for (const value of values) {
        const first = id + 1;
        for (let i = 0; i < 5; i++) database.exec(`INSERT INTO polled VALUES (${++id}, ${value})`);
        assert.deepEqual((await polling.poll(0)).ids, [first, first + 1, first + 2, first + 3, first + 4]);
      }
      database.exec(`UPDATE polled SET v = ${values[2]} WHERE id = 1; INSERT INTO polled VALUES (99, ${values[2]})`);
      // A change that does not come behind what was read is not seen: the cursor has to grow.
      assert.deepEqual((await polling.poll(0)).ids, [99]);
      await polling.close();
    });
  }

  test('event time and watermark of polled rows are in the clock of the pipeline', async () => {
    database.exec('DROP TABLE IF EXISTS polled; CREATE TABLE polled (id INTEGER PRIMARY KEY, v INTEGER)');
    const [byClock, byRow] = [poller({ cursor: 'id' }), poller({ cursor: 'id', timestamp: ({ v }) => Number(v) })];
    assert.deepEqual(await byClock.poll(1000), { ids: [], times: [], watermark: 995 });
    database.exec('INSERT INTO polled VALUES (1, 700), (2, 900), (3, 800)');
    assert.deepEqual(await byClock.poll(2000), { ids: [1, 2, 3], times: [2000, 2000, 2000], watermark: 1995 });
    assert.deepEqual(await byRow.poll(3000), { ids: [1, 2, 3], times: [700, 900, 800], watermark: 2995 });
    await byClock.close();
    await byRow.close();
  });

  test('polling begins where it is told', async () => {
    database.exec('DROP TABLE IF EXISTS polled; CREATE TABLE polled (id INTEGER PRIMARY KEY, v TEXT)');
    database.exec("INSERT INTO polled VALUES (1, '2024-01-01T00:00:00.000Z'), (2, '2024-01-02T00:00:00.000Z')");
    for (const [options, seen] of [
      [{ cursor: 'id', start: 'now' }, [3]],
      [{ cursor: 'id', start: { after: 1 } }, [2, 3]],
      [{ cursor: 'v', start: { after: new Date('2024-01-01') } }, [2, 3]],
    ] as const) {
      database.exec('DELETE FROM polled WHERE id = 3');
      const polling = poller(options);
      const before = (await polling.poll(0)).ids;
      database.exec("INSERT INTO polled VALUES (3, '2024-01-03T00:00:00.000Z')");
      assert.deepEqual([...before, ...(await polling.poll(0)).ids], seen);
      await polling.close();
    }
  });

  test('polling starts after a time as the column has it, and after no Date', async () => {
    const after = new Date('2024-01-01T12:00:00Z');
    assert.throws(() => pollSqlite({ file, table: 'polled', cursor: 'v', start: { after } } as never), {
      code: 'OPTION_INVALID',
      message: /SQLite has no type for times/,
    });
    const texts = ["'2024-01-01 11:00:00'", "'2024-01-01 13:00:00'"];
    for (const [type, [early, late], start] of [
      ['TEXT', texts, '2024-01-01 12:00:00'],
      ['INTEGER', [after.getTime() - 1, after.getTime() + 1], after.getTime()],
    ] as const) {
      database.exec(`DROP TABLE IF EXISTS polled; CREATE TABLE polled (id INTEGER PRIMARY KEY, v ${type});
        INSERT INTO polled VALUES (1, ${early}), (2, ${late})`);
      const polling = poller({ cursor: 'v', start: { after: start } });
      assert.deepEqual((await polling.poll(0)).ids, [2]);
      await polling.close();
    }
  });

  test('a cursor that is null or a blob is an error', async () => {
    for (const value of ['NULL', "x'00'"]) {
      database.exec(`DROP TABLE IF EXISTS polled; CREATE TABLE polled (id INTEGER PRIMARY KEY, v);
        INSERT INTO polled VALUES (1, ${value}), (2, 5)`);
      const polling = poller({ cursor: 'v', key: 'id' });
      await assert.rejects(polling.poll(0), { code: 'SQL_VALUE' });
      await polling.close();
    }
    const pipeline = new Pipeline();
    pipeline.apply(pollSqlite({ file, table: 'polled', cursor: 'none' }));
    await assert.rejects(pipeline.run({ threads: 0, maxAttempts: 1 }), { code: 'SQL_STATEMENT' });
    assert.throws(() => pollSqlite({ file, table: 'polled', cursor: '' }), { code: 'SQL_NAME' });
    assert.throws(() => pollSqlite({ file, table: 'polled', cursor: 'v', settle: '1s' } as never), {
      code: 'OPTION_UNKNOWN',
    });
  });
});
