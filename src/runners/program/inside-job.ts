import { AsyncLocalStorage } from 'node:async_hooks';
import { PipelineError } from '../../sdk/errors.ts';
import type { RunOptions } from '../../sdk/pipeline/runner.ts';

/** Follows user functions through their promises and timers: a stack or a flag would lose them at the first `await`. */
const inside = new AsyncLocalStorage<InsideJob>();

interface InsideJob {
  /** Folder of the job's temporary files. */
  readonly folder: string;
}

/** Does a part of a job's work: what its user functions start knows that it was started there. */
export function insideJob<T>(folder: string, work: () => T): T {
  return inside.run({ folder }, work);
}

/** Whether the caller is a user function of a job. */
export function isInsideJob(): boolean {
  return inside.getStore() !== undefined;
}

/**
 * The options of a run that a user function starts, with its temporary files among those of the job: they go when it
 * ends, however it does. Outside of jobs, the options as they are.
 *
 * @throws PipelineError `NESTED_RUN` when it asks for threads: a worker of a worker would not find the pipeline in the
 *   program, which waits for the outer run.
 */
export function optionsInsideJob(options: RunOptions, name: string): RunOptions {
  const job = inside.getStore();
  if (job === undefined) return options;
  if (options.threads === 0) return { ...options, tempDir: job.folder };
  throw new PipelineError('NESTED_RUN', `The pipeline '${name}' is run by a function of another pipeline`, {
    hint: 'run it before or after the other one, or make it a part of that; a small one may run there with threads: 0',
  });
}
