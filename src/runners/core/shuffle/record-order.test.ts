import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { compareRecords, ENCODED, recordHeader, recordLength } from './group-record.ts';
import { sortBy, WORD_BITS } from './radix-sort.ts';
import { orderRecords } from './record-order.ts';

const word = fc.oneof(fc.constantFrom(0, 1, -1, 0x7fffffff, -0x80000000), fc.integer());

test('radix sort orders as unsigned and as signed numbers, and keeps equal ones in place', () => {
  fc.assert(
    fc.property(fc.array(word, { maxLength: 200 }), (input) => {
      const values = Int32Array.from(input);
      const ids = input.map((_, id) => id);
      const unsigned = ids.toSorted((a, b) => (values[a] >>> 0) - (values[b] >>> 0));
      assert.deepEqual([...sortBy(values, 0, WORD_BITS, Int32Array.from(ids))], unsigned);
      const signed = ids.toSorted((a, b) => values[a] - values[b]);
      assert.deepEqual([...sortBy(values, 0x80000000 | 0, WORD_BITS, Int32Array.from(ids))], signed);
    }),
  );
});

test('records are ordered word by word, whatever their length', () => {
  fc.assert(
    fc.property(fc.array(fc.array(word, { maxLength: 5 }), { maxLength: 60 }), (input) => {
      const positions: number[] = [];
      const words: number[] = [];
      for (const record of input) {
        positions.push(words.length);
        words.push(recordHeader(ENCODED, record.length * 4), ...record);
      }
      const records = Int32Array.from(words);
      const compare = (a: number, b: number) =>
        compareRecords(records, positions[a], records, positions[b], recordLength(records[positions[a]]));
      const order = [...orderRecords(records, Int32Array.from(positions))];
      assert.deepEqual(
        order.toSorted((a, b) => a - b),
        input.map((_, i) => i),
      );
      for (let i = 1; i < order.length; i++) assert.ok(compare(order[i - 1], order[i]) <= 0);
    }),
  );
});
