import assert from 'node:assert/strict';
import { test } from 'node:test';
import { combineStage } from '../../../../test/support/fn-stage.ts';
import { serveStage } from '../../../../test/support/served-stage.ts';
import { TransformUrn } from '../../../model/urns.ts';
import { coders, type KV, Pipeline, sum } from '../../../sdk/index.ts';

test('the first part of a lifted combine makes one accumulator of each key in a bundle', async (t) => {
  const pairs = coders.kv(coders.string, coders.safeInt);
  const pipeline = new Pipeline();
  pipeline.create<KV<string, number>>([['a', 1]], pairs).combinePerKey(sum());
  const served = await serveStage(t, combineStage(pipeline, TransformUrn.COMBINE_PER_KEY_PRECOMBINE, pairs, pairs));
  const elements = [
    ['a', 1],
    ['b', 2],
    ['a', 3],
  ];
  assert.equal((await served.run('b1', elements)).error, '');
  assert.deepEqual(await served.output('b1'), [
    ['a', 4],
    ['b', 2],
  ]);
});
