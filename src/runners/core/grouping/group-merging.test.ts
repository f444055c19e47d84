import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { assertPanes, drive } from '../../../../test/support/grouping-driver.ts';
import { afterCount, afterWatermark, defaultTrigger, repeatedly } from '../../../sdk/triggers/triggers.ts';
import { sessions } from '../../../sdk/windows/session-windows.ts';
import { IntervalWindow } from '../../../sdk/windows/window.ts';

const tenSessions = sessions({ gap: '10ms' });

describe('sessions', () => {
  test('merge before they are given out', () => {
    const d = drive(tenSessions, defaultTrigger());
    d.input(1, 10, 30);
    assert.equal(d.state.groups.length, 2);
    assertPanes(
      d.watermark(100),
      '[1..20) at 19: ON_TIME 0/0 first last = 1,10',
      '[30..40) at 39: ON_TIME 0/0 first last = 30',
    );
  });

  test('of any order become the same', () => {
    const times = [1, 2, 15, 16, 30, 9, 10, 30];
    for (const all of [times, times.toReversed(), times.toSorted()]) {
      const d = drive(tenSessions, afterWatermark(), { accumulation: 'accumulating' });
      d.input(...all);
      const fired = d.watermark(1000).map(({ window, value }) => `${window.maxTimestamp} ${(value as []).length}`);
      assert.deepEqual(fired.sort(), ['25 6', '39 2']);
    }
  });

  test('with early and late firings: a merged one starts its panes anew', () => {
    const d = drive(tenSessions, afterWatermark({ early: afterCount(2), late: afterCount(2) }), {
      allowedLateness: 1000,
      accumulation: 'accumulating',
    });
    d.watermark(0);
    assertPanes(d.input(['a', 1], ['b', 15]));
    assertPanes(d.input(['c', 7]), '[1..25) at 24: EARLY 0 first = a,b,c');
    d.input(['d', 30]);
    assertPanes(d.watermark(50), '[1..25) at 24: ON_TIME 1/0 = a,b,c', '[30..40) at 39: ON_TIME 0/0 first = d');
    assertPanes(d.input(['x', 1], ['y', 2]), '[1..25) at 24: LATE 2/1 = a,b,c,x,y');
    assertPanes(d.input(['z', 21], ['w', 22]), '[1..40) at 39: LATE 0/0 first = a,b,c,x,y,d,z,w');
  });

  test('count over what has merged', () => {
    for (const accumulation of ['discarding', 'accumulating'] as const) {
      const d = drive(tenSessions, repeatedly(afterCount(3)), { accumulation, allowedLateness: 100 });
      const before = accumulation === 'accumulating' ? 'a,b,c,' : '';
      assertPanes(d.input(['a', 1], ['b', 15]));
      assertPanes(d.input(['c', 6]), '[1..25) at 24: EARLY 0 first = a,b,c');
      assertPanes(d.input(['d', 2], ['e', 7], ['f', 8]), `[1..25) at 24: EARLY 1 = ${before}d,e,f`);
    }
  });

  test('that are closed take no more, and do not spoil others', () => {
    const d = drive(tenSessions, afterCount(1), { allowedLateness: 50 });
    assertPanes(d.input(2), '[2..12) at 11: EARLY 0 first last = 2');
    assertPanes(d.input(2));
    assert.deepEqual(
      d.dropped.map(({ reason }) => reason),
      ['closed'],
    );
    assertPanes(d.input(3), '[3..13) at 12: EARLY 0 first last = 3');

    const open = drive(tenSessions, afterCount(2), { allowedLateness: 50 });
    assertPanes(open.input(1, 1), '[1..11) at 10: EARLY 0 first last = 1,1');
    // The window of 2 would be merged with that of 1 if that were not closed.
    open.input(2);
    assertPanes(open.input(3), '[2..13) at 12: EARLY 0 first last = 2,3');
    assertPanes(open.watermark(100));
    assert.ok(open.state.isEmpty);
  });

  test('extend past their end when a late element comes to them', () => {
    const d = drive(tenSessions, afterWatermark({ late: afterCount(1) }), { allowedLateness: 50 });
    d.watermark(0);
    d.input(1);
    assertPanes(d.watermark(12), '[1..11) at 10: ON_TIME 0/0 first = 1');
    assertPanes(d.input(['x', 8]));
    assertPanes(d.watermark(18), '[1..18) at 17: ON_TIME 0/0 first = x');
  });

  test('that a WindowFn merges out of nothing are an error', () => {
    const nothing = new IntervalWindow(100 as never, 200 as never);
    const windowFn = { ...sessions({ gap: '10ms' }), merge: () => [{ merged: nothing, sources: [nothing] }] };
    const d = drive(windowFn, defaultTrigger());
    d.input(1);
    assert.throws(() => d.input(2), { code: 'WINDOW_MERGE_INVALID' });
  });
});
