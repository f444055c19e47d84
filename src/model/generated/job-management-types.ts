// Written by scripts/generate-model.ts from proto/. Change those, not this.

import type { JobMessageImportance, JobState, PipelineOptionType } from './job-management.ts';
import type { ApiServiceDescriptor, ArtifactInformation, Components, MonitoringInfo, PTransform, Pipeline, Schema } from './pipeline-types.ts';
import type { Struct, Timestamp } from './well-known-types.ts';

/** Asks for usable replacements. */
export interface ResolveArtifactsRequest {
  artifacts: ArtifactInformation[];
  /** Artifact types that the caller understands. */
  preferredUrns: string[];
}

/** The replacements for the whole list. */
export interface ResolveArtifactsResponse {
  replacements: ArtifactInformation[];
}

/** Asks for the bytes. */
export interface GetArtifactRequest {
  artifact?: ArtifactInformation;
}

/** A piece of the bytes. */
export interface GetArtifactResponse {
  data: Uint8Array;
}

/** A retrieval request in the reverse direction. */
export interface ArtifactRequestWrapper {
  /** At most one of `request`. */
  resolveArtifact?: ResolveArtifactsRequest;
  /** At most one of `request`. */
  getArtifact?: GetArtifactRequest;
}

/** Its answer. */
export interface ArtifactResponseWrapper {
  /** Which job; in the first message of the call. */
  stagingToken: string;
  /** No more answers to this request. */
  isLast: boolean;
  /** At most one of `response`. */
  resolveArtifactResponse?: ResolveArtifactsResponse;
  /** At most one of `response`. */
  getArtifactResponse?: GetArtifactResponse;
}

/** Name and checksum of an artifact. */
export interface ArtifactMetadata {
  name: string;
  /** Unix permissions. */
  permissions: number;
  sha256: string;
}

/** All artifacts of a job. */
export interface Manifest {
  artifact: ArtifactMetadata[];
}

/** A manifest with where each artifact lies. */
export interface ProxyManifest {
  manifest?: Manifest;
  location: ProxyManifestLocation[];
}

/** Where one artifact lies. */
export interface ProxyManifestLocation {
  name: string;
  uri: string;
}

/** Asks for a manifest. */
export interface GetManifestRequest {
  retrievalToken: string;
}

/** The manifest. */
export interface GetManifestResponse {
  manifest?: Manifest;
}

/** Asks for an artifact by name. */
export interface LegacyGetArtifactRequest {
  name: string;
  retrievalToken: string;
}

/** A piece of an artifact. */
export interface ArtifactChunk {
  data: Uint8Array;
}

/** The first message of a PutArtifact call. */
export interface PutArtifactMetadata {
  stagingSessionToken: string;
  metadata?: ArtifactMetadata;
}

/** Metadata, then chunks. */
export interface PutArtifactRequest {
  /** At most one of `content`. */
  metadata?: PutArtifactMetadata;
  /** At most one of `content`. */
  data?: ArtifactChunk;
}

/** Staged. */
export interface PutArtifactResponse {
}

/** Ends staging. */
export interface CommitManifestRequest {
  manifest?: Manifest;
  stagingSessionToken: string;
}

/** How to retrieve what was staged. */
export interface CommitManifestResponse {
  retrievalToken: string;
}

/** Registers a job. */
export interface PrepareJobRequest {
  pipeline?: Pipeline;
  pipelineOptions?: Struct;
  jobName: string;
}

/** How to stage its artifacts and to run it. */
export interface PrepareJobResponse {
  /** For RunJobRequest. */
  preparationId: string;
  artifactStagingEndpoint?: ApiServiceDescriptor;
  stagingSessionToken: string;
}

/** Runs a prepared job. */
export interface RunJobRequest {
  preparationId: string;
  /** For the legacy artifact service. */
  retrievalToken: string;
}

/** The job's id. */
export interface RunJobResponse {
  jobId: string;
}

/** Cancels a job. */
export interface CancelJobRequest {
  jobId: string;
}

/** Its state afterwards. */
export interface CancelJobResponse {
  state: JobState;
}

/** Drains a job. */
export interface DrainJobRequest {
  jobId: string;
}

/** Its state afterwards. */
export interface DrainJobResponse {
  state: JobState;
}

/** A job in the list. */
export interface JobInfo {
  jobId: string;
  jobName: string;
  pipelineOptions?: Struct;
  state: JobState;
}

/** Asks for all jobs. */
export interface GetJobsRequest {
}

/** All jobs. */
export interface GetJobsResponse {
  jobInfo: JobInfo[];
}

/** Asks for the state of a job, once or as a stream. */
export interface GetJobStateRequest {
  jobId: string;
}

/** A state and since when. */
export interface JobStateEvent {
  state: JobState;
  timestamp?: Timestamp;
}

/** Asks for a job's pipeline. */
export interface GetJobPipelineRequest {
  jobId: string;
}

/** The pipeline. */
export interface GetJobPipelineResponse {
  pipeline?: Pipeline;
}

/** Asks for messages and state changes. */
export interface JobMessagesRequest {
  jobId: string;
}

/** A message of a job. */
export interface JobMessage {
  messageId: string;
  time: string;
  importance: JobMessageImportance;
  messageText: string;
}

/** A message or a state change. */
export interface JobMessagesResponse {
  /** At most one of `response`. */
  messageResponse?: JobMessage;
  /** At most one of `response`. */
  stateResponse?: JobStateEvent;
}

/** Asks for metrics. */
export interface GetJobMetricsRequest {
  jobId: string;
}

/** The metrics. */
export interface GetJobMetricsResponse {
  metrics?: MetricResults;
}

/** Metrics of all attempts, and of those whose output was committed. */
export interface MetricResults {
  attempted: MonitoringInfo[];
  committed: MonitoringInfo[];
}

/** Asks which options the runner has. */
export interface DescribePipelineOptionsRequest {
}

/** An option of the runner. */
export interface PipelineOptionDescriptor {
  name: string;
  type: PipelineOptionType;
  description: string;
  defaultValue: string;
  group: string;
}

/** The options. */
export interface DescribePipelineOptionsResponse {
  options: PipelineOptionDescriptor[];
}

/** Asks for an expansion. */
export interface ExpansionRequest {
  /** What the transform's inputs refer to. */
  components?: Components;
  /** With inputs, without subtransforms and outputs. */
  transform?: PTransform;
  /** Prefix for new ids. */
  namespace: string;
  /** Coder id by output; a wish. */
  outputCoderRequests: Record<string, string>;
  /** Needed to understand the components. */
  requirements: string[];
  pipelineOptions?: Struct;
}

/** The expansion. */
export interface ExpansionResponse {
  components?: Components;
  transform?: PTransform;
  /** To add to the pipeline's. */
  requirements: string[];
  /** Not empty means that the expansion failed. */
  error: string;
}

/** Asks which schema transforms there are. */
export interface DiscoverSchemaTransformRequest {
}

/** How a schema transform is configured. */
export interface SchemaTransformConfig {
  configSchema?: Schema;
  inputPcollectionNames: string[];
  outputPcollectionNames: string[];
  /** May be Markdown. */
  description: string;
}

/** Configurations by identifier. */
export interface DiscoverSchemaTransformResponse {
  schemaTransformConfigs: Record<string, SchemaTransformConfig>;
  error: string;
}
