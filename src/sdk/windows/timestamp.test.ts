import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeToBytes } from '../coders/coder.ts';
import { timestampCoder } from '../coders/timestamp-coder.ts';
import {
  after,
  type Duration,
  durationMillis,
  END_OF_GLOBAL_WINDOW,
  MAX_TIMESTAMP,
  MIN_TIMESTAMP,
  type Timestamp,
  timestamp,
} from './timestamp.ts';

const bytes = (time: Timestamp): bigint =>
  Buffer.from(encodeToBytes(timestampCoder, time)).readBigUInt64BE() - 2n ** 63n;

test('the extremes are written as Beam has them', () => {
  assert.equal(bytes(MIN_TIMESTAMP), -9223372036854775n);
  assert.equal(bytes(MAX_TIMESTAMP), 9223372036854775n);
  assert.equal(bytes(END_OF_GLOBAL_WINDOW), 9223371950454775n);
  assert.equal(bytes(timestamp(-1)), -1n);
  assert.equal(bytes(timestamp(Number.MAX_SAFE_INTEGER)), 9007199254740991n);
});

test('timestamps from numbers, dates and ISO strings', () => {
  const noon = Date.UTC(2024, 4, 1, 12);
  for (const time of [
    noon,
    new Date(noon),
    '2024-05-01T12:00:00Z',
    '2024-05-01T12:00Z',
    '2024-05-01 12:00:00.000',
    '2024-05-01T12:00:00',
    '2024-05-01T14:00:00+02:00',
  ]) {
    assert.equal(timestamp(time), noon);
  }
  assert.equal(timestamp('2024-05-01'), Date.UTC(2024, 4, 1));
  assert.ok(Object.is(timestamp(-0), 0));
  for (const wrong of [
    '',
    'yesterday',
    '05/01/2024',
    '2024-13-01',
    '1',
    1.5,
    Number.NaN,
    Infinity,
    1e16,
    new Date('x'),
  ]) {
    assert.throws(() => timestamp(wrong), { code: 'TIMESTAMP_INVALID' }, String(wrong));
  }
});

test('days that no calendar has are no timestamps', () => {
  for (const text of [
    '2024-02-30',
    '2023-02-29T00:00:00Z',
    '2024-04-31',
    '2024-13-01',
    '2024-00-10',
    '+123456-06-31',
  ]) {
    assert.throws(() => timestamp(text), { code: 'TIMESTAMP_INVALID' }, text);
  }
  assert.equal(timestamp('2024-02-29'), Date.UTC(2024, 1, 29));
  assert.equal(timestamp('2000-02-29'), Date.UTC(2000, 1, 29));
  assert.throws(() => timestamp('1900-02-29'), { code: 'TIMESTAMP_INVALID' });
  for (const nothing of [null, undefined, {}]) {
    assert.throws(() => timestamp(nothing as never), { code: 'TIMESTAMP_INVALID' });
  }
});

test('durations', () => {
  const millis: Readonly<Record<Duration, number>> = {
    '0ms': 0,
    '1500ms': 1500,
    '10s': 10_000,
    '1.1s': 1100,
    '0.001s': 1,
    '30m': 1_800_000,
    '1.5h': 5_400_000,
    '7d': 604_800_000,
  };
  for (const [duration, expected] of Object.entries(millis)) {
    assert.equal(durationMillis(duration as Duration), expected);
  }
  for (const wrong of ['', '5', 'm', '-5m', '1e3s', '0x1s', '5 m', '5min', '0.5ms', '1.0001s', '99999999999d', ' 5m']) {
    assert.throws(() => durationMillis(wrong as Duration), { code: 'DURATION_INVALID' }, wrong);
  }
  const refused = (_program: () => void): void => {};
  refused(() => {
    // @ts-expect-error no such unit
    durationMillis('30 minutes');
    // @ts-expect-error a number has no unit
    durationMillis(30);
    // @ts-expect-error a number is no timestamp
    after(5, '1s');
  });
});

test('after stops at the end of time', () => {
  assert.equal(after(timestamp(5), '1s'), 1005);
  assert.equal(after(END_OF_GLOBAL_WINDOW, '7d'), MAX_TIMESTAMP);
  assert.equal(after(MAX_TIMESTAMP, '1s'), MAX_TIMESTAMP);
});
