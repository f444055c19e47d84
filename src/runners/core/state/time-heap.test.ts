import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { TimeHeap } from './time-heap.ts';

test('items come soonest first, whatever is put in, taken out and dropped meanwhile', () => {
  const step = fc.oneof(fc.integer({ min: -30, max: 30 }), fc.constantFrom('pop' as const, 'keep' as const));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const heap = new TimeHeap<string>();
      let model: number[] = [];
      for (const each of steps) {
        if (typeof each === 'number') {
          heap.push(each, `at ${each}`);
          model.push(each);
        } else if (each === 'keep') {
          heap.keep((_, time) => time % 3 !== 0);
          model = model.filter((time) => time % 3 !== 0);
        } else {
          heap.pop();
          model.sort((a, b) => a - b).shift();
        }
        assert.equal(heap.length, model.length);
        assert.equal(heap.time, Math.min(Number.POSITIVE_INFINITY, ...model));
        if (model.length > 0) assert.equal(heap.item, `at ${heap.time}`);
      }
      assert.deepEqual([...heap.items].sort(), model.map((time) => `at ${time}`).sort());
    }),
  );
});
