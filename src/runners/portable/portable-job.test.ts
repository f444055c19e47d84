import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { JobState } from '../../model/job-management.ts';
import { RunnerError } from '../../sdk/errors.ts';
import { Pipeline } from '../../sdk/pipeline/pipeline.ts';
import type { RunOptions } from '../../sdk/pipeline/runner.ts';
import { GrpcChannel } from '../rpc/grpc-channel.ts';
import { CollectedElements } from './collected-elements.ts';
import { JobClient, type JobListener } from './job-client.ts';
import { JobFailure } from './job-failure.ts';
import { PortableJob } from './portable-job.ts';

/** A job of a runner that says nothing of its end by itself; the clock stands still. */
function silentJob(t: TestContext, cancel: JobClient['cancel'], options: RunOptions = {}) {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const end = Promise.withResolvers<JobState>();
  t.mock.method(JobClient.prototype, 'follow', (_id: string, _listener: JobListener, signal: AbortSignal) => {
    signal.addEventListener('abort', () => end.reject(new RunnerError('RPC_CANCELLED', 'GetMessageStream has failed')));
    return end.promise;
  });
  t.mock.method(JobClient.prototype, 'cancel', cancel);
  t.mock.method(JobClient.prototype, 'metrics', () => Promise.resolve(undefined));
  const channel = new GrpcChannel('localhost:1');
  const failure = new JobFailure();
  const job = new PortableJob({
    id: 'p-1',
    client: new JobClient(channel),
    graph: new Pipeline().graph,
    options,
    failure,
    collected: new CollectedElements([]),
    close: async () => channel.close(),
  });
  return { job, failure, end };
}

const answers = () => Promise.resolve();
/** As a call that gets no answer. */
const hangs = (_id: string, signal?: AbortSignal) =>
  new Promise<void>((_resolve, reject) => {
    signal?.addEventListener('abort', () => reject(new RunnerError('RPC_CANCELLED', 'Cancel has failed')));
  });
const refuses = () => Promise.reject(new RunnerError('RPC_UNIMPLEMENTED', 'Cancel has failed'));

const untold = (reason: string) => (error: unknown) => {
  assert.ok(error instanceof RunnerError);
  assert.equal(error.code, 'CANCELLED');
  assert.equal(error.summary, reason);
  assert.match(
    error.message,
    /job p-1\n.*in 15 s the runner has not told that the job has ended, and may still run it/,
  );
  return true;
};

for (const [how, cancel] of Object.entries({ answers, hangs, refuses })) {
  test(`a signal ends a job whose runner ${how} when it is to cancel it, and does not tell the end`, async (t) => {
    const stop = new AbortController();
    const { job } = silentJob(t, cancel, { signal: stop.signal });
    stop.abort(new Error('Ctrl-C'));
    t.mock.timers.tick(14_999);
    assert.equal(job.progress().state, 'RUNNING');
    t.mock.timers.tick(1);
    await assert.rejects(job.wait(), untold('Ctrl-C'));
    assert.equal(job.progress().state, 'CANCELLED');
  });

  test(`a failure that would be the same again ends a job whose runner ${how} then`, async (t) => {
    const { job, failure } = silentJob(t, cancel);
    const last = new RunnerError('FN_API_UNSUPPORTED', 'Not here', { final: true });
    failure.failed(last);
    t.mock.timers.tick(15_000);
    await assert.rejects(job.wait(), (error) => error === last);
    assert.equal(job.progress().state, 'FAILED');
  });
}

for (const [how, cancel] of Object.entries({ answers, hangs })) {
  test(`a call to cancel ends with the job whose runner ${how} and does not tell the end`, async (t) => {
    const { job } = silentJob(t, cancel);
    const cancelled = job.cancel('enough');
    t.mock.timers.tick(15_000);
    await cancelled;
    await assert.rejects(job.wait(), untold('enough'));
  });
}

test('a job whose runner refuses to cancel it goes on', async (t) => {
  const { job, end } = silentJob(t, refuses);
  await assert.rejects(job.cancel(), { code: 'RPC_UNIMPLEMENTED' });
  t.mock.timers.tick(15_000);
  end.resolve(JobState.DONE);
  assert.equal((await job.wait()).state, 'DONE');
});

test('a runner that tells the end in time is believed', async (t) => {
  const { job, end } = silentJob(t, answers);
  const cancelled = job.cancel('enough');
  t.mock.timers.tick(14_999);
  end.resolve(JobState.DONE);
  await cancelled;
  t.mock.timers.tick(15_000);
  assert.equal((await job.wait()).state, 'DONE');
});
