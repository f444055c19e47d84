import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertThat, TestPipeline } from '../../testing/index.ts';
import { partition } from '../index.ts';

test('partition divides by name', async () => {
  const p = new TestPipeline();
  const numbers = p.create([1, 2, 3, 4, 5]);
  const { small, large, none } = numbers.apply(
    partition('Size', ['small', 'large', 'none'], (n) => (n < 3 ? 'small' : 'large')),
  );
  assertThat(small).containsInAnyOrder([1, 2]);
  assertThat(large).containsInAnyOrder([3, 4, 5]);
  assertThat(none).isEmpty();
  await p.run();
});

test('partition refuses parts that do not exist', async () => {
  const p = new TestPipeline();
  p.create([1]).apply(partition('Size', ['a', 'b'], () => 'c' as 'a'));
  await assert.rejects(p.run(), { code: 'PARTITION_UNKNOWN' });
  assert.throws(() => partition('Size', ['a', 'a'], () => 'a'), { code: 'PARTITION_INVALID' });
  assert.throws(() => partition('Size', [], () => 'a' as never), { code: 'PARTITION_INVALID' });
});
