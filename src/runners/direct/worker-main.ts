import { parentPort, workerData } from 'node:worker_threads';
import { PipelineError } from '../../sdk/errors.ts';
import { describeGraph, firstDifference } from '../../sdk/graph/fingerprint.ts';
import type { Pipeline } from '../../sdk/pipeline/pipeline.ts';
import { findDefinition } from '../../sdk/pipeline/pipeline-definition.ts';
import type { Job } from '../../sdk/pipeline/pipeline-result.ts';
import { interceptRuns } from '../../sdk/pipeline/runner.ts';
import type { FromWorker, ToWorker } from '../core/coordination/messages.ts';
import { plainError } from '../core/coordination/plain-error.ts';
import { planPipeline } from '../core/plan/planner.ts';
import { NodeSpillDisk } from '../worker/node-spill-disk.ts';
import { BundleControl } from '../worker/bundle-control.ts';
import { BundleExecutor } from '../worker/bundle-executor.ts';
import { PipelineWorker } from '../worker/pipeline-worker.ts';
import { finishedJob } from './finished-job.ts';
import type { ProgramReference, WorkerGone, WorkerReady, WorkerStart } from './worker-start.ts';

const port = parentPort as NonNullable<typeof parentPort>;
const start = (workerData as { millrace: WorkerStart }).millrace;
const post = (message: WorkerReady | WorkerGone | FromWorker): void => port.postMessage(message);

try {
  serve(await obtainPipeline(start.program, start.pipeline));
} catch (error) {
  post({ type: 'refused', error: plainError(error) });
}

/**
 * Imports the user's program and takes the pipeline out of its hands. A program that runs the pipeline at its top level
 * never gets past that `run()`, so what follows is done once, in the main thread.
 */
async function obtainPipeline(program: ProgramReference, name: string): Promise<Pipeline> {
  let runs = 0;
  const intercepted = new Promise<Pipeline>((resolve) => {
    interceptRuns((pipeline) => {
      const run = runs++;
      if (program.definition === undefined ? run === program.run : pipeline.name === name) resolve(pipeline);
      const earlier = program.earlier[run];
      if (program.definition === undefined && run < program.run && earlier !== undefined) {
        return Promise.resolve(finishedJob(earlier));
      }
      return new Promise<Job>(() => {});
    });
  });
  const imported = import(program.url).then(() => {
    const { definition } = program;
    const found = definition === undefined ? undefined : findDefinition(definition.name);
    if (definition !== undefined && found !== undefined) return found.build(definition.values as never);
    if (runs > program.run) return intercepted;
    throw new PipelineError(
      'PIPELINE_NOT_FOUND',
      `A worker imported the program and did not meet the pipeline '${name}'`,
      {
        resource: program.url,
        hint: 'call run() at the top level of the program, not in a callback that only the main thread reaches; else run with threads: 0',
      },
    );
  });
  return Promise.race([intercepted, imported]);
}

function serve(pipeline: Pipeline): void {
  const difference = firstDifference(start.graph, describeGraph(pipeline.graph));
  if (difference !== undefined) {
    throw new PipelineError('GRAPH_DIFFERS', 'A worker built another pipeline than the main thread', {
      hint: `${difference}. A program must build the same graph on every thread: no clock, randomness or input of the moment may shape it`,
    });
  }
  const control = new BundleControl(start.control);
  const executor = new BundleExecutor(pipeline.graph, planPipeline(pipeline.graph, start.disable), start.settings, {
    now: Date.now,
    disk: new NodeSpillDisk(start.settings.folder),
    currentStep: control.words,
  });
  const worker = new PipelineWorker(executor, control, post);
  port.on('message', (message: ToWorker) => {
    worker.receive(message);
    if (message.type === 'end') {
      void worker
        .end()
        .catch((error) => process.emitWarning(error instanceof Error ? error : String(error)))
        .finally(() => post({ type: 'gone' }));
    }
  });
  post({ type: 'ready' });
}
