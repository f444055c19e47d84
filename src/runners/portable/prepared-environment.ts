import type { StartWorkerRequest } from '../../model/fn-execution.ts';
import type { Environment, Init } from '../../model/pipeline.ts';
import type { Pipeline } from '../../sdk/pipeline/pipeline.ts';
import type { RunOptions } from '../../sdk/pipeline/runner.ts';
import { programReference } from '../program/program-reference.ts';
import type { ProgramRun } from '../program/program-runs.ts';
import { startSdkWorker } from '../sdk-worker/sdk-worker.ts';
import type { StagedFile } from './artifact-staging.ts';
import type { CollectedElements } from './collected-elements.ts';
import { dockerEnvironment, externalEnvironment, processEnvironment } from './environment.ts';
import type { JobFailure } from './job-failure.ts';
import { LoopbackWorkers, reachOf } from './loopback-workers.ts';
import { writeBootScript } from './staging/boot-script.ts';
import { stageProgram } from './staging/stage-program.ts';

/** Where a job's functions run, made ready. */
export interface PreparedEnvironment {
  readonly proto: Init<Environment>;
  /** What workers need. */
  readonly files: readonly StagedFile[];
  /** To be called at the end of the job. */
  close(): Promise<void>;
}

/** What workers in this process report to. */
export interface LocalReports {
  readonly collected: CollectedElements;
  readonly failure: JobFailure;
}

/** Makes ready what the option `environment` asks for. */
export async function prepareEnvironment(
  pipeline: Pipeline,
  options: RunOptions,
  run: ProgramRun,
  reports: LocalReports,
): Promise<PreparedEnvironment> {
  const { environment = 'loopback', environmentConfig: config } = options;
  if (environment === 'loopback') return loopback(pipeline, options, reports);
  const staged = await stageProgram(pipeline, programReference(pipeline, run, options.program), options);
  const dependencies = staged.files.map(({ artifact }) => artifact);
  const close = async (): Promise<void> => staged.remove();
  const make = { docker: dockerEnvironment, external: externalEnvironment, process: processEnvironment }[environment];
  const proto = { ...make(config ?? writeBootScript(staged.folder)), dependencies };
  return { proto, files: staged.files, close };
}

async function loopback(
  pipeline: Pipeline,
  { strict = false, redactErrors = false }: RunOptions,
  { collected, failure }: LocalReports,
): Promise<PreparedEnvironment> {
  const startWorker = (request: StartWorkerRequest) =>
    startSdkWorker({
      ...reachOf(request),
      pipeline,
      onCollected: (transform, elements) => collected.add(transform, elements),
      onFailure: (error) => failure.failed(error),
      strict,
      redactErrors,
    });
  const workers = new LoopbackWorkers(startWorker, (error) => failure.failed(error));
  return { proto: externalEnvironment(await workers.listen()), files: [], close: () => workers.close() };
}
