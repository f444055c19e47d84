import type { PrepareJobResponse } from '../../model/job-management.ts';
import { RunnerError } from '../../sdk/errors.ts';
import { graphToProto } from '../../sdk/graph/to-proto.ts';
import { checkRunner, unusedByPortable } from '../../sdk/options/check-runner.ts';
import type { Pipeline } from '../../sdk/pipeline/pipeline.ts';
import type { Job } from '../../sdk/pipeline/pipeline-result.ts';
import type { Runner, RunOptions } from '../../sdk/pipeline/runner.ts';
import { abortReason } from '../core/job/abort-reason.ts';
import { cleanedUp } from '../core/job/cleaned-up.ts';
import { countRun, type ProgramRun } from '../program/program-runs.ts';
import { GrpcChannel, type StreamSettings } from '../rpc/grpc-channel.ts';
import { offerArtifacts, STAGING_SILENCE_MILLIS, type StagedFile } from './artifact-staging.ts';
import { checkPortable } from './check-portable.ts';
import { CollectedElements } from './collected-elements.ts';
import { declareMerged } from './declare-merged.ts';
import { expandExternals } from './expansion/expand-externals.ts';
import { ExpandedArtifacts } from './expansion/expanded-artifacts.ts';
import { JobClient } from './job-client.ts';
import { JobFailure } from './job-failure.ts';
import { liftCombines } from './lift-combines.ts';
import { pipelineOptions } from './pipeline-options.ts';
import { PortableJob } from './portable-job.ts';
import { type PortableSettings, portableSettings } from './portable-settings.ts';
import { type PreparedEnvironment, prepareEnvironment } from './prepared-environment.ts';
import { putArtifacts } from './staging/legacy-staging.ts';

/**
 * Runs pipelines on runners that take jobs by Beam's Job API, such as Prism and Flink. The option `endpoint` says where the job
 * server is, `environment` where the program's functions run.
 */
export class PortableRunner implements Runner {
  async start(pipeline: Pipeline, options: RunOptions): Promise<Job> {
    const run = countRun();
    try {
      const job = await begin(pipeline, options, run);
      job.wait().then(run.ended, run.failed);
      return job;
    } catch (error) {
      run.failed(error);
      await pipeline.cleanUp();
      throw error;
    }
  }
}

async function begin(pipeline: Pipeline, options: RunOptions, run: ProgramRun): Promise<Job> {
  const { graph } = pipeline;
  checkRunner({ ...options, runner: 'portable' });
  checkPortable(graph, options.environment);
  const settings = portableSettings(options);
  const unused = unusedByPortable(options);
  if (unused.length > 0) process.emitWarning(`The portable runner has no use for these options: ${unused.join(', ')}`);
  const failure = new JobFailure();
  const kept = [...graph.transforms.values()].filter(({ spec }) => spec?.kind === 'collect');
  const collected = new CollectedElements(kept.map(({ name }) => name));
  const environment = await prepareEnvironment(pipeline, options, run, { collected, failure });
  const channel = new GrpcChannel(settings.endpoint, settings.channel);
  const artifacts = new ExpandedArtifacts(options.tempDir);
  const close = async (): Promise<void> => {
    await environment.close();
    channel.close();
    await artifacts.close();
  };
  try {
    const client = new JobClient(channel);
    const id = await submit(client, pipeline, environment, artifacts, settings, options);
    const job = new PortableJob({ id, client, graph, options, failure, collected, close });
    return cleanedUp(job, pipeline);
  } catch (error) {
    await close();
    throw options.signal?.aborted && isCancelled(error) ? cancelled(options.signal, error) : error;
  }
}

function isCancelled(error: unknown): boolean {
  return error instanceof RunnerError && error.code === 'RPC_CANCELLED';
}

/** A job that was cancelled before its runner had it. */
function cancelled(signal: AbortSignal, cause: unknown): RunnerError {
  return new RunnerError('CANCELLED', abortReason(signal), { cause });
}

/** Expands, prepares, stages and runs. @returns the job's id */
async function submit(
  client: JobClient,
  { name, graph }: Pipeline,
  environment: PreparedEnvironment,
  artifacts: ExpandedArtifacts,
  settings: PortableSettings,
  { signal, runnerOptions = {}, environment: kind = 'loopback' }: RunOptions,
): Promise<string> {
  const proto = graphToProto(graph, environment.proto);
  const options = pipelineOptions(name, graph, runnerOptions);
  const isLocal = kind === 'loopback';
  await expandExternals(proto, graph, { pipelineOptions: options, artifacts, isLocal, signal });
  declareMerged(proto);
  liftCombines(proto);
  const prepared = await client.prepare({ pipeline: proto, pipelineOptions: options, jobName: name }, signal);
  const files = [...environment.files, ...artifacts.files];
  return client.run(prepared.preparationId, await stage(prepared, files, settings, signal), options);
}

/** @returns the token by which workers of an old server retrieve what was staged; empty with others */
async function stage(
  { artifactStagingEndpoint, stagingSessionToken }: PrepareJobResponse,
  files: readonly StagedFile[],
  settings: PortableSettings,
  signal: AbortSignal | undefined,
): Promise<string> {
  const endpoint = artifactStagingEndpoint?.url ?? '';
  if (endpoint === '') return '';
  const channel = new GrpcChannel(endpoint, settings.channel);
  const limits: StreamSettings = { signal, silenceMillis: STAGING_SILENCE_MILLIS };
  try {
    await offerArtifacts(channel, stagingSessionToken, files, limits);
    return '';
  } catch (error) {
    if (!(error instanceof RunnerError) || error.code !== 'RPC_UNIMPLEMENTED') throw error;
    return files.length === 0 ? '' : await putArtifacts(channel, stagingSessionToken, files, limits);
  } finally {
    channel.close();
  }
}
