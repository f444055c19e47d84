import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { RecordBatch } from 'apache-arrow';
import fc from 'fast-check';
import { driveParts } from '../../../test/support/parted-driver.ts';
import { putFile } from '../../../test/support/source-driver.ts';
import {
  ByteWriter,
  CoderError,
  coders,
  Decimal,
  decodeFromBytes,
  encodeToBytes,
  IoError,
  type Schema,
} from '../../sdk/index.ts';
import type { OnError } from '../on-error.ts';
import { arrowSchemaOf, schemaOfArrow } from './arrow-schema.ts';
import { goldenPath, goldenRows } from './golden.test-data.ts';
import { arrow } from './load-arrow.ts';
import { type ArrowReadOptions, arrowFormat } from './read-arrow.ts';
import { recordBatchCoder } from './record-batch-coder.ts';
import { batchOfRows, rowsOfBatch } from './row-batches.ts';
import { arrowSink } from './write-arrow.ts';

async function read(path: string, options: ArrowReadOptions<unknown, OnError> = {}, division = {}) {
  return driveParts<unknown>(arrowFormat(options), path, options.onError ?? 'fail', division);
}

let files = 0;
async function readBytes(bytes: Uint8Array, options: ArrowReadOptions<unknown, OnError> = {}) {
  const path = `memory://arrow/${files++}`;
  await putFile(path, bytes);
  return read(path, options);
}

function write(elements: readonly unknown[], options: Parameters<typeof arrowSink>[0]): Buffer {
  const encoder = arrowSink<unknown>(options).create();
  const out = new ByteWriter();
  encoder.header?.(out);
  for (const element of elements) encoder.encode(element, out);
  encoder.footer?.(out);
  return Buffer.from(out.copy());
}

for (const name of ['types-plain.arrow', 'types-lz4.arrow', 'types-zstd.arrow', 'types.arrows']) {
  test(`every type, as pyarrow wrote it: ${name}`, async () => {
    const { records, ranges } = await read(goldenPath(`arrow/${name}`), {}, { bundleSize: 5000, splits: [0.5] });
    assert.deepEqual(records, goldenRows);
    assert.equal(ranges.length > 1, name !== 'types.arrows');
  });
}

test('record batches as elements, through their coder', async () => {
  const { records } = await read(goldenPath('arrow/types-plain.arrow'), { as: 'batches' });
  assert.equal(records.length, 3);
  for (const nested of [true, false]) {
    const batches = (records as RecordBatch[]).map((batch) => {
      const bytes = encodeToBytes(recordBatchCoder, batch, nested);
      const decoded = decodeFromBytes(recordBatchCoder, bytes, nested);
      // The memory that was decoded from is used for something else.
      bytes.fill(0xff);
      return decoded;
    });
    assert.deepEqual(
      batches.flatMap((batch) => rowsOfBatch(batch)),
      goldenRows,
    );
  }
  const [first] = records as RecordBatch[];
  assert.deepEqual(rowsOfBatch(first.slice(3, 12)), goldenRows.slice(3, 12));
});

test('columns, and integers as numbers', async () => {
  const path = goldenPath('arrow/types-plain.arrow');
  const { records } = await read(path, { columns: ['string', 'int8'], int64: 'number' });
  assert.deepEqual(
    records,
    goldenRows.map(({ int8, string }) => ({ int8, string })),
  );
  await assert.rejects(read(path, { columns: ['none'] }), { code: 'COLUMN_NOT_FOUND' });
  await assert.rejects(read(path, { int64: 'number' }), { code: 'ARROW_UNSAFE_INTEGER' });
});

test('rows and batches are written and read again, as file and stream', async () => {
  const { records: batches } = await read(goldenPath('arrow/types-plain.arrow'), { as: 'batches' });
  const { schema } = batches[0] as RecordBatch;
  for (const form of ['file', 'stream'] as const) {
    assert.deepEqual((await readBytes(write(batches, { form }))).records, goldenRows);
  }
  // What rows cannot be written as: dictionaries, views, large strings, lists of fixed size.
  const names = schema.fields.map((field) => field.name);
  const { Schema } = arrow();
  const left = new Schema(
    schema.fields.filter((field) => !['dictionary', 'large', 'view', 'pair'].includes(field.name)),
  );
  const expected = goldenRows.map((row) =>
    Object.fromEntries(left.fields.map((field) => [field.name, row[field.name]])),
  );
  assert.ok(names.length > left.fields.length);
  for (const form of ['file', 'stream'] as const) {
    const file = write(goldenRows, { form, schema: left, batchRows: 7 });
    assert.deepEqual((await readBytes(file)).records, expected);
    assert.deepEqual((await readBytes(write([], { form, schema: left }))).records, []);
    assert.deepEqual((await readBytes(write([], { form }))).records, []);
  }
});

test('a compressed file is read front to back', async () => {
  await putFile('memory://arrow/whole.arrow.gz', gzipSync(readFileSync(goldenPath('arrow/types-plain.arrow'))));
  assert.deepEqual((await read('memory://arrow/whole.arrow.gz')).records, goldenRows);
});

const row = coders.row({
  a: coders.int64,
  b: coders.nullable(coders.string),
  c: coders.array(coders.double),
  d: coders.map(coders.string, coders.nullable(coders.bytes)),
  e: coders.nullable(coders.row({ x: coders.boolean, y: coders.timestamp })),
});

test('a Beam schema becomes an Arrow schema and the same again', () => {
  const schema = arrowSchemaOf(row.schema);
  assert.match(
    String(schema),
    /a: Int64.*b: Utf8.*c: List<Float64>.*d: Map<.*e: Struct<\{x:Bool, y:Timestamp<MILLISECOND, UTC>/,
  );
  const nullable = (fields: Schema['fields']) => fields.map((field) => [field.name, field.type.nullable === true]);
  assert.deepEqual(nullable(schemaOfArrow(schema).fields), nullable(row.schema.fields));
  assert.equal(String(arrowSchemaOf(schemaOfArrow(schema))), String(schema));
  const golden = arrow().tableFromIPC(readFileSync(goldenPath('arrow/types-plain.arrow'))).schema;
  const again = arrowSchemaOf(schemaOfArrow(golden));
  assert.equal(again.fields.length, golden.fields.length);
  const noScale: Schema = {
    fields: [
      {
        name: 'n',
        type: {
          kind: 'logical',
          urn: 'beam:logical_type:decimal:v1',
          representation: { kind: 'atomic', atomic: 'bytes' },
        },
      },
    ],
  };
  assert.throws(() => arrowSchemaOf(noScale), { code: 'SCHEMA_UNSUPPORTED' });
});

test('any rows of a row coder come back', async () => {
  const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
  const rows = fc.array(
    fc.record(
      {
        a: int64,
        b: fc.option(fc.string({ unit: 'grapheme' })),
        c: fc.array(fc.double()),
        d: fc
          .array(fc.tuple(fc.string(), fc.option(fc.uint8Array({ maxLength: 5 }))))
          .map((entries) => new Map(entries)),
        e: fc.option(fc.record({ x: fc.boolean(), y: fc.maxSafeInteger() }, { noNullPrototype: true })),
      },
      { noNullPrototype: true },
    ),
    { maxLength: 12 },
  );
  await fc.assert(
    fc.asyncProperty(rows, fc.integer({ min: 1, max: 5 }), async (values, batchRows) => {
      const file = write(values, { schema: row, batchRows });
      assert.deepEqual((await readBytes(file)).records, values);
    }),
    { numRuns: 60 },
  );
});

test('a row that does not fit is refused by column and leaves no trace', () => {
  const { Schema, Field, Int8, List, Decimal: DecimalType, DateDay, Uint64, TimestampSecond } = arrow();
  const schema = new Schema([
    new Field('n', new List(new Field('item', new Int8(), false)), true),
    new Field('m', new DecimalType(2, 5, 128), true),
    new Field('d', new DateDay(), true),
    new Field('u', new Uint64(), true),
    new Field('t', new TimestampSecond(), true),
  ]);
  const bad: [object, RegExp][] = [
    [{ n: [1, 128] }, /'n\[\]' holds 128/],
    [{ n: [null] }, /'n\[\]' holds null/],
    [{ n: 1 }, /'n' holds 1/],
    [{ m: Decimal.parse('1.234') }, /'m' holds "1.234"/],
    [{ m: Decimal.parse('1234.56') }, /'m'/],
    [{ d: new Date(1) }, /'d'/],
    [{ u: -1n }, /'u'/],
    [{ t: 1500 }, /'t'/],
  ];
  for (const [value, message] of bad) {
    assert.throws(
      () => batchOfRows([value], schema),
      (error: CoderError) => error.code === 'ARROW_VALUE' && message.test(error.message),
    );
  }
  const encoder = arrowSink<unknown>({ schema }).create();
  const out = new ByteWriter();
  encoder.encode({ n: [1], m: '1.5' }, out);
  assert.throws(() => encoder.encode({ n: [2, 3], m: 'x' }, out), CoderError);
  encoder.encode({ n: [4], d: new Date('2024-01-01') }, out);
  encoder.footer?.(out);
  const rows = arrow()
    .tableFromIPC(out.copy())
    .batches.flatMap((batch) => rowsOfBatch(batch));
  assert.deepEqual(rows, [
    { n: [1], m: new Decimal(150n, 2), d: null, u: null, t: null },
    { n: [4], m: null, d: new Date('2024-01-01'), u: null, t: null },
  ]);
});

test('rows without a schema are refused', () => {
  assert.throws(() => write([{ a: 1 }], {}), { code: 'SCHEMA_MISSING' });
});

test('a damaged batch is passed over, the others are read', async () => {
  for (const name of ['types-plain.arrow', 'types.arrows']) {
    const bytes = Buffer.from(readFileSync(goldenPath(`arrow/${name}`)));
    // Strings of the second batch: bytes that are not UTF-8.
    const at = bytes.indexOf('日本語', bytes.indexOf('日本語', bytes.length / 2));
    bytes[at] = 0xff;
    const { records, errors, badRecords } = await readBytes(bytes, { onError: 'deadLetter' });
    assert.equal(badRecords, 1);
    assert.equal(errors[0].error.code, 'ARROW_BAD_UTF8');
    assert.ok(records.length >= 25 && records.length < 40);
    await assert.rejects(readBytes(bytes), (error: IoError) => /at byte \d+/.test(error.context.resource ?? ''));
  }
});

test('a file that was cut off, or is something else', async () => {
  const bytes = readFileSync(goldenPath('arrow/types-plain.arrow'));
  await assert.rejects(readBytes(bytes.subarray(0, -1)), { code: 'ARROW_FOOTER' });
  await assert.rejects(readBytes(bytes.subarray(0, 10)), { code: 'ARROW_FOOTER' });
  await assert.rejects(readBytes(new Uint8Array(0)), { code: 'ARROW_TRUNCATED' });
  await assert.rejects(readBytes(Buffer.from('FEA1....')), { code: 'ARROW_FEATHER_1' });
  await assert.rejects(readBytes(bytes, { maxBatchBytes: 1000 }), { code: 'ARROW_TOO_LARGE' });
  assert.deepEqual((await readBytes(bytes.subarray(0, -1), { onError: 'skip' })).badRecords, 1);
  const stream = readFileSync(goldenPath('arrow/types.arrows'));
  const cut = await readBytes(stream.subarray(0, -40), { onError: 'deadLetter' });
  assert.deepEqual(cut.records, goldenRows.slice(0, 30));
  assert.equal(cut.errors[0].error.code, 'ARROW_TRUNCATED');
});

test('values that take no memory are bounded', () => {
  const { Field, List, makeData, Null, RecordBatch, Schema, Struct } = arrow();
  const batchOf = (count: number) => {
    const type = new List(new Field('item', new Null(), true));
    const child = makeData({ type: new Null(), length: count });
    const list = makeData({ type, length: 1, nullCount: 0, valueOffsets: Int32Array.of(0, count), child });
    const fields = [new Field('list', type, true)];
    const data = makeData({ type: new Struct(fields), length: 1, nullCount: 0, children: [list] });
    return encodeToBytes(recordBatchCoder, new RecordBatch(new Schema(fields), data));
  };
  assert.deepEqual(rowsOfBatch(decodeFromBytes(recordBatchCoder, batchOf(2))), [{ list: [null, null] }]);
  assert.throws(() => decodeFromBytes(recordBatchCoder, batchOf(1e9)), { code: 'ARROW_COLUMN' });
});

test('damage anywhere gives an IoError or is skipped, and nothing else happens', async () => {
  const sources = ['types-plain.arrow', 'types-lz4.arrow', 'types-zstd.arrow', 'types.arrows'].map((name) =>
    readFileSync(goldenPath(`arrow/${name}`)),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...sources),
      fc.nat(),
      fc.constantFrom(1, 0x7f, 0x80, 0xff),
      async (file, where, flip) => {
        const bytes = Buffer.from(file);
        bytes[where % bytes.length] ^= flip;
        await readBytes(bytes, { onError: 'skip' });
        await readBytes(bytes).catch((error) => assert.ok(error instanceof IoError, String(error)));
      },
    ),
    { numRuns: 300 },
  );
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 60 }), async (bytes) => {
      await assert.rejects(readBytes(bytes), IoError);
    }),
  );
});
