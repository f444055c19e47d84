import assert from 'node:assert/strict';
import { test } from 'node:test';
import { END_OF_GLOBAL_WINDOW, MAX_TIMESTAMP, MIN_TIMESTAMP, timestamp } from './timestamp.ts';
import { GLOBAL_WINDOW, IntervalWindow } from './window.ts';

const window = (start: number, end: number) => new IntervalWindow(timestamp(start), timestamp(end));

test('windows end before their end', () => {
  assert.equal(window(0, 10).maxTimestamp, 9);
  assert.equal(GLOBAL_WINDOW.maxTimestamp, END_OF_GLOBAL_WINDOW);
  assert.throws(() => window(1, 0), { code: 'WINDOW_INVALID' });
});

test('windows that touch do not intersect', () => {
  assert.equal(window(0, 10).intersects(window(9, 20)), true);
  assert.equal(window(0, 10).intersects(window(10, 20)), false);
  assert.deepEqual(window(0, 10).span(window(20, 30)), window(0, 30));
});

test('windows in writing', () => {
  assert.equal(String(window(0, 1000)), '[1970-01-01T00:00:00.000Z..1970-01-01T00:00:01.000Z)');
  assert.equal(String(window(MIN_TIMESTAMP, MAX_TIMESTAMP)), '[-9223372036854776 ms..9223372036854776 ms)');
  assert.equal(String(GLOBAL_WINDOW), 'GlobalWindow');
});
