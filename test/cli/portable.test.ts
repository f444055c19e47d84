import assert from 'node:assert/strict';
import { test } from 'node:test';
import { JobMessageImportance, JobState } from '../../src/model/job-management.ts';
import { type FakeJobServer, messageEvent, stateEvent, withJobServer } from '../support/fake-job-server.ts';
import { finish, millrace, program, start } from './millrace.ts';

const { JOB_MESSAGE_BASIC, JOB_MESSAGE_DEBUG, JOB_MESSAGE_WARNING, JOB_MESSAGE_ERROR } = JobMessageImportance;
const argv = (server: FakeJobServer) => [
  ...['run', program('count.ts'), '--text', 'a b'],
  ...['--runner', 'portable', '--endpoint', server.endpoint, '--runner-options', 'parallelism=2'],
];

test('a program is run on a portable runner, which is heard', async () => {
  const events = [
    stateEvent(JobState.RUNNING),
    messageEvent(JOB_MESSAGE_BASIC, 'begun'),
    messageEvent(JOB_MESSAGE_DEBUG, 'details'),
    messageEvent(JOB_MESSAGE_WARNING, 'slow disk'),
    stateEvent(JobState.DONE),
  ];
  await withJobServer({ events }, async (server) => {
    const { code, stderr } = await millrace(argv(server));
    assert.equal(code, 0, stderr);
    assert.match(stderr, /^begun\nwarning: slow disk\nDONE in /m);
    const options = server.prepared[0].pipelineOptions?.fields;
    assert.equal(options?.['beam:option:parallelism:v1'].numberValue, 2);
    const json = await millrace([...argv(server), '--json']);
    const lines = json.stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    assert.deepEqual(
      lines.filter(({ event }) => event === 'message'),
      ['basic begun', 'debug details', 'warning slow disk'].map((line) => {
        const [, importance, text] = /^(\w+) (.*)$/.exec(line) ?? [];
        return { event: 'message', importance, text };
      }),
    );
  });
});

test('where the job fails there, the command fails with the words of the runner', async () => {
  const events = [messageEvent(JOB_MESSAGE_ERROR, 'out of slots\n  at Slots.java:1'), stateEvent(JobState.FAILED)];
  await withJobServer({ events }, async (server) => {
    const { code, stderr } = await millrace(argv(server));
    assert.equal(code, 1);
    assert.match(stderr, /^error: out of slots$/m);
    assert.match(stderr, /The job has failed on its runner: out of slots \[JOB_FAILED\]/);
  });
});

test('what does not fit the runner is refused with 2 before anything starts', async () => {
  const wrong: readonly (readonly [readonly string[], RegExp])[] = [
    [['--endpoint', 'localhost:8073'], /'endpoint' is for --runner portable \[OPTION_INVALID\]/],
    [['--runner', 'portable'], /needs the option 'endpoint' \[OPTION_MISSING\]/],
    [['--runner', 'portable', '--endpoint', 'http://localhost:8073'], /must be host:port, not 'http:/],
    [
      ['--runner', 'portable', '--endpoint', 'localhost:8073', '--environment', 'external'],
      /needs the option 'environmentConfig'/,
    ],
    [['--runner', 'portable', '--endpoint', 'localhost:8073', '--tls-key', 'key.pem'], /needs the option 'tlsCertif/],
  ];
  const ended = wrong.map(([args]) => millrace(['run', program('count.ts'), '--text', 'a b', ...args]));
  for (const [i, { code, stderr }] of (await Promise.all(ended)).entries()) {
    assert.equal(code, 2, stderr);
    assert.match(stderr, wrong[i][1]);
    assert.doesNotMatch(stderr, /started/);
  }
  const ambient = await millrace(['run', program('count.ts'), '--text', 'a b'], { MILLRACE_TOKEN: 'secret' });
  assert.equal(ambient.code, 0, ambient.stderr);
});

test('Ctrl-C cancels the job on its runner', async () => {
  const events = [stateEvent(JobState.RUNNING), messageEvent(JOB_MESSAGE_BASIC, 'begun')];
  await withJobServer({ events, cancelled: [stateEvent(JobState.CANCELLED)] }, async (server) => {
    const child = start(argv(server));
    child.stderr?.on('data', (text) => {
      if (/begun/.test(String(text))) child.kill('SIGINT');
    });
    const { code, stderr } = await finish(child);
    assert.equal(code, 130, stderr);
    assert.match(stderr, /SIGINT received/);
  });
});
