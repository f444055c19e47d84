import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Coder } from '../../../sdk/coders/coder.ts';
import { SORTING } from '../../../sdk/graph/user-state-proto.ts';
import { coders } from '../../../sdk/index.ts';
import { globalWindows } from '../../../sdk/windows/global-windows.ts';
import { NO_FIRING } from '../../../sdk/windows/pane-info.ts';
import { timestamp } from '../../../sdk/windows/timestamp.ts';
import { GLOBAL_WINDOW, type Window } from '../../../sdk/windows/window.ts';
import { SortedInput } from './sorted-input.ts';

/** State of one key and window. */
function states(): Record<string, unknown> {
  let elements: Uint8Array[] = [];
  let times: unknown;
  return {
    [SORTING.elements]: {
      add: (bytes: Uint8Array) => elements.push(bytes),
      read: () => elements.slice(),
      clear: () => {
        elements = [];
      },
    },
    [SORTING.times]: {
      read: () => times,
      write: (value: unknown) => {
        times = value;
      },
    },
  };
}

test('elements come once each in the order of time, those of equal time as they came, and no sooner than they are due', () => {
  const step = fc.oneof(
    { weight: 3, arbitrary: fc.record({ at: fc.nat(60) }) },
    { weight: 1, arbitrary: fc.record({ by: fc.integer({ min: 1, max: 15 }) }) },
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), fc.constantFrom(0, 7), (steps, lateness) => {
      const windowCoder = globalWindows().coder as unknown as Coder<Window>;
      const sorted = new SortedInput(states(), coders.safeInt as Coder<unknown>, windowCoder, lateness);
      const added: { id: number; at: number }[] = [];
      const given: { id: number; at: number }[] = [];
      /** When the first of those that wait is due, as the caller would set its timer. */
      let due = Number.POSITIVE_INFINITY;
      let watermark = 0;
      let last = Number.NEGATIVE_INFINITY;
      const advance = (to: number, isLast: boolean): void => {
        watermark = to;
        while (due <= to) {
          const fired = due;
          const { elements, next } = sorted.take(timestamp(fired), isLast);
          for (const { value, timestamp: at } of elements) {
            assert.ok(isLast || at + lateness < fired);
            given.push({ id: value as number, at });
          }
          last = fired;
          due = next === undefined ? Number.POSITIVE_INFINITY : sorted.dueAt(next);
          assert.ok(due > fired);
        }
      };
      for (const [id, each] of steps.entries()) {
        if ('by' in each) {
          advance(watermark + each.by, false);
          continue;
        }
        const at = timestamp(each.at);
        const isFirst = sorted.add(id, at, GLOBAL_WINDOW, NO_FIRING);
        assert.equal(isFirst === 'late', sorted.dueAt(at) <= last);
        if (isFirst === 'late') continue;
        added.push({ id, at });
        assert.equal(isFirst, sorted.dueAt(at) < due);
        due = Math.min(due, sorted.dueAt(at));
      }
      advance(1000, true);
      assert.deepEqual(
        given,
        added.sort((a, b) => a.at - b.at),
      );
    }),
  );
});
