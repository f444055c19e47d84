import { PipelineError } from '../../sdk/errors.ts';
import type { Pipeline } from '../../sdk/pipeline/pipeline.ts';
import { findDefinition } from '../../sdk/pipeline/pipeline-definition.ts';
import type { Job } from '../../sdk/pipeline/pipeline-result.ts';
import { interceptRuns, startOnRunner } from '../../sdk/pipeline/runner.ts';
import { plainError, reviveError } from '../core/coordination/plain-error.ts';
import { finishedJob } from '../core/job/job-result.ts';
import { isInsideJob } from './inside-job.ts';
import type { ProgramReference } from './program-reference.ts';

/**
 * Imports the user's program and takes the pipeline out of its hands. A program that runs the pipeline at its top level
 * never gets past that `run()`, so what follows is done once, in the main thread.
 *
 * @throws PipelineError `PIPELINE_NOT_FOUND`, or `PROGRAM_FAILED` with what the program threw.
 */
export async function obtainPipeline(program: ProgramReference, name: string): Promise<Pipeline> {
  // So that `if (process.argv[1] === …)` is true here if it is in the main thread.
  if (program.main !== undefined) process.argv[1] = program.main;
  const restore = mute(process.stdout);
  try {
    return await Promise.race([interceptedRun(program, name), imported(program, name)]);
  } finally {
    restore();
  }
}

/** What the program prints before it comes to the pipeline, the main thread has printed already. */
function mute(stream: NodeJS.WriteStream): () => void {
  const { write } = stream;
  stream.write = (...args: unknown[]): boolean => {
    const done = args.at(-1);
    if (typeof done === 'function') process.nextTick(done as () => void);
    return true;
  };
  return () => {
    stream.write = write;
  };
}

function interceptedRun(program: ProgramReference, name: string): Promise<Pipeline> {
  let runs = 0;
  return new Promise((resolve) => {
    interceptRuns(async (pipeline, options) => {
      // The interceptor stays while the worker serves, and then user functions may come by.
      if (isInsideJob()) return startOnRunner(pipeline, options);
      const run = runs++;
      if (program.definition === undefined) {
        const earlier = program.earlier[run];
        if (run < program.run && earlier !== undefined) {
          if ('error' in earlier) throw reviveError(earlier.error);
          return finishedJob(earlier.result, pipeline.graph);
        }
        if (run === program.run) resolve(pipeline);
      } else if (pipeline.name === name) resolve(pipeline);
      return new Promise<Job>(() => {});
    });
  });
}

async function imported({ url, definition }: ProgramReference, name: string): Promise<Pipeline> {
  try {
    await import(url);
  } catch (cause) {
    const { name: type, summary } = plainError(cause);
    throw new PipelineError('PROGRAM_FAILED', `The program could not be imported by a worker: ${type}: ${summary}`, {
      resource: url,
      cause,
      hint: 'every worker thread imports the program up to run(): what it does before that must work on each of them',
    });
  }
  const found = definition === undefined ? undefined : findDefinition(definition.name);
  if (definition !== undefined && found !== undefined) return found.build(definition.values as never);
  // The program may come to its run later: it is over when nothing is left to happen on this thread.
  await new Promise((resolve) => process.once('beforeExit', resolve));
  throw new PipelineError(
    'PIPELINE_NOT_FOUND',
    `A worker imported the program and did not meet the pipeline '${name}'`,
    {
      resource: url,
      hint: 'call run() at the top level of the program, not behind import.meta.main or in a callback that only the main thread reaches; else run with threads: 0',
    },
  );
}
