import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { runInNewContext } from 'node:vm';
import { Worker } from 'node:worker_threads';
import { CoderError } from '../errors.ts';
import { ByteReader } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';
import { decodeFromBytes, encodeToBytes } from './coder.ts';
import { defaultCoder, selfContainedCoder } from './default-coder.ts';
import { shapeTable } from './shape-table.ts';
import { registerType } from './value-types.ts';

const hex = (value: unknown): string => Buffer.from(encodeToBytes(defaultCoder, value)).toString('hex');
const roundTrip = (value: unknown): unknown => decodeFromBytes(defaultCoder, encodeToBytes(defaultCoder, value));

function refusal(value: unknown): string {
  const out = new ByteWriter();
  out.byte(1);
  let message = '';
  assert.throws(
    () => defaultCoder.encode(value, out, true),
    (error) => {
      assert.ok(error instanceof CoderError);
      assert.equal(error.code, 'CODER_UNENCODABLE');
      message = error.summary;
      return true;
    },
  );
  assert.equal(out.length, 1, 'nothing of a refused value stays in the buffer');
  return message;
}

test('the encoding is fixed: files and runs of other versions hold it', () => {
  assert.equal(hex(0), '00');
  assert.equal(hex(127), '7f');
  assert.equal(hex(-1), 'e0');
  assert.equal(hex(-16), 'ef');
  assert.equal(hex(-17), 'c4ffef');
  assert.equal(hex(128), 'c40080');
  assert.equal(hex(32_768), 'c500008000');
  assert.equal(hex(2 ** 31), 'c6000080000000');
  assert.equal(hex(-(2 ** 47)), 'c6800000000000');
  assert.equal(hex(2 ** 47), 'c742e0000000000000');
  assert.equal(hex(-0), 'c78000000000000000');
  assert.equal(hex(Number.NaN), 'c77ff8000000000000');
  assert.equal(hex(0.5), 'c73fe0000000000000');
  assert.equal(hex('é'), '82c3a9');
  assert.equal(hex('\ud800'), 'c90100d8');
  assert.equal(hex('x'.repeat(64)), `c840${'78'.repeat(64)}`);
  assert.equal(hex(null), 'c0');
  assert.equal(hex(undefined), 'c1');
  assert.equal(hex(false), 'c2');
  assert.equal(hex(true), 'c3');
  assert.equal(hex(1n), 'cc01');
  assert.equal(hex(2n ** 62n), 'cd4000000000000000');
  assert.equal(hex(-(2n ** 64n)), 'ce0109010000000000000000');
  assert.equal(hex(Uint8Array.of(1, 2)), 'ca020102');
  assert.equal(hex(new Date(1)), 'cf3ff0000000000000');
  assert.equal(hex(['a', 1]), 'd2816101');
  assert.equal(hex(new Array(16).fill(0)), `cb10${'00'.repeat(16)}`);
  assert.equal(hex(new Map([[1, 2]])), 'f2010102');
  assert.equal(hex(new Set([1])), 'f30101');
  assert.equal(hex(Int16Array.of(1)), 'f402020100');
  // FNV-1a of the names, each behind a 0xffff.
  assert.equal(hex({ a: 1, b: 2 }), 'f0cdb043aa0102');
  assert.equal(Buffer.from(encodeToBytes(selfContainedCoder, { a: 1 })).toString('hex'), 'f101816101');
});

test('a NaN of any bits has the canonical ones', () => {
  const odd = new Float64Array(new BigUint64Array([0xfff8_0000_dead_beefn]).buffer)[0];
  assert.ok(Number.isNaN(odd));
  assert.equal(hex(odd), hex(Number.NaN));
});

test('objects keep the order of their fields, odd names and undefined values', () => {
  for (const value of [
    {},
    { b: 1, a: 2 },
    { 1: 'one', 0: 'zero', x: 'x' },
    { 'with "quotes" and \u2028': 1, '': 2, constructor: 3, toString: 4 },
    { a: undefined },
    JSON.parse('{"__proto__": {"polluted": true}, "a": 1}'),
  ]) {
    // Often enough that the generated reader takes over.
    for (let i = 0; i < 40; i++) {
      const decoded = roundTrip(value) as object;
      assert.deepEqual(decoded, value);
      assert.deepEqual(Object.keys(decoded), Object.keys(value));
      assert.equal(Object.getPrototypeOf(decoded), Object.prototype);
      assert.deepEqual(decodeFromBytes(selfContainedCoder, encodeToBytes(selfContainedCoder, value)), value);
    }
  }
  assert.equal(({} as { polluted?: boolean }).polluted, undefined);
});

test('an object without prototype or of another realm is a plain object', () => {
  const bare = Object.assign(Object.create(null), { a: 1 });
  assert.deepEqual(roundTrip(bare), { a: 1 });
  assert.deepEqual(roundTrip(runInNewContext('({ a: [1] })')), { a: [1] });
});

test('objects of more fields than a record has are written with their names', () => {
  const mark = shapeTable.mark();
  const dictionary = Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`key ${i}`, i]));
  assert.deepEqual(roundTrip(dictionary), dictionary);
  assert.equal(shapeTable.mark(), mark);
});

test('a refusal names the place', () => {
  const cyclic: { list: unknown[] } = { list: [1] };
  cyclic.list.push(cyclic);
  class Point {}
  assert.match(
    refusal(() => 1),
    /^value is a function,/,
  );
  assert.match(refusal([1, { user: { fn() {} } }]), /^value\[1\]\.user\.fn is a function,/);
  assert.match(refusal({ 'a b': Symbol('s') }), /^value\["a b"\] is a symbol,/);
  assert.match(refusal(cyclic), /^value\.list\[1\] refers back to an object that contains it,/);
  assert.match(refusal({ at: new Point() }), /^value\.at is an instance of Point,/);
  assert.match(refusal(new Map([['k', [new Point()]]])), /^value\.get\("k"\)\[0\] is an instance of Point,/);
  assert.match(refusal([new (class MyMap extends Map {})()]), /^value\[0\] is an instance of MyMap,/);
  assert.match(refusal(Promise.resolve()), /^value is an instance of Promise,/);
  assert.match(refusal(new Error('x')), /^value is an instance of Error,/);
  let deep: unknown = 1;
  for (let i = 0; i < 300; i++) deep = [deep];
  assert.match(refusal(deep), /nested deeper than 200/);
});

test('sharing is not identity: an object that occurs twice is two equal ones', () => {
  const shared = { a: 1 };
  const decoded = roundTrip([shared, shared]) as object[];
  assert.deepEqual(decoded, [shared, shared]);
  assert.notEqual(decoded[0], decoded[1]);
});

test('registered classes', () => {
  class Money {
    readonly cents: bigint;
    constructor(cents: bigint) {
      this.cents = cents;
    }
  }
  class Tip extends Money {}
  registerType('test.Money', Money, { encode: ({ cents }) => cents, decode: (cents) => new Money(cents) });
  const decoded = roundTrip({ price: new Money(12n) }) as { price: Money };
  assert.ok(decoded.price instanceof Money);
  assert.equal(decoded.price.cents, 12n);
  assert.match(refusal([new Tip(1n)]), /^value\[0\] is an instance of Tip,/);
  const conflict = { code: 'CODER_TYPE_CONFLICT' };
  assert.throws(() => registerType('test.Money', Tip, { encode: () => 1, decode: () => new Tip(1n) }), conflict);
  assert.throws(() => registerType('test.Money2', Money, { encode: () => 1, decode: () => new Tip(1n) }), conflict);
  const unknown = Uint8Array.of(0xf5, 1, 2, 3, 4, 0);
  assert.throws(() => decodeFromBytes(defaultCoder, unknown), { code: 'CODER_UNKNOWN_TYPE' });

  class Holder {
    fn = () => 1;
  }
  registerType('test.Holder', Holder, { encode: ({ fn }) => ({ fn }), decode: () => new Holder() });
  assert.match(refusal([new Holder()]), /^value\[0\] \(test\.Holder\)\.fn is a function,/);
});

test('hostile lengths are errors before anything is allocated', () => {
  const before = process.memoryUsage().arrayBuffers;
  // Counts and lengths of 2^40 and 2^31 behind every tag that has one.
  for (const length of ['8080808080a001', '8080808008', 'ffffffff0f']) {
    for (const tag of ['c8', 'c9', 'ca', 'cb', 'ce00', 'f1', 'f2', 'f3', 'f407']) {
      const bytes = Buffer.from(tag + length + '00'.repeat(16), 'hex');
      assert.throws(() => decodeFromBytes(defaultCoder, bytes), CoderError, tag + length);
    }
  }
  for (const step of ['cc', 'd1', 'cb01', 'f101', 'f201', 'f301', 'f500000000', `f0${hex({ step: 1 }).slice(2, 10)}`]) {
    const endless = Buffer.from(step.repeat(50_000), 'hex');
    assert.throws(() => decodeFromBytes(defaultCoder, endless), CoderError, step);
  }
  assert.ok(process.memoryUsage().arrayBuffers - before < 50e6);
});

test('unknown tags and shapes are typed errors', () => {
  for (let tag = 0xf8; tag < 0x100; tag++) {
    assert.throws(() => decodeFromBytes(defaultCoder, Uint8Array.of(tag)), { code: 'CODER_MALFORMED' });
  }
  assert.throws(() => decodeFromBytes(defaultCoder, Uint8Array.of(0xf0, 9, 9, 9, 9)), { code: 'CODER_UNKNOWN_SHAPE' });
});

test('another thread reads the shapes it imported', async () => {
  const mark = shapeTable.mark();
  const value = [{ threadShape: 1, other: [{ inner: true }] }];
  const bytes = encodeToBytes(defaultCoder, value);
  const definitions = shapeTable.export(mark);
  assert.deepEqual(definitions, [['inner'], ['threadShape', 'other']]);
  const code = `
    import { parentPort, workerData } from 'node:worker_threads';
    import { decodeFromBytes } from '${new URL('./coder.ts', import.meta.url)}';
    import { defaultCoder } from '${new URL('./default-coder.ts', import.meta.url)}';
    import { shapeTable } from '${new URL('./shape-table.ts', import.meta.url)}';
    let before;
    try { decodeFromBytes(defaultCoder, workerData.bytes); } catch (error) { before = error.code; }
    shapeTable.import(workerData.definitions);
    parentPort.postMessage({ before, value: decodeFromBytes(defaultCoder, workerData.bytes) });`;
  const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(code)}`), {
    workerData: { bytes, definitions },
  });
  const answer = await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
  await worker.terminate();
  assert.deepEqual(answer, { before: 'CODER_UNKNOWN_SHAPE', value });
});

test('works where code generation is forbidden', () => {
  const code = `
    import { decodeFromBytes, encodeToBytes } from '${new URL('./coder.ts', import.meta.url)}';
    import { coders } from '${new URL('./index.ts', import.meta.url)}';
    const row = coders.row({ a: coders.string, b: coders.nullable(coders.double) });
    for (const coder of [coders.default(), row]) {
      for (let i = 0; i < 100; i++) {
        const value = { a: 'text', b: i % 2 ? null : i };
        const back = decodeFromBytes(coder, encodeToBytes(coder, value));
        if (back.a !== value.a || back.b !== value.b) throw new Error('differs');
      }
    }
    console.log('same');`;
  const flags = ['--disallow-code-generation-from-strings', '--input-type=module', '--eval', code];
  assert.equal(execFileSync(process.execPath, flags, { encoding: 'utf8' }), 'same\n');
});

test('reads from shared memory, and what it read is not shared', () => {
  const values = [
    ['text', 'é', 'x'.repeat(100), '\ud800', '\ufffd'],
    [Uint8Array.of(1), Float64Array.of(2), 2n ** 99n, new Date(3), { a: [1.5] }],
  ];
  const bytes = encodeToBytes(defaultCoder, values);
  const shared = new Uint8Array(new SharedArrayBuffer(bytes.length));
  shared.set(bytes);
  const decoded = decodeFromBytes(defaultCoder, shared);
  shared.fill(0);
  assert.deepEqual(decoded, values);
});

test('one reader and writer serve many values', () => {
  const out = new ByteWriter(1);
  const values = Array.from({ length: 1000 }, (_, i) => [`key${i}`, { i, half: i / 2 }]);
  for (const value of values) defaultCoder.encode(value, out, true);
  const input = new ByteReader(out.view());
  assert.deepEqual(
    values.map(() => defaultCoder.decode(input, true)),
    values,
  );
  assert.equal(input.remaining, 0);
});
