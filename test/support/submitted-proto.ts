import assert from 'node:assert/strict';
import { JobState } from '../../src/model/job-management.ts';
import type { Pipeline as PipelineProto } from '../../src/model/pipeline.ts';
import type { Pipeline } from '../../src/sdk/pipeline/pipeline.ts';
import { FakeJobServer, stateEvent } from './fake-job-server.ts';

/** What a portable runner is given when a pipeline is run on it. */
export async function submittedProto(pipeline: Pipeline): Promise<PipelineProto> {
  const server = new FakeJobServer();
  await server.listen({ events: [stateEvent(JobState.DONE)] });
  try {
    await pipeline.run({ runner: 'portable', endpoint: server.endpoint });
  } finally {
    server.close();
  }
  const [{ pipeline: proto }] = server.prepared;
  assert.ok(proto !== undefined);
  return proto;
}
