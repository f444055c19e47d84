import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { timestamp } from '../../../sdk/windows/timestamp.ts';
import { type PendingTimer, PendingTimers, timerKey } from './pending-timers.ts';

test('timers are a Map in the order in which they were set, few or many', () => {
  const step = fc.record({
    op: fc.constantFrom('set', 'set', 'set', 'delete'),
    family: fc.nat(2),
    tag: fc.constantFrom('', 'a', 'b', 'c', 'd', 'e'),
    at: fc.nat(99),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const timers = new PendingTimers();
      const model = new Map<number | string, PendingTimer>();
      for (const { op, family, tag, at } of steps) {
        const timer = { family, tag, at: timestamp(at), output: undefined };
        model.delete(timerKey(family, tag));
        if (op === 'set') {
          timers.set(timer);
          model.set(timerKey(family, tag), timer);
        } else timers.delete(family, tag);
        assert.equal(timers.size, model.size);
        assert.equal(timers.has(family, tag), op === 'set');
      }
      assert.deepEqual([...timers], [...model.values()]);
    }),
  );
});
