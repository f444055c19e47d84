import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import fc from 'fast-check';
import { type PCollection, Pipeline, type PTransform } from '../sdk/index.ts';
import { readCsv } from './csv/read-csv.ts';
import { writeCsv } from './csv/write-csv.ts';
import { fileSystemOf } from './filesystem/registry.ts';
import type { WrittenFile } from './finalize-files.ts';
import { readJsonLines } from './json-lines/read-json-lines.ts';
import { writeJsonLines } from './json-lines/write-json-lines.ts';
import { readText, readTextRecords } from './text/read-text.ts';
import { writeText } from './text/write-text.ts';

fc.configureGlobal({ seed: 7 });

const root = mkdtempSync(join(tmpdir(), 'millrace-io-'));
after(() => rmSync(root, { recursive: true, force: true }));

async function collect<T>(source: PTransform<Pipeline, PCollection<T>>): Promise<T[]> {
  const pipeline = new Pipeline();
  const elements: T[] = [];
  pipeline.apply(source).map('Collect', (element) => elements.push(element));
  await pipeline.run({ threads: 0 });
  return elements;
}

async function roundTrip<T, U>(
  elements: readonly T[],
  sink: PTransform<PCollection<T>, PCollection<WrittenFile>>,
  source: PTransform<Pipeline, PCollection<U>>,
): Promise<U[]> {
  const pipeline = new Pipeline();
  pipeline.create(elements).apply(sink);
  await pipeline.run({ threads: 0 });
  const read = await collect(source);
  await fileSystemOf('memory://trip').remove('memory://trip');
  return read;
}

const sorted = (elements: readonly unknown[]) => elements.map((element) => JSON.stringify(element)).sort();
const line = fc.string({ unit: 'binary' }).map((text) => text.replace(/[\r\n\ufeff]/g, ''));

test('text comes back as it was written', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(line), fc.constantFrom('', '.gz', '.zst', '.zz'), async (lines, extension) => {
      const sink = writeText('memory://trip/t', { suffix: `.txt${extension}` });
      assert.deepEqual(sorted(await roundTrip(lines, sink, readText('memory://trip/t*'))), sorted(lines));
    }),
    { numRuns: 40 },
  );
});

test('JSON lines come back as they were written', async () => {
  const value = fc.jsonValue({ maxDepth: 3 });
  await fc.assert(
    fc.asyncProperty(fc.array(value), async (values) => {
      const elements = values.map((json) => ({ json }));
      const sink = writeJsonLines<{ json: unknown }>('memory://trip/j');
      const back = await roundTrip(elements, sink, readJsonLines<{ json: unknown }>('memory://trip/j*.jsonl'));
      assert.deepEqual(sorted(back), sorted(elements));
    }),
    { numRuns: 40 },
  );
});

test('rows come back from CSV with the types of the schema, null apart from the empty string', async () => {
  const schema = { s: 'string?', n: 'int?', f: 'float?', b: 'boolean?', big: 'bigint?' } as const;
  const row = fc.record({
    s: fc.option(fc.string({ unit: 'binary' })),
    n: fc.option(fc.maxSafeInteger().map((n) => (n === 0 ? 0 : n))),
    f: fc.option(fc.double({ noNaN: true })),
    b: fc.option(fc.boolean()),
    big: fc.option(fc.bigInt()),
  });
  const show = (rows: readonly object[]) =>
    rows
      .map((r) => Object.values(r).map((v) => (typeof v === 'number' && Object.is(v, -0) ? '-0' : `${typeof v} ${v}`)))
      .map(String)
      .sort();
  await fc.assert(
    fc.asyncProperty(
      fc.array(row, { maxLength: 20 }),
      fc.constantFrom('\n' as const, '\r\n' as const),
      fc.constantFrom(',', ';', '\t'),
      fc.constantFrom('', 'NULL', '-1'),
      async (rows, lineEnd, delimiter, nullValue) => {
        const columns = ['s', 'n', 'f', 'b', 'big'] as const;
        const sink = writeCsv<(typeof rows)[number]>('memory://trip/c', { columns, lineEnd, delimiter, nullValue });
        const source = readCsv('memory://trip/c*', { schema, delimiter, nullValues: [nullValue] });
        const back = await roundTrip(rows, sink, source);
        // -0 is written as 0.
        assert.deepEqual(show(back), show(rows.map((r) => ({ ...r, f: r.f === 0 ? 0 : r.f }))));
      },
    ),
    { numRuns: 60 },
  );
});

test('one column may be null or empty and still be a row', async () => {
  const rows = [{ v: '' }, { v: null }, { v: 'x' }];
  const sink = writeCsv<{ v: string | null }>('memory://trip/one', { nullValue: 'NULL' });
  const source = readCsv('memory://trip/one*', { schema: { v: 'string?' }, nullValues: ['NULL'] });
  assert.deepEqual(sorted(await roundTrip(rows, sink, source)), sorted(rows));
});

test('CSV refuses what it has no form for', async () => {
  const write = (rows: readonly object[]) => {
    const pipeline = new Pipeline();
    pipeline.create(rows).apply(writeCsv(`memory://refused/${Math.random()}`));
    return pipeline.run({ threads: 0 });
  };
  await assert.rejects(write([{ a: {} }]), /Column 'a' holds an object/);
  await assert.rejects(write([{ a: 1 }, { a: 1, b: 2 }]), /properties b/);
  await assert.rejects(write([{ a: new Date(Number.NaN) }]), /invalid Date/);
  await write([{ a: new Date(0), b: undefined }, { a: 5n }]);
});

test('JSON lines keep big integers and refuse what JSON would change', async () => {
  const write = async (element: unknown, name: string, options = {}) => {
    const pipeline = new Pipeline();
    pipeline.create([element]).apply(writeJsonLines(`memory://json/${name}`, options));
    await pipeline.run({ threads: 0 });
    return collect(readText(`memory://json/${name}*`));
  };
  assert.deepEqual(await write({ id: 12345678901234567890n, none: null }, 'big'), [
    '{"id":12345678901234567890,"none":null}',
  ]);
  await assert.rejects(write({ a: Number.NaN }, 'nan'), /no form for NaN/);
  await assert.rejects(write(undefined, 'undefined'), /no form for undefined/);
  await assert.rejects(write({ a: new Map([[1, 2]]) }, 'map'), /no form for a Map/);
  await assert.rejects(write([new Set()], 'set'), /no form for a Set/);
  await assert.rejects(write({ a: Uint8Array.of(1, 2) }, 'bytes'), /no form for a Uint8Array/);
  const path = 'memory://json/group';
  const grouped = new Pipeline();
  grouped
    .create(Array.from({ length: 50_000 }, (_, i) => ['k', `${i}`.padStart(50)] as const))
    .groupByKey()
    .apply(writeJsonLines(path));
  await grouped.run({ threads: 0 });
  const [group] = await collect(readJsonLines<[string, string[]]>(`${path}*`));
  assert.equal(group[1].length, 50_000);
  const replacer = (_: string, value: unknown) => (value === Number.POSITIVE_INFINITY ? 'inf' : value);
  assert.deepEqual(await write({ a: Number.POSITIVE_INFINITY }, 'inf', { replacer }), ['{"a":"inf"}']);
});

test('bad lines of JSON become dead letters with their file and offset', async () => {
  const path = join(root, 'bad.jsonl');
  writeFileSync(path, '{"n":1}\n\nnot json\n{"n":"x"}\n{"n":2}');
  const validate = (value: unknown): { n: number } => {
    if (typeof (value as { n?: unknown }).n !== 'number') throw new Error('n is no number');
    return value as { n: number };
  };
  const pipeline = new Pipeline();
  const { main: records, errors } = pipeline.apply(readJsonLines(path, { validate, onError: 'deadLetter' }));
  const good: unknown[] = [];
  const bad: unknown[] = [];
  records.map('Good', (record) => good.push(record.n));
  errors.map('Bad', ({ file, offset, error, bytes }) =>
    bad.push([file, offset, error.code, String(Buffer.from(bytes ?? []))]),
  );
  const result = await pipeline.run({ threads: 0 });
  assert.deepEqual(good, [1, 2]);
  assert.deepEqual(bad, [
    [path, 9, 'BAD_JSON', 'not json'],
    [path, 18, 'INVALID_RECORD', '{"n":"x"}'],
  ]);
  assert.equal(result.metrics.counter('badRecords'), 2);
  await assert.rejects(collect(readJsonLines(path)), /A line is not JSON/);
  assert.deepEqual(await collect(readJsonLines(path, { validate, onError: 'skip' })), [{ n: 1 }, { n: 2 }]);
});

test('several globs, each file once, with lines that know where they come from', async () => {
  for (const name of ['a.txt', 'b.txt']) writeFileSync(join(root, name), `${name} 1\n${name} 2\n`);
  const records = await collect(readTextRecords([join(root, 'a.txt'), join(root, '{a,b}.txt')]));
  assert.deepEqual(
    records.sort((x, y) => (x.text < y.text ? -1 : 1)),
    ['a.txt', 'b.txt'].flatMap((name) => [
      { file: join(root, name), offset: 0, text: `${name} 1` },
      { file: join(root, name), offset: 8, text: `${name} 2` },
    ]),
  );
  assert.deepEqual(await collect(readText(join(root, 'none*'), { emptyMatch: 'allow' })), []);
  await assert.rejects(collect(readText(join(root, 'none*'))), /No file matches/);
});
