import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type ProvisionInfo, ProvisionService } from '../../../model/fn-execution.ts';
import { RunnerError } from '../../../sdk/errors.ts';
import { insideJob } from '../../program/inside-job.ts';
import { obtainPipeline } from '../../program/obtain-pipeline.ts';
import { checkSameGraph } from '../../program/same-graph.ts';
import { type ChannelSettings, GrpcChannel } from '../../rpc/grpc-channel.ts';
import { refuseWork } from '../../sdk-worker/refusing-worker.ts';
import { type SdkWorkerOptions, startSdkWorker } from '../../sdk-worker/sdk-worker.ts';
import { MANIFEST, readManifest } from '../staging/staged-program.ts';
import { retrieveArtifacts, retrieveLegacyArtifacts } from './retrieve-artifacts.ts';

/** What a runner tells a worker that it starts: Beam's container contract. Endpoints that are missing come with the provision. */
export interface WorkerContract {
  readonly id: string;
  readonly provisionEndpoint: string;
  readonly controlEndpoint?: string | undefined;
  readonly loggingEndpoint?: string | undefined;
  readonly artifactEndpoint?: string | undefined;
  /** Folder for what is fetched; default a temporary one. */
  readonly folder?: string | undefined;
}

/**
 * Serves a runner with the functions of a program that was staged, in this process: fetches the program, imports it, compares
 * its pipeline with the one that was submitted, and works until the runner has had enough.
 *
 * @throws RunnerError `PROGRAM_NOT_STAGED`, `RPC_…`; PipelineError `GRAPH_DIFFERS`, `PROGRAM_FAILED`
 */
export async function bootWorker(contract: WorkerContract): Promise<void> {
  const { id } = contract;
  const settings = { metadata: { worker_id: id } };
  const provision = new GrpcChannel(contract.provisionEndpoint, settings);
  const { info } = await provision.call(ProvisionService.getProvisionInfo, {});
  provision.close();
  const controlEndpoint = info?.controlEndpoint?.url || contract.controlEndpoint;
  const artifactEndpoint = info?.artifactEndpoint?.url || contract.artifactEndpoint;
  const loggingEndpoint = info?.loggingEndpoint?.url || contract.loggingEndpoint;
  const statusEndpoint = info?.statusEndpoint?.url;
  if (controlEndpoint === undefined) {
    throw new RunnerError('CONTROL_ENDPOINT_MISSING', 'The runner does not say where it is to be served');
  }

  const folder = mkdtempSync(join(contract.folder ?? tmpdir(), 'millrace-worker-'));
  const runner = {
    id,
    controlEndpoint,
    ...(loggingEndpoint === undefined ? {} : { loggingEndpoint }),
    ...(statusEndpoint === undefined ? {} : { statusEndpoint }),
  };
  try {
    const staged = await fetchProgram(folder, artifactEndpoint, info, settings).catch(async (error: unknown) => {
      // Else nobody but this process knows, and the runner waits.
      await refuseWork(runner, error);
      throw error;
    });
    const worker = insideJob(folder, () => startSdkWorker({ ...runner, ...staged, tellsConsole: true }));
    await worker.done;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Fetches the program into the folder, and takes its pipeline out of its hands. */
async function fetchProgram(
  folder: string,
  artifactEndpoint: string | undefined,
  info: ProvisionInfo | undefined,
  settings: ChannelSettings,
): Promise<Pick<SdkWorkerOptions, 'pipeline' | 'strict' | 'redactErrors'>> {
  if (artifactEndpoint !== undefined) {
    const channel = new GrpcChannel(artifactEndpoint, settings);
    const { dependencies = [], retrievalToken = '' } = info ?? {};
    const isLegacy = dependencies.length === 0 && retrievalToken !== '';
    if (isLegacy) await retrieveLegacyArtifacts(channel, retrievalToken, folder);
    else await retrieveArtifacts(channel, dependencies, folder);
    channel.close();
  }
  const manifest = join(folder, MANIFEST);
  if (!existsSync(manifest)) {
    throw new RunnerError('PROGRAM_NOT_STAGED', 'No program was staged for this worker', {
      hint: 'workers of Millrace serve pipelines that were submitted by Millrace with the same environment',
    });
  }
  const { pipeline: name, graph, reference, module, strict, redactErrors } = readManifest(readFileSync(manifest));
  process.setSourceMapsEnabled(true);
  resolveOwnPackage();
  process.argv.splice(1, process.argv.length, reference.main ?? '', ...reference.argv);
  const pipeline = await obtainPipeline({ ...reference, url: pathToFileURL(join(folder, module)).href }, name);
  checkSameGraph(graph, pipeline.graph, 'the submitting program', 'wherever it runs');
  return { pipeline, strict, redactErrors };
}

/** A staged program lies where no package is installed: its imports of Millrace are this one. */
function resolveOwnPackage(): void {
  registerHooks({
    resolve(specifier, context, next) {
      const isOwn = specifier === 'millrace' || specifier.startsWith('millrace/');
      return next(specifier, isOwn ? { ...context, parentURL: import.meta.url } : context);
    },
  });
}
