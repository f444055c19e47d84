// Tests of which the first forgets to run its pipeline; the second's run fails, which is said already.
import { test } from 'node:test';
import { assertThat, TestPipeline } from 'millrace/testing';

test('forgets it', () => {
  const p = new TestPipeline();
  assertThat(p.create([1, 2]), 'the list').isEmpty();
});

test('runs it', async (t) => {
  const p = new TestPipeline();
  assertThat(p.create([1, 2]), 'the other list').isEmpty();
  await t.assert.rejects(p.run());
});

test('asserts nothing', () => {
  new TestPipeline().create([1]);
});
