import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeElements, stepStage } from '../../../../test/support/fn-stage.ts';
import { mapStage, serveStage } from '../../../../test/support/served-stage.ts';
import { coders, Pipeline } from '../../../sdk/index.ts';
import { MIN_TIMESTAMP } from '../../../sdk/windows/timestamp.ts';
import { GLOBAL_WINDOW } from '../../../sdk/windows/window.ts';

const doubling = () =>
  mapStage((n) => {
    if (n < 0) throw new RangeError('below zero');
    return n * 2;
  });

test('a bundle that fails is answered with what and where, and the worker goes on', async (t) => {
  const failures: unknown[] = [];
  const served = await serveStage(t, doubling(), { onFailure: (error) => failures.push(error) });
  const { error } = await served.run('b1', [1, -1]);
  assert.match(error, /below zero.*USER_CODE/);
  assert.match(error, /transform: map/);
  assert.match(error, /bundle-failures\.test\.ts/);
  assert.equal(failures.length, 1);
  assert.match(await served.runner.nextMessage(), /below zero/);

  assert.equal((await served.run('b2', [4])).error, '');
  assert.deepEqual(await served.output('b2'), [8]);
});

test('what is still under way when a bundle fails does not come into the next one', async (t) => {
  const { promise: gate, resolve: open } = Promise.withResolvers<void>();
  let buffer: number[] = [];
  const pipeline = new Pipeline();
  pipeline
    .create([1], coders.safeInt)
    .parDo('gather', {
      startBundle() {
        buffer = [];
      },
      async process(n: number): Promise<number[]> {
        if (n < 0) throw new RangeError('below zero');
        if (n < 10) await gate;
        buffer.push(n);
        return [];
      },
      *finishBundle() {
        for (const value of buffer) yield { value, timestamp: MIN_TIMESTAMP, window: GLOBAL_WINDOW };
      },
    })
    .withCoder(coders.safeInt);
  const served = await serveStage(t, stepStage(pipeline, 'gather', coders.safeInt, coders.safeInt));
  const [failing, next] = [served.begin('b1'), served.begin('b2')];
  served.send('b2', [10]);
  served.send('b1', [1, 2, -1]);
  // The answer waits for the calls that go on.
  setImmediate(open);
  assert.match((await failing).error, /below zero/);
  assert.equal((await next).error, '');
  assert.deepEqual(await served.output('b2'), [10]);
});

test('whatever is thrown, the runner is answered', async (t) => {
  const thrown: unknown[] = [
    Object.create(null),
    new Error('half of a pair \ud83d'),
    new Error('e', { cause: Object.create(null) }),
  ];
  const stage = mapStage((n): number => {
    throw thrown[n];
  });
  const served = await serveStage(t, stage);
  for (let i = 0; i < thrown.length; i++) assert.match((await served.run(`b${i}`, [i])).error, /USER_CODE/);
});

test('a bundle whose id another one had is refused', async (t) => {
  const served = await serveStage(t, doubling());
  for (const error of ['', 'The runner gives two bundles the id b1 [FN_API_INVALID]']) {
    assert.ok((await served.run('b1', [1])).error.includes(error));
  }
  assert.equal((await served.run('b2', [2])).error, '');
  assert.deepEqual(await served.output('b2'), [4]);
});

test('a data stream that broke fails the bundle that reads from it, and is made anew for the next', async (t) => {
  const served = await serveStage(t, doubling());
  const failing = served.begin('b1');
  served.runner.send('b1', 'in', encodeElements(coders.safeInt, [1]), false);
  // One that is done shows that the stream is there.
  await served.run('b0', [1]);
  served.runner.breakData();
  assert.match((await failing).error, /broken off/);
  assert.equal((await served.run('b2', [2])).error, '');
  assert.deepEqual(await served.output('b2'), [4]);
});
