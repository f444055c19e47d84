import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodeFromBytes, encodeToBytes } from '../../sdk/coders/coder.ts';
import { keyRangeCoder } from './key-range.ts';

test('a range of keys comes out of its encoding as it went in', () => {
  const range = fc.record(
    {
      lower: fc.string(),
      upper: fc.string(),
      snapshot: fc.string(),
      nulls: fc.constant(true),
      integer: fc.boolean(),
      bytes: fc.maxSafeNat(),
    },
    { requiredKeys: ['integer', 'bytes'], noNullPrototype: true },
  );
  fc.assert(
    fc.property(range, (range) => {
      assert.deepEqual(decodeFromBytes(keyRangeCoder, encodeToBytes(keyRangeCoder, range)), range);
    }),
  );
});
