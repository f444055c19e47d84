import { test } from 'node:test';
import { assertThat, TestPipeline } from '../../testing/index.ts';
import { IntervalWindow, Reify, sliding, timestamp, withTimestamps } from '../index.ts';

test('timestamps and windows become a part of the value', async () => {
  const p = new TestPipeline();
  const at = timestamp('2024-01-01T00:00:30Z');
  const stamped = p.create(['x']).apply(withTimestamps('time', () => at));
  assertThat(stamped.apply(Reify.timestamps())).isEqualTo({ value: 'x', timestamp: at });
  const windowed = stamped.window(sliding({ size: '1m', every: '30s' })).apply(Reify.windows());
  const minute = (start: string) => new IntervalWindow(timestamp(start), timestamp(timestamp(start) + 60_000));
  assertThat(windowed.map('window', ({ value, window }) => [value, window])).containsInAnyOrder([
    ['x', minute('2024-01-01T00:00:00Z')],
    ['x', minute('2024-01-01T00:00:30Z')],
  ]);
  await p.run();
});
