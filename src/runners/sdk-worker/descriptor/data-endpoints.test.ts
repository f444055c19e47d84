import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stageDescriptor } from '../../../../test/support/fn-stage.ts';
import { mapStage } from '../../../../test/support/served-stage.ts';
import { ProcessBundleDescriptor } from '../../../model/fn-execution.ts';
import type { Init } from '../../../model/proto/message-type.ts';
import { RunnerTransformUrn } from '../../../model/urns.ts';
import { dataEndpoints } from './data-endpoints.ts';

const stage = stageDescriptor(
  mapStage((n) => n),
  { data: 'd:1' },
);

function endpointsOf(descriptor: Init<ProcessBundleDescriptor>): readonly string[] {
  return [...dataEndpoints(ProcessBundleDescriptor.decode(ProcessBundleDescriptor.encode(descriptor)))];
}

test('the addresses of ports and timers, each once', () => {
  assert.deepEqual(endpointsOf(stage), ['d:1']);
  assert.deepEqual(endpointsOf({ ...stage, timerApiServiceDescriptor: { url: 't:1' } }), ['t:1', 'd:1']);
  assert.deepEqual(endpointsOf({}), []);
});

test('a descriptor that is malformed has none', () => {
  const port = { uniqueName: 'in', spec: { urn: RunnerTransformUrn.DATA_SOURCE, payload: Uint8Array.of(0xff) } };
  assert.deepEqual(endpointsOf({ ...stage, transforms: { ...stage.transforms, port } }), []);
});
