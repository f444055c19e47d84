// Written by scripts/generate-model.ts from proto/. Change those, not this.

import './pipeline.ts';
import './well-known.ts';
import { protoPackage } from '../proto/proto-package.ts';
import type * as types from './job-management-types.ts';

const jobManagementPackage = protoPackage('org.apache.beam.model.job_management.v1');

/** How important it is. */
export const JobMessageImportance = jobManagementPackage.enumeration('JobMessage.MessageImportance', {
  MESSAGE_IMPORTANCE_UNSPECIFIED: 0,
  JOB_MESSAGE_DEBUG: 1,
  JOB_MESSAGE_DETAILED: 2,
  JOB_MESSAGE_BASIC: 3,
  JOB_MESSAGE_WARNING: 4,
  JOB_MESSAGE_ERROR: 5,
});
export type JobMessageImportance = (typeof JobMessageImportance)[keyof typeof JobMessageImportance];

/** State of a job; DONE, FAILED, CANCELLED, UPDATED and DRAINED are final. */
export const JobState = jobManagementPackage.enumeration('JobState.Enum', {
  UNSPECIFIED: 0,
  STOPPED: 1,
  RUNNING: 2,
  DONE: 3,
  FAILED: 4,
  CANCELLED: 5,
  UPDATED: 6,
  DRAINING: 7,
  DRAINED: 8,
  STARTING: 9,
  CANCELLING: 10,
  UPDATING: 11,
});
export type JobState = (typeof JobState)[keyof typeof JobState];

/** JSON type of an option. */
export const PipelineOptionType = jobManagementPackage.enumeration('PipelineOptionType.Enum', {
  STRING: 0,
  BOOLEAN: 1,
  INTEGER: 2,
  NUMBER: 3,
  ARRAY: 4,
  OBJECT: 5,
});
export type PipelineOptionType = (typeof PipelineOptionType)[keyof typeof PipelineOptionType];

/** Asks for usable replacements. */
export const ResolveArtifactsRequest = jobManagementPackage.message<types.ResolveArtifactsRequest>('ResolveArtifactsRequest', `1 artifacts repeated .org.apache.beam.model.pipeline.v1.ArtifactInformation
2 preferred_urns repeated string`);
export type ResolveArtifactsRequest = types.ResolveArtifactsRequest;

/** The replacements for the whole list. */
export const ResolveArtifactsResponse = jobManagementPackage.message<types.ResolveArtifactsResponse>('ResolveArtifactsResponse', `1 replacements repeated .org.apache.beam.model.pipeline.v1.ArtifactInformation`);
export type ResolveArtifactsResponse = types.ResolveArtifactsResponse;

/** Asks for the bytes. */
export const GetArtifactRequest = jobManagementPackage.message<types.GetArtifactRequest>('GetArtifactRequest', `1 artifact .org.apache.beam.model.pipeline.v1.ArtifactInformation`);
export type GetArtifactRequest = types.GetArtifactRequest;

/** A piece of the bytes. */
export const GetArtifactResponse = jobManagementPackage.message<types.GetArtifactResponse>('GetArtifactResponse', `1 data bytes`);
export type GetArtifactResponse = types.GetArtifactResponse;

/** A retrieval request in the reverse direction. */
export const ArtifactRequestWrapper = jobManagementPackage.message<types.ArtifactRequestWrapper>('ArtifactRequestWrapper', `1000 resolve_artifact ResolveArtifactsRequest oneof:request
1001 get_artifact GetArtifactRequest oneof:request`);
export type ArtifactRequestWrapper = types.ArtifactRequestWrapper;

/** Its answer. */
export const ArtifactResponseWrapper = jobManagementPackage.message<types.ArtifactResponseWrapper>('ArtifactResponseWrapper', `1 staging_token string
2 is_last bool
1000 resolve_artifact_response ResolveArtifactsResponse oneof:response
1001 get_artifact_response GetArtifactResponse oneof:response`);
export type ArtifactResponseWrapper = types.ArtifactResponseWrapper;

/** Name and checksum of an artifact. */
export const ArtifactMetadata = jobManagementPackage.message<types.ArtifactMetadata>('ArtifactMetadata', `1 name string
2 permissions uint32
4 sha256 string`);
export type ArtifactMetadata = types.ArtifactMetadata;

/** All artifacts of a job. */
export const Manifest = jobManagementPackage.message<types.Manifest>('Manifest', `1 artifact repeated ArtifactMetadata`);
export type Manifest = types.Manifest;

/** A manifest with where each artifact lies. */
export const ProxyManifest = jobManagementPackage.message<types.ProxyManifest>('ProxyManifest', `1 manifest Manifest
2 location repeated ProxyManifest.Location`);
export type ProxyManifest = types.ProxyManifest;

/** Where one artifact lies. */
export const ProxyManifestLocation = jobManagementPackage.message<types.ProxyManifestLocation>('ProxyManifest.Location', `1 name string
2 uri string`);
export type ProxyManifestLocation = types.ProxyManifestLocation;

/** Asks for a manifest. */
export const GetManifestRequest = jobManagementPackage.message<types.GetManifestRequest>('GetManifestRequest', `1 retrieval_token string`);
export type GetManifestRequest = types.GetManifestRequest;

/** The manifest. */
export const GetManifestResponse = jobManagementPackage.message<types.GetManifestResponse>('GetManifestResponse', `1 manifest Manifest`);
export type GetManifestResponse = types.GetManifestResponse;

/** Asks for an artifact by name. */
export const LegacyGetArtifactRequest = jobManagementPackage.message<types.LegacyGetArtifactRequest>('LegacyGetArtifactRequest', `1 name string
2 retrieval_token string`);
export type LegacyGetArtifactRequest = types.LegacyGetArtifactRequest;

/** A piece of an artifact. */
export const ArtifactChunk = jobManagementPackage.message<types.ArtifactChunk>('ArtifactChunk', `1 data bytes`);
export type ArtifactChunk = types.ArtifactChunk;

/** The first message of a PutArtifact call. */
export const PutArtifactMetadata = jobManagementPackage.message<types.PutArtifactMetadata>('PutArtifactMetadata', `1 staging_session_token string
2 metadata ArtifactMetadata`);
export type PutArtifactMetadata = types.PutArtifactMetadata;

/** Metadata, then chunks. */
export const PutArtifactRequest = jobManagementPackage.message<types.PutArtifactRequest>('PutArtifactRequest', `1 metadata PutArtifactMetadata oneof:content
2 data ArtifactChunk oneof:content`);
export type PutArtifactRequest = types.PutArtifactRequest;

/** Staged. */
export const PutArtifactResponse = jobManagementPackage.message<types.PutArtifactResponse>('PutArtifactResponse');
export type PutArtifactResponse = types.PutArtifactResponse;

/** Ends staging. */
export const CommitManifestRequest = jobManagementPackage.message<types.CommitManifestRequest>('CommitManifestRequest', `1 manifest Manifest
2 staging_session_token string`);
export type CommitManifestRequest = types.CommitManifestRequest;

/** How to retrieve what was staged. */
export const CommitManifestResponse = jobManagementPackage.message<types.CommitManifestResponse>('CommitManifestResponse', `1 retrieval_token string`);
export type CommitManifestResponse = types.CommitManifestResponse;

/** Registers a job. */
export const PrepareJobRequest = jobManagementPackage.message<types.PrepareJobRequest>('PrepareJobRequest', `1 pipeline .org.apache.beam.model.pipeline.v1.Pipeline
2 pipeline_options .google.protobuf.Struct
3 job_name string`);
export type PrepareJobRequest = types.PrepareJobRequest;

/** How to stage its artifacts and to run it. */
export const PrepareJobResponse = jobManagementPackage.message<types.PrepareJobResponse>('PrepareJobResponse', `1 preparation_id string
2 artifact_staging_endpoint .org.apache.beam.model.pipeline.v1.ApiServiceDescriptor
3 staging_session_token string`);
export type PrepareJobResponse = types.PrepareJobResponse;

/** Runs a prepared job. */
export const RunJobRequest = jobManagementPackage.message<types.RunJobRequest>('RunJobRequest', `1 preparation_id string
2 retrieval_token string`);
export type RunJobRequest = types.RunJobRequest;

/** The job's id. */
export const RunJobResponse = jobManagementPackage.message<types.RunJobResponse>('RunJobResponse', `1 job_id string`);
export type RunJobResponse = types.RunJobResponse;

/** Cancels a job. */
export const CancelJobRequest = jobManagementPackage.message<types.CancelJobRequest>('CancelJobRequest', `1 job_id string`);
export type CancelJobRequest = types.CancelJobRequest;

/** Its state afterwards. */
export const CancelJobResponse = jobManagementPackage.message<types.CancelJobResponse>('CancelJobResponse', `1 state enum:JobState.Enum`);
export type CancelJobResponse = types.CancelJobResponse;

/** Drains a job. */
export const DrainJobRequest = jobManagementPackage.message<types.DrainJobRequest>('DrainJobRequest', `1 job_id string`);
export type DrainJobRequest = types.DrainJobRequest;

/** Its state afterwards. */
export const DrainJobResponse = jobManagementPackage.message<types.DrainJobResponse>('DrainJobResponse', `1 state enum:JobState.Enum`);
export type DrainJobResponse = types.DrainJobResponse;

/** A job in the list. */
export const JobInfo = jobManagementPackage.message<types.JobInfo>('JobInfo', `1 job_id string
2 job_name string
3 pipeline_options .google.protobuf.Struct
4 state enum:JobState.Enum`);
export type JobInfo = types.JobInfo;

/** Asks for all jobs. */
export const GetJobsRequest = jobManagementPackage.message<types.GetJobsRequest>('GetJobsRequest');
export type GetJobsRequest = types.GetJobsRequest;

/** All jobs. */
export const GetJobsResponse = jobManagementPackage.message<types.GetJobsResponse>('GetJobsResponse', `1 job_info repeated JobInfo`);
export type GetJobsResponse = types.GetJobsResponse;

/** Asks for the state of a job, once or as a stream. */
export const GetJobStateRequest = jobManagementPackage.message<types.GetJobStateRequest>('GetJobStateRequest', `1 job_id string`);
export type GetJobStateRequest = types.GetJobStateRequest;

/** A state and since when. */
export const JobStateEvent = jobManagementPackage.message<types.JobStateEvent>('JobStateEvent', `1 state enum:JobState.Enum
2 timestamp .google.protobuf.Timestamp`);
export type JobStateEvent = types.JobStateEvent;

/** Asks for a job's pipeline. */
export const GetJobPipelineRequest = jobManagementPackage.message<types.GetJobPipelineRequest>('GetJobPipelineRequest', `1 job_id string`);
export type GetJobPipelineRequest = types.GetJobPipelineRequest;

/** The pipeline. */
export const GetJobPipelineResponse = jobManagementPackage.message<types.GetJobPipelineResponse>('GetJobPipelineResponse', `1 pipeline .org.apache.beam.model.pipeline.v1.Pipeline`);
export type GetJobPipelineResponse = types.GetJobPipelineResponse;

/** Asks for messages and state changes. */
export const JobMessagesRequest = jobManagementPackage.message<types.JobMessagesRequest>('JobMessagesRequest', `1 job_id string`);
export type JobMessagesRequest = types.JobMessagesRequest;

/** A message of a job. */
export const JobMessage = jobManagementPackage.message<types.JobMessage>('JobMessage', `1 message_id string
2 time string
3 importance enum:JobMessage.MessageImportance
4 message_text string`);
export type JobMessage = types.JobMessage;

/** A message or a state change. */
export const JobMessagesResponse = jobManagementPackage.message<types.JobMessagesResponse>('JobMessagesResponse', `1 message_response JobMessage oneof:response
2 state_response JobStateEvent oneof:response`);
export type JobMessagesResponse = types.JobMessagesResponse;

/** Asks for metrics. */
export const GetJobMetricsRequest = jobManagementPackage.message<types.GetJobMetricsRequest>('GetJobMetricsRequest', `1 job_id string`);
export type GetJobMetricsRequest = types.GetJobMetricsRequest;

/** The metrics. */
export const GetJobMetricsResponse = jobManagementPackage.message<types.GetJobMetricsResponse>('GetJobMetricsResponse', `1 metrics MetricResults`);
export type GetJobMetricsResponse = types.GetJobMetricsResponse;

/** Metrics of all attempts, and of those whose output was committed. */
export const MetricResults = jobManagementPackage.message<types.MetricResults>('MetricResults', `1 attempted repeated .org.apache.beam.model.pipeline.v1.MonitoringInfo
2 committed repeated .org.apache.beam.model.pipeline.v1.MonitoringInfo`);
export type MetricResults = types.MetricResults;

/** Asks which options the runner has. */
export const DescribePipelineOptionsRequest = jobManagementPackage.message<types.DescribePipelineOptionsRequest>('DescribePipelineOptionsRequest');
export type DescribePipelineOptionsRequest = types.DescribePipelineOptionsRequest;

/** An option of the runner. */
export const PipelineOptionDescriptor = jobManagementPackage.message<types.PipelineOptionDescriptor>('PipelineOptionDescriptor', `1 name string
2 type enum:PipelineOptionType.Enum
3 description string
4 default_value string
5 group string`);
export type PipelineOptionDescriptor = types.PipelineOptionDescriptor;

/** The options. */
export const DescribePipelineOptionsResponse = jobManagementPackage.message<types.DescribePipelineOptionsResponse>('DescribePipelineOptionsResponse', `1 options repeated PipelineOptionDescriptor`);
export type DescribePipelineOptionsResponse = types.DescribePipelineOptionsResponse;

/** Hands out artifacts. */
export const ArtifactRetrievalService = jobManagementPackage.service('ArtifactRetrievalService', {
  /** Replaces artifacts by ones that the caller can use. */
  resolveArtifacts: {
    name: 'ResolveArtifacts',
    request: ResolveArtifactsRequest,
    response: ResolveArtifactsResponse,
    requestStream: false,
    responseStream: false,
  },
  getArtifact: {
    name: 'GetArtifact',
    request: GetArtifactRequest,
    response: GetArtifactResponse,
    requestStream: false,
    responseStream: true,
  },
});

/** The job server asks back: the client calls, and then answers retrieval requests. */
export const ArtifactStagingService = jobManagementPackage.service('ArtifactStagingService', {
  reverseArtifactRetrievalService: {
    name: 'ReverseArtifactRetrievalService',
    request: ArtifactResponseWrapper,
    response: ArtifactRequestWrapper,
    requestStream: true,
    responseStream: true,
  },
});

/** Staging as it was before ArtifactStagingService. */
export const LegacyArtifactStagingService = jobManagementPackage.service('LegacyArtifactStagingService', {
  /** Metadata first, then chunks. */
  putArtifact: {
    name: 'PutArtifact',
    request: PutArtifactRequest,
    response: PutArtifactResponse,
    requestStream: true,
    responseStream: false,
  },
  commitManifest: {
    name: 'CommitManifest',
    request: CommitManifestRequest,
    response: CommitManifestResponse,
    requestStream: false,
    responseStream: false,
  },
});

/** Retrieval as it was before ArtifactRetrievalService. */
export const LegacyArtifactRetrievalService = jobManagementPackage.service('LegacyArtifactRetrievalService', {
  getManifest: {
    name: 'GetManifest',
    request: GetManifestRequest,
    response: GetManifestResponse,
    requestStream: false,
    responseStream: false,
  },
  getArtifact: {
    name: 'GetArtifact',
    request: LegacyGetArtifactRequest,
    response: ArtifactChunk,
    requestStream: false,
    responseStream: true,
  },
});

/** Jobs of a runner. A job is prepared, its artifacts are staged, then it runs. */
export const JobService = jobManagementPackage.service('JobService', {
  prepare: {
    name: 'Prepare',
    request: PrepareJobRequest,
    response: PrepareJobResponse,
    requestStream: false,
    responseStream: false,
  },
  run: {
    name: 'Run',
    request: RunJobRequest,
    response: RunJobResponse,
    requestStream: false,
    responseStream: false,
  },
  /** All jobs that were run. */
  getJobs: {
    name: 'GetJobs',
    request: GetJobsRequest,
    response: GetJobsResponse,
    requestStream: false,
    responseStream: false,
  },
  getState: {
    name: 'GetState',
    request: GetJobStateRequest,
    response: JobStateEvent,
    requestStream: false,
    responseStream: false,
  },
  getPipeline: {
    name: 'GetPipeline',
    request: GetJobPipelineRequest,
    response: GetJobPipelineResponse,
    requestStream: false,
    responseStream: false,
  },
  cancel: {
    name: 'Cancel',
    request: CancelJobRequest,
    response: CancelJobResponse,
    requestStream: false,
    responseStream: false,
  },
  /** Stop reading, finish what has been read. */
  drain: {
    name: 'Drain',
    request: DrainJobRequest,
    response: DrainJobResponse,
    requestStream: false,
    responseStream: false,
  },
  /** The present state at once, then each change. */
  getStateStream: {
    name: 'GetStateStream',
    request: GetJobStateRequest,
    response: JobStateEvent,
    requestStream: false,
    responseStream: true,
  },
  /** State changes and messages. */
  getMessageStream: {
    name: 'GetMessageStream',
    request: JobMessagesRequest,
    response: JobMessagesResponse,
    requestStream: false,
    responseStream: true,
  },
  getJobMetrics: {
    name: 'GetJobMetrics',
    request: GetJobMetricsRequest,
    response: GetJobMetricsResponse,
    requestStream: false,
    responseStream: false,
  },
  describePipelineOptions: {
    name: 'DescribePipelineOptions',
    request: DescribePipelineOptionsRequest,
    response: DescribePipelineOptionsResponse,
    requestStream: false,
    responseStream: false,
  },
});

const expansionPackage = protoPackage('org.apache.beam.model.expansion.v1');

/** Asks for an expansion. */
export const ExpansionRequest = expansionPackage.message<types.ExpansionRequest>('ExpansionRequest', `1 components .org.apache.beam.model.pipeline.v1.Components
2 transform .org.apache.beam.model.pipeline.v1.PTransform
3 namespace string
4 output_coder_requests map<string,string>
5 requirements repeated string
6 pipeline_options .google.protobuf.Struct`);
export type ExpansionRequest = types.ExpansionRequest;

/** The expansion. */
export const ExpansionResponse = expansionPackage.message<types.ExpansionResponse>('ExpansionResponse', `1 components .org.apache.beam.model.pipeline.v1.Components
2 transform .org.apache.beam.model.pipeline.v1.PTransform
3 requirements repeated string
10 error string`);
export type ExpansionResponse = types.ExpansionResponse;

/** Asks which schema transforms there are. */
export const DiscoverSchemaTransformRequest = expansionPackage.message<types.DiscoverSchemaTransformRequest>('DiscoverSchemaTransformRequest');
export type DiscoverSchemaTransformRequest = types.DiscoverSchemaTransformRequest;

/** How a schema transform is configured. */
export const SchemaTransformConfig = expansionPackage.message<types.SchemaTransformConfig>('SchemaTransformConfig', `1 config_schema .org.apache.beam.model.pipeline.v1.Schema
2 input_pcollection_names repeated string
3 output_pcollection_names repeated string
4 description string`);
export type SchemaTransformConfig = types.SchemaTransformConfig;

/** Configurations by identifier. */
export const DiscoverSchemaTransformResponse = expansionPackage.message<types.DiscoverSchemaTransformResponse>('DiscoverSchemaTransformResponse', `1 schema_transform_configs map<string,SchemaTransformConfig>
2 error string`);
export type DiscoverSchemaTransformResponse = types.DiscoverSchemaTransformResponse;

/** Expands transforms for other SDKs. */
export const ExpansionService = expansionPackage.service('ExpansionService', {
  expand: {
    name: 'Expand',
    request: ExpansionRequest,
    response: ExpansionResponse,
    requestStream: false,
    responseStream: false,
  },
  discoverSchemaTransform: {
    name: 'DiscoverSchemaTransform',
    request: DiscoverSchemaTransformRequest,
    response: DiscoverSchemaTransformResponse,
    requestStream: false,
    responseStream: false,
  },
});
