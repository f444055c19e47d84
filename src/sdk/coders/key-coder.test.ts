import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Key } from '../values.ts';
import { decodeFromBytes, encodeToBytes } from './coder.ts';
import { keyCoder } from './default-coder.ts';

const hex = (key: unknown): string => Buffer.from(encodeToBytes(keyCoder, key as Key)).toString('hex');

const leaf = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 3 }),
  fc.constantFrom('', 'a', 'b', '1', 'x'.repeat(63), 'x'.repeat(64), '\u00e9', 'e\u0301'),
  fc.integer({ min: -200, max: 200 }),
  fc.constantFrom(0, -0, Number.NaN, 0.1 + 0.2, 0.3, 2 ** 31, 2 ** 47, 2 ** 53, -(2 ** 31) - 1, Infinity, -Infinity),
  fc.double(),
  fc.bigInt({ min: -200n, max: 200n }),
  fc.constantFrom(2n ** 47n, 2n ** 63n, 2n ** 64n, -(2n ** 64n), -(2n ** 63n)),
  fc.boolean(),
  fc.constant(null),
  fc.uint8Array({ maxLength: 3 }),
);
const key = fc.letrec<{ key: Key }>((tie) => ({
  key: fc.oneof({ maxDepth: 3 }, leaf, fc.array(tie('key'), { maxLength: 3 })) as fc.Arbitrary<Key>,
})).key;

/** Key equality, written down independently of the encoding. */
function same(a: Key, b: Key): boolean {
  if (a instanceof Uint8Array || b instanceof Uint8Array) {
    return a instanceof Uint8Array && b instanceof Uint8Array && Buffer.compare(a, b) === 0;
  }
  if (Array.isArray(a) || Array.isArray(b)) {
    return Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((item, i) => same(item, b[i]));
  }
  // Map's equality: NaN is NaN, and the zeros are one.
  return new Set([a, b]).size === 1;
}

test('equal keys have equal bytes and different keys different ones', () => {
  fc.assert(
    fc.property(key, key, (a, b) => {
      assert.equal(hex(a) === hex(b), same(a, b));
    }),
    { numRuns: 3000, seed: 7 },
  );
});

test('no key is the beginning of another, so keys can stand side by side', () => {
  fc.assert(
    fc.property(key, key, (a, b) => {
      assert.equal(hex(a) !== hex(b) && hex(b).startsWith(hex(a)), false);
    }),
    { numRuns: 1000, seed: 8 },
  );
});

test('a decoded key is the same key', () => {
  fc.assert(
    fc.property(key, (a) => {
      assert.ok(same(decodeFromBytes(keyCoder, encodeToBytes(keyCoder, a)), a));
    }),
    { numRuns: 500, seed: 9 },
  );
});

test('the written rules', () => {
  assert.equal(hex(1), hex(1.0));
  assert.equal(hex(-0), hex(0));
  assert.equal(hex([-0]), hex([0]));
  assert.equal(hex(Number.NaN), hex(-Number.NaN));
  assert.notEqual(hex(1), hex(1n));
  assert.notEqual(hex(1), hex('1'));
  assert.notEqual(hex(1), hex([1]));
  assert.notEqual(hex(true), hex(1));
  assert.notEqual(hex('a'), hex(Uint8Array.of(97)));
  assert.equal(hex(Buffer.from('a')), hex(Uint8Array.of(97)));
  // Strings are their code points: no normalisation.
  assert.notEqual(hex('\u00e9'), hex('e\u0301'));
  // The same characters, however V8 holds the string.
  assert.equal(hex(['ab', 'cd'].join('')), hex('xabcdx'.slice(1, 5)));
});

test('what is no key is refused, with the place', () => {
  const refused = (value: unknown, message: RegExp) =>
    assert.throws(() => hex(value), { code: 'CODER_NOT_A_KEY', message });
  refused({ id: 1 }, /^key is an object,/);
  refused(undefined, /^key is undefined,/);
  refused(() => 1, /^key is a function,/);
  refused(Symbol('s'), /^key is a symbol,/);
  refused(new Date(0), /^key is an instance of Date,/);
  refused(new Map(), /^key is an instance of Map,/);
  refused(new Float64Array(1), /^key is an instance of Float64Array,/);
  refused(['a', [1, { b: 1 }]], /^key\[1\]\[1\] is an object,/);
  refused(Object.assign([1], { 2: 2 }), /^key\[1\] is undefined,/);
  const cyclic: unknown[] = [1];
  cyclic.push(cyclic);
  refused(cyclic, /nested deeper than 200/);
});

test('half a surrogate pair is refused: U+FFFD would merge different keys', () => {
  for (const text of ['\ud800', `${'x'.repeat(100)}\udfff`, 'é\ud800']) {
    assert.throws(() => hex(text), { code: 'CODER_LONE_SURROGATE' });
    assert.throws(() => hex([text]), { code: 'CODER_LONE_SURROGATE' });
  }
  assert.equal(decodeFromBytes(keyCoder, encodeToBytes(keyCoder, '\u{1f600}')), '\u{1f600}');
});

test('bytes of values that are no keys do not decode as keys', () => {
  for (const bytes of ['c1', 'f10081', 'f200', 'd1c1', 'cf0000000000000000']) {
    assert.throws(() => decodeFromBytes(keyCoder, Buffer.from(bytes, 'hex')), { name: 'CoderError' }, bytes);
  }
});
