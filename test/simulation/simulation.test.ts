import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkSeed } from './check-seed.ts';
import { checkStreamSeed } from './streams/check-stream-seed.ts';

const SEEDS = 60;
const STREAM_SEEDS = 500;

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

test('a stream delivers the same under kills and failures at any moment, each delivery the same when repeated', async () => {
  let kills = 0;
  let deliveries = 0;
  let results = 0;
  for (let seed = 1; seed <= STREAM_SEEDS; seed++) {
    const result = await checkStreamSeed(seed);
    kills += result.kills;
    deliveries += result.deliveries;
    results += result.contents.length;
  }
  assert.ok(kills > 100, 'the seeds must include kills');
  assert.ok(deliveries > results, 'and deliveries that are repeated');
  assert.equal((await checkStreamSeed(3)).digest, (await checkStreamSeed(3)).digest);
});
