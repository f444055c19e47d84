import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ByteReader } from '../../../sdk/coders/byte-reader.ts';
import { bytesCoder } from '../../../sdk/coders/bytes-coder.ts';
import { type Coder, encodeToBytes } from '../../../sdk/coders/coder.ts';
import { keyCoder } from '../../../sdk/coders/default-coder.ts';
import { stringCoder } from '../../../sdk/coders/string-coder.ts';
import { int32Coder, int64Coder, safeIntCoder } from '../../../sdk/coders/varint-coder.ts';
import type { Key } from '../../../sdk/values.ts';
import { decodeKey } from './group-record.ts';
import { BATCH, KeyDictionary } from './key-dictionary.ts';
import { partitionOf } from './run.ts';

type AnyCoder = Coder<unknown>;

/** Stages all keys and resolves where the dictionary asks for it. */
function idsOf(dictionary: KeyDictionary, keys: readonly unknown[]): number[] {
  const ids: number[] = [];
  const resolve = () => {
    const count = dictionary.staged;
    ids.push(...dictionary.resolve().subarray(0, count));
  };
  for (const key of keys) if (dictionary.stage(key)) resolve();
  resolve();
  return ids;
}

function expectedIds(coder: AnyCoder, keys: readonly unknown[]): number[] {
  const ids = new Map<string, number>();
  return keys.map((key) => {
    const name = Buffer.from(encodeToBytes(coder, key)).toString('hex');
    if (!ids.has(name)) ids.set(name, ids.size);
    return ids.get(name) as number;
  });
}

function decoded(dictionary: KeyDictionary, coder: AnyCoder): unknown[] {
  const bytes = Buffer.from(dictionary.arena.buffer);
  const reader = new ByteReader(bytes);
  return Array.from({ length: dictionary.size }, (_, id) =>
    decodeKey(dictionary.arena, dictionary.positions[id], bytes, coder, reader),
  );
}

const text = fc.oneof(
  fc.string({ maxLength: 10 }),
  fc.string({ unit: 'grapheme', maxLength: 8 }),
  fc.string({ minLength: 28, maxLength: 40 }),
  fc.string({ minLength: 250, maxLength: 260 }),
  fc.string({ unit: 'grapheme', minLength: 30, maxLength: 40 }),
  fc
    .tuple(fc.string({ minLength: 245, maxLength: 255 }), fc.string({ unit: 'grapheme', maxLength: 2 }))
    .map((parts) => parts.join('')),
  fc.constantFrom('', '\u0000', '\u0000\u0000', 'a', 'a\u0000', '\u007f', '\u0080', 'ÿ', 'Ā', 'aaaĀ', 'aaaaa\u0101b'),
);
const anyKey: fc.Arbitrary<Key> = fc.oneof(
  text,
  fc.integer(),
  fc.integer({ min: -3, max: 3 }),
  fc.double(),
  fc.constantFrom<Key>(0, -0, 1n, 1, '1', Number.NaN, null, true, 2 ** 31, -(2 ** 31), 2 ** 31 - 1),
  fc.bigInt(),
  fc.uint8Array({ maxLength: 9 }),
  fc.array(text, { maxLength: 3 }),
);

const cases: [name: string, coder: AnyCoder, keys: fc.Arbitrary<unknown>][] = [
  ['the key coder', keyCoder as AnyCoder, anyKey],
  ['strings', stringCoder as AnyCoder, text],
  ['int64', int64Coder as AnyCoder, fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })],
  ['safe integers', safeIntCoder as AnyCoder, fc.maxSafeInteger()],
  ['int32', int32Coder as AnyCoder, fc.integer()],
  ['bytes', bytesCoder as AnyCoder, fc.uint8Array({ maxLength: 9 })],
];

for (const [name, coder, keys] of cases) {
  test(`ids follow the encoding, and keys come back: ${name}`, () => {
    fc.assert(
      fc.property(fc.array(keys, { maxLength: 300 }), (input) => {
        const dictionary = new KeyDictionary(coder, 4);
        const ids = expectedIds(coder, input);
        assert.deepEqual(idsOf(dictionary, input), ids);
        assert.deepEqual(idsOf(dictionary, input), ids, 'the second time');
        const keys = decoded(dictionary, coder);
        assert.deepEqual(expectedIds(coder, keys), [...keys.keys()]);
        for (const [i, key] of input.entries()) {
          assert.deepEqual(encodeToBytes(coder, keys[ids[i]]), encodeToBytes(coder, key));
        }
      }),
      { numRuns: 100 },
    );
  });
}

test('many keys, across all growth, and again after clear', () => {
  const dictionary = new KeyDictionary(keyCoder as AnyCoder, 4);
  const keys = Array.from({ length: 50_000 }, (_, i) =>
    i % 3 === 0 ? i : i % 3 === 1 ? `key ${i}` : `schlüssel ${i}`,
  );
  for (let round = 0; round < 2; round++) {
    assert.deepEqual(idsOf(dictionary, keys), [...keys.keys()]);
    assert.deepEqual(idsOf(dictionary, keys), [...keys.keys()]);
    dictionary.clear();
    assert.equal(dictionary.size, 0);
  }
});

test('long strings that differ in their last characters, or are not ASCII there', () => {
  const dictionary = new KeyDictionary(keyCoder as AnyCoder);
  const keys: string[] = [];
  for (let length = 30; length <= 258; length++) {
    const start = 'x'.repeat(length - 1);
    keys.push(`${start}x`, `${start}y`, `${start}é`, `${start}€`, `${start.slice(1)}😀`);
  }
  assert.deepEqual(idsOf(dictionary, keys), [...keys.keys()]);
  assert.deepEqual(decoded(dictionary, keyCoder as AnyCoder), keys);
});

test('a batch is full by number or by size', () => {
  const dictionary = new KeyDictionary(keyCoder as AnyCoder);
  for (let i = 1; i < BATCH; i++) assert.equal(dictionary.stage('same'), false);
  assert.equal(dictionary.stage('same'), true);
  dictionary.resolve();
  assert.equal(dictionary.stage('x'.repeat(100_000)), true);
  assert.equal(dictionary.resolve()[0], 1);
  assert.equal(dictionary.idOf('same'), 0);
});

test('a key that cannot be encoded is not in the batch', () => {
  const dictionary = new KeyDictionary(keyCoder as AnyCoder);
  dictionary.stage('a');
  assert.throws(() => dictionary.stage({ an: 'object' }), { code: 'CODER_NOT_A_KEY' });
  assert.throws(() => dictionary.stage('\ud800'), { code: 'CODER_LONE_SURROGATE' });
  assert.throws(() => dictionary.stage('x'.repeat((1 << 26) + 1)), { code: 'CODER_TOO_LARGE' });
  dictionary.stage('b');
  assert.equal(dictionary.staged, 2);
  assert.deepEqual([...dictionary.resolve().subarray(0, 2)], [0, 1]);
});

test('hashes spread over partitions and over the low bits', () => {
  const inputs: Record<string, (i: number) => Key> = {
    'consecutive integers': (i) => i,
    'multiples of 4096': (i) => i * 4096,
    'numbered strings': (i) => `key${String(i).padStart(7, '0')}`,
    'last letters': (i) => `the same long beginning ${i}`,
    bigints: (i) => BigInt(i),
    tuples: (i) => ['tenant', i],
  };
  const size = 1 << 15;
  for (const [name, make] of Object.entries(inputs)) {
    const dictionary = new KeyDictionary(keyCoder as AnyCoder);
    idsOf(
      dictionary,
      Array.from({ length: size }, (_, i) => make(i)),
    );
    const hashes = dictionary.hashes.subarray(0, size);
    for (const bucket of [(h: number) => partitionOf(h, 64), (h: number) => h & 63, (h: number) => (h >>> 24) & 63]) {
      const counts = new Array(64).fill(0);
      for (const hash of hashes) counts[bucket(hash)]++;
      // Chi-squared with 63 degrees of freedom is above 120 once in 50,000 times.
      const mean = size / 64;
      const chi2 = counts.reduce((sum, count) => sum + (count - mean) ** 2 / mean, 0);
      assert.ok(chi2 < 120, `${name}: chi-squared ${chi2}`);
    }
    // Birthday bound: 2^15 keys in 2^32 hashes collide 0.125 times on average.
    assert.ok(new Set(hashes).size >= size - 4, `${name}: ${size - new Set(hashes).size} collisions`);
  }
});
