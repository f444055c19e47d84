import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkPipelineProto } from '../../../test/support/check-pipeline-proto.ts';
import { MergeStatus } from '../../model/pipeline.ts';
import { graphToProto } from '../../sdk/graph/to-proto.ts';
import { windowingFromProto } from '../../sdk/graph/windowing-from-proto.ts';
import { type KV, Pipeline, sessions } from '../../sdk/index.ts';
import { declareMerged } from './declare-merged.ts';

test('windows that have merged do not merge again, whatever a runner looks at; all else of them stays', () => {
  const pipeline = new Pipeline();
  pipeline
    .create<KV<string, number>>([['a', 1]])
    .window(sessions({ gap: '10m' }), {
      allowedLateness: '2h',
      accumulation: 'accumulating',
      timestampCombiner: 'latest',
    })
    .groupByKey();
  const proto = graphToProto(pipeline.graph);
  declareMerged(proto);
  checkPipelineProto(proto);
  const { pcollections, windowingStrategies } = proto.components ?? assert.fail();
  const [before, after] = ['Window.main', 'GroupByKey.main'].map(
    (id) => windowingStrategies[pcollections[id].windowingStrategyId],
  );
  assert.equal(before.mergeStatus, MergeStatus.NEEDS_MERGE);
  assert.equal(after.mergeStatus, MergeStatus.NON_MERGING);
  assert.equal(windowingFromProto(after)?.windowFn.merge, undefined);
  assert.deepEqual(
    { ...after, windowFn: before.windowFn, mergeStatus: before.mergeStatus },
    { ...before, environmentId: after.environmentId },
  );
});
