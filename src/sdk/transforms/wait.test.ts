import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertThat, TestPipeline, testStream } from '../../testing/index.ts';
import { fixed, reshuffle, sessions, Wait } from '../index.ts';

test('Wait.on holds elements back until the signals are complete', async () => {
  const events: string[] = [];
  const p = new TestPipeline();
  const slow = p
    .create([1, 2])
    .apply(reshuffle())
    .map('effect', (n) => {
      events.push(`signal ${n}`);
      return n;
    });
  const waited = p.create(['a', 'b']).apply(Wait.on(slow.window(sessions({ gap: '1m' })), p.create([])));
  waited.map('after', (element) => {
    events.push(`after ${element}`);
    return element;
  });
  assertThat(waited).containsInAnyOrder(['a', 'b']);
  await p.run();
  assert.deepEqual(events.slice(0, 2).sort(), ['signal 1', 'signal 2']);
  assert.deepEqual(events.slice(2).sort(), ['after a', 'after b']);
});

test('Wait.on waits for the end of a signal that is unbounded and in the global window', async () => {
  const p = new TestPipeline();
  const signal = p.apply(testStream<number>().addElements(1).addElements(2).advanceWatermarkToInfinity());
  let signals = 0;
  const counted = signal.map('count', (n) => {
    signals++;
    return n;
  });
  const waited = p.create(['a']).apply(Wait.on(counted));
  assertThat(waited.map('after', (element) => `${element} after ${signals}`)).isEqualTo('a after 2');
  await p.run({ threads: 0 });
});

test('Wait.on works in windows and needs a signal', async () => {
  const p = new TestPipeline();
  const windowed = p.create([1]).window(fixed('1h'));
  assertThat(windowed.apply(Wait.on(p.create(['x'])))).isEqualTo(1);
  await p.run();
  assert.throws(() => Wait.on(), { code: 'WAIT_INVALID' });
});
