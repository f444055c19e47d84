import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { type Division, driveSource, putFile } from '../../../test/support/source-driver.ts';
import type { IoError } from '../../sdk/index.ts';
import type { FileSourceOptions } from '../file-based-source.ts';
import type { OnError } from '../on-error.ts';
import { type CsvReadOptions, csvFormat } from './read-csv.ts';

fc.configureGlobal({ seed: 7 });

/** RFC 4180 the slow way: a list of records, each a list of [text, quoted]; records of one empty field are left out. */
function slowCsv(text: string): [string, boolean][][] {
  const records: [string, boolean][][] = [];
  let record: [string, boolean][] = [];
  let rest = text;
  while (rest.length > 0) {
    const field = /^(?:"((?:[^"]|"")*)"|([^,\n]*?))(\r?\n|\r?$|,)/.exec(rest) as RegExpExecArray;
    record.push(field[1] === undefined ? [field[2], false] : [field[1].replaceAll('""', '"'), true]);
    rest = rest.slice(field[0].length);
    if (field[3] === ',' && rest !== '') continue;
    if (field[3] === ',') record.push(['', false]);
    if (record.length > 1 || record[0][1] || record[0][0] !== '') records.push(record);
    record = [];
  }
  return records;
}

const path = 'memory://csv/any.csv';

async function read(
  content: string | Uint8Array,
  options: Parameters<typeof csvFormat>[0] & FileSourceOptions<OnError> = {},
  division: Division = {},
) {
  await putFile(path, Buffer.from(content as string));
  return driveSource(csvFormat<Record<string, unknown>>(options), path, options, division);
}

const cell = fc.oneof(
  { weight: 4, arbitrary: fc.string({ maxLength: 8 }) },
  { weight: 2, arbitrary: fc.constantFrom('', 'a,b', 'line\nend', '"', '""', 'say "hi"', '\r\n', ' x ', 'é漢😀', ',') },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 200 }).map((n) => 'x'.repeat(n)) },
);
const rows = fc.array(fc.array(cell, { minLength: 3, maxLength: 3 }), { maxLength: 12 });
const style = fc.record({
  quoteAll: fc.boolean(),
  end: fc.constantFrom('\n', '\r\n'),
  lastEnd: fc.boolean(),
  mark: fc.constantFrom('', '\ufeff'),
});
const division = fc.record({
  bundleSize: fc.integer({ min: 1, max: 300 }),
  splits: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 3 }),
});

function write(table: string[][], { quoteAll, end, lastEnd, mark }: Record<string, unknown>): string {
  const field = (text: string) => (quoteAll || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  const lines = table.map((row) => row.map(field).join(','));
  return `${mark}${lines.join(end as string)}${lastEnd ? end : ''}`;
}

test('rows come back whatever the quoting, the ranges and the blocks', async () => {
  let ambiguous = 0;
  await fc.assert(
    fc.asyncProperty(rows, style, division, fc.integer({ min: 1, max: 200 }), async (table, how, parts, blockSize) => {
      const wellFormed = table.map((row) => row.map((text) => text.toWellFormed()));
      const content = write([['a', 'b', 'c'], ...wellFormed], how);
      const expected = wellFormed.map(([a, b, c]) => ({ a, b, c }));
      const schema = { a: 'string', b: 'string', c: 'string' } as const;
      const whole = await read(content, { schema, split: false, blockSize });
      assert.deepEqual(whole.records, expected);
      // A range may refuse to be read from the middle; what is read must be right.
      const split = await read(content, { schema, blockSize }, parts).catch((error) => error);
      if (split.code === 'CSV_SPLIT_AMBIGUOUS') ambiguous++;
      else assert.deepEqual(split.records, expected);
    }),
    { numRuns: 400 },
  );
  assert.ok(ambiguous < 40, `${ambiguous} of 400 could not be split`);
});

test('any text at all is read like the slow parser reads it', async () => {
  const pieces = fc.array(fc.constantFrom('a', 'bc', '1', ',', ',', '\n', '\r\n', '\r', '"', '""', '"x"', 'é', ' '), {
    maxLength: 25,
  });
  await fc.assert(
    fc.asyncProperty(pieces, fc.integer({ min: 1, max: 40 }), async (parts, blockSize) => {
      const content = `h,i\n${parts.join('')}`;
      const schema = { h: 'string?', i: 'string?' } as const;
      const { records, errors } = await read(content, { schema, ragged: 'pad', onError: 'deadLetter', blockSize });
      if (errors.length > 0) {
        assert.ok(errors.every((error) => error.error.code === 'BAD_QUOTES'));
        return;
      }
      const value = (field: [string, boolean] | undefined) =>
        field === undefined || (field[0] === '' && !field[1]) ? null : field[0];
      const expected = slowCsv(content)
        .slice(1)
        .map((fields) => ({ h: value(fields[0]), i: value(fields[1]) }));
      assert.deepEqual(records, expected);
    }),
    { numRuns: 1500 },
  );
});

test('numbers, booleans and nulls are parsed to the same values as by the language', async () => {
  const number = fc.oneof(
    fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
    fc.integer().map((n) => (n / 1000).toFixed(3)),
    fc.integer({ min: -1e6, max: 1e6 }).map((n) => `${n}.`),
    fc.constantFrom('-0', '0.1', '123456789012345678', '.5', '-.5', '1e300', '+7', '0000012', '9007199254740993.0'),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(number), fc.array(fc.maxSafeInteger()), async (floats, ints) => {
      const { records: a } = await read(`v\n${floats.join('\n')}`, { schema: { v: 'float' } });
      assert.deepEqual(
        a.map((row) => row.v),
        floats.map(Number),
      );
      const { records: b } = await read(`v\n${ints.join('\r\n')}\r\n`, { schema: { v: 'int' } });
      assert.deepEqual(
        b.map((row) => row.v),
        ints.map((n) => (n === 0 ? 0 : n)),
      );
      const { records: c } = await read(`v\n${ints.join('\n')}\n`, { schema: { v: 'bigint' } });
      assert.deepEqual(
        c.map((row) => row.v),
        ints.map((n) => BigInt(n)),
      );
    }),
    { numRuns: 150 },
  );
  const mixed = 'f,b,i,n\nNaN,true,-0,12345678901234567890\ninf,FALSE," 7 ",-1\n-Infinity,1,"",\n"1.5",0,,"5"\n';
  const schema = { f: 'float', b: 'boolean', i: 'int?', n: 'bigint?' } as const;
  const { records } = await read(mixed, { schema });
  assert.deepEqual(records, [
    { f: Number.NaN, b: true, i: 0, n: 12345678901234567890n },
    { f: Number.POSITIVE_INFINITY, b: false, i: 7, n: -1n },
    { f: Number.NEGATIVE_INFINITY, b: true, i: null, n: null },
    { f: 1.5, b: false, i: null, n: 5n },
  ]);
});

test('only the columns of the schema are read, in its order, by name', async () => {
  const content = 'a,b,c,d\n1,"x\ny",3,4\n5,z,"7",8\n';
  const { records } = await read(content, { schema: { d: 'int', b: 'string' } });
  assert.deepEqual(records, [
    { d: 4, b: 'x\ny' },
    { d: 8, b: 'z' },
  ]);
  assert.deepEqual(Object.keys(records[0]), ['d', 'b']);
  const one = await read(content, { columns: ['c'] });
  assert.deepEqual(one.records, [{ c: 3 }, { c: 7 }]);
  const named = await read('1,2\n3,4\n', { header: ['x', 'y'], schema: { y: 'int' } });
  assert.deepEqual(named.records, [{ y: 2 }, { y: 4 }]);
  const proto = await read('__proto__,constructor\n1,2\n"3",4\n', {});
  assert.deepEqual(
    proto.records.map((row) => Object.entries(row)),
    [
      [
        ['__proto__', 1],
        ['constructor', 2],
      ],
      [
        ['__proto__', 3],
        ['constructor', 4],
      ],
    ],
  );
  await assert.rejects(read(content, { schema: { e: 'int' } }), { code: 'COLUMN_MISSING' });
  await assert.rejects(read('a,a\n1,2\n', { schema: { a: 'int' } }), { code: 'COLUMN_TWICE' });
});

test('types are inferred from the first rows of the first files, and errors say so', async () => {
  const header = 'id,zip,price,flag,big,text,empty,mixed';
  const content = `${header}\n1,01234,1.5,true,9007199254740993,a,,1\n2,99999,2,False,1,"b",,x\n,,,,,,,\n`;
  const { records } = await read(content, {});
  assert.deepEqual(records, [
    { id: 1, zip: '01234', price: 1.5, flag: true, big: 9007199254740993n, text: 'a', empty: null, mixed: '1' },
    { id: 2, zip: '99999', price: 2, flag: false, big: 1n, text: 'b', empty: null, mixed: 'x' },
    { id: null, zip: null, price: null, flag: null, big: null, text: null, empty: null, mixed: null },
  ]);
  const late = `n\n${'1\n'.repeat(200_000)}x\n`;
  await assert.rejects(read(late, {}), (error: { code: string; context: { resource: string; hint: string } }) => {
    assert.equal(error.code, 'BAD_VALUE');
    assert.equal(error.context.resource, `${path} at byte ${2 + 400_000}, row 200001`);
    assert.match(error.context.hint, /schema/);
    return true;
  });
  await putFile('memory://csv/many/1.csv', 'a,b\n1,2\n');
  await putFile('memory://csv/many/2.csv', 'b,a\nx,0.5\n');
  const many = await driveSource(csvFormat(), 'memory://csv/many/*.csv');
  assert.deepEqual(many.records, [
    { a: 1, b: '2' },
    { a: 0.5, b: 'x' },
  ]);
});

test('bad rows name the offset, are skipped, or become dead letters, and the rows around them stay', async () => {
  const lines = ['a,b', '1,one', 'x,two', '3', '4,"fo"ur', '5,five,5', '6,six', '7,"never closed', '8,eight'];
  const content = lines.join('\n');
  const schema = { a: 'int', b: 'string' } as const;
  const offset = (n: number) => lines.slice(0, n).join('\n').length + 1;
  const options = { schema, quotedNewlines: false };
  const dead = await read(content, { ...options, onError: 'deadLetter' });
  assert.deepEqual(
    dead.records.map((row) => row.a),
    [1, 6, 8],
  );
  assert.deepEqual(
    dead.errors.map((error) => [
      error.error.code,
      error.offset,
      Buffer.from(error.bytes as Uint8Array)
        .toString()
        .trim(),
    ]),
    [
      ['BAD_VALUE', offset(2), lines[2]],
      ['RAGGED_ROW', offset(3), lines[3]],
      ['BAD_QUOTES', offset(4), lines[4]],
      ['RAGGED_ROW', offset(5), lines[5]],
      ['BAD_QUOTES', offset(7), lines[7]],
    ],
  );
  const skipped = await read(content, { ...options, onError: 'skip' });
  assert.equal(skipped.badRecords, 5);
  await assert.rejects(read(content, options), { code: 'BAD_VALUE' });
  // With line ends in quotes the open quote takes the rest.
  const open = await read(content, { schema, onError: 'deadLetter' });
  assert.deepEqual(
    open.records.map((row) => row.a),
    [1, 6],
  );
  assert.equal(open.errors.at(-1)?.error.code, 'BAD_QUOTES');
  const utf8 = Buffer.concat([Buffer.from('a,b\n1,é\n2,'), Buffer.from([0xe9]), Buffer.from('\n3,c\n')]);
  const bad = await read(utf8, { schema, onError: 'deadLetter' });
  assert.deepEqual(
    bad.records.map((row) => row.b),
    ['é', 'c'],
  );
  assert.deepEqual(bad.errors[0].error.code, 'BAD_UTF8');
});

test('ragged rows can be padded, cut or left out', async () => {
  const content = 'a,b\n1\n2,x,y\n3,z\n';
  const pad = await read(content, { ragged: 'pad' });
  assert.deepEqual(pad.records, [
    { a: 1, b: null },
    { a: 2, b: 'x' },
    { a: 3, b: 'z' },
  ]);
  const skip = await read(content, { ragged: 'skip' });
  assert.deepEqual(skip.records, [{ a: 3, b: 'z' }]);
  await assert.rejects(read(content, { ragged: 'pad', schema: { a: 'int', b: 'string' } }), { code: 'RAGGED_ROW' });
});

const dialects: [name: string, content: string, options: CsvReadOptions, expected: unknown[]][] = [
  ['tabs', 'a\tb\n1\t"x\ty"\n', { delimiter: '\t' }, [{ a: 1, b: 'x\ty' }]],
  ['backslashes', "a;b\n'it\\'s';'\\\\'\n", { delimiter: ';', quote: "'", escape: '\\' }, [{ a: "it's", b: '\\' }]],
  ['no quoting', 'a,b\n"x,y"\n', { quote: '' }, [{ a: '"x', b: 'y"' }]],
  ['comments', '# top\na,b\n#1,2\n3,#4\n', { comment: '#' }, [{ a: 3, b: '#4' }]],
  [
    'null values',
    'a,b\nNA,-1\n"NA",2\n',
    { nullValues: ['NA', '-1'] },
    [
      { a: null, b: null },
      { a: 'NA', b: 2 },
    ],
  ],
  [
    'blank lines',
    '\n\r\na,b\n\n1,2\r\n\r\n3,4',
    {},
    [
      { a: 1, b: 2 },
      { a: 3, b: 4 },
    ],
  ],
];
for (const [name, content, options, expected] of dialects) {
  test(`dialects: ${name}`, async () => {
    assert.deepEqual((await read(content, options)).records, expected);
  });
}

test('files without a row, and headers that are none', async () => {
  assert.deepEqual((await read('a,b\n')).records, []);
  assert.deepEqual((await read('a,b')).records, []);
  for (const content of ['\n', '\n\n']) await assert.rejects(read(content), { code: 'CSV_HEADER' });
  await assert.rejects(read('"a,b\n1,2'), { code: 'CSV_HEADER' });
  await assert.rejects(read('a,b\r1,2\r3,4\r'), /carriage return .*\n.*\n.*CR alone/);
  assert.deepEqual((await read('', { header: ['a'], schema: { a: 'int' } })).records, []);
});

test('a compressed file is read in one range', async () => {
  const content = `a,b\n${Array.from({ length: 30_000 }, (_, i) => `${i},"v ${i}"\n`).join('')}`;
  await putFile('memory://csv/z.csv.gz', gzipSync(content));
  const { records, ranges } = await driveSource(csvFormat(), 'memory://csv/z.csv.gz', {}, { bundleSize: 100 });
  assert.equal(records.length, 30_000);
  assert.deepEqual(records[29_999], { a: 29_999, b: 'v 29999' });
  assert.equal(ranges.length, 1);
});

test('a large file with line ends in quotes is split where its rows begin', async () => {
  const row = (i: number) => `${i},"text ""${i}""\nsecond, line",${i % 7 === 0 ? '' : i * 0.5}\n`;
  const content = `id,note,score\n${Array.from({ length: 20_000 }, (_, i) => row(i)).join('')}`;
  const { records, ranges } = await read(content, {}, { bundleSize: 40_000, splits: [0.5, 0.9] });
  assert.ok(ranges.length > 20);
  assert.equal(records.length, 20_000);
  for (const [i, { id, note, score }] of records.entries()) {
    assert.equal(id, i);
    assert.equal(note, `text "${i}"\nsecond, line`);
    assert.equal(score, i % 7 === 0 ? null : i * 0.5);
  }
});

test('a quoted field that looks like rows is refused rather than misread', async () => {
  // Two pages of rows inside of one quoted field: nothing near the middle tells that they are text.
  const inner = Array.from({ length: 20_000 }, (_, i) => `${i},fake`).join('\n');
  const content = `id,note\n1,"${inner}"\n2,real\n`;
  const schema = { id: 'int', note: 'string' } as const;
  await assert.rejects(read(content, { schema }, { bundleSize: 60_000 }), { code: 'CSV_SPLIT_AMBIGUOUS' });
  const whole = await read(content, { schema, split: false }, { bundleSize: 60_000 });
  assert.deepEqual(
    whole.records.map((record) => record.id),
    [1, 2],
  );
});

test('wide files are read without generated code, and in the same shape', async () => {
  const names = Array.from({ length: 500 }, (_, i) => `c${i}`);
  const content = `${names.join(',')}\n${names.map((_, i) => i).join(',')}\n${names.map((_, i) => `"${i}"`).join(',')}\n`;
  const { records } = await read(content, {});
  const expected = Object.fromEntries(names.map((name, i) => [name, i]));
  assert.deepEqual(records, [expected, expected]);
});

test('a row that never ends is stopped', async () => {
  const content = `a,b\n1,"${'x'.repeat(300_000)}`;
  await assert.rejects(read(content, { maxRowBytes: 100_000, schema: { a: 'int' } }), { code: 'RECORD_TOO_LONG' });
});

test('errors name the row, in the file or in the range', async () => {
  const lines = Array.from({ length: 3000 }, (_, i) => `${i},name ${i}`);
  lines[700] = 'x,y';
  // A blank line is no row, one that is left out is.
  lines[10] = '';
  lines[20] = 'too,many,fields';
  lines[30] = '30,"quoted, with a comma"';
  const content = `id,name\n${lines.join('\n')}\n`;
  const options = { schema: { id: 'int', name: 'string' }, ragged: 'skip' } as const;
  const bad = content.indexOf('x,y');
  for (const blockSize of [200, 1 << 20]) {
    await assert.rejects(read(content, { ...options, blockSize }), (error: IoError) => {
      assert.equal(error.context.resource, `${path} at byte ${bad}, row 700`);
      return true;
    });
  }
  await assert.rejects(read(content, { ...options, blockSize: 200 }, { bundleSize: bad - 50 }), (error: IoError) => {
    const [, byte, row, start] = /at byte (\d+), row (\d+) of the range that starts at byte (\d+)$/
      .exec(error.context.resource ?? '')
      ?.map(Number) ?? [0, 0, 0, 0];
    assert.equal(byte, bad);
    assert.equal(content.slice(start, bad).split('\n').length, row);
    return true;
  });
});

test('the longest row: the same with and without quotes, whatever fits into a block', async () => {
  const row = (length: number, quote: string) => `1,${quote}${'x'.repeat(length - 3 - 2 * quote.length)}${quote}\n`;
  for (const quote of ['', '"']) {
    for (const [length, blockSize] of [
      [100, 64],
      [100, 1 << 20],
      [101, 64],
      [101, 1 << 20],
    ]) {
      const content = `a,b\n1,2\n${row(length, quote)}`;
      const result = read(content, { maxRowBytes: 100, schema: { a: 'int', b: 'string' }, blockSize });
      if (length === 100) assert.equal((await result).records.length, 2);
      else await assert.rejects(result, { code: 'RECORD_TOO_LONG' }, `${quote} ${blockSize}`);
    }
  }
  const content = `a,b\n1,2\n${row(101, '')}3,4\n`;
  const skipped = await read(content, { maxRowBytes: 100, schema: { a: 'int' }, onError: 'deadLetter' });
  assert.deepEqual(skipped.records, [{ a: 1 }, { a: 3 }]);
  assert.deepEqual(
    skipped.errors.map((error) => [error.error.code, error.offset, error.bytes?.length]),
    [['RECORD_TOO_LONG', 8, 101]],
  );
});

test('files without content have no rows, with and without a schema; a sink writes such shards', async () => {
  for (const options of [{}, { schema: { a: 'int' } as const }, { header: ['a'] }]) {
    for (const content of ['', '\ufeff']) assert.deepEqual((await read(content, options)).records, []);
  }
  const glob = 'memory://csv-empty/part-*';
  const parts = ['', 'a,b\n1,x\n', '', 'a,b\n2,y\n'];
  for (const [i, part] of parts.entries()) await putFile(`memory://csv-empty/part-${i}`, part);
  for (const options of [{}, { schema: { a: 'int', b: 'string' } as const }]) {
    const { records } = await driveSource(csvFormat<Record<string, unknown>>(options), glob);
    assert.deepEqual(records, [
      { a: 1, b: 'x' },
      { a: 2, b: 'y' },
    ]);
  }
});

test('a bad file does not keep types from being inferred where bad files are passed over', async () => {
  await putFile('memory://csv-bad/1', Buffer.from([0xff, 0xfe, 0x0a, 0x31]));
  await putFile('memory://csv-bad/2', 'a\n1\n');
  const options = { onError: 'deadLetter' } as const;
  const { records, errors } = await driveSource(csvFormat(options), 'memory://csv-bad/*', options);
  assert.deepEqual(records, [{ a: 1 }]);
  assert.deepEqual(
    errors.map(({ file, error }) => [file, error.code]),
    [['memory://csv-bad/1', 'BAD_UTF8']],
  );
  await assert.rejects(driveSource(csvFormat(), 'memory://csv-bad/*'), { code: 'BAD_UTF8' });
});
