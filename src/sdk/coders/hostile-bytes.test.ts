import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CoderError } from '../errors.ts';
import type { Coder } from './coder.ts';
import { decodeFromBytes } from './coder.ts';
import { coders } from './index.ts';
import { MapCoder } from './map-coder.ts';
import { rowCoderOf } from './row.ts';
import { ShardedKeyCoder } from './sharded-key-coder.ts';
import { StateBackedIterableCoder } from './state-backed-iterable-coder.ts';
import { TimerCoder } from './timer-coder.ts';
import { globalWindowCoder, intervalWindowCoder } from './window-coders.ts';
import { WindowedValueCoder } from './windowed-value-coder.ts';

/** Lengths and counts that no input can have: 2^31 − 1, 2^32 − 1, about 2^40, 2^53 − 1, 2^63. */
const LENGTHS = [
  '7fffffff',
  'fffffffe',
  'ffffffff' + 'ffffffff07',
  'ffffffff07',
  'ffffffff0f',
  '8080808080a001',
  'ffffffffffffff0f',
  '80808080808080808001',
];

const ARRAYS = coders.array(coders.array(coders.string));
const SUBJECTS: Record<string, Coder<unknown>> = {
  bytes: coders.bytes,
  string: coders.string,
  array: coders.array(coders.string),
  'array of arrays': ARRAYS,
  'array of the global window': coders.array(globalWindowCoder),
  'array of arrays of the global window': coders.array(coders.array(globalWindowCoder)),
  'map of the global window': new MapCoder(globalWindowCoder, globalWindowCoder),
  'map of strings': coders.map(coders.string, coders.string),
  'state-backed iterable': new StateBackedIterableCoder(coders.string),
  'state-backed iterable of the global window': new StateBackedIterableCoder(globalWindowCoder),
  'length prefix': coders.lengthPrefix(coders.bytes),
  'sharded key': new ShardedKeyCoder(coders.string),
  timer: new TimerCoder(coders.string, globalWindowCoder),
  row: coders.row({ a: coders.string, b: coders.nullable(coders.array(coders.string)) }),
  'row of no fields': rowCoderOf({ fields: [] }),
  nullable: coders.nullable(coders.bytes),
  any: coders.any,
};

for (const [name, coder] of Object.entries(SUBJECTS)) {
  test(`${name}: a claimed length allocates nothing`, () => {
    const before = process.memoryUsage();
    for (const length of LENGTHS) {
      for (const prefix of ['', '01', '0001', '0100', '00000001']) {
        for (const rest of ['', '00'.repeat(64), 'ff'.repeat(64)]) {
          try {
            decodeFromBytes(coder, Buffer.from(prefix + length + rest, 'hex'), true);
          } catch (error) {
            assert.ok(error instanceof CoderError, String(error));
          }
        }
      }
    }
    const after = process.memoryUsage();
    assert.ok(after.arrayBuffers - before.arrayBuffers < 20e6);
    assert.ok(after.heapUsed - before.heapUsed < 100e6);
  });
}

test('elements of no bytes are limited over all lists of an input', () => {
  const one = coders.array(globalWindowCoder);
  const list = (count: number) => Buffer.from(count.toString(16).padStart(8, '0'), 'hex');
  assert.equal((decodeFromBytes(one, list(1000)) as unknown[]).length, 1000);
  assert.throws(() => decodeFromBytes(one, list(0x7fffffff)), { code: 'CODER_MALFORMED' });
  const many = Buffer.concat([list(100), ...Array.from({ length: 100 }, () => list(10_000))]);
  assert.throws(() => decodeFromBytes(coders.array(one), many), { code: 'CODER_MALFORMED' });
});

test('windows of many values in one block are not taken for such elements', () => {
  const coder = new WindowedValueCoder(coders.boolean, globalWindowCoder);
  const one = Buffer.from(`8000000000000000${'00000001'}0f01`, 'hex');
  const count = Buffer.from('00030000', 'hex');
  const block = Buffer.concat([count, ...Array.from({ length: 0x30000 }, () => one)]);
  assert.equal((decodeFromBytes(coders.array(coder), block) as unknown[]).length, 0x30000);
});

test('what no encoder writes is malformed', () => {
  const malformed = (coder: Coder<unknown>, hex: string) =>
    assert.throws(() => decodeFromBytes(coder, Buffer.from(hex, 'hex'), true), { name: 'CoderError' }, hex);
  malformed(coders.boolean, '02');
  malformed(coders.nullable(coders.boolean), '0201');
  malformed(coders.string, '02c328');
  malformed(coders.string, '01ff');
  malformed(coders.int64, '8080808080808080808001');
  malformed(coders.int64, 'ffffffffffffffffff02');
  malformed(coders.safeInt, '80808080808080808001');
  malformed(coders.safeInt, '8080808080808010');
  malformed(intervalWindowCoder, `8000000000000000${'ffffffffffffffffff01'}`);
  malformed(coders.lengthPrefix(coders.boolean), '020101');
  malformed(coders.boolean, '0101');
  malformed(coders.array(coders.boolean), 'fffffffe');
  malformed(coders.array(coders.boolean), 'fffffffffeffffffffffffffff01');
  malformed(coders.array(coders.boolean), 'ffffffffffffffffffffffffff0100');
});

test('a value of the wrong type is refused before it is written', () => {
  const refused = (coder: Coder<unknown>, value: unknown) => {
    for (const nested of [false, true]) {
      assert.throws(() => coder.encode(value, { reserve: assert.fail } as never, nested), { code: 'CODER_WRONG_TYPE' });
    }
  };
  refused(coders.string, 5);
  refused(coders.bytes, 'text');
  refused(coders.boolean, 1);
  refused(coders.int64, 1);
  refused(coders.int64, 2n ** 63n);
  refused(coders.safeInt, 2 ** 53);
  refused(coders.safeInt, 1.5);
  refused(coders.safeInt, 1n);
  refused(coders.double, '1');
  refused(coders.float, null);
  refused(coders.timestamp, 1.5);
  refused(coders.timestamp, Number.NaN);
  refused(coders.timestamp, 1e17);
  refused(coders.timestamp, new Date());
  refused(coders.kv(coders.string, coders.string), ['a']);
  refused(coders.array(coders.string), 5);
  refused(coders.map(coders.string, coders.string), {});
  refused(globalWindowCoder, {});
  refused(intervalWindowCoder, { start: 0, end: 1 });
});
