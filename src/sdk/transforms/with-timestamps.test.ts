import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertThat, TestPipeline } from '../../testing/index.ts';
import { MAX_TIMESTAMP, MIN_TIMESTAMP, Reify, type Timestamp, timestamp, withTimestamps } from '../index.ts';

test('withTimestamps sets the time of each element', async () => {
  const p = new TestPipeline();
  const times = [MIN_TIMESTAMP, timestamp('2024-01-01'), timestamp(0), MAX_TIMESTAMP];
  const stamped = p
    .create([0, 1, 2, 3])
    .apply(withTimestamps('time', (n) => times[n]))
    .apply(Reify.timestamps());
  assertThat(stamped).containsInAnyOrder(times.map((time, value) => ({ value, timestamp: time })));
  await p.run();
});

test('what is no timestamp fails the element that it was made for', async () => {
  for (const wrong of [new Date(0), 1.5, Number.NaN, '2024-01-01', null, MAX_TIMESTAMP + 10_000]) {
    const p = new TestPipeline();
    p.create(['an element']).apply(withTimestamps('time', () => wrong as Timestamp));
    await assert.rejects(p.run(), (error: Error & { code?: string }) => {
      assert.equal(error.code, 'TIMESTAMP_INVALID');
      assert.match(error.message, /transform: time\n.*element: {3}'an element'\n.*timestamp\(date\)/s);
      return true;
    });
  }
});
