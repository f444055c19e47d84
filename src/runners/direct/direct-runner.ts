import { setTimeout } from 'node:timers/promises';
import { workerData } from 'node:worker_threads';
import { breather } from '../../harness/breather.ts';
import { describeGraph } from '../../sdk/graph/fingerprint.ts';
import { checkRunner } from '../../sdk/options/check-runner.ts';
import type { Pipeline } from '../../sdk/pipeline/pipeline.ts';
import type { Job } from '../../sdk/pipeline/pipeline-result.ts';
import { type Runner, type RunOptions, startPipeline } from '../../sdk/pipeline/runner.ts';
import { cleanedUp } from '../core/job/cleaned-up.ts';
import type { ExecutionPlan } from '../core/plan/execution-plan.ts';
import { planPipeline } from '../core/plan/planner.ts';
import { isInsideJob, optionsInsideJob } from '../program/inside-job.ts';
import { programReference } from '../program/program-reference.ts';
import { countRun, type ProgramRun } from '../program/program-runs.ts';
import { BundleExecutor, type ExecutorSettings } from '../worker/bundle-executor.ts';
import { NodeSpillDisk } from '../worker/node-spill-disk.ts';
import { checkMemory } from './check-memory.ts';
import type { CheckpointFolder } from './checkpoint-folder.ts';
import { DirectJob, type SpawnWorker } from './direct-job.ts';
import { LocalWorker } from './local-worker.ts';
import { type RunSettings, runSettings } from './run-settings.ts';
import { makeTempFolder, removeTempFolder } from './temp-folder.ts';
import { ThreadWorker } from './thread-worker.ts';

/**
 * Runs pipelines on this machine: on worker threads, or with `threads: 0` in the calling thread. Workers import the
 * program that builds the pipeline, so functions need not be serialised and closures over module scope work.
 */
export class DirectRunner implements Runner {
  async start(pipeline: Pipeline, options: RunOptions): Promise<Job> {
    // On a worker that is on its way through the program, no run is a run.
    if (isWorker() && !isInsideJob()) return startPipeline(pipeline, options);
    const run = countRun();
    try {
      const job = await begin(pipeline, optionsInsideJob(options, pipeline.name), run);
      job.wait().then(run.ended, run.failed);
      return job;
    } catch (error) {
      run.failed(error);
      throw error;
    }
  }
}

async function begin(pipeline: Pipeline, options: RunOptions, run: ProgramRun): Promise<Job> {
  checkRunner(options);
  const settings = runSettings(options);
  const { graph } = pipeline;
  const plan = planPipeline(graph, options.disable);
  if (plan.inSteps) {
    // Loaded when it is needed: a batch pipeline starts without it.
    const { StreamJob } = await import('./stream-job.ts');
    const checkpoints = options.checkpointDir === undefined ? undefined : await openCheckpoints(options.checkpointDir);
    const attached = options.attachable === true ? await import('./attached-jobs.ts') : undefined;
    const job = new StreamJob({ graph, plan, settings, options, checkpoints, onStall: () => attached?.tellStall(job) });
    job.begin();
    attached?.attach({ name: pipeline.name, checkpointDir: checkpoints?.path, job });
    // What it leaves behind belongs to its checkpoint: the next run goes on with it.
    return checkpoints === undefined ? cleanedUp(job, pipeline) : job;
  }
  if (options.checkpointDir !== undefined) process.emitWarning(noCheckpoints(pipeline.name));
  return cleanedUp(beginBatch(pipeline, plan, options, settings, run), pipeline);
}

function noCheckpoints(name: string): string {
  return (
    `'${name}' keeps no checkpoints and begins anew each time it is run, whatever its checkpointDir says: ` +
    'only pipelines with unbounded input, state or timers keep them'
  );
}

async function openCheckpoints(directory: string): Promise<CheckpointFolder> {
  const { openCheckpointFolder } = await import('./checkpoint-folder.ts');
  return openCheckpointFolder(directory);
}

function beginBatch(
  pipeline: Pipeline,
  plan: ExecutionPlan,
  options: RunOptions,
  settings: RunSettings,
  run: ProgramRun,
): DirectJob {
  checkMemory(plan, settings);
  const { graph } = pipeline;
  const program = settings.threads === 0 ? undefined : programReference(pipeline, run, options.program);
  const description = program === undefined ? [] : describeGraph(graph);
  const folder = makeTempFolder(settings.tempDir);
  const disk = new NodeSpillDisk(folder);
  const executorSettings = settingsOf(settings, folder);

  const spawnLocal: SpawnWorker = (_id, job) => {
    const worker = new LocalWorker(
      folder,
      (control) =>
        new BundleExecutor(graph, plan, executorSettings, {
          now: Date.now,
          disk,
          closeFiles: () => disk.close(),
          currentStep: control.words,
          counts: control.counts,
          breathe: breather(),
          sleep: (millis) => setTimeout(millis),
        }),
      (id, message) => job.coordinator.receive(id, message),
      (stage, millis, elements) => job.profile.share(stage, millis, elements),
    );
    setImmediate(() => job.ready(worker.id));
    return worker;
  };

  const spawnThread =
    (reference: NonNullable<typeof program>): SpawnWorker =>
    (id, job) => {
      const start = {
        program: reference,
        pipeline: pipeline.name,
        graph: description,
        disable: options.disable ?? [],
        settings: executorSettings,
      };
      return new ThreadWorker(id, start, {
        ready: (worker) => job.ready(worker),
        refused: (error) => job.refused(error),
        message: (worker, message) => job.coordinator.receive(worker, message),
        lost: (worker, error, ready) => job.lost(worker, error, ready),
      });
    };

  const job = new DirectJob({
    graph,
    plan,
    settings,
    options,
    disk,
    spawn: program === undefined ? spawnLocal : spawnThread(program),
    cleanUp: () => removeTempFolder(folder),
  });
  job.begin();
  return job;
}

function isWorker(): boolean {
  return typeof workerData === 'object' && workerData !== null && 'millrace' in workerData;
}

/** Runs that a worker merges at once: each has a block of 256 KiB in memory, and compressed ones as much again. */
const MOST_RUNS = 64;
const LEAST_RUNS = 8;
/** Of a worker's bytes for its data, so many for each of these runs. */
const BYTES_PER_RUN = 4 * 1024 * 1024;

function settingsOf(settings: RunSettings, folder: string): ExecutorSettings {
  // The other half is for what is committed and for reading; see DirectJob.
  const bufferBytes = settings.memory / 2 / Math.max(1, settings.threads);
  return {
    folder,
    partitions: settings.partitions,
    strict: settings.strict,
    redactErrors: settings.redactErrors,
    bufferBytes,
    fanIn: Math.min(MOST_RUNS, Math.max(LEAST_RUNS, Math.floor(bufferBytes / BYTES_PER_RUN))),
  };
}
