import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkPipelineProto } from '../../../test/support/check-pipeline-proto.ts';
import { TransformUrn } from '../../model/urns.ts';
import { graphToProto } from '../../sdk/graph/to-proto.ts';
import {
  afterCount,
  coders,
  globalWindows,
  type KV,
  mean,
  type PCollection,
  Pipeline,
  repeatedly,
} from '../../sdk/index.ts';
import { liftCombines } from './lift-combines.ts';

function translated(build: (pairs: PCollection<KV<string, number>>) => void) {
  const pipeline = new Pipeline();
  build(pipeline.create<KV<string, number>>([['a', 1]], coders.kv(coders.string, coders.double)));
  const proto = graphToProto(pipeline.graph);
  liftCombines(proto);
  checkPipelineProto(proto);
  const { transforms, pcollections, coders: specs } = proto.components ?? assert.fail();
  const [combine] = Object.values(transforms).filter(({ spec }) => spec?.urn === TransformUrn.COMBINE_PER_KEY);
  const urnsOf = (coder: string): unknown => {
    const { spec, componentCoderIds } = specs[coder];
    return componentCoderIds.length === 0 ? spec?.urn : [spec?.urn, ...componentCoderIds.map(urnsOf)];
  };
  return {
    inside: combine.subtransforms.map((id) => transforms[id].spec?.urn),
    coderAfter: (step: number) =>
      urnsOf(pcollections[Object.values(transforms[combine.subtransforms[step]].outputs)[0]].coderId),
  };
}

test('a combine is put before and behind its grouping', () => {
  const { inside, coderAfter } = translated((pairs) => pairs.combinePerKey(mean()));
  assert.deepEqual(inside, [
    TransformUrn.COMBINE_PER_KEY_PRECOMBINE,
    TransformUrn.GROUP_BY_KEY,
    TransformUrn.COMBINE_PER_KEY_MERGE_ACCUMULATORS,
    TransformUrn.COMBINE_PER_KEY_EXTRACT_OUTPUTS,
  ]);
  const text = 'beam:coder:string_utf8:v1';
  const accumulator = (coderAfter(0) as unknown[])[2];
  assert.deepEqual(coderAfter(0), ['beam:coder:kv:v1', text, accumulator]);
  assert.deepEqual(coderAfter(1), ['beam:coder:kv:v1', text, ['beam:coder:iterable:v1', accumulator]]);
  assert.deepEqual(coderAfter(2), coderAfter(0));
});

test('a combine whose trigger counts elements is left alone', () => {
  const { inside } = translated((pairs) => {
    const trigger = repeatedly(afterCount(2));
    pairs.window(globalWindows(), { trigger, accumulation: 'discarding' }).combinePerKey(mean());
  });
  assert.deepEqual(inside, [TransformUrn.GROUP_BY_KEY, TransformUrn.COMBINE_GROUPED_VALUES]);
});

test('nothing is left of a combine that another SDK has spelled out deeper', () => {
  const pipeline = new Pipeline();
  pipeline.create<KV<string, number>>([['a', 1]], coders.kv(coders.string, coders.double)).combinePerKey(mean());
  const proto = graphToProto(pipeline.graph);
  const { transforms } = proto.components ?? assert.fail();
  const [id, combining] =
    Object.entries(transforms).find(([, { spec }]) => spec?.urn === TransformUrn.COMBINE_GROUPED_VALUES) ??
    assert.fail();
  // As in Java: a composite in which the only step is one of a composite.
  for (const [parent, child] of [
    [id, `${id}/ParDo`],
    [`${id}/ParDo`, `${id}/ParDo/ParMultiDo`],
  ]) {
    transforms[parent].subtransforms = [child];
    transforms[child] = { ...combining, spec: { urn: TransformUrn.PAR_DO, payload: new Uint8Array() } };
    transforms[child].subtransforms = [];
    transforms[child].uniqueName = child;
  }
  checkPipelineProto(proto);
  liftCombines(proto);
  checkPipelineProto(proto);
});
