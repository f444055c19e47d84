import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { messageEvent, stateEvent, withJobServer } from '../../../test/support/fake-job-server.ts';
import { JobMessageImportance, JobState } from '../../model/job-management.ts';
import { ExternalPayload, type MonitoringInfo } from '../../model/pipeline.ts';
import { toJson } from '../../model/proto/json-format.ts';
import type { Init } from '../../model/proto/message-type.ts';
import { CoderUrn, EnvironmentUrn, ProtocolUrn } from '../../model/urns.ts';
import { Struct } from '../../model/well-known.ts';
import { RunnerError } from '../../sdk/errors.ts';
import type { KV } from '../../sdk/index.ts';
import { Pipeline } from '../../sdk/pipeline/pipeline.ts';
import type { RunnerMessage, RunOptions } from '../../sdk/pipeline/runner.ts';
import { GrpcChannel } from '../rpc/grpc-channel.ts';
import { discoverSchemaTransforms, expansion, expansionService } from './index.ts';
import { JobClient, type JobListener } from './job-client.ts';
import { watchFailure } from './job-failure.ts';
import { WorkerPool } from './worker/worker-pool.ts';

const { RUNNING, DONE, FAILED, CANCELLED, STARTING } = JobState;
const { JOB_MESSAGE_ERROR, JOB_MESSAGE_WARNING, JOB_MESSAGE_BASIC } = JobMessageImportance;

function pipelineOn(server: { readonly endpoint: string }, options: RunOptions = {}): Pipeline {
  const p = new Pipeline({ name: 'numbers', runner: 'portable', endpoint: server.endpoint, ...options });
  p.create([1, 2]).map('Double', (n) => 2 * n);
  return p;
}

const isRunnerError = (code: string, text: RegExp) => (error: unknown) => {
  assert.ok(error instanceof RunnerError);
  assert.equal(error.code, code);
  assert.match(error.message, text);
  return true;
};

test('a job is prepared with its options and environment, staged, run and watched to its end', async () => {
  const events = [STARTING, RUNNING].map(stateEvent);
  const said = [messageEvent(JOB_MESSAGE_BASIC, 'two workers'), messageEvent(JOB_MESSAGE_WARNING, 'slow disk')];
  await withJobServer({ events: [...events, ...said, stateEvent(DONE)] }, async (server) => {
    const messages: RunnerMessage[] = [];
    const runnerOptions = { parallelism: 4, flinkMaster: '[local]', 'beam:option:tags:v1': ['a', null, { b: true }] };
    const result = await pipelineOn(server, { runnerOptions, onMessage: (each) => messages.push(each) }).run();
    assert.equal(result.state, 'DONE');
    assert.deepEqual(messages, [
      { importance: 'basic', text: 'two workers' },
      { importance: 'warning', text: 'slow disk' },
    ]);
    assert.deepEqual(server.stagingTokens, ['token']);
    const [{ jobName, pipeline, pipelineOptions }] = server.prepared;
    assert.equal(jobName, 'numbers');
    assert.deepEqual(toJson(Struct, pipelineOptions as Struct), {
      'beam:option:job_name:v1': 'numbers',
      'beam:option:streaming:v1': false,
      'beam:option:experiments:v1': ['beam_fn_api'],
      'beam:option:parallelism:v1': 4,
      'beam:option:flink_master:v1': '[local]',
      'beam:option:tags:v1': ['a', null, { b: true }],
    });
    const environment = pipeline?.components?.environments.js;
    assert.equal(environment?.urn, EnvironmentUrn.EXTERNAL);
    assert.match(
      String(ExternalPayload.decode(environment?.payload as Uint8Array).endpoint?.url),
      /^127\.0\.0\.1:\d+$/,
    );
    for (const capability of [CoderUrn.VARINT, ProtocolUrn.PROGRESS_REPORTING, ProtocolUrn.WORKER_STATUS])
      assert.ok(environment?.capabilities.includes(capability), capability);
  });
});

test("the runner's metrics are the result's: committed ones where it tells them apart", async () => {
  const user = (type: string, name: string, bytes: readonly number[], PTRANSFORM = 'Double'): Init<MonitoringInfo> => ({
    urn: `beam:metric:user:${type}:v1`,
    type: `beam:metrics:${type}:v1`,
    labels: { PTRANSFORM, NAMESPACE: 'n', NAME: name },
    payload: Uint8Array.from(bytes),
  });
  const count = (PCOLLECTION: string, value: number): Init<MonitoringInfo> => ({
    urn: 'beam:metric:element_count:v1',
    type: 'beam:metrics:sum_int64:v1',
    labels: { PCOLLECTION },
    payload: Uint8Array.of(value),
  });
  const committed = [
    user('sum_int64', 'seen', [0xac, 0x02]),
    user('sum_int64', 'seen', [1], 'Create/Values'),
    // 1.5 as eight big-endian bytes.
    user('sum_double', 'weight', [0x3f, 0xf8, 0, 0, 0, 0, 0, 0]),
    user('distribution_int64', 'size', [3, 12, 1, 8]),
    user('latest_int64', 'last', [5, 7]),
    user('set_string', 'kinds', [0, 0, 0, 2, 1, 0x61, 2, 0x62, 0x63]),
    user('top_n_int64', 'unknown', [1]),
  ];
  const metrics = { metrics: { committed, attempted: [user('sum_int64', 'seen', [9])] } };
  await withJobServer({ events: [stateEvent(DONE)], metrics }, async (server) => {
    const found = (await pipelineOn(server).run()).metrics;
    assert.equal(found.counter('seen'), 301);
    assert.equal(found.counter('seen', 'Double'), 300);
    assert.equal(found.counter('weight'), 1.5);
    assert.deepEqual(found.distribution('size'), { count: 3, sum: 12, min: 1, max: 8 });
    assert.equal(found.gauge('last'), 7);
    assert.deepEqual(found.stringSet('kinds'), ['a', 'bc']);
    assert.equal(found.user.length, 6);
  });
  const p = new Pipeline({ runner: 'portable' });
  const doubled = p.create([1, 2]).map('Double', (n) => 2 * n);
  const attempted = [count(doubled.node.id, 2), count(doubled.node.id, 3)];
  await withJobServer({ events: [stateEvent(DONE)], metrics: { metrics: { attempted } } }, async ({ endpoint }) => {
    const { transforms } = (await p.run({ endpoint })).metrics;
    assert.deepEqual(transforms.find(({ transform }) => transform === 'Double')?.elementsOut, { main: 5 });
  });
});

test('metrics may have any name', async () => {
  const counter = (NAME: string, value: number): Init<MonitoringInfo> => ({
    urn: 'beam:metric:user:sum_int64:v1',
    type: 'beam:metrics:sum_int64:v1',
    labels: { PTRANSFORM: 'Double', NAMESPACE: 'n', NAME },
    payload: Uint8Array.of(value),
  });
  const committed = [counter('__proto__', 1), counter('__proto__', 2), counter('constructor', 4)];
  await withJobServer({ events: [stateEvent(DONE)], metrics: { metrics: { committed } } }, async (server) => {
    const { user } = (await pipelineOn(server).run()).metrics;
    assert.deepEqual(
      user.map(({ transform, name, value }) => [transform, name, value]),
      [
        ['Double', '__proto__', 3],
        ['Double', 'constructor', 4],
      ],
    );
  });
});

test("a job that fails ends with the runner's words, and one that is refused with its reasons", async () => {
  const events = [stateEvent(RUNNING), messageEvent(JOB_MESSAGE_ERROR, 'out of slots'), stateEvent(FAILED)];
  await withJobServer({ events }, async (server) => {
    await assert.rejects(pipelineOn(server).run(), isRunnerError('JOB_FAILED', /out of slots[\s\S]*job p-1/));
  });
  await withJobServer({ refusal: 'no state here' }, async (server) => {
    let cleaned = 0;
    const p = pipelineOn(server);
    p.onFailure(async () => void cleaned++);
    await assert.rejects(p.run(), isRunnerError('PIPELINE_REFUSED', /no state here/));
    assert.equal(cleaned, 1);
  });
});

test('a server has a minute to look at a pipeline', async (t) => {
  const call = t.mock.method(GrpcChannel.prototype, 'call');
  await withJobServer({ events: [stateEvent(DONE)] }, async (server) => void (await pipelineOn(server).run()));
  const prepare = call.mock.calls.find(({ arguments: [method] }) => method.path.endsWith('/Prepare'));
  assert.equal(prepare?.arguments[2]?.deadlineMillis, 60_000);
});

test('what needs no work of a server is answered in a minute', async (t) => {
  const call = t.mock.method(GrpcChannel.prototype, 'call');
  await withJobServer({ events: [stateEvent(DONE)] }, async (server) => {
    const channel = new GrpcChannel(server.endpoint);
    const client = new JobClient(channel);
    await client.run('p', '', {});
    await client.cancel('p-1');
    await assert.rejects(client.drain('p-1'));
    await client.metrics('p-1');
    channel.close();
  });
  assert.deepEqual(
    call.mock.calls.map(({ arguments: [method, , settings] }) => [method.path.split('/')[2], settings?.deadlineMillis]),
    ['Run', 'Cancel', 'Drain', 'GetJobMetrics'].map((name) => [name, 60_000]),
  );
});

test('addresses that are none are refused before anything is contacted', async () => {
  const none = { code: 'OPTION_INVALID', message: /must be host:port[\s\S]*e\.g\. localhost:8073/ };
  const p = pipelineOn({ endpoint: 'localhost' });
  await assert.rejects(p.run(), none);
  await assert.rejects(p.run({ endpoint: 'a:1', environment: 'external', environmentConfig: ':50000' }), none);
  assert.throws(() => expansion('http://localhost:8097', 'urn', new Uint8Array()), none);
  await assert.rejects(discoverSchemaTransforms('localhost'), none);
  await assert.rejects(expansionService({}).serve('::1:0'), none);
  await assert.rejects(new WorkerPool([], () => {}).listen(':50000'), none);
});

test('a refusal without reason names the options that were sent, and not their values', async () => {
  const hint = isRunnerError(
    'PIPELINE_REFUSED',
    /does not say why[\s\S]*look in the job server's log; the options sent were .*parallelism, password$/m,
  );
  for (const job of [{ refusal: '' }, { runRefusal: '' }]) {
    await withJobServer(job, async (server) => {
      const p = pipelineOn(server, { runnerOptions: { parallelism: 'many', password: 'secret' } });
      await assert.rejects(p.run(), (error: Error) => hint(error) && !error.message.includes('secret'));
    });
  }
});

test('a runner that is gone while the job runs is said to be lost', async (t) => {
  const gone = new RunnerError('RPC_UNAVAILABLE', 'GetState has failed: ECONNREFUSED');
  t.mock.method(JobClient.prototype, 'follow', () => Promise.reject(gone));
  await withJobServer({}, async (server) => {
    const lost = isRunnerError('RUNNER_LOST', /The runner was lost while job p-1 ran/);
    await assert.rejects(pipelineOn(server).run(), (error: Error) => lost(error) && error.cause === gone);
  });
  const external: RunOptions = { environment: 'external', environmentConfig: 'pool:50000' };
  assert.match((watchFailure(gone, 'j', external) as Error).message, /it must reach the worker pool at pool:50000/);
  const silent = new RunnerError('RPC_DEADLINE_EXCEEDED', 'GetState has failed: Deadline exceeded');
  assert.ok(isRunnerError('RUNNER_LOST', /look whether the runner is alive/)(watchFailure(silent, 'j', {})));
  const other = new Error('else');
  assert.equal(watchFailure(other, 'j', external), other);
});

test('a job is cancelled by its handle and by its signal', async () => {
  const job = { events: [stateEvent(RUNNING)], cancelled: [stateEvent(CANCELLED)] };
  await withJobServer(job, async (server) => {
    const running = await pipelineOn(server).start();
    await running.cancel('enough');
    await assert.rejects(running.wait(), isRunnerError('CANCELLED', /enough/));
    assert.equal(running.progress().state, 'CANCELLED');
    assert.equal(running.progress().runnerState, 'CANCELLED');
  });
  await withJobServer(job, async (server) => {
    const stop = new AbortController();
    const running = await pipelineOn(server, { signal: stop.signal }).start();
    stop.abort(new Error('Ctrl-C'));
    await assert.rejects(running.wait(), isRunnerError('CANCELLED', /Ctrl-C/));
  });
});

test('a job that has nothing to say is followed until that is given up', async () => {
  await withJobServer({ events: [stateEvent(RUNNING)], isMute: true }, async (server) => {
    const channel = new GrpcChannel(server.endpoint);
    const giveUp = new AbortController();
    const listener: JobListener = { state: () => giveUp.abort(), message: () => {} };
    const followed = new JobClient(channel).follow('p-1', listener, giveUp.signal);
    await assert.rejects(followed, isRunnerError('RPC_CANCELLED', /GetMessageStream/));
    channel.close();
  });
});

test('a job is cancelled while its files are staged', async () => {
  await withJobServer({ ignoresFiles: true }, async (server) => {
    const stop = new AbortController();
    const run = pipelineOn(server, { signal: stop.signal }).run();
    await server.offered;
    stop.abort(new Error('Ctrl-C'));
    await assert.rejects(run, isRunnerError('CANCELLED', /Ctrl-C/));
  });
});

test('an old server without message stream is watched by its state stream; what it lacks is an error', async () => {
  await withJobServer({ events: [RUNNING, DONE].map(stateEvent), isOld: true }, async (server) => {
    assert.equal((await pipelineOn(server).run()).state, 'DONE');
  });
  await withJobServer({ events: [stateEvent(RUNNING)], cancelled: [stateEvent(CANCELLED)] }, async (server) => {
    const running = await pipelineOn(server).start();
    await assert.rejects(running.drain(), isRunnerError('RPC_UNIMPLEMENTED', /Drain has failed/));
    await running.cancel();
  });
});

test('options that do not go together are refused', async () => {
  const p = new Pipeline({ runner: 'portable' });
  p.create([1]);
  await assert.rejects(p.start(), /needs the option 'endpoint'/);
  await assert.rejects(p.start({ endpoint: 'flink.example:8099', token: 'secret' }), /in the clear/);
  await assert.rejects(p.start({ endpoint: 'flink.example:8099', tlsCa: '/nowhere.pem' }), /'tlsCa' cannot be read/);
});

test('options of a portable runner are refused without it, and those without meaning there are named once', async () => {
  const p = new Pipeline({ endpoint: 'localhost:8073' });
  p.create([1]);
  await assert.rejects(p.run(), /'endpoint' is for --runner portable \[OPTION_INVALID\]/);
  await withJobServer({ events: [stateEvent(DONE)] }, async (server) => {
    const warned = once(process, 'warning');
    await pipelineOn(server, { threads: 2, disable: ['fusion'] }).run();
    const [{ message: text }] = (await warned) as [Error];
    assert.equal(text, 'The portable runner has no use for these options: threads, disable');
  });
});

test('what portable pipelines have no words for is refused before anything is submitted', async () => {
  const p = new Pipeline({ runner: 'portable', endpoint: 'localhost:1' });
  p.create([['a', 1]] as KV<string, number>[])
    .withLateOutput()
    .groupByKey('Group');
  await assert.rejects(p.run(), /'Group.*' has an output of late elements \[NOT_PORTABLE\]/);
});
