import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ProvisionService } from '../../../model/fn-execution.ts';
import { RunnerError } from '../../../sdk/errors.ts';
import { insideJob } from '../../program/inside-job.ts';
import { obtainPipeline } from '../../program/obtain-pipeline.ts';
import { checkSameGraph } from '../../program/same-graph.ts';
import { GrpcChannel } from '../../rpc/grpc-channel.ts';
import { startSdkWorker } from '../../sdk-worker/sdk-worker.ts';
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
  try {
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
    const worker = insideJob(folder, () =>
      startSdkWorker({
        id,
        controlEndpoint,
        pipeline,
        strict,
        redactErrors,
        ...(loggingEndpoint === undefined ? {} : { loggingEndpoint }),
        ...(statusEndpoint === undefined ? {} : { statusEndpoint }),
      }),
    );
    await worker.done;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
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
