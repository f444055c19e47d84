import assert from 'node:assert/strict';
import { test } from 'node:test';
import { drive } from '../../../../test/support/grouping-driver.ts';
import { defaultTrigger } from '../../../sdk/triggers/triggers.ts';
import { sliding } from '../../../sdk/windows/sliding-windows.ts';
import { MAX_TIMESTAMP } from '../../../sdk/windows/timestamp.ts';
import type { IntervalWindow } from '../../../sdk/windows/window.ts';

test('a key in hundreds of windows has each element once in each of its windows', () => {
  const size = 300;
  const d = drive(sliding({ size: `${size}ms`, every: '1ms' }), defaultTrigger());
  d.watermark(0);
  const times = Array.from({ length: 60 }, (_, i) => 400 + ((i * 37) % 60) * 11);
  const fired = [...d.input(...times.slice(0, 30)), ...d.watermark(395)];
  assert.equal(d.state.count, 30 * size);
  fired.push(...d.input(...times.slice(30)), ...d.watermark(700));
  // Ended and forgotten: what is left is counted anew.
  const open = (time: number) => Math.min(size, Math.max(0, time - 700 + size));
  assert.equal(
    d.state.count,
    times.reduce((sum, time) => sum + open(time), 0),
  );
  fired.push(...d.watermark(MAX_TIMESTAMP));
  assert.ok(d.state.isEmpty);
  const windows = new Map(fired.map(({ window, value }) => [(window as IntervalWindow).start as number, value]));
  assert.equal(windows.size, fired.length);
  for (let start = 400 - size; start <= Math.max(...times); start++) {
    const inside = times.filter((time) => time >= start && time < start + size);
    const values = [...((windows.get(start) ?? []) as number[])];
    assert.deepEqual(values.sort(), inside.sort(), `from ${start}`);
  }
});
