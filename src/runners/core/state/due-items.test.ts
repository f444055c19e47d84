import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { DueItems } from './due-items.ts';

test('items come out by time, and by their order where times are equal', () => {
  const step = fc.option(fc.integer({ min: -4, max: 4 }), { freq: 2 });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 300, size: 'max' }), (steps) => {
      const items = new DueItems<string>();
      let model: { time: number; order: number }[] = [];
      for (const [order, time] of steps.entries()) {
        if (time !== null) {
          items.push(time, order, `item ${order}`);
          model.push({ time, order });
        } else if (model.length > 0) {
          const [first, ...rest] = model.toSorted((a, b) => a.time - b.time || a.order - b.order);
          assert.deepEqual([items.time, items.order, items.item], [first.time, first.order, `item ${first.order}`]);
          items.pop();
          model = rest;
        }
        assert.equal(items.length, model.length);
      }
      if (model.length === 0) assert.equal(items.time, Number.POSITIVE_INFINITY);
    }),
  );
});
