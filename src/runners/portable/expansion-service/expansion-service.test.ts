import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { checkPipelineProto } from '../../../../test/support/check-pipeline-proto.ts';
import { withExpansionService } from '../../../../test/support/fake-expansion-service.ts';
import { FakeRunner } from '../../../../test/support/fake-runner.ts';
import { decodeElements, encodeElements } from '../../../../test/support/fn-stage.ts';
import { submittedProto } from '../../../../test/support/submitted-proto.ts';
import { BeamFnExternalWorkerPool, RemoteGrpcPort } from '../../../model/fn-execution.ts';
import { ExpansionRequest, ExpansionService } from '../../../model/job-management.ts';
import { ExternalPayload, type Pipeline as PipelineProto } from '../../../model/pipeline.ts';
import { RunnerTransformUrn } from '../../../model/urns.ts';
import type { Coder } from '../../../sdk/coders/coder.ts';
import { describeGraph } from '../../../sdk/graph/fingerprint.ts';
import {
  coders,
  fixed,
  type IntervalWindow,
  type KV,
  type PCollection,
  Pipeline,
  sum,
  transform,
} from '../../../sdk/index.ts';
import { GrpcChannel } from '../../rpc/grpc-channel.ts';
import { discoverSchemaTransforms } from '../expansion/discover.ts';
import { expansion } from '../expansion/expansion.ts';
import { schemaTransform } from '../expansion/external-transforms.ts';
import { buildExpansion } from './expand-request.ts';
import { expansionService, type ServedExpansions } from './expansion-service.ts';
import { withoutTheRest } from './needed-request.ts';
import { type Offers, offer, offeredTransforms } from './offered-transform.ts';

const counts = coders.kv(coders.string, coders.safeInt);
const factor = coders.row({ factor: coders.safeInt, note: coders.nullable(coders.string) });
const BYTES = new Uint8Array([1, 2]);

const offers: Offers = {
  'test:scale': offer({
    description: 'Multiplies.',
    configuration: factor,
    inputs: coders.safeInt,
    outputs: ['main'],
    transform: ({ factor: by }) =>
      transform('Scale', (numbers: PCollection<number>) =>
        numbers.map('Times', (n) => n * by).withCoder(coders.safeInt),
      ),
  }),
  'test:totals': offer({
    inputs: { left: counts, right: counts },
    transform: () =>
      transform(
        'Totals',
        ({ left, right }: { left: PCollection<KV<string, number>>; right: PCollection<KV<string, number>> }) => ({
          left: left.combinePerKey(sum()).withCoder(counts),
          right: right.combinePerKey(sum()).withCoder(counts),
        }),
      ),
  }),
  'test:read': (payload) => transform('Read', (p: Pipeline) => p.create([BigInt(payload.length)], coders.int64)),
  'test:same': () => transform('Same', (input: PCollection<string>) => input),
  'test:own': () => transform('Own', (input: PCollection<string>) => input.map('Pack', (text) => ({ text }))),
};

let served: ServedExpansions;
before(async () => {
  served = await expansionService(offers).serve();
});
after(() => served.close());

test('what a service of ours offers becomes part of a pipeline of ours, with other parts under ids of their own', async () => {
  const p = new Pipeline();
  const numbers = p.create([1, 2], coders.safeInt);
  const configuration = { coder: factor, value: { factor: 3, note: null } };
  const scaled = numbers.apply(expansion(served.endpoint, 'test:scale', configuration, { output: coders.safeInt }));
  const again = scaled.apply(schemaTransform(served.endpoint, 'test:scale', configuration, { output: coders.safeInt }));
  const pairs = again.keyBy('k', () => 'k').withCoder(counts);
  const totals = p.applyTo(
    { left: pairs, right: pairs },
    expansion(served.endpoint, 'test:totals', BYTES, { output: { left: counts, right: counts } }),
  );
  totals.right.apply(expansion(served.endpoint, 'test:same', BYTES, { output: counts }));
  const read = p.apply(expansion(served.endpoint, 'test:read', BYTES, { output: coders.safeInt }));
  read.window(fixed('1m')).apply(expansion(served.endpoint, 'test:same', BYTES, { output: coders.safeInt }));
  const proto = await submittedProto(p);
  checkPipelineProto(proto);
  const { transforms = {}, environments = {}, pcollections = {} } = proto.components ?? {};
  const names = Object.values(transforms).map(({ uniqueName }) => uniqueName);
  assert.ok(names.includes('test:scale/Scale/Times'));
  assert.equal(transforms['test:totals'].outputs.right, totals.right.node.id);
  assert.equal(pcollections[totals.right.node.id].coderId, pcollections[pairs.node.id].coderId);
  assert.deepEqual(Object.keys(environments).sort(), [
    'external_1_js',
    'external_2_js',
    'external_3_js',
    'external_4_js',
    'external_5_js',
    'external_6_js',
    'js',
  ]);
});

test('a worker that is started with no more than the request runs the functions of the transform', async () => {
  const runner = new FakeRunner();
  await runner.start();
  const p = new Pipeline();
  const numbers = p.create([1, 2], coders.safeInt);
  const configuration = { coder: factor, value: { factor: 3, note: null } };
  const scaled = numbers.apply(expansion(served.endpoint, 'test:scale', configuration, { output: coders.safeInt }));
  const proto = await submittedProto(p);
  const { environments = {} } = proto.components ?? {};
  const { endpoint: pool, params } = ExternalPayload.decode(environments.external_1_js.payload);
  const channel = new GrpcChannel(pool?.url ?? '');
  const controlEndpoint = { url: runner.endpoint };
  const { error } = await channel.call(BeamFnExternalWorkerPool.startWorker, {
    workerId: 'w',
    controlEndpoint,
    params,
  });
  assert.equal(error, '');
  await runner.connected;
  runner.descriptors.set('stage', stageOf(proto, 'external_1_js', numbers.node.id, scaled.node.id, runner.endpoint));
  runner.send('b', 'in', encodeElements(coders.int64, [14n]), true);
  const answer = await runner.instruct({ processBundle: { processBundleDescriptorId: 'stage' } }, 'b');
  assert.equal(answer.error, '');
  const output = decodeElements(coders.int64, await runner.outputOf('b', 'out'));
  assert.deepEqual(
    output.map(({ value }) => value),
    [42n],
  );
  await channel.call(BeamFnExternalWorkerPool.stopWorker, { workerId: 'w' });
  const unknown = await channel.call(BeamFnExternalWorkerPool.startWorker, { workerId: 'x', controlEndpoint });
  assert.match(unknown.error, /lacks its transform/);
  channel.close();
  runner.stop();
});

/** A stage of all that runs in one environment, as runners make it. */
function stageOf(
  { components }: PipelineProto,
  environment: string,
  input: string,
  output: string,
  url: string,
): object {
  const { transforms = {}, coders: specs = {}, pcollections = {}, windowingStrategies = {} } = components ?? {};
  const inside = Object.entries(transforms).filter(
    ([, { environmentId, subtransforms }]) => environmentId === environment && subtransforms.length === 0,
  );
  const port = (coderId: string) => RemoteGrpcPort.encode({ coderId, apiServiceDescriptor: { url } });
  const windowed = (collection: string) => ({
    spec: { urn: 'beam:coder:windowed_value:v1' },
    componentCoderIds: [pcollections[collection].coderId, 'window'],
  });
  return {
    id: 'stage',
    transforms: {
      in: { spec: { urn: RunnerTransformUrn.DATA_SOURCE, payload: port('from') }, outputs: { o: input } },
      ...Object.fromEntries(inside),
      out: { spec: { urn: RunnerTransformUrn.DATA_SINK, payload: port('to') }, inputs: { i: output } },
    },
    // Flink describes the collections of other SDKs too.
    pcollections: { ...pcollections, elsewhere: { coderId: 'pickled' } },
    windowingStrategies,
    coders: {
      ...specs,
      pickled: { spec: { urn: 'beam:coder:pickled_python:v1' } },
      window: { spec: { urn: 'beam:coder:global_window:v1' } },
      from: windowed(input),
      to: windowed(output),
    },
  };
}

test('a request without what it does not need builds the same graph', async () => {
  const p = new Pipeline();
  const pairs = p.create<KV<string, number>>([], counts).window(fixed('1m', { offset: '5s' }));
  const seen: ExpansionRequest[] = [];
  const offered = offeredTransforms({
    ...offers,
    'test:totals': offer({
      transform: () =>
        transform('T', ({ left }: { left: PCollection<KV<string, bigint>, IntervalWindow> }) => left.groupByKey()),
    }),
  });
  const expand = (request: ExpansionRequest) => {
    seen.push(request);
    return { error: 'seen' };
  };
  await withExpansionService({ expand }, async (endpoint) => {
    p.applyTo({ left: pairs, right: pairs }, expansion(endpoint, 'test:totals', BYTES));
    await assert.rejects(submittedProto(p), /seen/);
  });
  const [request] = seen;
  const trimmed = ExpansionRequest.decode(ExpansionRequest.encode(withoutTheRest(request)));
  const lines = (each: ExpansionRequest) => describeGraph(buildExpansion(each, offered).pipeline.graph);
  assert.deepEqual(lines(trimmed), lines(request));
  assert.match(lines(request).join('\n'), /collection 'Input left\.main' of beam:coder:kv:v1<.*fixed_windows/);
});

test('requests that cannot be carried out are answered with what is wrong', async () => {
  const wrong = async (build: (p: Pipeline, endpoint: string) => void, text: RegExp): Promise<void> => {
    const p = new Pipeline();
    build(p, served.endpoint);
    await assert.rejects(submittedProto(p), text);
  };
  const words = (p: Pipeline) => p.create(['a'], coders.string);
  await wrong(
    (p, to) => void p.apply(expansion(to, 'test:no', BYTES)),
    /offers no transform 'test:no'.*[\s\S]*it offers: test:scale/,
  );
  await wrong(
    (p, to) => void words(p).apply(expansion(to, 'test:own', BYTES)),
    /The output 'main' of 'test:own' has the coder .*NOT_STANDARD/,
  );
  const scale = (coder: Coder<unknown>, value: unknown) => (p: Pipeline, to: string) =>
    void p.create([1], coders.safeInt).apply(expansion(to, 'test:scale', { coder, value }));
  const any = (coder: unknown) => coder as Coder<unknown>;
  await wrong(scale(any(coders.row({ by: coders.safeInt })), { by: 1 }), /no field 'by'[\s\S]*it has: factor, note/);
  await wrong(scale(any(coders.row({ factor: coders.string })), { factor: 'x' }), /In the field "factor"/);
  await wrong(scale(any(coders.row({})), {}), /no value for the field "factor"/);
  const configuration = { coder: factor, value: { factor: 1, note: null } };
  await wrong(
    (p, to) => void words(p).apply(expansion(to, 'test:scale', configuration)),
    /elements of the coder string_utf8, not varint \[EXPANSION_INPUT\]/,
  );
  await wrong((p, to) => void p.apply(schemaTransform(to, 'test:read', configuration)), /configured by bytes/);
  const channel = new GrpcChannel(served.endpoint);
  assert.match((await channel.call(ExpansionService.expand, {})).error, /lacks its transform/);
  channel.close();
  assert.throws(() => expansionService({ bad: 1 as never }), /OFFER_INVALID/);
});

test('transforms with configurations by rows can be discovered', async () => {
  const found = await discoverSchemaTransforms(served.endpoint);
  assert.deepEqual(
    found.map(({ identifier, description, inputs, outputs, fields }) => [
      identifier,
      description,
      inputs,
      outputs,
      fields.map(({ name }) => name),
    ]),
    [['test:scale', 'Multiplies.', ['input'], ['main'], ['factor', 'note']]],
  );
});
