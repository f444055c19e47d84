import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { RecordBatch } from 'apache-arrow';
import fc from 'fast-check';
import { driveParts } from '../../../test/support/parted-driver.ts';
import { putFile } from '../../../test/support/source-driver.ts';
import { ByteWriter, coders, IoError } from '../../sdk/index.ts';
import { goldenPath, goldenRows } from '../arrow/golden.test-data.ts';
import { arrow } from '../arrow/load-arrow.ts';
import { rowsOfBatch } from '../arrow/row-batches.ts';
import { fileSystemOf, registerFileSystem } from '../filesystem/registry.ts';
import type { OnError } from '../on-error.ts';
import { type ParquetReadOptions, parquetFormat } from './read-parquet.ts';
import { type ParquetCompression, parquetSink } from './write-parquet.ts';

async function read(path: string, options: ParquetReadOptions<unknown, OnError> = {}, division = {}) {
  return driveParts<unknown>(parquetFormat(options), path, options.onError ?? 'fail', division);
}

let files = 0;
async function readBytes(bytes: Uint8Array, options: ParquetReadOptions<unknown, OnError> = {}, division = {}) {
  const path = `memory://parquet/${files++}.parquet`;
  await putFile(path, bytes);
  return read(path, options, division);
}

function write(elements: readonly unknown[], options: Parameters<typeof parquetSink>[0]): Buffer {
  const encoder = parquetSink<unknown>(options).create();
  const out = new ByteWriter();
  for (const element of elements) encoder.encode(element, out);
  encoder.footer?.(out);
  return Buffer.from(out.copy());
}

/** The golden rows without the columns that only the Arrow files have. */
const rows = goldenRows.map(({ half, large, view, pair, time, ...row }) => row);
const COMPRESSIONS: readonly ParquetCompression[] = ['none', 'snappy', 'gzip', 'brotli', 'lz4', 'zstd'];

for (const codec of COMPRESSIONS) {
  test(`every type, as pyarrow wrote it with ${codec}, by row group`, async () => {
    const path = goldenPath(`parquet/types-${codec}.parquet`);
    const { records, ranges } = await read(path, { batchRows: 4 }, { bundleSize: 7000, splits: [0.5] });
    assert.deepEqual(records, rows);
    assert.equal(ranges.length, 3);
  });
}

test('the taxi rows of TFX: facts that pyarrow and DuckDB agree on', async () => {
  const path = goldenPath('parquet/taxi.parquet');
  const { records } = await read(path, { int64: 'number' });
  const taxi = records as { fare: number; trip_start_month: number; payment_type: string; trip_miles: number }[];
  assert.equal(taxi.length, 10_000);
  assert.equal(Object.keys(taxi[0]).length, 18);
  assert.equal(taxi.filter((row) => row.payment_type === 'Cash').length, FACTS.cash);
  assert.equal(
    taxi.reduce((sum, row) => sum + row.trip_start_month, 0),
    FACTS.months,
  );
  assert.equal(Math.max(...taxi.map((row) => row.trip_miles)), FACTS.miles);
  const { records: projected } = await read(path, { columns: ['trip_miles', 'fare'] });
  assert.deepEqual(
    projected,
    taxi.map(({ fare, trip_miles }) => ({ fare, trip_miles })),
  );
});
const FACTS = { cash: 6480, months: 65_877, miles: 1710 };

test('only the wanted column chunks are read from the store', async () => {
  const bytes = readFileSync(goldenPath('parquet/taxi.parquet'));
  await putFile('memory://parquet/counted.parquet', bytes);
  let bytesRead = 0;
  const memory = fileSystemOf('memory://x');
  registerFileSystem('counting', {
    ...bind(memory),
    open: async (path) => {
      const file = await memory.open(path.replace('counting:', 'memory:'));
      return {
        ...file,
        read(position, target) {
          bytesRead += target.length;
          return file.read(position, target);
        },
      };
    },
    match: async (path) =>
      (await memory.match(path.replace('counting:', 'memory:'))).map((info) => ({ ...info, path })),
  });
  await read('counting://parquet/counted.parquet', { columns: ['trip_miles'] });
  // The footer is read twice: where the row groups are counted, and where they are read.
  assert.ok(bytesRead < bytes.length / 4, `${bytesRead} of ${bytes.length} bytes`);
});

function bind(system: ReturnType<typeof fileSystemOf>): ReturnType<typeof fileSystemOf> {
  const bound = {} as Record<string, unknown>;
  for (const name of ['match', 'stat', 'open', 'create', 'rename', 'remove', 'list', 'mkdirs'] as const)
    bound[name] = system[name].bind(system);
  return bound as unknown as ReturnType<typeof fileSystemOf>;
}

test('rows and record batches are written and read again, several row groups in a file', async () => {
  const { records: batches } = await read(goldenPath('parquet/types-none.parquet'), { as: 'batches' });
  const { schema } = batches[0] as RecordBatch;
  const { Schema } = arrow();
  const columns = schema.fields.filter((field) => field.name !== 'dictionary');
  const expected = rows.map(({ dictionary, ...row }) => row);
  for (const compression of COMPRESSIONS) {
    const file = write(rows, { schema: new Schema(columns), compression, rowGroupRows: 7 });
    const { records, ranges } = await readBytes(file, {}, { bundleSize: 1 });
    assert.deepEqual(records, expected);
    assert.equal(ranges.length, 6);
  }
  const copied = await readBytes(write(batches, {}), { as: 'batches' });
  assert.deepEqual(
    (copied.records as RecordBatch[]).flatMap((batch) => rowsOfBatch(batch)),
    rows,
  );
  const split = await readBytes(write(batches, { rowGroupRows: 4 }), {}, { bundleSize: 1 });
  assert.deepEqual(split.records, rows);
  assert.ok(split.ranges.length >= 10);
});

test('no rows make a file of no rows', async () => {
  const schema = coders.row({ a: coders.int64, b: coders.nullable(coders.string) });
  assert.deepEqual((await readBytes(write([], { schema }))).records, []);
  assert.deepEqual((await readBytes(write([], {}))).records, []);
  assert.throws(() => write([{ a: 1 }], {}), { code: 'SCHEMA_MISSING' });
});

test('any rows of a row coder come back', async () => {
  const schema = coders.row({
    n: coders.int64,
    s: coders.nullable(coders.string),
    l: coders.array(coders.nullable(coders.double)),
    t: coders.nullable(coders.row({ at: coders.timestamp, raw: coders.bytes })),
  });
  const values = fc.array(
    fc.record(
      {
        n: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
        s: fc.option(fc.string({ unit: 'grapheme' })),
        l: fc.array(fc.option(fc.double({ noNaN: true })), { maxLength: 4 }),
        t: fc.option(fc.record({ at: fc.integer(), raw: fc.uint8Array({ maxLength: 5 }) }, { noNullPrototype: true })),
      },
      { noNullPrototype: true },
    ),
    { maxLength: 15 },
  );
  await fc.assert(
    fc.asyncProperty(values, fc.integer({ min: 1, max: 6 }), async (list, rowGroupRows) => {
      assert.deepEqual((await readBytes(write(list, { schema, rowGroupRows }))).records, list);
    }),
    { numRuns: 30 },
  );
});

test('options that mean nothing', async () => {
  assert.throws(() => parquetSink({ compression: 'lzo' as never }), { code: 'OPTION_INVALID' });
  assert.throws(() => parquetSink({ rowGroupRows: 0 }), { code: 'OPTION_INVALID' });
  assert.throws(() => parquetFormat({ as: 'columns' as never }), { code: 'OPTION_INVALID' });
  await assert.rejects(read(goldenPath('parquet/taxi.parquet'), { columns: ['fares'] }), { code: 'COLUMN_NOT_FOUND' });
});

test('a file that was cut off, or is something else', async () => {
  const bytes = readFileSync(goldenPath('parquet/types-none.parquet'));
  for (const broken of [
    bytes.subarray(0, -1),
    bytes.subarray(0, 11),
    Buffer.from('PAR1PAR1'),
    Buffer.from('hello'),
    Buffer.alloc(0),
  ]) {
    await assert.rejects(readBytes(broken), { code: 'PARQUET_MAGIC' });
    assert.equal((await readBytes(broken, { onError: 'skip' })).badRecords, 1);
  }
  const footer = Buffer.from(bytes);
  footer.writeUInt32LE(0x7fffffff, bytes.length - 8);
  await assert.rejects(readBytes(footer), (error: IoError) => {
    assert.equal(error.code, 'PARQUET_FOOTER');
    assert.match(error.context.resource ?? '', /\.parquet at byte/);
    return true;
  });
});

test('a damaged row group is passed over, the others are read', async () => {
  const bytes = Buffer.from(readFileSync(goldenPath('parquet/types-zstd.parquet')));
  bytes.fill(0xee, 100, 140);
  const { records, errors } = await readBytes(bytes, { onError: 'deadLetter' });
  assert.deepEqual(records.slice(-25), rows.slice(15));
  assert.deepEqual(
    errors.map((error) => error.error.code),
    ['PARQUET_ROW_GROUP'],
  );
});

test('damage anywhere gives an IoError or is skipped, and the library stays usable', async () => {
  const sources = COMPRESSIONS.map((codec) => readFileSync(goldenPath(`parquet/types-${codec}.parquet`)));
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...sources),
      fc.nat(),
      fc.integer({ min: 1, max: 255 }),
      async (file, where, flip) => {
        const bytes = Buffer.from(file);
        bytes[where % bytes.length] ^= flip;
        await readBytes(bytes, { onError: 'skip' });
        await readBytes(bytes).catch((error) => assert.ok(error instanceof IoError, String(error)));
      },
    ),
    { numRuns: 60 },
  );
  assert.deepEqual((await read(goldenPath('parquet/types-zstd.parquet'))).records, rows);
});
