import assert from 'node:assert/strict';
import { JobState } from '../../src/model/job-management.ts';
import type { Pipeline as PipelineProto } from '../../src/model/pipeline.ts';
import type { Pipeline } from '../../src/sdk/pipeline/pipeline.ts';
import { stateEvent, withJobServer } from './fake-job-server.ts';

/** What a portable runner is given when a pipeline is run on it. */
export async function submittedProto(pipeline: Pipeline): Promise<PipelineProto> {
  return withJobServer({ events: [stateEvent(JobState.DONE)] }, async ({ endpoint, prepared }) => {
    await pipeline.run({ runner: 'portable', endpoint });
    const [{ pipeline: proto }] = prepared;
    assert.ok(proto !== undefined);
    return proto;
  });
}
