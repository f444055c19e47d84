import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertThat, TestPipeline, testStream, timestamped } from '../../../testing/index.ts';
import { fixed } from '../../windows/fixed-windows.ts';
import { timestamp } from '../../windows/timestamp.ts';
import type { IntervalWindow } from '../../windows/window.ts';
import { create } from '../create.ts';
import { withTimestamps } from '../element-wise.ts';
import { GroupByKey } from '../group-by-key.ts';
import { groupIntoBatches } from '../group-into-batches.ts';
import { Wait } from '../wait.ts';
import { deduplicate } from './deduplicate.ts';
import { periodicSequence } from './periodic.ts';
import { watchGrowthOf } from './watch.ts';

test('deduplicate drops repetitions for a while of processing time', async () => {
  const p = new TestPipeline();
  const stream = testStream<string>()
    .addElements('a', 'b', 'a')
    .advanceProcessingTime('9s')
    .addElements('a', 'b')
    .advanceProcessingTime('1s')
    .addElements('a')
    .advanceWatermarkToInfinity();
  assertThat(p.apply(stream).apply(deduplicate({ duration: '10s' }))).containsInAnyOrder(['a', 'b', 'a']);
  await p.run();
});

interface Message {
  readonly id: number;
  readonly text: string;
}

test('deduplicate drops repetitions for a while of event time', async () => {
  const p = new TestPipeline();
  const stream = testStream<Message>()
    .addElements(
      timestamped({ id: 1, text: 'first' }, timestamp(0)),
      timestamped({ id: 1, text: 'second' }, timestamp(50)),
    )
    .advanceWatermarkTo(timestamp(100))
    .addElements(timestamped({ id: 1, text: 'third' }, timestamp(100)))
    .advanceWatermarkTo(timestamp(1001))
    .addElements(timestamped({ id: 1, text: 'fourth' }, timestamp(1001)))
    .advanceWatermarkToInfinity();
  const deduplicated = p
    .apply(stream)
    .apply(deduplicate({ duration: '1s', timeDomain: 'event', by: (each: Message) => each.id }));
  assertThat(deduplicated.map('text', ({ text }) => text)).containsInAnyOrder(['first', 'fourth']);
  await p.run();
});

test('deduplicate remembers an element for as long as its window takes late ones', async () => {
  const p = new TestPipeline();
  const stream = testStream<string>()
    .addElements(timestamped('a', timestamp(500)), timestamped('b', timestamp(500)))
    .advanceWatermarkTo(timestamp(1200))
    .addElements(timestamped('a', timestamp(700)))
    .advanceWatermarkTo(timestamp(2600))
    .addElements(timestamped('b', timestamp(700)))
    .advanceWatermarkToInfinity();
  const windowing = { allowedLateness: '5s', accumulation: 'discarding' } as const;
  const late = p.apply(stream).window(fixed('1s'), windowing);
  const forLong = late.apply('ForLong', deduplicate({ duration: '10s', timeDomain: 'event' }));
  assertThat(forLong).containsInAnyOrder(['a', 'b']);
  const shorter = late.apply('Shorter', deduplicate({ duration: '2s', timeDomain: 'event' }));
  assertThat(shorter).containsInAnyOrder(['a', 'b', 'b']);
  await p.run();
});

test('a periodic sequence ticks as processing time comes to it', async () => {
  const p = new TestPipeline();
  const clock = p.apply('Clock', testStream<string>().advanceProcessingTime('60s').advanceWatermarkToInfinity());
  assertThat(clock).isEmpty();
  const ticks = p
    .apply(create([{ start: timestamp(0), stop: timestamp(50_000), interval: '20s' as const }]))
    .apply(periodicSequence());
  assertThat(ticks).containsInAnyOrder([timestamp(0), timestamp(20_000), timestamp(40_000)]);
  await p.run();
});

test('what grows is given out once', async () => {
  const p = new TestPipeline();
  let polls = 0;
  const grown = p.apply(create(['folder'])).apply(
    watchGrowthOf({
      interval: '1ms',
      poll() {
        polls++;
        return { outputs: Array.from({ length: Math.min(polls, 4) * 2 }, (_, i) => `file${i}`), complete: polls === 6 };
      },
    }),
  );
  assertThat(grown.map('name', ([, name]) => name)).containsInAnyOrder(Array.from({ length: 8 }, (_, i) => `file${i}`));
  await p.run();
  assert.equal(polls, 6);
});

test('batches of an unbounded collection go out when they are full, have waited, or their window ends', async () => {
  const p = new TestPipeline();
  const stream = testStream<readonly [string, number]>()
    .addElements(['a', 1], ['a', 2], ['b', 3], ['a', 4])
    .advanceProcessingTime('5s')
    .addElements(['b', 5], ['a', 6], ['b', 7])
    .advanceWatermarkToInfinity();
  const batches = p.apply(stream).apply(groupIntoBatches({ size: 2, maxBufferingDuration: '5s' }));
  assertThat(batches).containsInAnyOrder([
    ['a', [1, 2]],
    ['a', [4]],
    ['b', [3]],
    ['b', [5, 7]],
    ['a', [6]],
  ]);
  await p.run();
});

test('batches by bytes and by shard hold all values', async () => {
  const p = new TestPipeline();
  const input = p.create(Array.from({ length: 100 }, (_, i) => [`key${i % 3}`, 'x'.repeat(i)] as const));
  const bySize = input.apply('Bytes', groupIntoBatches({ maxBytes: 500 }));
  assertThat(bySize.map('Total', ([, values]) => values.join('').length < 600)).satisfies((all) => {
    assert.ok(all.every((fits) => fits));
  });
  const sharded = input.apply('Shards', groupIntoBatches({ size: 10, shards: 4 }));
  assertThat(sharded.flatMap('Values', ([key, values]) => values.map((value) => `${key} ${value}`))).containsInAnyOrder(
    Array.from({ length: 100 }, (_, i) => `key${i % 3} ${'x'.repeat(i)}`),
  );
  await p.run();
});

test('Wait.on an unbounded signal goes window by window', async () => {
  const p = new TestPipeline();
  const seen: string[] = [];
  const signal = p
    .apply(
      'Signal',
      testStream<string>()
        .addElements(timestamped('s', timestamp(1)))
        .advanceWatermarkTo(timestamp(2000))
        .addElements(timestamped('t', timestamp(2001)))
        .advanceWatermarkToInfinity(),
    )
    .window(fixed('1s'))
    .map('Done', (each) => {
      seen.push(each);
      return each;
    });
  const waited = p
    .create([0, 500, 2100])
    .apply(withTimestamps('At', (millis) => timestamp(millis)))
    .window(fixed('1s'))
    .apply(Wait.on(signal))
    .map('Pass', (each) => `${each} after ${seen.join()}`);
  assertThat(waited).containsInAnyOrder(['0 after s', '500 after s', '2100 after s,t']);
  await p.run();
});

test('elements that are too late for a grouping have an output of their own', async () => {
  const p = new TestPipeline();
  const stream = testStream<readonly [string, number]>()
    .addElements(timestamped(['a', 1] as const, timestamp(0)))
    .advanceWatermarkTo(timestamp(5000))
    .addElements(timestamped(['a', 2] as const, timestamp(1)), timestamped(['a', 3] as const, timestamp(5001)))
    .advanceWatermarkToInfinity();
  const { main, late } = p
    .apply(stream)
    .window(fixed('1s'))
    .apply(new GroupByKey<string, number, IntervalWindow>().withLateOutput());
  assertThat(main.map('List', ([key, values]) => `${key} ${[...values]}`)).containsInAnyOrder(['a 1', 'a 3']);
  assertThat(late).containsInAnyOrder([['a', 2]]);
  const { metrics } = await p.run();
  assert.equal(metrics.counter('droppedDueToLateness'), 0);
});
