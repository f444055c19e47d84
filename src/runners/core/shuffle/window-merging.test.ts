import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { intervalWindowCoder } from '../../../sdk/coders/window-coders.ts';
import { GLOBAL_WINDOWING } from '../../../sdk/windows/global-windows.ts';
import { sessions } from '../../../sdk/windows/session-windows.ts';
import type { Timestamp } from '../../../sdk/windows/timestamp.ts';
import { IntervalWindow, type Window } from '../../../sdk/windows/window.ts';
import type { WindowFn, WindowMerge } from '../../../sdk/windows/window-fn.ts';
import type { WindowingStrategy } from '../../../sdk/windows/windowing-strategy.ts';
import { KeyWindows } from './key-windows.ts';
import { mergeWindows } from './window-merging.ts';

const interval = (start: number, end: number) => new IntervalWindow(start as Timestamp, end as Timestamp);

function windowFn(
  merge: (windows: readonly IntervalWindow[]) => readonly WindowMerge<IntervalWindow>[],
): WindowFn<Window> {
  const fn: WindowFn<IntervalWindow> = {
    urn: 'test:merging',
    payload: () => new Uint8Array(0),
    coder: intervalWindowCoder,
    assign: () => [],
    merge,
  };
  return fn as WindowFn<Window>;
}

function windowing(fn: WindowFn<Window>): WindowingStrategy {
  return { ...GLOBAL_WINDOWING, windowFn: fn };
}

/** Merges windows that start in the same hundred into one that covers nothing of them. */
const byHundred = windowFn((windows) => {
  const hundreds = Map.groupBy(windows, ({ start }) => Math.floor(start / 100));
  return [...hundreds].map(([hundred, sources]) => ({ merged: interval(-hundred - 9, -hundred - 8), sources }));
});

test('windows that are not named stay, and windows given twice go together', () => {
  const merged = mergeWindows(
    windowFn(() => [{ merged: interval(0, 30), sources: [interval(0, 10), interval(20, 30)] }]),
    [interval(50, 60), interval(0, 10), interval(20, 30), interval(0, 10), interval(0, 30)],
  );
  assert.deepEqual(merged.windows, [interval(0, 30), interval(50, 60)]);
  assert.deepEqual([...merged.targets], [1, 0, 0, 0, 0]);
});

test('a WindowFn that merges what is not there, or one window twice, is told so', () => {
  const merge =
    (...merges: WindowMerge<IntervalWindow>[]) =>
    () =>
      mergeWindows(
        windowFn(() => merges),
        [interval(0, 1), interval(2, 3)],
      );
  const merged = interval(0, 3);
  assert.throws(merge({ merged, sources: [interval(7, 8)] }), { code: 'WINDOW_MERGE_INVALID' });
  assert.throws(merge({ merged, sources: [interval(0, 1), interval(0, 1)] }), { code: 'WINDOW_MERGE_INVALID' });
});

test('windows of a key that are merged as they come end up where merging all at once puts them', () => {
  const gap = sessions({ gap: '10ms' }) as WindowFn<Window>;
  const times = fc.uniqueArray(fc.integer({ min: 0, max: 400 }), { minLength: 1, maxLength: 60 });
  fc.assert(
    fc.property(times, fc.integer({ min: 2, max: 20 }), (input, limit) => {
      const all = input.sort((a, b) => a - b).map((time) => interval(time, time + 10));
      const expected = mergeWindows(gap, all);
      const collected = new KeyWindows(windowing(gap), limit);
      for (const [i, window] of all.entries()) {
        collected.compact();
        collected.add(window, i).starts.push(0, 0, i);
      }
      const locate = collected.mergeAndLocate();
      for (const [i, window] of all.entries()) {
        assert.deepEqual(collected.windows[locate(window)].window, expected.windows[expected.targets[i]]);
      }
      for (const { window, starts } of collected.windows) {
        assert.equal(
          starts[2],
          all.findIndex((source) => source.start === (window as IntervalWindow).start),
        );
      }
    }),
  );
});

test('merged windows that do not cover their sources are found by the sources', () => {
  const collected = new KeyWindows(windowing(byHundred));
  const all = [interval(10, 20), interval(110, 120), interval(150, 160), interval(30, 40)];
  for (const window of all) collected.add(window, 0);
  const locate = collected.mergeAndLocate();
  assert.deepEqual(
    all.map((window) => collected.windows[locate(window)].window),
    [interval(-9, -8), interval(-10, -9), interval(-10, -9), interval(-9, -8)],
  );
  assert.equal(locate(interval(5, 6)), -1);
});

test('one key with too many windows is an error, not a crash', () => {
  const apart = new KeyWindows(windowing(windowFn(() => [])), 4, 8);
  assert.throws(
    () => {
      for (let i = 0; i < 100; i++) {
        apart.compact();
        apart.add(interval(i * 10, i * 10 + 5), 0);
      }
    },
    { code: 'WINDOWS_TOO_MANY' },
  );
  const uncovered = new KeyWindows(windowing(byHundred), 4);
  for (let i = 0; i < 4; i++) uncovered.add(interval(i * 10, i * 10 + 5), 0);
  assert.throws(() => uncovered.compact(), { code: 'WINDOWS_TOO_MANY' });
});
