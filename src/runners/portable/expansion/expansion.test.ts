import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkPipelineProto } from '../../../../test/support/check-pipeline-proto.ts';
import { withExpansionService } from '../../../../test/support/fake-expansion-service.ts';
import { submittedProto } from '../../../../test/support/submitted-proto.ts';
import type { ExpansionRequest, ExpansionResponse } from '../../../model/job-management.ts';
import {
  AnyOfEnvironmentPayload,
  AtomicType,
  ExternalConfigurationPayload,
  type Init,
  IsBounded,
  JavaClassLookupPayload,
  SchemaTransformPayload,
} from '../../../model/pipeline.ts';
import { encodeToBytes } from '../../../sdk/coders/coder.ts';
import { coders } from '../../../sdk/coders/index.ts';
import { PipelineError } from '../../../sdk/errors.ts';
import { Pipeline } from '../../../sdk/pipeline/pipeline.ts';
import { discoverSchemaTransforms } from './discover.ts';
import { type ExpansionSettings, expansion, type OutputCoders } from './expansion.ts';
import { javaTransform, pythonTransform, schemaTransform } from './external-transforms.ts';

const STRING = { spec: { urn: 'beam:coder:string_utf8:v1' } };
const BYTES = new Uint8Array([7]);

/** One ParDo in a worker of its own, whose output has the coder given. */
function parDo(
  { transform, namespace, components }: ExpansionRequest,
  coder: Init<object> = STRING,
): Init<ExpansionResponse> {
  const [[tag, input]] = Object.entries(transform?.inputs ?? {});
  const id = (name: string) => `${namespace}${name}`;
  const { windowingStrategyId = '' } = components?.pcollections[input] ?? {};
  return {
    components: {
      ...components,
      transforms: {
        ...components?.transforms,
        [id('fn')]: {
          uniqueName: 'Upper/ParDo',
          spec: { urn: 'beam:transform:pardo:v1' },
          inputs: { [tag]: input },
          outputs: { None: id('out') },
          environmentId: id('env'),
        },
      },
      pcollections: {
        ...components?.pcollections,
        [id('out')]: { uniqueName: 'out', coderId: id('coder'), isBounded: IsBounded.BOUNDED, windowingStrategyId },
      },
      coders: { ...components?.coders, [id('coder')]: coder },
      environments: { ...components?.environments, [id('env')]: { urn: 'beam:env:docker:v1' } },
    },
    transform: { ...transform, subtransforms: [id('fn')], outputs: { None: id('out') } },
    requirements: ['beam:requirement:pardo:stateful:v1'],
  };
}

function upper<const O extends OutputCoders>(endpoint: string, settings: ExpansionSettings<O>): Pipeline {
  const p = new Pipeline();
  const words = p.create(['a', 'b'], coders.string);
  words.apply('Upper', expansion(endpoint, 'my:upper:v1', BYTES, settings));
  return p;
}

test('what a service expands a transform to is submitted in its place, under ids of its own', async () => {
  await withExpansionService({ expand: parDo }, async (endpoint, requests) => {
    const p = new Pipeline();
    const words = p.create(['a', 'b'], coders.string);
    const first = words.apply('Upper', expansion(endpoint, 'my:upper:v1', BYTES, { output: coders.string }));
    const second = first.apply('Again', expansion(endpoint, 'my:upper:v1', BYTES, { output: { None: coders.string } }));
    const lengths = second.None.map('Length', (word) => word.length);
    const proto = await submittedProto(p);
    checkPipelineProto(proto);
    const [request] = requests;
    assert.deepEqual(request.transform?.spec, { urn: 'my:upper:v1', payload: BYTES });
    assert.deepEqual(Object.keys(request.components?.pcollections ?? {}), [words.node.id]);
    const { transforms = {}, pcollections = {} } = proto.components ?? {};
    const ends = (id: string) => [transforms[id].inputs.input, transforms[id].outputs.None];
    assert.deepEqual(ends('external_1fn'), [words.node.id, first.node.id]);
    assert.deepEqual(ends('external_2fn'), [first.node.id, second.None.node.id]);
    assert.deepEqual(transforms.Upper.subtransforms, ['external_1fn']);
    assert.equal(transforms[lengths.node.producer].inputs.input, second.None.node.id);
    assert.equal(transforms.external_2fn.environmentId, 'external_1env');
    assert.deepEqual(Object.keys(proto.components?.environments ?? {}).sort(), ['external_1env', 'js']);
    assert.equal(pcollections[first.node.id].coderId, pcollections[words.node.id].coderId);
    assert.deepEqual(proto.requirements, ['beam:requirement:pardo:stateful:v1']);
  });
});

test('a service that writes another encoding is asked for the one that the program states', async () => {
  const pickled = { spec: { urn: 'beam:coder:pickled_python:v1', payload: BYTES } };
  const answers = { expand: (request: ExpansionRequest) => parDo(request, isAsked(request) ? STRING : pickled) };
  const isAsked = ({ outputCoderRequests }: ExpansionRequest) => Object.keys(outputCoderRequests).length > 0;
  await withExpansionService(answers, async (endpoint, requests) => {
    checkPipelineProto(await submittedProto(upper(endpoint, { output: coders.string })));
    assert.equal(requests.length, 2);
    const [, { outputCoderRequests, components }] = requests;
    assert.equal(components?.coders[outputCoderRequests.main].spec?.urn, 'beam:coder:string_utf8:v1');
  });
});

test('an output that is the input is copied', async () => {
  const expand = ({ transform, components }: ExpansionRequest): Init<ExpansionResponse> => ({
    components,
    transform: { ...transform, outputs: { out: transform?.inputs.input as string } },
  });
  await withExpansionService({ expand }, async (endpoint) => {
    const proto = await submittedProto(upper(endpoint, { output: coders.string }));
    checkPipelineProto(proto);
    assert.equal(proto.components?.transforms['Upper/Copy 0'].spec?.urn, 'beam:transform:flatten:v1');
  });
});

test('a service that refuses, or makes something else than the program says, is an error before the job begins', async () => {
  const refused = (code: string, text: RegExp) => (error: unknown) => {
    assert.ok(error instanceof PipelineError);
    assert.equal(error.code, code);
    assert.match(error.message, text);
    assert.match(error.message, /transform: Upper\n {2}at: {8}.*expansion\.test\.ts/);
    return true;
  };
  await withExpansionService({ expand: () => ({ error: 'Traceback: no such URN' }) }, async (endpoint) => {
    await assert.rejects(submittedProto(upper(endpoint, {})), refused('EXPANSION_FAILED', /no such URN/));
  });
  await withExpansionService({ expand: parDo }, async (endpoint) => {
    const output = coders.row({ n: coders.int64 });
    const another =
      /makes elements of the coder string_utf8 for the output 'main', and the program says row\{n: int64\}/;
    await assert.rejects(submittedProto(upper(endpoint, { output })), refused('EXPANSION_OUTPUT', another));
    const named = upper(endpoint, { output: { good: coders.string, bad: coders.string } });
    await assert.rejects(submittedProto(named), refused('EXPANSION_OUTPUT', /no output 'good'[\s\S]*are: 'None'/));
  });
  const unbounded = (request: ExpansionRequest) => {
    const response = parDo(request);
    const { pcollections } = response.components as { pcollections: Record<string, { isBounded: IsBounded }> };
    pcollections[`${request.namespace}out`].isBounded = IsBounded.UNBOUNDED;
    return response;
  };
  await withExpansionService({ expand: unbounded }, async (endpoint) => {
    const output = coders.string;
    await assert.rejects(
      submittedProto(upper(endpoint, { output })),
      refused('EXPANSION_OUTPUT', /an unbounded output/),
    );
    checkPipelineProto(await submittedProto(upper(endpoint, { output, unbounded: true })));
  });
});

test('what no other SDK can read does not cross, and the DirectRunner runs no transform of another SDK', async () => {
  const p = new Pipeline();
  const own = p.create([{ a: 1 }]);
  const any = expansion('localhost:1', 'my:urn', BYTES);
  const isNotStandard = (error: PipelineError) => {
    assert.equal(error.code, 'NOT_STANDARD');
    return /The input 'input' has the coder .*withCoder/s.test(error.message);
  };
  assert.throws(() => own.apply(any), isNotStandard);
  assert.throws(() => own.map('Pair', (each) => [each.a, 'b'] as const).apply(any), isNotStandard);
  await assert.rejects(
    upper('localhost:1', {}).run(),
    /only portable runners run \[EXTERNAL_TRANSFORM\][\s\S]*portable/,
  );
});

test('the transforms that a service offers by schema are listed with the coders of their configurations', async () => {
  const field = (name: string, atomicType: AtomicType) => ({ name, description: `the ${name}`, type: { atomicType } });
  const configSchema = { fields: [field('topic', AtomicType.STRING), field('limit', AtomicType.INT64)], id: 's' };
  const unknown = { fields: [{ name: 'x', type: {} }] };
  const discovered = {
    schemaTransformConfigs: {
      'my:write:v1': { configSchema: unknown },
      'my:read:v1': { configSchema, description: 'Reads.', outputPcollectionNames: ['output'] },
    },
  };
  await withExpansionService({ expand: parDo, discovered }, async (endpoint) => {
    const [{ coder, ...found }, ...others] = await discoverSchemaTransforms(endpoint);
    assert.deepEqual(others, []);
    assert.deepEqual(found, {
      identifier: 'my:read:v1',
      description: 'Reads.',
      fields: [
        { name: 'topic', description: 'the topic' },
        { name: 'limit', description: 'the limit' },
      ],
      inputs: [],
      outputs: ['output'],
    });
    assert.deepEqual(encodeToBytes(coder, { topic: 'a', limit: 5n }), Uint8Array.of(2, 0, 1, 0x61, 5));
  });
  await withExpansionService({ expand: parDo, discovered: { error: 'no class path' } }, async (endpoint) => {
    await assert.rejects(discoverSchemaTransforms(endpoint), /no class path \[EXPANSION_FAILED\]/);
  });
});

test('a service is asked once what it offers, however many transforms of it a pipeline has', async () => {
  let asked = 0;
  const fake = {
    expand: parDo,
    get discovered() {
      asked++;
      return {};
    },
  };
  await withExpansionService(fake, async (endpoint) => {
    const p = new Pipeline();
    const configuration = { coder: coders.row({ n: coders.int32 }), value: { n: 3 } };
    const settings = { output: coders.string };
    const words = p.create(['a', 'b'], coders.string);
    const first = words.apply('First', schemaTransform(endpoint, 'my:schema', configuration, settings));
    first.apply('Second', schemaTransform(endpoint, 'my:schema', configuration, settings));
    await submittedProto(p);
  });
  assert.equal(asked, 1);
});

test('of environments to choose from, a pipeline whose functions run here takes the one that runs', async () => {
  const environments = [{ urn: 'beam:env:docker:v1' }, { urn: 'beam:env:external:v1', payload: BYTES }];
  const anyOf = { urn: 'beam:env:anyof:v1', payload: AnyOfEnvironmentPayload.encode({ environments }) };
  const expand = (request: ExpansionRequest): Init<ExpansionResponse> => {
    const { components, ...response } = parDo(request);
    const id = `${request.namespace}env`;
    return { ...response, components: { ...components, environments: { ...components?.environments, [id]: anyOf } } };
  };
  await withExpansionService({ expand }, async (endpoint) => {
    const proto = await submittedProto(upper(endpoint, { output: coders.string }));
    const { urn, payload } = proto.components?.environments.external_1env ?? {};
    assert.deepEqual([urn, payload], ['beam:env:external:v1', BYTES]);
  });
});

test('configurations are rows with their schema, in the messages of each way to name a transform', async () => {
  const expand = () => ({ error: 'seen' });
  const type = (atomicType: AtomicType, nullable = false) => ({ atomicType, nullable });
  const fields = [
    { name: 'text', type: type(AtomicType.STRING) },
    { name: 'more', type: type(AtomicType.STRING, true) },
    { name: 'n', type: type(AtomicType.INT32) },
  ];
  const discovered = { schemaTransformConfigs: { 'my:schema': { configSchema: { fields } } } };
  await withExpansionService({ expand, discovered }, (publishing, complete) =>
    withExpansionService({ expand }, async (endpoint, requests) => {
      const configuration = {
        coder: coders.row({ text: coders.string, n: coders.int32 }),
        value: { text: 'ab', n: 3 },
      };
      // Two fields, no nulls, a string with its length, a varint.
      const row = Uint8Array.of(2, 0, 2, 0x61, 0x62, 3);
      const payloadOf = async (p: Pipeline): Promise<Uint8Array> => {
        await assert.rejects(submittedProto(p), /seen/);
        return requests.at(-1)?.transform?.spec?.payload ?? BYTES;
      };
      const names = (schema: { fields: { name: string }[] } | undefined) => schema?.fields.map(({ name }) => name);
      const p = () => new Pipeline();
      let built = p();
      built.apply(expansion(endpoint, 'my:urn', configuration));
      const external = ExternalConfigurationPayload.decode(await payloadOf(built));
      assert.deepEqual([names(external.schema), external.payload], [['text', 'n'], row]);
      built = p();
      built.apply(schemaTransform(endpoint, 'my:schema', configuration));
      const schema = SchemaTransformPayload.decode(await payloadOf(built));
      assert.deepEqual([schema.identifier, schema.configurationRow], ['my:schema', row]);
      assert.equal(requests.at(-1)?.transform?.spec?.urn, 'beam:expansion:payload:schematransform:v1');
      built = p();
      built.apply(schemaTransform(publishing, 'my:schema', configuration));
      await assert.rejects(submittedProto(built), /seen/);
      const published = SchemaTransformPayload.decode(complete.at(-1)?.transform?.spec?.payload ?? BYTES);
      // Three fields, of which the second is null.
      assert.deepEqual(published.configurationRow, Uint8Array.of(3, 1, 2, 2, 0x61, 0x62, 3));
      assert.deepEqual(names(published.configurationSchema), ['text', 'more', 'n']);
      built = p();
      const methods = [{ name: 'withText', args: configuration }, { name: 'build' }];
      built.apply(javaTransform(endpoint, 'org.example.Read', { constructorMethod: 'of', methods }));
      const java = JavaClassLookupPayload.decode(await payloadOf(built));
      assert.deepEqual(
        [java.className, java.constructorMethod, java.constructorPayload],
        ['org.example.Read', 'of', Uint8Array.of(0, 0)],
      );
      assert.deepEqual(
        java.builderMethods.map(({ name, payload }) => [name, payload]),
        [
          ['withText', row],
          ['build', Uint8Array.of(0, 0)],
        ],
      );
      built = p();
      built.apply(pythonTransform(endpoint, 'a.B', { kwargs: configuration }));
      const python = ExternalConfigurationPayload.decode(await payloadOf(built));
      assert.deepEqual(names(python.schema), ['constructor', 'kwargs']);
      assert.deepEqual(python.payload, Uint8Array.of(2, 0, 3, ...Buffer.from('a.B'), ...row));
      assert.throws(() => expansion(endpoint, 'u', { coder: coders.string, value: 'a' }), /EXPANSION_CONFIGURATION/);
    }),
  );
});
