import assert from 'node:assert/strict';
import { it } from 'node:test';
import { formatBytes, formatClock, formatCount, formatMillis } from './format.ts';

it('counts keep three digits', () => {
  const cases: readonly (readonly [count: number, text: string])[] = [
    [0, '0'],
    [999, '999'],
    [1000, '1.00 k'],
    [12_345, '12.3 k'],
    [999_499, '999 k'],
    [999_500, '1.00 M'],
    [1_234_567, '1.23 M'],
    [25e9, '25.0 G'],
  ];
  for (const [count, text] of cases) assert.equal(formatCount(count), text);
});

it('bytes are counted by 1024', () => {
  assert.equal(formatBytes(0), '0 B');
  assert.equal(formatBytes(1023), '1023 B');
  assert.equal(formatBytes(1024), '1.00 KiB');
  assert.equal(formatBytes(1.5 * 1024 ** 2), '1.50 MiB');
  assert.equal(formatBytes(4 * 1024 ** 3), '4.00 GiB');
});

it('times are clocks or words', () => {
  assert.equal(formatClock(7_900), '0:07');
  assert.equal(formatClock(754_000), '12:34');
  assert.equal(formatClock(3_723_000), '1:02:03');
  assert.equal(formatMillis(0.4), '0 ms');
  assert.equal(formatMillis(999.6), '1.0 s');
  assert.equal(formatMillis(2_540), '2.5 s');
  assert.equal(formatMillis(59_970), '1 min 0 s');
  assert.equal(formatMillis(192_000), '3 min 12 s');
  assert.equal(formatMillis(7_260_000), '2 h 1 min');
});
