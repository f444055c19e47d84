import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { assertPanes, drive } from '../../../../test/support/grouping-driver.ts';
import {
  afterAny,
  afterCount,
  afterWatermark,
  always,
  never,
  orFinally,
  repeatedly,
} from '../../../sdk/triggers/triggers.ts';
import { fixed } from '../../../sdk/windows/fixed-windows.ts';
import { sliding } from '../../../sdk/windows/sliding-windows.ts';
import type { WindowingStrategy } from '../../../sdk/windows/windowing-strategy.ts';

const NEVER = Number.POSITIVE_INFINITY;
const tens = fixed('10ms');

describe('panes', () => {
  const twoOrEnd = repeatedly(afterAny(afterCount(2), afterWatermark()));

  test('early, on time though empty, and last though empty', () => {
    for (const accumulation of ['discarding', 'accumulating'] as const) {
      const d = drive(tens, twoOrEnd, {
        accumulation,
        allowedLateness: 100,
        timestampCombiner: 'earliest',
        closing: 'fireAlways',
      });
      const again = accumulation === 'accumulating' ? '1,2' : '';
      d.watermark(0);
      assertPanes(d.input(1, 2), '[0..10) at 1: EARLY 0 first = 1,2');
      assert.equal(d.state.hold, 109);
      assertPanes(d.watermark(50), `[0..10) at 9: ON_TIME 1/0 = ${again}`);
      assertPanes(d.watermark(150), `[0..10) at 9: LATE 2/1 last = ${again}`);
    }
  });

  test('empty ones only where they are wanted', () => {
    const fired = (options: Partial<WindowingStrategy>): string[] => {
      const d = drive(tens, twoOrEnd, { allowedLateness: 100, ...options });
      d.watermark(0);
      return [...d.input(1, 2), ...d.watermark(20), ...d.watermark(250)].map(({ pane }) => pane.timing);
    };
    assert.deepEqual(fired({}), ['EARLY', 'ON_TIME']);
    assert.deepEqual(fired({ closing: 'fireAlways' }), ['EARLY', 'ON_TIME', 'LATE']);
    assert.deepEqual(fired({ onTime: 'fireIfNonEmpty' }), ['EARLY']);
    // The last pane is not the on-time one that was left out.
    assert.deepEqual(fired({ onTime: 'fireIfNonEmpty', closing: 'fireAlways' }), ['EARLY', 'LATE']);
  });

  test('that are left out are not counted', () => {
    const d = drive(tens, afterWatermark({ early: always(), late: always() }), {
      allowedLateness: 100,
      onTime: 'fireIfNonEmpty',
    });
    d.watermark(0);
    assertPanes(d.input(1), '[0..10) at 9: EARLY 0 first = 1');
    assertPanes(d.watermark(12));
    assertPanes(d.input(2), '[0..10) at 9: LATE 1/0 = 2');
  });

  test('the one on time may be the last', () => {
    const d = drive(tens, orFinally(repeatedly(afterCount(2)), afterWatermark()), {
      allowedLateness: 100,
      closing: 'fireAlways',
    });
    d.watermark(0);
    assertPanes(d.input(1, 2), '[0..10) at 9: EARLY 0 first = 1,2');
    assertPanes(d.watermark(15), '[0..10) at 9: ON_TIME 1/0 last = ');
    assertPanes(d.watermark(150));
    const early = drive(tens, afterWatermark({ early: afterCount(1) }), { accumulation: 'accumulating' });
    early.watermark(0);
    assertPanes(early.input(1), '[0..10) at 9: EARLY 0 first = 1');
    assertPanes(early.watermark(11), '[0..10) at 9: ON_TIME 1/0 last = 1');
  });

  test('of a trigger that has finished: the last one, and later elements are dropped', () => {
    const d = drive(tens, orFinally(always(), afterCount(2)), { allowedLateness: 100, accumulation: 'accumulating' });
    d.watermark(0);
    assertPanes(d.input(1, 2), '[0..10) at 9: EARLY 0 first = 1', '[0..10) at 9: EARLY 1 last = 1,2');
    assertPanes(d.input(3));
    assert.deepEqual(
      d.dropped.map(({ value, reason }) => [value, reason]),
      [[3, 'closed']],
    );
    assert.deepEqual([d.state.hold, d.state.nextEventTime], [NEVER, 10]);
    assertPanes(d.watermark(20));
    assert.equal(d.state.nextEventTime, 110);
    assertPanes(d.watermark(110));
    assert.ok(d.state.isEmpty);
  });

  test('elements that wait when the window expires are given out, though no trigger fires', () => {
    const d = drive(tens, repeatedly(afterCount(3)), { allowedLateness: 20 });
    d.watermark(0);
    d.input(1);
    assertPanes(d.watermark(15));
    assert.equal(d.state.hold, 9, 'the output waits for it');
    assertPanes(d.watermark(30), '[0..10) at 9: ON_TIME 0/0 first last = 1');
    const never_ = drive(tens, never(), { allowedLateness: 20 });
    never_.input(1, 2);
    assertPanes(never_.watermark(29));
    assertPanes(never_.watermark(30), '[0..10) at 9: ON_TIME 0/0 first last = 1,2');
  });

  test('of some windows may be closed while others are open', () => {
    const windows = sliding({ size: '100ms', every: '30ms' });
    const d = drive(windows, afterWatermark(), { allowedLateness: 1000 });
    d.input(23, 40);
    d.watermark(70);
    d.input(60);
    assert.equal(d.dropped.length, 1);
    d.watermark(130);
    d.input(40);
    assert.equal(d.dropped.length, 4);
    assert.ok(d.dropped.every(({ reason }) => reason === 'closed'));
  });
});
