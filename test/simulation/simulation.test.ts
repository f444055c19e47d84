import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkSeed } from './check-seed.ts';

const SEEDS = 60;

test('under crashes, lost and repeated messages and disk errors the result is that of the fault-free run', async () => {
  let crashes = 0;
  for (let seed = 1; seed <= SEEDS; seed++) crashes += (await checkSeed(seed)).crashes;
  assert.ok(crashes > 0, 'the seeds must include crashes');
});

test('a seed replays exactly', async () => {
  const first = await checkSeed(5);
  const second = await checkSeed(5);
  assert.equal(second.digest, first.digest);
  assert.notEqual((await checkSeed(7)).digest, first.digest);
});
