import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { mkdtemp, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { withExpansionService } from '../../../../test/support/fake-expansion-service.ts';
import { AnyOfEnvironmentPayload, ArtifactFilePayload, Environment } from '../../../model/pipeline.ts';
import { GrpcChannel } from '../../rpc/grpc-channel.ts';
import { ExpandedArtifacts } from './expanded-artifacts.ts';

test('artifacts of environments are fetched for the runner to ask for, also those of one of several environments', async () => {
  const environment = (name: string) => ({
    urn: 'beam:env:docker:v1',
    dependencies: [{ typeUrn: 'beam:artifact:type:deferred:v1', typePayload: Buffer.from(name), roleUrn: 'role' }],
  });
  const artifacts = { one: 'first file', two: 'second' };
  const folder = await mkdtemp(join(tmpdir(), 'millrace-test-'));
  await withExpansionService({ expand: () => ({}), artifacts }, async (endpoint) => {
    const channel = new GrpcChannel(endpoint);
    const fetched = new ExpandedArtifacts(folder);
    const plain = Environment.create(environment('one'));
    const payload = AnyOfEnvironmentPayload.encode({
      environments: [environment('two'), { urn: 'beam:env:external:v1' }],
    });
    const either = Environment.create({ urn: 'beam:env:anyof:v1', payload });
    await fetched.fetch(channel, plain);
    await fetched.fetch(channel, either);
    assert.deepEqual(
      fetched.files.map(({ path }) => readFileSync(path, 'utf8')),
      ['first file', 'second'],
    );
    const [{ dependencies }] = AnyOfEnvironmentPayload.decode(either.payload).environments;
    const [{ typeUrn, typePayload, roleUrn }] = dependencies;
    assert.deepEqual([typeUrn, roleUrn], ['beam:artifact:type:file:v1', 'role']);
    assert.deepEqual(ArtifactFilePayload.decode(typePayload), {
      path: fetched.files[1].path,
      // sha256sum of the word.
      sha256: '16367aacb67a4a017c8da8ab95682ccb390863780f7114dda0a0e0c55644c7c4',
    });
    assert.deepEqual(plain.dependencies[0].typeUrn, 'beam:artifact:type:file:v1');
    await fetched.close();
    assert.deepEqual(await readdir(folder), []);
    channel.close();
  });
});

test('an artifact that a service tells for several transforms is fetched once', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-test-'));
  let asked = 0;
  const artifacts = {
    get one() {
      asked++;
      return 'first file';
    },
  };
  await withExpansionService({ expand: () => ({}), artifacts }, async (endpoint) => {
    const channel = new GrpcChannel(endpoint);
    const fetched = new ExpandedArtifacts(folder);
    const dependencies = [{ typeUrn: 'beam:artifact:type:deferred:v1', typePayload: Buffer.from('one') }];
    const [first, second] = [Environment.create({ dependencies }), Environment.create({ dependencies })];
    await fetched.fetch(channel, first);
    await fetched.fetch(channel, second);
    assert.equal(asked, 1);
    assert.equal(fetched.files.length, 1);
    assert.equal(first.dependencies[0].typeUrn, 'beam:artifact:type:file:v1');
    assert.deepEqual(second, first);
    await fetched.close();
    channel.close();
  });
});
