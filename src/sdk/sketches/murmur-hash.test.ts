import assert from 'node:assert/strict';
import { test } from 'node:test';
import { murmurHash } from './murmur-hash.ts';

function hash(bytes: Buffer, seed: number): Buffer {
  const words = new Uint32Array(4);
  murmurHash(bytes, 0, bytes.length, seed, words);
  const out = Buffer.alloc(16);
  words.forEach((word, i) => {
    out.writeUInt32LE(word, i * 4);
  });
  return out;
}

test('agrees with published values', () => {
  const text = Buffer.from("I will not buy this tobacconist's, it is scratched.");
  assert.equal(hash(text, 0).swap32().toString('hex'), '9b5b7ba2ef3f7866889adeaf00f3f98e');
});

test('has the verification value of SMHasher, which covers every length up to 255', () => {
  const hashes = Array.from({ length: 256 }, (_, length) => {
    return hash(Buffer.from(Array.from({ length }, (_, i) => i)), 256 - length);
  });
  assert.equal(hash(Buffer.concat(hashes), 0).readUInt32LE(0), 0xb3ece62a);
});

test('depends on the bytes of the range only, not on where it lies', () => {
  const data = Buffer.from('xxsome key of more than sixteen bytesyy');
  const words = new Uint32Array(4);
  murmurHash(data, 2, data.length - 2, 7, words);
  const alone = new Uint32Array(4);
  murmurHash(Buffer.from(data.subarray(2, data.length - 2)), 0, data.length - 4, 7, alone);
  assert.deepEqual(words, alone);
});
