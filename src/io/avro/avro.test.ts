import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { driveSource, putFile } from '../../../test/support/source-driver.ts';
import { ByteWriter, CoderError, Decimal, IoError } from '../../sdk/index.ts';
import type { AvroSchema } from './avro-schema.ts';
import type { AvroCodec } from './block-codec.ts';
import { type AvroReadOptions, avroFormat } from './read-avro.ts';
import { avroSink } from './write-avro.ts';

const CODECS: readonly AvroCodec[] = ['null', 'deflate', 'snappy', 'zstandard'];
const goldenUrl = (name: string) => new URL(`../../../test/golden/avro/${name}`, import.meta.url);
const golden = JSON.parse(readFileSync(goldenUrl('everything.json'), 'utf8')) as {
  schema: AvroSchema;
  rows: Record<string, unknown>[];
};

/** The values of the golden JSON as this library gives them. */
function fromGolden(value: unknown, field: string): unknown {
  if (Array.isArray(value)) return value.map((item) => fromGolden(item, field));
  if (typeof value !== 'object' || value === null) return value;
  const [tag, content] = Object.entries(value)[0] as [string, string];
  switch (tag) {
    case 'bytes':
      return new Uint8Array(Buffer.from(content, 'base64'));
    case 'micros':
      return field === 'timestamp_millis' ? Number(content) / 1000 : BigInt(content);
    case 'date':
      return new Date(content);
    case 'decimal': {
      const scale = field === 'decimal' ? 2 : 3;
      const { unscaled, scale: given } = Decimal.parse(content);
      return new Decimal(unscaled * 10n ** BigInt(scale - given), scale);
    }
    case 'double':
      return content === 'inf' ? Infinity : content === '-inf' ? -Infinity : Number(content);
    case 'long':
      return field === 'long' || field === 'array' ? BigInt(content) : Number(content);
    default:
      return Object.fromEntries(Object.entries(content).map(([key, item]) => [key, fromGolden(item, key)]));
  }
}
const everything = golden.rows.map((row) =>
  Object.fromEntries(Object.entries(row).map(([name, value]) => [name, fromGolden(value, name)])),
);

function encode(schema: AvroSchema, rows: readonly unknown[], codec: AvroCodec = 'null', blockBytes?: number): Buffer {
  const encoder = avroSink<unknown>({ schema, codec, ...(blockBytes === undefined ? {} : { blockBytes }) }).create();
  const out = new ByteWriter();
  encoder.header?.(out);
  for (const row of rows) encoder.encode(row, out);
  encoder.footer?.(out);
  return Buffer.from(out.copy());
}

let files = 0;
async function read(bytes: Uint8Array, options: AvroReadOptions<'skip' | 'deadLetter' | 'fail'> = {}, division = {}) {
  const path = `memory://avro/${files++}.avro`;
  await putFile(path, bytes);
  return driveSource<unknown, undefined>(avroFormat(options), path, { ...options, compression: 'none' }, division);
}

for (const codec of CODECS) {
  test(`a file of every type by fastavro, codec ${codec}, in any division`, async () => {
    const file = readFileSync(goldenUrl(`everything-${codec}.avro`));
    for (const bundleSize of [1 << 20, 3000, 100]) {
      const { records, ranges } = await read(file, {}, { bundleSize });
      assert.deepEqual(records, everything);
      assert.equal(ranges.length > 1, bundleSize < 4000);
    }
  });

  test(`what is written is read, codec ${codec}`, async () => {
    const file = encode(golden.schema, everything, codec, 1000);
    assert.deepEqual((await read(file, {}, { bundleSize: 2000, splits: [0.3, 0] })).records, everything);
    assert.deepEqual((await read(encode(golden.schema, [], codec))).records, []);
  });
}

test('the uncompressed content is the one fastavro writes', () => {
  const theirs = readFileSync(goldenUrl('everything-null.avro'));
  const marker = Buffer.from(Array.from({ length: 16 }, (_, i) => i));
  const blocks = theirs.subarray(theirs.indexOf(marker) + 16);
  const one = encode(golden.schema, everything.slice(0, 1));
  // Behind the header: count 1, the size in two bytes, the row, the marker.
  const row = one.subarray(one.indexOf(one.subarray(-16)) + 16 + 3, -16);
  assert.equal(blocks.subarray(3, 3 + row.length).toString('hex'), row.toString('hex'));
});

test('columns: only what is asked for', async () => {
  const file = readFileSync(goldenUrl('everything-snappy.avro'));
  const { records } = await read(file, { columns: ['string', 'long'], int64: 'bigint' });
  assert.deepEqual(
    records,
    everything.map(({ long, string }) => ({ long, string })),
  );
  await assert.rejects(read(file, { columns: ['nothing'] }), { code: 'COLUMN_NOT_FOUND' });
  await assert.rejects(read(encode('int', [1]), { columns: ['a'] }), { code: 'AVRO_SCHEMA' });
  await assert.rejects(read(file, { columns: ['long'], int64: 'number' }), { code: 'AVRO_BLOCK' });
});

const record = (fields: unknown, more = {}) => ({ type: 'record', name: 'Row', fields, ...more }) as AvroSchema;

test("the reader's schema: defaults, aliases, promotions, other order, enum default", async () => {
  const file = encode(
    record([
      { name: 'old', type: 'int' },
      { name: 'gone', type: { type: 'map', values: ['null', { type: 'array', items: 'string' }] } },
      { name: 'f', type: 'float' },
      { name: 's', type: 'string' },
      { name: 'e', type: { type: 'enum', name: 'E', symbols: ['A', 'B', 'C'] } },
      { name: 'u', type: ['null', 'int'] },
      { name: 'plain', type: 'long' },
    ]),
    [{ old: 7, gone: { a: null, b: ['x'] }, f: 0.5, s: 'txt', e: 'C', u: 3, plain: 2n ** 60n }],
  );
  const { records } = await read(file, {
    schema: record([
      { name: 'u', type: ['double', 'null'] },
      { name: 'plain', type: ['null', 'double'] },
      { name: 'renamed', type: 'long', aliases: ['old'] },
      { name: 's', type: 'bytes' },
      { name: 'f', type: 'double' },
      { name: 'e', type: { type: 'enum', name: 'E', symbols: ['A', 'Z'], default: 'Z' } },
      { name: 'added', type: { type: 'array', items: 'long' }, default: [1, 2] },
      { name: 'when', type: { type: 'long', logicalType: 'timestamp-millis' }, default: 1000 },
      { name: 'bytes', type: 'bytes', default: 'ÿ\u0000' },
      { name: 'none', type: ['null', 'string'], default: null },
    ]),
  });
  assert.deepEqual(records, [
    {
      renamed: 7n,
      f: 0.5,
      s: new Uint8Array(Buffer.from('txt')),
      e: 'Z',
      u: 3,
      plain: 2 ** 60,
      added: [1n, 2n],
      when: 1000,
      bytes: new Uint8Array([255, 0]),
      none: null,
    },
  ]);
  await assert.rejects(read(file, { schema: record([{ name: 'new', type: 'int' }]) }), /no field 'new'/);
  await assert.rejects(read(file, { schema: record([{ name: 'f', type: 'int' }]) }), /'f' of the file holds float/);
});

test('a row that does not fit is refused with the path to the value', () => {
  const schema = record([
    { name: 'a', type: { type: 'array', items: record([{ name: 'b', type: ['null', 'int'] }], { name: 'Inner' }) } },
  ]);
  assert.throws(
    () => encode(schema, [{ a: [{ b: 1 }, { b: 1.5 }] }]),
    (error: CoderError) => {
      assert.equal(error.code, 'AVRO_VALUE');
      assert.match(error.summary, /^Field 'a\.1\.b': 1\.5 stands where an int/);
      return true;
    },
  );
  for (const [type, value] of [
    ['int', 2 ** 31],
    ['long', 2n ** 63n],
    ['long', 0.5],
    ['string', 1],
    ['string', '\ud800'],
    ['bytes', 'text'],
    ['boolean', null],
    [{ type: 'fixed', name: 'F', size: 2 }, new Uint8Array(3)],
    [{ type: 'int', logicalType: 'date' }, new Date(1)],
    [{ type: 'long', logicalType: 'timestamp-millis' }, new Date(Number.NaN)],
    [{ type: 'bytes', logicalType: 'decimal', precision: 4, scale: 1 }, Decimal.parse('1.25')],
    [['int', 'string'], 1.5],
  ] as [AvroSchema, unknown][]) {
    assert.throws(() => encode(type, [value]), CoderError, JSON.stringify(type));
  }
});

test('a union takes the first branch that fits', async () => {
  const a = record([{ name: 'x', type: 'int' }], { name: 'A' });
  const b = record(
    [
      { name: 'x', type: 'int' },
      { name: 'y', type: 'int', default: 4 },
    ],
    { name: 'B' },
  );
  const schema = [
    'null',
    'boolean',
    'int',
    'double',
    a,
    b,
    { type: 'map', values: 'string' },
    { type: 'array', items: 'int' },
  ];
  const values = [null, true, 3, 0.5, { x: 1 }, { x: 1, y: 2 }, { k: 'v' }, [1, 2], 2 ** 40];
  assert.deepEqual((await read(encode(schema as AvroSchema, values))).records, values);
});

const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const tree = (depth: number): fc.Arbitrary<unknown> =>
  fc.record(
    { n: int64, children: depth === 0 ? fc.constant([]) : fc.array(tree(depth - 1), { maxLength: 3 }) },
    { noNullPrototype: true },
  );

test('recursive records, any values, any block size', async () => {
  const schema = record([
    { name: 'n', type: 'long' },
    { name: 'children', type: { type: 'array', items: 'Row' } },
  ]);
  await fc.assert(
    fc.asyncProperty(
      fc.array(tree(3), { maxLength: 5 }),
      fc.integer({ min: 1, max: 200 }),
      async (rows, blockBytes) => {
        const file = encode(schema, rows, 'snappy', blockBytes);
        assert.deepEqual((await read(file, {}, { bundleSize: 40 })).records, rows);
      },
    ),
    { numRuns: 60 },
  );
});

test('a broken block is passed over, and reading goes on behind it', async () => {
  const rows = Array.from({ length: 40 }, (_, i) => ({ i, s: `row ${i}` }));
  const schema = record([
    { name: 'i', type: 'int' },
    { name: 's', type: 'string' },
  ]);
  for (const codec of CODECS) {
    // Blocks of five rows.
    const file = encode(schema, rows, codec, 40);
    const sync = file.subarray(-16);
    const third = file.indexOf(sync, file.indexOf(sync, file.indexOf(sync) + 1) + 1) + 16;
    const broken = Buffer.from(file);
    broken.fill(0xff, third + 2, third + 22);
    for (const division of [{}, { bundleSize: 50 }, { splits: [0.5] }]) {
      const { records, errors, badRecords } = await read(broken, { onError: 'deadLetter' }, division);
      assert.ok(records.length >= 30 && records.length < 40, `${codec} ${records.length}`);
      assert.deepEqual(records.slice(-5), rows.slice(-5));
      assert.equal(badRecords, 1);
      assert.equal(errors[0].offset, third);
    }
    await assert.rejects(read(broken), (error: IoError) => {
      assert.match(error.context.resource ?? '', new RegExp(`avro at byte ${third}$`));
      return error instanceof IoError;
    });
  }
});

test('a file that ends early gives its whole blocks and one error', async () => {
  const rows = Array.from({ length: 20 }, (_, i) => i);
  const file = encode('int', rows, 'null', 5);
  for (let end = file.length - 60; end < file.length; end++) {
    const { records, errors } = await read(file.subarray(0, end), { onError: 'deadLetter' });
    assert.deepEqual(records, rows.slice(0, records.length));
    const whole = file.subarray(0, end).subarray(-16).equals(file.subarray(-16));
    assert.deepEqual(
      errors.map((error) => error.error.code),
      whole ? [] : ['AVRO_TRUNCATED'],
    );
  }
});

test('bombs: an expansion, a count without content and nesting are bounded', async () => {
  const bytes = encode('bytes', [new Uint8Array(1 << 20)], 'deflate');
  assert.ok(bytes.length < 3000);
  await assert.rejects(read(bytes, { maxBlockBytes: 10_000 }), { code: 'AVRO_BLOCK' });
  await assert.rejects(read(bytes, { maxBlockBytes: 500 }), { code: 'AVRO_BLOCK_TOO_LARGE' });

  const header = encode('null', []);
  const sync = header.subarray(-16);
  const block = Buffer.concat([Buffer.from('feffffffffff1f00', 'hex'), sync]);
  await assert.rejects(read(Buffer.concat([header, block])), /rows without content/);
  const arrays = encode({ type: 'array', items: 'null' }, []);
  const nulls = Buffer.concat([arrays, Buffer.from('0212feffffffffff1f0000', 'hex'), arrays.subarray(-16)]);
  await assert.rejects(read(nulls), { code: /AVRO_BLOCK|AVRO_SYNC/ });

  const list = record([{ name: 'next', type: ['null', 'Row'] }]);
  const deep = Buffer.concat([Buffer.alloc(100_000, 2), Buffer.from([0])]);
  const start = encode(list, []);
  const size = new ByteWriter();
  size.varint(deep.length * 2);
  await assert.rejects(
    read(Buffer.concat([start, Buffer.from([2]), size.copy(), deep, start.subarray(-16)])),
    /nested deeper/,
  );
});

test('schemas that mean nothing are refused', async () => {
  for (const schema of [
    'nothing',
    { type: 'record', name: 'R' },
    { type: 'enum', name: 'E', symbols: [] },
    { type: 'fixed', name: 'F', size: -1 },
    ['int', 'int'],
    [['int']],
    null,
    record([{ name: 'a', type: 'int', default: 'x' }]),
    record([
      { name: 'a', type: 'int' },
      { name: 'a', type: 'int' },
    ]),
    JSON.parse(`${'['.repeat(100)}"int"${']'.repeat(100)}`),
  ]) {
    assert.throws(
      () => encode(schema as AvroSchema, []),
      { code: 'AVRO_SCHEMA' },
      JSON.stringify(schema)?.slice(0, 80),
    );
  }
});

test('garbage gives an IoError, or is skipped, and nothing else happens', async () => {
  const file = readFileSync(goldenUrl('everything-snappy.avro'));
  const attempt = async (bytes: Uint8Array) => {
    await read(bytes, { maxBlockBytes: 1 << 20 }).catch((error) => assert.ok(error instanceof IoError, String(error)));
    await read(bytes, { maxBlockBytes: 1 << 20, onError: 'skip' });
  };
  await assert.rejects(read(Buffer.from('Obj')), { code: 'AVRO_MAGIC' });
  await assert.rejects(read(Buffer.from('Obj\x01')), { code: 'AVRO_HEADER' });
  await fc.assert(
    fc.asyncProperty(fc.nat(file.length - 1), fc.integer({ min: 1, max: 255 }), fc.boolean(), async (at, flip, cut) => {
      const bytes = Buffer.from(cut ? file.subarray(0, at) : file);
      if (!cut) bytes[at] ^= flip;
      if (bytes.length > 0) await attempt(bytes);
    }),
    { numRuns: 150 },
  );
});
