import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { hashKey, LogIndex } from './log-index.ts';

test('an index keeps every entry through growth and removals, whatever their hashes', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.boolean(), fc.nat(40)), { maxLength: 1500, size: 'max' }), (steps) => {
      const index = new LogIndex();
      const model = new Map<number, number>();
      let next = 1;
      for (const [adds, pick] of steps) {
        if (adds || model.size === 0) {
          // Few hashes, next to each other and at the end of the table: everything collides.
          const hash = pick % 3 === 0 ? 0xffffffff : pick % 5;
          index.insert(hash, next);
          model.set(next++, hash);
        } else {
          const [address, hash] = [...model][pick % model.size];
          index.remove(index.locate(hash, address));
          model.delete(address);
        }
        assert.equal(index.size, model.size);
      }
      for (const [address, hash] of model) {
        assert.equal(index.addressAt(index.locate(hash, address)), address);
      }
    }),
    { numRuns: 20 },
  );
});

test('hashes are the same for a part of a buffer, and spread', () => {
  const buffer = Buffer.from('xxabcdefgyy');
  assert.equal(hashKey(1, buffer, 2, 9), hashKey(1, Buffer.from('abcdefg')));
  assert.notEqual(hashKey(1, Buffer.from('a')), hashKey(2, Buffer.from('a')));
  const places = new Set<number>();
  for (let i = 0; i < 10_000; i++) places.add(hashKey(1, Buffer.from(`${i}`)) & 0xffff);
  assert.ok(places.size > 9_000, `${places.size}`);
});
