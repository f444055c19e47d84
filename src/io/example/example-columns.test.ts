import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { recordsOf } from '../tfrecord/golden.test-data.ts';
import { type ExampleColumns, type ExampleRow, ExampleRowCodec, exampleFromRow } from './example-columns.ts';
import { decodeExample, decodeSequenceExample, encodeExample, encodeSequenceExample } from './serialize.ts';

const columns = {
  id: 'bigint',
  count: 'int',
  fare: 'float',
  company: 'string?',
  tags: 'string[]',
  raw: 'bytes?',
  scores: 'float[]',
} as const satisfies ExampleColumns;

const row: ExampleRow<typeof columns> = {
  id: 2n ** 60n,
  count: -3,
  fare: 1.5,
  company: null,
  tags: ['ä', ''],
  raw: new Uint8Array([255]),
  scores: [],
};

test('a row becomes an Example and a row again', () => {
  const codec = new ExampleRowCodec(columns);
  const example = codec.toExample(row);
  assert.deepEqual(example, {
    id: { type: 'int64', values: [2n ** 60n] },
    count: { type: 'int64', values: [-3] },
    fare: { type: 'float', values: [1.5] },
    tags: { type: 'bytes', values: ['ä', ''] },
    raw: { type: 'bytes', values: [new Uint8Array([255])] },
    scores: { type: 'float', values: [] },
  });
  assert.deepEqual(codec.decode(encodeExample(example)), row);
  assert.deepEqual(codec.fromExample(decodeExample(encodeExample(example), { bytes: 'auto' })), row);
  assert.deepEqual(exampleFromRow(row, columns), example);
});

test('any row comes back', () => {
  const codec = new ExampleRowCodec(columns);
  const rows = fc.record(
    {
      id: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
      count: fc.maxSafeInteger(),
      fare: fc.float(),
      company: fc.option(fc.string({ unit: 'grapheme' })),
      tags: fc.array(fc.string({ unit: 'grapheme' })),
      raw: fc.option(fc.uint8Array({ maxLength: 8 })),
      scores: fc.array(fc.float()),
    },
    { noNullPrototype: true },
  );
  fc.assert(
    fc.property(rows, (value) => {
      assert.deepEqual(codec.decode(encodeExample(codec.toExample(value))), value);
    }),
  );
});

test('only the named columns of a record are read', () => {
  const [first] = recordsOf('single_value');
  assert.deepEqual(new ExampleRowCodec({ s: 'string', none: 'bigint?' }).decode(first), { s: 'x', none: null });
  assert.deepEqual(new ExampleRowCodec({ i: 'int', s: 'bytes' }).decode(first), { i: 7, s: new Uint8Array([120]) });
});

test('a record that does not fit its columns', () => {
  const bytes = encodeExample({
    two: { type: 'float', values: [1, 2] },
    text: { type: 'bytes', values: [new Uint8Array([255])] },
    big: { type: 'int64', values: [2n ** 60n] },
  });
  const cases: [ExampleColumns, RegExp][] = [
    [{ none: 'float' }, /'none' holds no value/],
    [{ two: 'float' }, /'two' holds 2 values/],
    [{ two: 'bigint[]' }, /'two' holds values of type float/],
    [{ text: 'string' }, /'text' holds bytes that are not UTF-8/],
    [{ text: 'string', raw: 'bytes?' }, /'text' holds bytes that are not UTF-8/],
    [{ big: 'int' }, /'big' holds 1152921504606846976/],
  ];
  for (const [wanted, message] of cases) {
    assert.throws(() => new ExampleRowCodec(wanted).decode(bytes), { code: 'EXAMPLE_ROW', message });
  }
});

test('a row that does not fit its columns', () => {
  const codec = new ExampleRowCodec(columns);
  const cases: [object, RegExp][] = [
    [{ id: 1.5 }, /'id' holds 1.5/],
    [{ count: 2n }, /'count' holds 2/],
    [{ fare: null }, /'fare' holds null/],
    [{ company: 7 }, /'company' holds 7/],
    [{ tags: 'a' }, /'tags' holds "a"/],
    [{ tags: ['a', 1] }, /'tags' holds 1/],
    [{ raw: 'text' }, /'raw' holds "text"/],
  ];
  for (const [change, message] of cases) {
    assert.throws(() => codec.toExample({ ...row, ...change } as never), { code: 'EXAMPLE_VALUE', message });
  }
  assert.throws(() => new ExampleRowCodec({ a: 'double' as never }), { code: 'OPTION_INVALID' });
});

test('without columns the JavaScript type decides', () => {
  const bytes = new Uint8Array([1]);
  assert.deepEqual(exampleFromRow({ i: 1n, f: 1, s: 'x', b: bytes, l: [1n, 2n], none: null, gone: undefined, e: [] }), {
    i: { type: 'int64', values: [1n] },
    f: { type: 'float', values: [1] },
    s: { type: 'bytes', values: ['x'] },
    b: { type: 'bytes', values: [bytes] },
    l: { type: 'int64', values: [1n, 2n] },
    e: { type: 'empty', values: [] },
  });
  for (const bad of [{ a: true }, { a: {} }, { a: [1, 'x'] }]) {
    assert.throws(() => exampleFromRow(bad), { code: 'EXAMPLE_VALUE' });
  }
});

test('the functions for one Example at a time', () => {
  const example = { a: { type: 'int64' as const, values: [1, 2n] } };
  assert.deepEqual(decodeExample(encodeExample(example), { int64: 'number' }), {
    a: { type: 'int64', values: [1, 2] },
  });
  const sequence = { context: {}, featureLists: { s: [{ type: 'float' as const, values: [1] }] } };
  assert.deepEqual(decodeSequenceExample(encodeSequenceExample(sequence)), sequence);
});
