import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { assertPanes, drive } from '../../../../test/support/grouping-driver.ts';
import { afterCount, afterWatermark, defaultTrigger, repeatedly } from '../../../sdk/triggers/triggers.ts';
import { fixed } from '../../../sdk/windows/fixed-windows.ts';

const NEVER = Number.POSITIVE_INFINITY;
const tens = fixed('10ms');

describe('holds', () => {
  test('are those of elements that are in time, and the expiry for those that are not', () => {
    const d = drive(tens, repeatedly(afterCount(4)), {
      timestampCombiner: 'earliest',
      allowedLateness: 10,
      accumulation: 'accumulating',
    });
    d.watermark(0);
    d.input(1, 3);
    assert.equal(d.state.hold, 1);
    assertPanes(d.input(2, 2), '[0..10) at 1: EARLY 0 first = 1,3,2,2');
    assert.equal(d.state.hold, NEVER);
    d.watermark(4);
    d.input(2, 3);
    assert.equal(d.state.hold, 19, 'behind the watermark');
    d.input(5);
    assert.equal(d.state.hold, 5);
    assertPanes(d.input(4), '[0..10) at 4: EARLY 1 = 1,3,2,2,2,3,5,4');
    d.watermark(8);
    d.input(6, 5);
    assert.equal(d.state.hold, 19);
    assertPanes(d.watermark(10));
    d.input(8);
    // All of its elements were behind the watermark, so its time is the window's end.
    assertPanes(d.watermark(50), '[0..10) at 9: LATE 2/0 last = 1,3,2,2,2,3,5,4,6,5,8');
    assert.equal(d.state.hold, NEVER);
  });

  test('do not end while an earlier element of the window keeps the output back', () => {
    const d = drive(tens, defaultTrigger(), { timestampCombiner: 'earliest' });
    d.input(3);
    d.watermark(8);
    d.input(5);
    assert.equal(d.state.hold, 3);
    assertPanes(d.watermark(10), '[0..10) at 3: ON_TIME 0/0 first last = 3,5');
  });

  test('of the latest element rise with it', () => {
    const d = drive(tens, defaultTrigger(), { timestampCombiner: 'latest' });
    d.input(3);
    assert.equal(d.state.hold, 3);
    d.input(7, 5);
    assert.equal(d.state.hold, 7);
    assertPanes(d.watermark(10), '[0..10) at 7: ON_TIME 0/0 first last = 3,7,5');
  });

  test('at the expiry keep a last pane from being late for good', () => {
    const d = drive(tens, afterWatermark({ late: afterCount(2) }), { allowedLateness: 100 });
    d.watermark(0);
    d.input(1);
    assertPanes(d.watermark(109), '[0..10) at 9: ON_TIME 0/0 first = 1');
    assert.equal(d.state.hold, NEVER);
    d.input(2);
    assert.equal(d.state.hold, 109);
    assertPanes(d.watermark(110), '[0..10) at 9: LATE 1/1 last = 2');
  });
});
