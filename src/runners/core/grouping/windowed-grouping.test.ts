import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { assertPanes, drive, type Fired } from '../../../../test/support/grouping-driver.ts';
import type { CombineFn } from '../../../sdk/combine/combine-fn.ts';
import { sum } from '../../../sdk/combine/sum.ts';
import {
  afterEach,
  afterProcessingTime,
  afterWatermark,
  defaultTrigger,
  never,
  orFinally,
  repeatedly,
} from '../../../sdk/triggers/triggers.ts';
import { fixed } from '../../../sdk/windows/fixed-windows.ts';
import { globalWindows } from '../../../sdk/windows/global-windows.ts';
import { sessions } from '../../../sdk/windows/session-windows.ts';
import { END_OF_GLOBAL_WINDOW, MAX_TIMESTAMP, MIN_TIMESTAMP } from '../../../sdk/windows/timestamp.ts';
import { IntervalWindow } from '../../../sdk/windows/window.ts';

const NEVER = Number.POSITIVE_INFINITY;
const minute = 60_000;
const tens = fixed('10ms');
const hundreds = fixed('100ms');
const global = globalWindows();
const tenSessions = sessions({ gap: '10ms' });

describe('the default trigger', () => {
  test('gives each window once, at its end, and forgets it', () => {
    const d = drive(tens, defaultTrigger());
    d.watermark(0);
    assertPanes(d.input(1, 12, 3));
    assert.deepEqual([d.state.hold, d.state.nextEventTime, d.state.nextProcessingTime], [9, 10, NEVER]);
    assertPanes(d.watermark(9));
    assertPanes(d.watermark(10), '[0..10) at 9: ON_TIME 0/0 first last = 1,3');
    assert.equal(d.state.hold, 19);
    assertPanes(d.input(4));
    assert.deepEqual(d.dropped, [{ value: 4, window: new IntervalWindow(0 as never, 10 as never), reason: 'expired' }]);
    assertPanes(d.watermark(MAX_TIMESTAMP), '[10..20) at 19: ON_TIME 0/0 first last = 12');
    assert.ok(d.state.isEmpty);
    assert.deepEqual([d.state.hold, d.state.nextEventTime], [NEVER, NEVER]);
  });

  test('gives late elements one by one while they are allowed', () => {
    for (const accumulation of ['discarding', 'accumulating'] as const) {
      const d = drive(tens, defaultTrigger(), { allowedLateness: 100, accumulation });
      const both = accumulation === 'accumulating';
      d.watermark(0);
      d.input(1);
      assertPanes(d.watermark(10), '[0..10) at 9: ON_TIME 0/0 first = 1');
      assertPanes(
        d.input(3, 5),
        `[0..10) at 9: LATE 1/1 = ${both ? '1,3' : '3'}`,
        `[0..10) at 9: LATE 2/2 = ${both ? '1,3,5' : '5'}`,
      );
      assertPanes(d.watermark(109));
      assertPanes(d.input(7), `[0..10) at 9: LATE 3/3 = ${both ? '1,3,5,7' : '7'}`);
      assertPanes(d.watermark(110));
      assert.ok(d.state.isEmpty);
    }
  });

  test('gives one last pane when the watermark passes end and lateness at once', () => {
    for (const closing of ['fireAlways', 'fireIfNonEmpty'] as const) {
      for (const windowFn of [tens, tenSessions]) {
        const d = drive(windowFn, defaultTrigger(), { allowedLateness: 50, closing, accumulation: 'accumulating' });
        d.watermark(0);
        d.input(0);
        assertPanes(d.watermark(100), '[0..10) at 9: ON_TIME 0/0 first last = 0');
      }
    }
  });

  test('a window that only late elements came to has no on-time pane', () => {
    const d = drive(tens, defaultTrigger(), { allowedLateness: 100 });
    d.watermark(15);
    assertPanes(d.input(1), '[0..10) at 9: LATE 0/0 first = 1');
    assertPanes(d.watermark(200));
  });

  test('works to both ends of time', () => {
    const d = drive(global, defaultTrigger());
    d.input(MIN_TIMESTAMP, 5, END_OF_GLOBAL_WINDOW);
    assertPanes(d.watermark(END_OF_GLOBAL_WINDOW));
    assert.ok(d.state.nextEventTime > END_OF_GLOBAL_WINDOW && d.state.nextEventTime <= MAX_TIMESTAMP);
    assertPanes(
      d.watermark(MAX_TIMESTAMP),
      `GlobalWindow at ${END_OF_GLOBAL_WINDOW}: ON_TIME 0/0 first last = ${MIN_TIMESTAMP},5,${END_OF_GLOBAL_WINDOW}`,
    );
    assert.ok(d.state.isEmpty);
  });

  test('a lateness that reaches past the end of time ends with it', () => {
    const lateness = 365 * 86_400_000;
    const d = drive(tens, afterWatermark({ late: never() }), { allowedLateness: lateness });
    const time = END_OF_GLOBAL_WINDOW - lateness + 2;
    d.input([13, time]);
    d.input([42, time]);
    assert.equal(d.watermark(END_OF_GLOBAL_WINDOW).length, 1);
    d.input([7, time]);
    const [last] = d.watermark(MAX_TIMESTAMP);
    assert.deepEqual([last.value, last.pane.timing, last.pane.last], [[7], 'LATE', true]);
  });
});

describe('processing time', () => {
  const delayed = repeatedly(afterProcessingTime('10ms'));
  const earliest = { timestampCombiner: 'earliest', accumulation: 'accumulating' } as const;

  test('fires early panes and does not end the window', () => {
    const d = drive(hundreds, delayed, earliest);
    d.processingTime(5000);
    d.input(2, 5);
    assert.equal(d.state.nextProcessingTime, 5010);
    assertPanes(d.processingTime(10_000), '[0..100) at 2: EARLY 0 first = 2,5');
    assert.ok(!d.state.isEmpty);
    assert.equal(d.state.nextProcessingTime, NEVER);
  });

  test('that comes with the end of the window, or after it, gives no pane of its own', () => {
    const d = drive(hundreds, delayed, earliest);
    d.processingTime(5000);
    d.input(2, 5);
    d.clock.processingTime = 5010;
    assertPanes(d.watermark(100), '[0..100) at 2: ON_TIME 0/0 first last = 2,5');
    assertPanes(d.processingTime(6000));
  });

  test('panes at a fixed distance, and what is left when time ends', () => {
    const d = drive(global, repeatedly(afterProcessingTime('3ms')));
    const fired: Fired[] = [];
    for (let time = 0; time < 20; time++) {
      fired.push(...d.processingTime(time));
      fired.push(...d.input(time));
    }
    fired.push(...d.processingTime(24));
    assert.deepEqual(
      fired.map(({ value }) => (value as unknown[]).length),
      [3, 3, 3, 3, 3, 3, 2],
    );
    assert.ok(fired.every(({ pane }, i) => pane.timing === 'EARLY' && pane.index === i));
    assertPanes(d.watermark(MAX_TIMESTAMP), `GlobalWindow at ${END_OF_GLOBAL_WINDOW}: ON_TIME 7/0 last = `);
  });

  test('early, then late: each pane with its own delay', () => {
    const trigger = afterEach(
      orFinally(repeatedly(afterProcessingTime('5ms')), afterWatermark()),
      repeatedly(afterProcessingTime('25ms')),
    );
    const count = { ...sum(), add: (total: number) => total + 1 } as CombineFn<never, unknown, unknown>;
    const d = drive(tens, trigger, { ...earliest, allowedLateness: 100 }, count);
    d.watermark(0);
    d.input(1, 3, 7, 5);
    assertPanes(d.processingTime(6), '[0..10) at 1: EARLY 0 first = 4');
    d.input(8, 4);
    assertPanes(d.watermark(11), '[0..10) at 4: ON_TIME 1/0 = 6');
    d.input(8, 4, 5);
    d.watermark(12);
    d.input(3);
    assertPanes(d.processingTime(15));
    d.input(5);
    assertPanes(d.processingTime(32), '[0..10) at 9: LATE 2/1 = 11');
    d.input(3);
    assertPanes(d.watermark(125), '[0..10) at 9: LATE 3/2 last = 12');
  });

  test('synchronised, it fires once per step, after all that came in it', () => {
    const d = drive(hundreds, repeatedly({ kind: 'afterSynchronizedProcessingTime' }));
    d.processingTime(minute);
    assertPanes(d.input(1, 2, 3), '[0..100) at 99: EARLY 0 first = 1,2,3');
    assertPanes(d.input(4), '[0..100) at 99: EARLY 1 = 4');
  });
});
