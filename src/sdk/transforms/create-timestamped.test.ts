import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Equal, ok } from '../../../test/support/type-checks.ts';
import { assertThat, TestPipeline } from '../../testing/index.ts';
import {
  coders,
  count,
  createTimestamped,
  fixed,
  IntervalWindow,
  type KV,
  type PCollection,
  Reify,
  type Timestamp,
  timestamp,
  timestamped,
} from '../index.ts';

const [t1, t2] = [timestamp('2024-01-01T12:00:05'), timestamp('2024-01-01T12:01:05')];
const secondMinute = new IntervalWindow(timestamp('2024-01-01T12:01'), timestamp('2024-01-01T12:02'));

test('elements are made with their times', async () => {
  const p = new TestPipeline();
  const letters = p.createTimestamped([timestamped('a', t1), timestamped('b', t2)]);
  ok<Equal<typeof letters, PCollection<string>>>();
  assertThat(letters.apply(Reify.timestamps())).containsInAnyOrder([
    { value: 'a', timestamp: t1 },
    { value: 'b', timestamp: t2 },
  ]);
  assertThat(letters.window(fixed('1m')).combine(count()))
    .inWindow(secondMinute)
    .isEqualTo(1);
  assertThat(p.apply('none', createTimestamped<string>([]))).isEmpty();
  await p.run();
});

test('created with times, pairs are pairs, and a coder is that of the elements', async () => {
  const p = new TestPipeline();
  const sales = p.createTimestamped<KV<string, number>>([
    timestamped(['ada', 1], t1),
    { value: ['ada', 2], timestamp: t2 },
  ]);
  assertThat(sales.groupByKey().mapValues('count', (each) => [...each].length)).isEqualTo(['ada', 2]);
  const numbers = p.createTimestamped(new Set([timestamped(1, t1)]), coders.int32);
  assert.equal(numbers.node.coder, coders.int32);
  assertThat(numbers).isEqualTo(1);
  await p.run();
});

test('elements without times, and times where none are taken, are refused', async () => {
  const p = new TestPipeline();
  assert.throws(() => p.create([timestamped('a', t1)]), { code: 'CREATE_INVALID', message: /createTimestamped\(/ });
  for (const wrong of [['a'], [null], [{ value: 1 }], 'text', undefined]) {
    assert.throws(() => p.createTimestamped(wrong as never), { code: 'CREATE_INVALID' });
  }
  const q = new TestPipeline();
  q.createTimestamped([timestamped('a', Number.NaN as Timestamp)]);
  await assert.rejects(q.run(), { code: 'TIMESTAMP_INVALID' });
});
