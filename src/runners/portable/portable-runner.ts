import type { StartWorkerRequest } from '../../model/fn-execution.ts';
import type { Environment, Init } from '../../model/pipeline.ts';
import { graphToProto } from '../../sdk/graph/to-proto.ts';
import type { Pipeline } from '../../sdk/pipeline/pipeline.ts';
import type { Job } from '../../sdk/pipeline/pipeline-result.ts';
import type { Runner, RunOptions } from '../../sdk/pipeline/runner.ts';
import { cleanedUp } from '../core/job/cleaned-up.ts';
import { GrpcChannel } from '../rpc/grpc-channel.ts';
import { startSdkWorker } from '../sdk-worker/sdk-worker.ts';
import { offerArtifacts } from './artifact-staging.ts';
import { checkPortable } from './check-portable.ts';
import { CollectedElements } from './collected-elements.ts';
import { externalEnvironment } from './environment.ts';
import { expandExternals } from './expansion/expand-externals.ts';
import { ExpandedArtifacts } from './expansion/expanded-artifacts.ts';
import { JobClient } from './job-client.ts';
import { JobFailure } from './job-failure.ts';
import { LoopbackWorkers } from './loopback-workers.ts';
import { pipelineOptions } from './pipeline-options.ts';
import { PortableJob } from './portable-job.ts';
import { type PortableSettings, portableSettings } from './portable-settings.ts';

/**
 * Runs pipelines on any of Beam's portable runners: Prism, Flink, Spark, Dataflow. The option `endpoint` says where its job
 * server is, `environment` where the program's functions run.
 */
export class PortableRunner implements Runner {
  async start(pipeline: Pipeline, options: RunOptions): Promise<Job> {
    const { graph } = pipeline;
    checkPortable(graph);
    const settings = portableSettings(options);
    const channel = new GrpcChannel(settings.endpoint, settings.channel);
    const failure = new JobFailure();
    const kept = [...graph.transforms.values()].filter(({ spec }) => spec?.kind === 'collect');
    const collected = new CollectedElements(kept.map(({ name }) => name));
    const startWorker = ({ workerId, controlEndpoint, loggingEndpoint }: StartWorkerRequest) =>
      startSdkWorker({
        id: workerId,
        controlEndpoint: controlEndpoint?.url ?? '',
        ...(loggingEndpoint === undefined ? {} : { loggingEndpoint: loggingEndpoint.url }),
        pipeline,
        onCollected: (transform, elements) => collected.add(transform, elements),
        onFailure: (error) => failure.failed(error),
        strict: options.strict ?? false,
        redactErrors: options.redactErrors ?? false,
      });
    const workers = new LoopbackWorkers(startWorker, (error) => failure.failed(error));
    const artifacts = new ExpandedArtifacts(options.tempDir);
    const close = async (): Promise<void> => {
      await workers.close();
      channel.close();
      await artifacts.close();
    };
    try {
      const environment = externalEnvironment(await workers.listen());
      const client = new JobClient(channel);
      const id = await submit(client, pipeline, environment, artifacts, settings, options);
      const job = new PortableJob({ id, client, graph, options, failure, collected, close });
      return cleanedUp(job, pipeline);
    } catch (error) {
      await close();
      await pipeline.cleanUp();
      throw error;
    }
  }
}

/** Expands, prepares, stages and runs. @returns the job's id */
async function submit(
  client: JobClient,
  pipeline: Pipeline,
  environment: Init<Environment>,
  artifacts: ExpandedArtifacts,
  settings: PortableSettings,
  { signal, runnerOptions = {} }: RunOptions,
): Promise<string> {
  const { name, graph } = pipeline;
  const proto = graphToProto(graph, environment);
  const options = pipelineOptions(name, graph, runnerOptions);
  await expandExternals(proto, graph, { pipelineOptions: options, artifacts, signal });
  const prepared = await client.prepare({ pipeline: proto, pipelineOptions: options, jobName: name }, signal);
  const staging = prepared.artifactStagingEndpoint?.url;
  if (staging !== undefined && staging !== '') {
    const channel = new GrpcChannel(staging, settings.channel);
    try {
      await offerArtifacts(channel, prepared.stagingSessionToken, artifacts.files);
    } finally {
      channel.close();
    }
  }
  return client.run(prepared.preparationId, '');
}
