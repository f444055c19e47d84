import type { Pipeline } from '../../../sdk/pipeline/pipeline.ts';
import type { Job, PipelineResult } from '../../../sdk/pipeline/pipeline-result.ts';

/** The same job; when it fails, its end comes after what its transforms have left behind is removed. */
export function cleanedUp(job: Job, pipeline: Pipeline): Job {
  const end = async (error: unknown): Promise<PipelineResult> => {
    await pipeline.cleanUp();
    throw error;
  };
  const ended = job.wait().catch(end);
  // Whoever started the job may never wait for it.
  ended.catch(() => {});
  return {
    wait: () => ended,
    async cancel(reason) {
      await job.cancel(reason);
      await ended.catch(() => {});
    },
    async drain() {
      await job.drain();
      await ended.catch(() => {});
    },
    async stop(reason) {
      await job.stop(reason);
      await ended.catch(() => {});
    },
    progress: () => job.progress(),
  };
}
