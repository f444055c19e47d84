import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { CoderError } from '../../sdk/index.ts';
import { snappyCompress, snappyDecompress } from './snappy.ts';

test('any content comes back', () => {
  const runs = fc
    .array(fc.tuple(fc.uint8Array({ minLength: 1, maxLength: 9 }), fc.integer({ min: 1, max: 200 })), { maxLength: 20 })
    .map((parts) => Buffer.concat(parts.flatMap(([bytes, times]) => new Array<Uint8Array>(times).fill(bytes))));
  fc.assert(
    fc.property(fc.oneof(runs, fc.uint8Array({ maxLength: 300 })), (content) => {
      assert.deepEqual(snappyDecompress(snappyCompress(content), 1 << 20), Buffer.from(content));
    }),
  );
  const large = Buffer.concat([Buffer.alloc(100_000, 'abcdefg'), randomBytes(70_000), Buffer.alloc(70_000)]);
  const block = snappyCompress(large);
  assert.ok(block.length < 90_000);
  assert.deepEqual(snappyDecompress(block, 1 << 20), large);
});

test('content that does not compress hardly grows', () => {
  const noise = randomBytes(100_000);
  assert.ok(snappyCompress(noise).length < 100_100);
});

test('copies with offsets of one, two and four bytes, and literals with long lengths', () => {
  const decompress = (hex: string) => snappyDecompress(Buffer.from(hex, 'hex'), 1000).toString();
  assert.equal(decompress('0a0c616263640904'), 'abcdabcdab');
  assert.equal(decompress('0a0c61626364160400'), 'abcdabcdab');
  assert.equal(decompress('0a0c616263641704000000'), 'abcdabcdab');
  assert.equal(decompress('0500610101'), 'aaaaa');
  assert.equal(decompress('04f00361626364'), 'abcd');
  assert.equal(decompress('04fc0300000061626364'), 'abcd');
});

test('broken blocks: a CoderError, and no more memory than the block could fill', () => {
  const decompress = (bytes: Uint8Array) => {
    try {
      snappyDecompress(bytes, 1 << 20);
    } catch (error) {
      assert.ok(error instanceof CoderError, String(error));
    }
  };
  const block = snappyCompress(Buffer.from('hello hello hello hello, world'));
  for (let i = 0; i < block.length; i++) {
    assert.throws(() => snappyDecompress(block.subarray(0, i), 1 << 20), CoderError);
    for (const flip of [1, 0x80, 0xff]) {
      const broken = Buffer.from(block);
      broken[i] ^= flip;
      decompress(broken);
    }
  }
  fc.assert(fc.property(fc.uint8Array({ maxLength: 40 }), decompress), { numRuns: 2000 });
  assert.throws(() => snappyDecompress(Buffer.from('ffffffff0f', 'hex'), 1 << 20), { code: 'SNAPPY_TOO_LARGE' });
  assert.throws(() => snappyDecompress(snappyCompress(Buffer.alloc(1000)), 999), { code: 'SNAPPY_TOO_LARGE' });
  assert.throws(() => snappyDecompress(Buffer.from('05006101ff', 'hex'), 100), { code: 'SNAPPY_MALFORMED' });
});
