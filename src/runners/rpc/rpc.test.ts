import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { createServer as createTlsServer } from 'node:tls';
import { status } from '@grpc/grpc-js';
import { freshFolder } from '../../../test/support/fresh-folder.ts';
import { ArtifactRetrievalService, JobService } from '../../model/job-management.ts';
import { RunnerError } from '../../sdk/errors.ts';
import { GrpcChannel } from './grpc-channel.ts';
import { GrpcServer } from './grpc-server.ts';
import { rpcError } from './rpc-error.ts';

async function served(handle: (server: GrpcServer) => void, use: (endpoint: string) => Promise<void>): Promise<void> {
  const server = new GrpcServer();
  handle(server);
  try {
    await use(await server.listen());
  } finally {
    server.close();
  }
}

const isRunnerError = (code: string, text: RegExp) => (error: unknown) => {
  assert.ok(error instanceof RunnerError);
  assert.equal(error.code, code);
  assert.match(error.message, text);
  return true;
};

test('a call is answered, with the metadata of its channel', async () => {
  await served(
    (server) =>
      server.add(JobService, {
        getState: ({ jobId }, metadata) => ({ state: jobId === 'j' && metadata.get('worker_id')[0] === 'w' ? 6 : 1 }),
        run: ({ preparationId }, metadata) => ({ jobId: `${preparationId} ${metadata.get('authorization')}` }),
      }),
    async (endpoint) => {
      const channel = new GrpcChannel(endpoint, { token: 'secret', metadata: { worker_id: 'w' } });
      assert.equal((await channel.call(JobService.getState, { jobId: 'j' })).state, 6);
      assert.equal((await channel.call(JobService.run, { preparationId: 'p' })).jobId, 'p Bearer secret');
      channel.close();
    },
  );
});

test('streams, and messages past the limit of gRPC libraries', async () => {
  const bytes = Buffer.alloc(9 * 1024 * 1024, 7);
  await served(
    (server) =>
      server.add(ArtifactRetrievalService, {
        getArtifact({ artifact }, answers) {
          answers.write({ data: artifact?.typePayload ?? new Uint8Array() });
          answers.write({ data: Buffer.of(1) });
          answers.end();
        },
      }),
    async (endpoint) => {
      const channel = new GrpcChannel(endpoint);
      const stream = channel.serverStream(ArtifactRetrievalService.getArtifact, { artifact: { typePayload: bytes } });
      const sizes: number[] = [];
      for await (const { data } of stream) sizes.push(data.length);
      assert.deepEqual(sizes, [bytes.length, 1]);
      channel.close();
    },
  );
});

test('an error of the server comes with its message; a missing method is named', async () => {
  await served(
    (server) =>
      server.add(JobService, {
        run() {
          throw new Error('no room');
        },
      }),
    async (endpoint) => {
      const channel = new GrpcChannel(endpoint);
      const { run, drain } = JobService;
      await assert.rejects(channel.call(run, {}), isRunnerError('RPC_INTERNAL', /Run has failed: no room/));
      await assert.rejects(channel.call(drain, {}), isRunnerError('RPC_UNIMPLEMENTED', /hint: +the server is older/));
      channel.close();
    },
  );
});

test('where nobody listens, the error says so', async () => {
  const gone = createServer().listen(0, '127.0.0.1');
  await once(gone, 'listening');
  const { port } = gone.address() as { port: number };
  gone.close();
  await once(gone, 'close');
  const channel = new GrpcChannel(`127.0.0.1:${port}`);
  const nobody = isRunnerError('RPC_UNAVAILABLE', new RegExp(`nobody listens at 127.0.0.1:${port}`));
  await assert.rejects(channel.call(JobService.getJobs, {}), nobody);
  channel.close();
});

test('TLS on one side only is told by either', async () => {
  const hint = async (endpoint: string, tls: object | undefined, text: RegExp): Promise<void> => {
    const channel = new GrpcChannel(endpoint, tls === undefined ? {} : { tls });
    await assert.rejects(channel.call(JobService.getJobs, {}), isRunnerError('RPC_UNAVAILABLE', text));
    channel.close();
  };
  await served(
    (server) => server.add(JobService, {}),
    (endpoint) => hint(endpoint, {}, /hint: +127\.0\.0\.1:\d+ does not speak TLS/),
  );
  // Without a certificate it answers nobody, but asks for TLS all the same.
  const encrypted = createTlsServer().listen(0, '127.0.0.1');
  await once(encrypted, 'listening');
  const { port } = encrypted.address() as { port: number };
  await hint(`127.0.0.1:${port}`, undefined, /hint: +127\.0\.0\.1:\d+ cannot be reached, or it expects --tls/);
  encrypted.close();
});

test('certificates that are not accepted have hints of their own', () => {
  // What grpc-js says of them.
  const hints: readonly (readonly [string, RegExp])[] = [
    ['Error: self-signed certificate; if the root CA is installed locally, try …', /name the file .*tlsCa/],
    ['Error: unable to get local issuer certificate', /tlsCa/],
    ["Error [ERR_TLS_CERT_ALTNAME_INVALID]: Hostname/IP does not match certificate's altnames", /for other names/],
    ['Error: SSL alert number 116: certificate required', /tlsKey, tlsCertificate/],
  ];
  for (const [text, hint] of hints) {
    const details = `No connection established. Last error: ${text}. Resolution note: `;
    const error = rpcError({ code: status.UNAVAILABLE, details }, 'flink.example:8099', '/s/GetJobs');
    assert.match(error.context.hint ?? '', hint);
    assert.doesNotMatch(error.message, /Resolution note/);
  }
});

test('a server on a socket of the file system', { skip: process.platform === 'win32' }, async (t) => {
  const folder = freshFolder(t);
  const address = `unix:${join(folder, 'socket')}`;
  const server = new GrpcServer();
  server.add(JobService, { getState: () => ({ state: 6 }) });
  assert.equal(await server.listen(address), address);
  const channel = new GrpcChannel(address);
  assert.equal((await channel.call(JobService.getState, {})).state, 6);
  channel.close();
  server.close();
});

test('a call ends by its signal or deadline', async () => {
  const asked = Promise.withResolvers<void>();
  await served(
    (server) =>
      server.add(JobService, {
        getJobs() {
          asked.resolve();
          return new Promise(() => {});
        },
      }),
    async (endpoint) => {
      const channel = new GrpcChannel(endpoint);
      const stop = new AbortController();
      const call = channel.call(JobService.getJobs, {}, { signal: stop.signal });
      await asked.promise;
      stop.abort();
      await assert.rejects(call, isRunnerError('RPC_CANCELLED', /GetJobs/));
      const late = channel.call(JobService.getJobs, {}, { deadlineMillis: 1 });
      await assert.rejects(late, isRunnerError('RPC_DEADLINE_EXCEEDED', /did not answer in time/));
      channel.close();
    },
  );
});

test('an address that is taken is an error', async () => {
  await served(
    () => {},
    async (endpoint) => {
      const other = new GrpcServer();
      await assert.rejects(other.listen(endpoint), isRunnerError('RPC_NOT_LISTENING', /choose another port/));
      other.close();
    },
  );
});
