import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, describe, test } from 'node:test';
import { restrictionContext } from '../../../test/support/restriction-context.ts';
import { Decimal, Pipeline } from '../../sdk/index.ts';
import { readSqlite, writeSqlite } from './index.ts';
import type { KeyRange } from './key-range.ts';
import { tableReader } from './read-table.ts';
import { sourceText } from './source-text.ts';
import { SqliteReader } from './sqlite-reader.ts';

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
});
