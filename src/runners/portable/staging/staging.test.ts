import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import {
  type ArtifactResponseWrapper,
  ArtifactRetrievalService,
  ArtifactStagingService,
  LegacyArtifactRetrievalService,
  LegacyArtifactStagingService,
  type Manifest,
} from '../../../model/job-management.ts';
import type { ArtifactInformation } from '../../../model/pipeline.ts';
import { Pipeline } from '../../../sdk/pipeline/pipeline.ts';
import { GrpcChannel } from '../../rpc/grpc-channel.ts';
import { GrpcServer } from '../../rpc/grpc-server.ts';
import { offerArtifacts, STAGING_SILENCE_MILLIS, type StagedFile } from '../artifact-staging.ts';
import { retrieveArtifacts, retrieveLegacyArtifacts } from '../worker/retrieve-artifacts.ts';
import { bundleProgram } from './bundle-program.ts';
import { putArtifacts } from './legacy-staging.ts';
import { stageProgram } from './stage-program.ts';
import { MANIFEST, readManifest } from './staged-program.ts';

const folder = mkdtempSync(join(tmpdir(), 'millrace-staging-'));
after(() => rmSync(folder, { recursive: true }));

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return pathToFileURL(path).href;
}

test('a program becomes one module without Millrace, which asks Node for its own', async () => {
  file('old.cjs', "exports.name = require('node:path').basename('/a/b');");
  file('part.ts', "export { name } from './old.cjs'; export const one: number = 1;");
  const url = file('program.ts', "import 'millrace/io';\nexport * from './part.ts';");
  const bundle = Buffer.from(await bundleProgram(url)).toString();
  assert.match(bundle, /import "millrace\/io"/);
  assert.doesNotMatch(bundle, /from "\.\/part/);
  const path = file('bundle.mjs', bundle.replace('import "millrace/io";', ''));
  assert.deepEqual({ ...(await import(path)) }, { name: 'b', one: 1 });
});

test('a program that needs compiled code is refused, and one that cannot be read', async () => {
  file('native.node', '');
  const native = file('native.mjs', "import './native.node';");
  await assert.rejects(bundleProgram(native), { code: 'NATIVE_MODULE' });
  await assert.rejects(bundleProgram(file('wrong.ts', 'const = 1')), { code: 'PROGRAM_NOT_BUNDLED' });
});

test('what is staged comes to a worker as it was, and only that is given away', async () => {
  const url = file('staged.ts', 'export const two = 2;');
  const reference = { url, main: '/main.ts', argv: ['--a', 'b'], run: 0, earlier: [] };
  const p = new Pipeline({ name: 'staged' });
  p.create([1]);
  const staged = await stageProgram(p, reference, { strict: true, tempDir: folder });
  const stored = await stagedOn(staged.files);
  const fetched = join(folder, 'fetched');
  await served(stored, (channel) => retrieveArtifacts(channel, [...stored.keys()], fetched));
  const manifest = readManifest(readFileSync(join(fetched, MANIFEST)));
  assert.deepEqual(manifest.reference, reference);
  assert.equal(manifest.pipeline, 'staged');
  assert.equal(manifest.strict, true);
  assert.deepEqual(readdirSync(fetched).sort(), [MANIFEST, manifest.module].sort());
  const module = (await import(pathToFileURL(join(fetched, manifest.module)).href)) as { two: number };
  assert.equal(module.two, 2);

  const [first] = stored.keys();
  const broken = new Map([[first, Buffer.of(1)]]);
  const retrieval = served(broken, (channel) => retrieveArtifacts(channel, [first], fetched));
  await assert.rejects(retrieval, { code: 'ARTIFACT_BROKEN' });

  const secret = { ...first, typePayload: Buffer.from('/etc/passwd') };
  await assert.rejects(stagedOn(staged.files, secret), { code: 'ARTIFACT_UNKNOWN' });
  staged.remove();
  mkdirSync(staged.folder);
});

test('on an old server files are sent, listed, and retrieved by a token', async () => {
  const url = file('legacy.ts', 'export const three = 3;');
  const p = new Pipeline({ name: 'legacy' });
  p.create([1]);
  const reference = { url, main: undefined, argv: [], run: 0, earlier: [] };
  const staged = await stageProgram(p, reference, { tempDir: folder });
  const stored = new Map<string, Buffer>();
  let manifest: Manifest | undefined;
  const server = new GrpcServer();
  server.add(LegacyArtifactStagingService, {
    async putArtifact(requests) {
      let name = '';
      const chunks: Uint8Array[] = [];
      for await (const { metadata, data } of requests) {
        if (metadata !== undefined) name = `${metadata.stagingSessionToken}/${metadata.metadata?.name}`;
        if (data !== undefined) chunks.push(data.data);
      }
      stored.set(name, Buffer.concat(chunks));
      return {};
    },
    commitManifest(request) {
      manifest = request.manifest;
      return { retrievalToken: `${request.stagingSessionToken} committed` };
    },
  });
  server.add(LegacyArtifactRetrievalService, {
    getManifest: ({ retrievalToken }) => (retrievalToken === 'session committed' ? { manifest } : {}),
    getArtifact({ name }, answers) {
      answers.write({ data: stored.get(`session/${name}`) ?? Buffer.alloc(0) });
      answers.end();
    },
  });
  const channel = new GrpcChannel(await server.listen());
  const fetched = join(folder, 'legacy');
  try {
    const token = await putArtifacts(channel, 'session', staged.files, { silenceMillis: STAGING_SILENCE_MILLIS });
    assert.equal(token, 'session committed');
    await retrieveLegacyArtifacts(channel, token, fetched);
  } finally {
    channel.close();
    server.close();
  }
  const { module } = readManifest(readFileSync(join(fetched, MANIFEST)));
  const { three } = (await import(pathToFileURL(join(fetched, module)).href)) as { three: number };
  assert.equal(three, 3);
});

test('staging ends where a server neither asks for files nor takes any', async () => {
  const artifact = { typeUrn: 'u', typePayload: new Uint8Array(), roleUrn: '', rolePayload: new Uint8Array() };
  const path = join(folder, 'large');
  // More than a stream holds that nobody reads.
  writeFileSync(path, Buffer.alloc(32 * 1024 * 1024));
  const silent = {
    code: 'RPC_DEADLINE_EXCEEDED',
    message: /nothing has moved for 0\.02 s[\s\S]*hint: +the server did not answer in time/,
  };
  const limits = { silenceMillis: 20 };
  const servers: ((server: GrpcServer) => void)[] = [
    (server) => server.add(ArtifactStagingService, { reverseArtifactRetrievalService: () => {} }),
    (server) =>
      server.add(ArtifactStagingService, {
        reverseArtifactRetrievalService: (stream) => {
          stream.once('data', () => {
            stream.pause();
            stream.write({ getArtifact: { artifact } });
          });
        },
      }),
    (server) => server.add(LegacyArtifactStagingService, { putArtifact: () => new Promise(() => {}) }),
  ];
  for (const [index, add] of servers.entries()) {
    const server = new GrpcServer();
    add(server);
    const channel = new GrpcChannel(await server.listen());
    const files = [{ artifact, path }];
    const stage = index < 2 ? offerArtifacts(channel, 't', files, limits) : putArtifacts(channel, 't', files, limits);
    await assert.rejects(stage, silent);
    channel.close();
    server.close();
  }
});

test('staging ends where a server does not commit what it has', async () => {
  const server = new GrpcServer();
  server.add(LegacyArtifactStagingService, { commitManifest: () => new Promise(() => {}) });
  const channel = new GrpcChannel(await server.listen());
  const late = putArtifacts(channel, 't', [], { silenceMillis: 20 });
  await assert.rejects(late, { code: 'RPC_DEADLINE_EXCEEDED' });
  channel.close();
  server.close();
});

/** Offers files to a server that asks for all of them, or for another one. @returns what it has then */
async function stagedOn(
  files: readonly StagedFile[],
  instead?: ArtifactInformation,
): Promise<Map<ArtifactInformation, Buffer>> {
  const stored = new Map<ArtifactInformation, Buffer>();
  const server = new GrpcServer();
  server.add(ArtifactStagingService, {
    reverseArtifactRetrievalService: async (stream) => {
      const responses = (stream as AsyncIterable<ArtifactResponseWrapper>)[Symbol.asyncIterator]();
      const answer = async (): Promise<ArtifactResponseWrapper> => (await responses.next()).value;
      try {
        assert.equal((await answer()).stagingToken, 'token');
        stream.write({
          resolveArtifact: { artifacts: instead === undefined ? files.map(({ artifact }) => artifact) : [] },
        });
        const { resolveArtifactResponse } = await answer();
        const wanted = instead === undefined ? (resolveArtifactResponse?.replacements ?? []) : [instead];
        for (const artifact of wanted) {
          stream.write({ getArtifact: { artifact } });
          const chunks: Uint8Array[] = [];
          for (let chunk = await answer(); ; chunk = await answer()) {
            chunks.push(chunk.getArtifactResponse?.data ?? Buffer.alloc(0));
            if (chunk.isLast) break;
          }
          stored.set(artifact, Buffer.concat(chunks));
        }
        stream.end();
      } catch {
        // The client has gone.
      }
    },
  });
  const channel = new GrpcChannel(await server.listen());
  try {
    await offerArtifacts(channel, 'token', files, { silenceMillis: STAGING_SILENCE_MILLIS });
    return stored;
  } finally {
    channel.close();
    server.close();
  }
}

/** Serves artifacts by their payloads. */
async function served(
  stored: ReadonlyMap<ArtifactInformation, Buffer>,
  use: (channel: GrpcChannel) => Promise<void>,
): Promise<void> {
  const server = new GrpcServer();
  server.add(ArtifactRetrievalService, {
    getArtifact(request, answers) {
      for (const [{ typePayload }, bytes] of stored) {
        if (request.artifact !== undefined && Buffer.compare(typePayload, request.artifact.typePayload) === 0) {
          answers.write({ data: bytes });
        }
      }
      answers.end();
    },
  });
  const channel = new GrpcChannel(await server.listen());
  try {
    await use(channel);
  } finally {
    channel.close();
    server.close();
  }
}
