import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BeamFnExternalWorkerPool } from '../../model/fn-execution.ts';
import { GrpcChannel } from '../rpc/grpc-channel.ts';
import { LoopbackWorkers } from './loopback-workers.ts';

const { startWorker, stopWorker } = BeamFnExternalWorkerPool;

test('the runner starts and stops workers in this process, each once', async () => {
  const running = new Map<string, (error?: Error) => void>();
  const broken: unknown[] = [];
  const workers = new LoopbackWorkers(
    ({ workerId, controlEndpoint }) => {
      assert.equal(controlEndpoint?.url, 'localhost:9');
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const end = (error?: Error): void => {
        running.delete(workerId);
        if (error === undefined) resolve();
        else reject(error);
      };
      running.set(workerId, end);
      return { done: promise, signal: new SharedArrayBuffer(8), stop: async () => end() };
    },
    (error) => broken.push(error),
  );
  const channel = new GrpcChannel(await workers.listen());
  try {
    const start = (workerId: string) =>
      channel.call(startWorker, { workerId, controlEndpoint: { url: 'localhost:9' } });
    assert.equal((await start('a')).error, '');
    assert.equal((await start('b')).error, '');
    assert.match((await start('a')).error, /The worker a is running/);
    await channel.call(stopWorker, { workerId: 'a' });
    assert.deepEqual([...running.keys()], ['b']);
    assert.equal((await start('a')).error, '');

    const lost = new Error('lost');
    running.get('b')?.(lost);
    await channel.call(stopWorker, { workerId: 'nobody' });
    assert.deepEqual(broken, [lost]);
    await workers.close();
    assert.equal(running.size, 0);
  } finally {
    channel.close();
  }
});
