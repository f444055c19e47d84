import { describeGraph } from '../../sdk/graph/fingerprint.ts';
import type { Pipeline } from '../../sdk/pipeline/pipeline.ts';
import type { Job } from '../../sdk/pipeline/pipeline-result.ts';
import type { Runner, RunOptions } from '../../sdk/pipeline/runner.ts';
import { planPipeline } from '../core/plan/planner.ts';
import { NodeSpillDisk } from '../worker/node-spill-disk.ts';
import { BundleExecutor, type ExecutorSettings } from '../worker/bundle-executor.ts';
import { DirectJob } from './direct-job.ts';
import { LocalWorker } from './local-worker.ts';
import { countRun, programReference } from './program-reference.ts';
import { type RunSettings, runSettings } from './run-settings.ts';
import { makeTempFolder, removeTempFolder } from './temp-folder.ts';
import { ThreadWorker } from './thread-worker.ts';

/**
 * Runs pipelines on this machine: on worker threads, or with `threads: 0` in the calling thread. Workers import the
 * program that builds the pipeline, so functions need not be serialised and closures over module scope work.
 */
export class DirectRunner implements Runner {
  async start(pipeline: Pipeline, options: RunOptions): Promise<Job> {
    const settings = runSettings(options);
    const { run, record } = countRun();
    const plan = planPipeline(pipeline.graph, options.disable);
    const program = settings.threads === 0 ? undefined : programReference(pipeline, run, options.program);
    const folder = makeTempFolder(settings.tempDir);
    const disk = new NodeSpillDisk(folder);
    const cleanUp = () => removeTempFolder(folder);
    process.once('exit', cleanUp);
    const executorSettings = settingsOf(settings, folder);

    const job = new DirectJob(
      pipeline.graph,
      plan,
      settings,
      options,
      disk,
      (id, owner) => {
        if (program !== undefined) {
          return new ThreadWorker(
            id,
            {
              program,
              pipeline: pipeline.name,
              graph: describeGraph(pipeline.graph),
              disable: options.disable ?? [],
              settings: executorSettings,
            },
            {
              ready: (worker) => owner.ready(worker),
              refused: (error) => owner.refused(error),
              message: (worker, message) => owner.coordinator.receive(worker, message),
              lost: (worker, error, ready) => owner.lost(worker, error, ready),
            },
          );
        }
        const worker = new LocalWorker(
          (control) =>
            new BundleExecutor(pipeline.graph, plan, executorSettings, {
              now: Date.now,
              disk,
              currentStep: control.words,
            }),
          (worker, message) => owner.coordinator.receive(worker, message),
        );
        setImmediate(() => owner.ready(worker.id));
        return worker;
      },
      () => {
        process.off('exit', cleanUp);
        cleanUp();
      },
    );
    job.wait().then(record, () => {});
    job.begin(Math.max(1, settings.threads), options.signal);
    return job;
  }
}

function settingsOf(settings: RunSettings, folder: string): ExecutorSettings {
  return {
    folder,
    partitions: settings.partitions,
    strict: settings.strict,
    // Half of the budget is for what is committed; see DirectJob.
    bufferBytes: settings.memory / 2 / Math.max(1, settings.threads),
  };
}
