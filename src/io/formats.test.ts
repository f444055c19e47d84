import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { gunzipSync, inflateSync } from 'node:zlib';
import type { RecordBatch } from 'apache-arrow';
import { putFile } from '../../test/support/source-driver.ts';
import { coders, type PCollection, Pipeline, type PTransform, reshuffle } from '../sdk/index.ts';
import { goldenPath, goldenRows } from './arrow/golden.test-data.ts';
import { fileSystemOf } from './filesystem/registry.ts';
import {
  type BadRecord,
  exampleFromRow,
  readArrow,
  readAvro,
  readParquet,
  readTfExample,
  readTfRecord,
  readTfSequenceExample,
  rowsOfBatch,
  type SourceOutput,
  type WrittenFile,
  writeArrow,
  writeAvro,
  writeParquet,
  writeTfExample,
  writeTfRecord,
  writeTfSequenceExample,
} from './index.ts';
import { goldenFile, recordsOf } from './tfrecord/golden.test-data.ts';

async function collect<T>(source: PTransform<Pipeline, PCollection<T>>): Promise<T[]> {
  const pipeline = new Pipeline();
  const elements: T[] = [];
  pipeline.apply(source).map('Collect', (element) => elements.push(element));
  await pipeline.run({ threads: 0 });
  return elements;
}

async function collectBoth<T>(
  source: PTransform<Pipeline, SourceOutput<T, 'deadLetter'>>,
): Promise<{ records: T[]; errors: BadRecord[] }> {
  const pipeline = new Pipeline();
  const found = { records: [] as T[], errors: [] as BadRecord[] };
  const { main: records, errors } = pipeline.apply(source);
  records.map('Records', (record) => found.records.push(record));
  errors.map('Errors', (error) => found.errors.push(error));
  await pipeline.run({ threads: 0 });
  return found;
}

async function write<T>(
  elements: readonly T[],
  sink: PTransform<PCollection<T>, PCollection<WrittenFile>>,
): Promise<string[]> {
  const pipeline = new Pipeline();
  const paths: string[] = [];
  pipeline
    .create(elements)
    .apply(sink)
    .map('Paths', (file) => paths.push(file.path));
  await pipeline.run({ threads: 0 });
  return paths.sort();
}

async function bytesOf(path: string): Promise<Buffer> {
  const file = await fileSystemOf(path).open(path);
  const bytes = Buffer.alloc(file.size);
  await file.read(0, bytes);
  return bytes;
}

const row = coders.row({ id: coders.safeInt, name: coders.nullable(coders.string), score: coders.double });
const rows = Array.from({ length: 50 }, (_, i) => ({ id: i, name: i % 3 === 0 ? null : `name ${i}`, score: i / 4 }));
const byId = (a: { id: number }, b: { id: number }) => a.id - b.id;

test("TFRecord files as TensorFlow's, plain, GZIP and ZLIB, written and read", async () => {
  const records = recordsOf('multivalent').map((record) => new Uint8Array(record));
  for (const [suffix, plain] of [
    ['.tfrecord', (bytes: Buffer) => bytes],
    ['.tfrecord.gz', gunzipSync],
    ['.tfrecord.zlib', inflateSync],
  ] as const) {
    const prefix = `memory://formats/tfr${suffix}`;
    const [path] = await write(records, writeTfRecord(prefix, { suffix, numShards: 1, shardNameTemplate: '' }));
    assert.deepEqual(plain(await bytesOf(path)).length, goldenFile('multivalent.tfrecord').length);
    const key = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
    assert.deepEqual((await collect(readTfRecord(path))).map(key).sort(), records.map(key).sort());
  }
  const all = await collect(readTfExample(goldenPath('records/{bigint,nan_inf,unicode}.tfrecord{,.gz,.zlib}')));
  assert.equal(all.length, 3 * (10 + 10 + 19));
});

test('rows as tf.Examples, and sequence examples', async () => {
  const columns = { id: 'int', name: 'string?', score: 'float' } as const;
  await write(rows, writeTfExample('memory://formats/rows', { columns }));
  assert.deepEqual((await collect(readTfExample('memory://formats/rows*', { columns }))).sort(byId), rows);

  const examples = rows.map((each) => exampleFromRow(each, columns));
  await write(examples, writeTfExample('memory://formats/examples'));
  const read = await collect(readTfExample('memory://formats/examples*', { int64: 'number', bytes: 'string' }));
  assert.deepEqual(read.map((example) => example.id.values[0]).sort(), rows.map((each) => each.id).sort());

  const sequence = { context: {}, featureLists: { tokens: [{ type: 'bytes' as const, values: ['a'] }] } };
  await write([sequence], writeTfSequenceExample('memory://formats/sequence'));
  assert.deepEqual(await collect(readTfSequenceExample('memory://formats/sequence*', { bytes: 'string' })), [sequence]);
  const golden = await collect(readTfSequenceExample(goldenPath('records/sequence_example.tfrecord')));
  assert.deepEqual(golden[0].context, { id: { type: 'int64', values: [17n] } });
});

test('rows as Avro', async () => {
  const schema = {
    type: 'record',
    name: 'Row',
    fields: [
      { name: 'id', type: 'long' },
      { name: 'name', type: ['null', 'string'] },
      { name: 'score', type: 'double' },
    ],
  } as const;
  const paths = await write(rows, writeAvro('memory://formats/avro', { schema, codec: 'snappy', numShards: 3 }));
  assert.equal(paths.length, 3);
  const read = await collect(readAvro<(typeof rows)[0]>('memory://formats/avro*', { int64: 'number' }));
  assert.deepEqual(read.sort(byId), rows);
});

type Row = (typeof rows)[0];
const columnar = [
  {
    name: 'parquet',
    writeRows: (prefix: string) => writeParquet<Row>(prefix),
    writeBatches: (prefix: string) => writeParquet<RecordBatch>(prefix),
    readRows: (glob: string) => readParquet<Row>(glob, { int64: 'number', coder: row }),
    readBatches: (glob: string) => readParquet(glob, { as: 'batches' }),
  },
  {
    name: 'arrow',
    writeRows: (prefix: string) => writeArrow<Row>(prefix),
    writeBatches: (prefix: string) => writeArrow<RecordBatch>(prefix),
    readRows: (glob: string) => readArrow<Row>(glob, { int64: 'number', coder: row }),
    readBatches: (glob: string) => readArrow(glob, { as: 'batches' }),
  },
];

for (const { name, writeRows, writeBatches, readRows, readBatches } of columnar) {
  test(`rows and record batches as ${name}, the schema from the collection's row coder`, async () => {
    const prefix = `memory://formats/${name}`;
    const pipeline = new Pipeline();
    pipeline.create(rows).withCoder(row).apply(writeRows(prefix));
    await pipeline.run({ threads: 0 });
    assert.deepEqual((await collect(readRows(`${prefix}*`))).sort(byId), rows);

    // Through a shuffle, which encodes the batches, and into other files.
    const copy = new Pipeline();
    copy
      .apply(readBatches(`${prefix}*`))
      .apply(reshuffle())
      .apply(writeBatches(`memory://formats/copy-${name}`));
    await copy.run({ threads: 0 });
    const batches = await collect(readBatches(`memory://formats/copy-${name}*`));
    const copied = batches.flatMap((batch) => rowsOfBatch(batch, { int64: 'number' })) as Row[];
    assert.deepEqual(copied.sort(byId), rows);
  });

  test(`${name}: what nothing tells is asked for`, async () => {
    await assert.rejects(write(rows, writeRows(`memory://formats/untyped-${name}`)), /SCHEMA_MISSING/);
  });
}

test('every format sends what it cannot read to the dead letters, with file and offset', async () => {
  const tfrecord = Buffer.from(goldenFile('bigint.tfrecord'));
  tfrecord[54 + 20] ^= 1;
  await putFile('memory://bad/a.tfrecord', tfrecord);
  const one = await collectBoth(readTfRecord('memory://bad/a.tfrecord', { onError: 'deadLetter' }));
  assert.equal(one.records.length, 9);
  assert.deepEqual(
    one.errors.map(({ file, offset, error, bytes }) => [file, offset, error.code, bytes?.length]),
    [['memory://bad/a.tfrecord', 54, 'TFRECORD_DATA_CRC', 38]],
  );

  await putFile('memory://bad/b.tfrecord', goldenFile('raw_sizes.tfrecord'));
  const two = await collectBoth(readTfExample('memory://bad/b.tfrecord', { onError: 'deadLetter' }));
  assert.equal(two.records.length + two.errors.length, 10);
  assert.ok(two.errors.every((error) => error.error.code.startsWith('CODER_')));

  const parquet = Buffer.from(readFileSync(goldenPath('parquet/types-none.parquet')));
  parquet.fill(0xff, 4, 40);
  await putFile('memory://bad/c.parquet', parquet);
  const three = await collectBoth(readParquet('memory://bad/c.parquet', { onError: 'deadLetter', columns: ['bool'] }));
  assert.deepEqual(
    three.errors.map((error) => error.error.code),
    ['PARQUET_ROW_GROUP'],
  );
  assert.equal(three.records.length, goldenRows.length - 15);

  await putFile('memory://bad/d.avro', 'no avro at all');
  const four = await collectBoth(readAvro('memory://bad/d.avro', { onError: 'deadLetter' }));
  assert.deepEqual(
    four.errors.map(({ offset, error }) => [offset, error.code]),
    [[0, 'AVRO_MAGIC']],
  );

  await putFile('memory://bad/e.arrow', 'ARROW1 and then nothing of use');
  const five = await collectBoth(readArrow('memory://bad/e.arrow', { onError: 'deadLetter' }));
  assert.deepEqual(
    five.errors.map(({ error }) => error.code),
    ['ARROW_FOOTER'],
  );
});
