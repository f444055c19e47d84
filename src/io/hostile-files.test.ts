import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { crc32, deflateRawSync } from 'node:zlib';
import { driveParts } from '../../test/support/parted-driver.ts';
import { restrictionContext } from '../../test/support/restriction-context.ts';
import { driveSource, putFile } from '../../test/support/source-driver.ts';
import { ByteWriter, coders, IoError, type MetricsScope } from '../sdk/index.ts';
import { goldenPath } from './arrow/golden.test-data.ts';
import { arrowFormat } from './arrow/read-arrow.ts';
import { arrowSink } from './arrow/write-arrow.ts';
import { writeLong } from './avro/avro-output.ts';
import { writeContainerHeader } from './avro/container-header.ts';
import { avroFormat } from './avro/read-avro.ts';
import { avroSink } from './avro/write-avro.ts';
import { fileReader } from './file-based-source.ts';
import type { SinkFormat } from './file-format.ts';
import { listFiles } from './match-files.ts';
import type { OnError } from './on-error.ts';
import { contentOptions } from './open-source.ts';
import { checkPages } from './parquet/page-check.ts';
import { parquetFormat } from './parquet/read-parquet.ts';
import { type ThriftStruct, type ThriftValue, writeStruct } from './parquet/thrift-compact.ts';
import { parquetSink } from './parquet/write-parquet.ts';
import { partReader } from './parted-source.ts';
import { textFormat } from './text/read-text.ts';

const PATH = 'memory://hostile/file';

async function encode(sink: SinkFormat<never>, elements: readonly unknown[]): Promise<Buffer> {
  const encoder = sink.create();
  const out = new ByteWriter();
  encoder.header?.(out);
  for (const element of elements) encoder.encode(element as never, out);
  await encoder.footer?.(out);
  return Buffer.from(out.copy());
}

type Read = (onError: OnError) => Promise<{ readonly records: readonly unknown[]; readonly badRecords: number }>;
const readParquetFile: Read = (onError) => driveParts(parquetFormat({ onError }), PATH, onError);
const readArrowFile: Read = (onError) => driveParts(arrowFormat({ onError }), PATH, onError);
const readAvroFile: Read = (onError) => driveSource(avroFormat({ onError }), PATH, { onError });

const schema = coders.row({
  n: coders.int64,
  s: coders.nullable(coders.string),
  l: coders.array(coders.double),
  b: coders.boolean,
});
const rows = Array.from({ length: 12 }, (_, i) => ({
  n: BigInt(i * 1000),
  s: i % 4 === 0 ? null : `v${i % 3}`,
  l: [i, i / 2].slice(0, i % 3),
  b: i % 2 === 0,
}));
const avroSchema = {
  type: 'record',
  name: 'Row',
  fields: [
    { name: 'n', type: 'long' },
    { name: 's', type: ['null', 'string'] },
    { name: 'l', type: { type: 'array', items: 'double' } },
    { name: 'b', type: 'boolean' },
  ],
} as const;

const files: readonly (readonly [name: string, sink: SinkFormat<never>, read: Read])[] = [
  ['Parquet', parquetSink({ schema, compression: 'none', rowGroupRows: 6 }), readParquetFile],
  ['Parquet with snappy', parquetSink({ schema, compression: 'snappy', rowGroupRows: 6 }), readParquetFile],
  ['Arrow', arrowSink({ schema, batchRows: 6 }), readArrowFile],
  ['an Arrow stream', arrowSink({ schema, batchRows: 6, form: 'stream' }), readArrowFile],
  ['Avro', avroSink({ schema: avroSchema, codec: 'null' }), readAvroFile],
  ['Avro with snappy', avroSink({ schema: avroSchema, codec: 'snappy' }), readAvroFile],
];

for (const [name, sink, read] of files) {
  test(`${name}: wherever a byte is damaged, an error names the file, or all rows come`, async () => {
    const good = await encode(sink, rows);
    for (let at = 0; at < good.length; at += 13) {
      const bytes = Buffer.from(good);
      bytes[at] ^= at % 3 === 0 ? 0xff : 1 << (at % 8);
      await putFile(PATH, bytes);
      for (const onError of ['fail', 'skip'] as const) {
        try {
          const { records, badRecords } = await read(onError);
          assert.ok(records.length === rows.length || badRecords > 0, `byte ${at}: ${records.length} rows`);
        } catch (error) {
          assert.ok(error instanceof IoError, `byte ${at}: ${(error as Error).stack}`);
          assert.ok(error.context.resource?.startsWith(PATH), `byte ${at}: ${error.message}`);
        }
      }
    }
  });

  test(`${name}: wherever the file is cut, an error says so`, async () => {
    const good = await encode(sink, rows);
    // A stream may end behind any of its messages: nothing tells that one is missing.
    const parts = name === 'an Arrow stream' ? [0, 6, 12] : [12];
    for (let end = 0; end < good.length; end += 19) {
      await putFile(PATH, good.subarray(0, end));
      const { records } = await read('fail').catch((error: unknown) => {
        assert.ok(error instanceof IoError && error.context.resource?.startsWith(PATH), String(error));
        return { records: rows };
      });
      assert.ok(parts.includes(records.length), `${end} bytes: ${records.length} rows`);
    }
  });
}

test('Arrow streams one behind the other in a file: an error, and not the first of them alone', async () => {
  const stream = await encode(arrowSink({ schema, form: 'stream' }), rows);
  await putFile(PATH, Buffer.concat([stream, stream]));
  await assert.rejects(readArrowFile('fail'), { code: 'ARROW_TRAILING' });
  const { records, badRecords } = await readArrowFile('skip');
  assert.deepEqual([records.length, badRecords], [12, 1]);
  await putFile(PATH, Buffer.concat([stream, Buffer.alloc(8)]));
  assert.equal((await readArrowFile('fail')).records.length, 12);
});

test('an Arrow dictionary that claims millions of values is refused before anything is made of it', async () => {
  const good = readFileSync(goldenPath('arrow/types-zstd.arrow'));
  let refused = 0;
  // Somewhere in the head of the first dictionary stands how many values it has.
  for (let at = 2064; at < 2080; at++) {
    const bytes = Buffer.from(good);
    bytes[at] ^= 0xff;
    await putFile(PATH, bytes);
    await readArrowFile('fail').catch((error: unknown) => {
      assert.ok(error instanceof IoError);
      if (/has no bytes/.test(error.summary)) refused++;
    });
  }
  assert.ok(refused > 0);
});

test('a file that was replaced while it was read is refused', async () => {
  const sixes = await encode(parquetSink({ schema, rowGroupRows: 6 }), rows);
  const fours = await encode(parquetSink({ schema, rowGroupRows: 4 }), rows);
  const arrows = await encode(arrowSink({ schema, batchRows: 6 }), rows);
  const cases = [
    [sixes, fours, parquetFormat({})],
    [sixes, Buffer.alloc(0), parquetFormat({})],
    [arrows, arrows.subarray(0, 50), arrowFormat({})],
  ] as const;
  for (const [before, after, format] of cases) {
    await putFile(PATH, before);
    const [file] = await listFiles<undefined>([PATH], {});
    const reader = partReader<unknown>(format, 'skip');
    const range = await reader.restriction.initial(file);
    await putFile(PATH, after);
    const tracker = reader.restriction.tracker(range);
    const metrics = {} as MetricsScope;
    const batches = await reader.process(file, restrictionContext(tracker, metrics));
    await assert.rejects(
      async () => {
        for await (const _ of batches as AsyncIterable<unknown>);
      },
      { code: 'FILE_CHANGED' },
    );
  }
});

test('the rows of a Parquet row group come in slices, all of them and in order', async () => {
  const count = 262_144 + 20_000;
  const flag = coders.row({ flag: coders.boolean });
  const flags = Array.from({ length: count }, (_, i) => ({ flag: (i * i) % 7 === 2 }));
  await putFile(PATH, await encode(parquetSink({ schema: flag, rowGroupRows: 1_000_000 }), flags));
  const { records, ranges } = await driveParts<{ flag: boolean }>(parquetFormat({}), PATH);
  assert.equal(records.length, count);
  assert.ok(records.every((row, i) => row.flag === flags[i].flag));
  assert.ok(ranges.length >= 1);
});

test('limits of Parquet files are errors that say what to do', async () => {
  await putFile(PATH, await encode(parquetSink({ schema, rowGroupRows: 6 }), rows));
  await assert.rejects(driveParts(parquetFormat({ maxRowGroupBytes: 100 }), PATH), (error: IoError) => {
    assert.equal(error.code, 'PARQUET_TOO_LARGE');
    assert.match(error.message, /maxRowGroupBytes/);
    return true;
  });
  assert.throws(() => parquetFormat({ batchRows: 0 }), { code: 'OPTION_INVALID' });
  assert.throws(() => parquetFormat({ maxRowGroupBytes: 2 ** 40 }), { code: 'OPTION_INVALID' });
});

const integer = (value: number): ThriftValue => ({ type: 5, integer: BigInt(value) });
const text = (value: string): ThriftValue => ({ type: 8, bytes: Buffer.from(value) });
const struct = (fields: ThriftStruct): ThriftValue => ({ type: 12, fields });

test('a Parquet schema nested ten thousand levels deep is bad data', async () => {
  const group = struct(
    new Map([
      [3, integer(0)],
      [4, text('g')],
      [5, integer(1)],
    ]),
  );
  const leaf = struct(
    new Map([
      [1, integer(1)],
      [3, integer(0)],
      [4, text('leaf')],
    ]),
  );
  const items = [...Array.from({ length: 10_000 }, () => group), leaf];
  const out = new ByteWriter();
  out.raw(Buffer.from('PAR1'));
  writeStruct(
    new Map<number, ThriftValue>([
      [1, integer(1)],
      [2, { type: 9, elementType: 12, items }],
      [3, { type: 6, integer: 0n }],
      [4, { type: 9, elementType: 12, items: [] }],
    ]),
    out,
  );
  const length = Buffer.alloc(4);
  length.writeUInt32LE(out.length - 4);
  out.raw(Buffer.concat([length, Buffer.from('PAR1')]));
  await putFile(PATH, out.copy());
  await assert.rejects(readParquetFile('fail'), { code: 'PARQUET_FOOTER' });
  // The library has to be usable after that.
  await putFile(PATH, readFileSync(goldenPath('parquet/types-zstd.parquet')));
  assert.equal((await readParquetFile('fail')).records.length, 40);
});

test('pages of Parquet: checksums are verified, sizes bounded', () => {
  const content = Buffer.from('the values of a page');
  const page = (fields: readonly (readonly [number, ThriftValue])[], body = content) => {
    const out = new ByteWriter();
    writeStruct(new Map(fields), out);
    out.raw(body);
    return out.copy();
  };
  const sizes = [
    [2, integer(40)],
    [3, integer(content.length)],
  ] as const;
  const checksum = [4, integer(crc32(content) | 0)] as const;
  const data = [5, struct(new Map([[1, integer(10)]]))] as const;
  const good = page([...sizes, checksum, data]);
  checkPages(good, 10, 1000);
  checkPages(page([...sizes, data]), 10, 1000);
  checkPages(Buffer.concat([good, good]), 20, 1000);
  const damaged = Buffer.from(good);
  damaged[damaged.length - 1] ^= 1;
  assert.throws(() => checkPages(damaged, 10, 1000), /checksum of page 0/);
  assert.throws(() => checkPages(good, 11, 1000), /10 of 11 values/);
  assert.throws(() => checkPages(good, 10, 39), /the limit is 39/);
  assert.throws(() => checkPages(page([checksum, data]), 10, 1000), /without its sizes/);
});

test('an Avro block that expands to millions of rows is read in steps', async () => {
  const count = 500_000;
  const out = new ByteWriter();
  const sync = new Uint8Array(16).fill(7);
  const fields = [{ name: 'a', type: ['null', 'string'] as const }];
  writeContainerHeader({ type: 'record', name: 'R', fields }, 'deflate', sync, out);
  for (let i = 0; i < 2; i++) {
    // Each row is one byte that chooses null.
    const block = deflateRawSync(Buffer.alloc(count));
    writeLong(count, out);
    writeLong(block.length, out);
    out.raw(block);
    out.raw(sync);
  }
  await putFile(PATH, out.copy());
  const [file] = await listFiles<undefined>([PATH], {});
  const reader = fileReader(avroFormat({}), contentOptions({}, 'Test'), {});
  const tracker = reader.restriction.tracker(await reader.restriction.initial(file));
  const context = restrictionContext(tracker);
  let found = 0;
  let largest = 0;
  let asked = false;
  for await (const batch of reader.process(file, context) as AsyncIterable<readonly unknown[]>) {
    found += batch.length;
    largest = Math.max(largest, batch.length);
    // A block that has been begun cannot be split off: the second one can.
    if (!asked) assert.equal(tracker.trySplit(0)?.residual.start ?? 0, tracker.current().end);
    asked = true;
  }
  tracker.checkDone();
  assert.equal(found, count);
  assert.ok(largest < 200_000, `${largest} rows at once`);
});

test('a range that is taken away at any moment while it is read loses nothing and repeats nothing', async () => {
  const path = 'memory://hostile/split';
  await putFile(path, Buffer.from('a\nb\nc\n'));
  const [file] = await listFiles<undefined>([path], {});
  const reader = fileReader(textFormat(), contentOptions({}, 'Test'), {});
  type Range = Awaited<ReturnType<typeof reader.restriction.initial>>;
  const read = async (range: Range, ticks: number) => {
    const tracker = reader.restriction.tracker(range);
    const batches = reader.process(file, restrictionContext(tracker)) as AsyncGenerator<readonly unknown[]>;
    const first = batches.next();
    for (let tick = 0; tick < ticks; tick++) await undefined;
    const rest = tracker.trySplit(0)?.residual;
    const records: unknown[] = [];
    for (let next = await first; next.done !== true; next = await batches.next()) records.push(...next.value);
    tracker.checkDone();
    return { records, rest };
  };
  for (let ticks = 0; ticks < 40; ticks++) {
    const { records, rest } = await read(await reader.restriction.initial(file), ticks);
    if (rest !== undefined) records.push(...(await read(rest, 1000)).records);
    assert.deepEqual(records, ['a', 'b', 'c'], `after ${ticks} ticks`);
  }
});
