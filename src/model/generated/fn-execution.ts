// Written by scripts/generate-model.ts from proto/. Change those, not this.

import './pipeline.ts';
import './well-known.ts';
import { protoPackage } from '../proto/proto-package.ts';
import type * as types from './fn-execution-types.ts';

const fnExecutionPackage = protoPackage('org.apache.beam.model.fn_execution.v1');

/** Whether the pipeline drains. */
export const ElementsDrainMode = fnExecutionPackage.enumeration('Elements.DrainMode.Enum', {
  UNSPECIFIED: 0,
  NOT_DRAINING: 1,
  DRAINING: 2,
});
export type ElementsDrainMode = (typeof ElementsDrainMode)[keyof typeof ElementsDrainMode];

/** What a change record means. */
export const ElementsValueKind = fnExecutionPackage.enumeration('Elements.ValueKind.Enum', {
  VALUE_KIND_UNSPECIFIED: 0,
  INSERT: 1,
  /** The record before an update. */
  UPDATE_BEFORE: 2,
  /** The record after an update. */
  UPDATE_AFTER: 3,
  DELETE: 4,
});
export type ElementsValueKind = (typeof ElementsValueKind)[keyof typeof ElementsValueKind];

/** How bad it is. */
export const LogEntrySeverity = fnExecutionPackage.enumeration('LogEntry.Severity.Enum', {
  UNSPECIFIED: 0,
  TRACE: 1,
  DEBUG: 2,
  INFO: 3,
  NOTICE: 4,
  WARN: 5,
  ERROR: 6,
  CRITICAL: 7,
});
export type LogEntrySeverity = (typeof LogEntrySeverity)[keyof typeof LogEntrySeverity];

/** An end of the data plane. */
export const RemoteGrpcPort = fnExecutionPackage.message<types.RemoteGrpcPort>('RemoteGrpcPort', `1 api_service_descriptor .org.apache.beam.model.pipeline.v1.ApiServiceDescriptor
2 coder_id string`);
export type RemoteGrpcPort = types.RemoteGrpcPort;

/** Asks for a descriptor by id. */
export const GetProcessBundleDescriptorRequest = fnExecutionPackage.message<types.GetProcessBundleDescriptorRequest>('GetProcessBundleDescriptorRequest', `1 process_bundle_descriptor_id string`);
export type GetProcessBundleDescriptorRequest = types.GetProcessBundleDescriptorRequest;

/** An instruction. Those of an unknown kind are answered by an error. */
export const InstructionRequest = fnExecutionPackage.message<types.InstructionRequest>('InstructionRequest', `1 instruction_id string
1000 register RegisterRequest oneof:request
1001 process_bundle ProcessBundleRequest oneof:request
1002 process_bundle_progress ProcessBundleProgressRequest oneof:request
1003 process_bundle_split ProcessBundleSplitRequest oneof:request
1004 finalize_bundle FinalizeBundleRequest oneof:request
1005 monitoring_infos MonitoringInfosMetadataRequest oneof:request
1006 harness_monitoring_infos HarnessMonitoringInfosRequest oneof:request
1007 sample_data SampleDataRequest oneof:request`);
export type InstructionRequest = types.InstructionRequest;

/** The answer to the instruction of the same id. */
export const InstructionResponse = fnExecutionPackage.message<types.InstructionResponse>('InstructionResponse', `1 instruction_id string
2 error string
1000 register RegisterResponse oneof:response
1001 process_bundle ProcessBundleResponse oneof:response
1002 process_bundle_progress ProcessBundleProgressResponse oneof:response
1003 process_bundle_split ProcessBundleSplitResponse oneof:response
1004 finalize_bundle FinalizeBundleResponse oneof:response
1005 monitoring_infos MonitoringInfosMetadataResponse oneof:response
1006 harness_monitoring_infos HarnessMonitoringInfosResponse oneof:response
1007 sample_data SampleDataResponse oneof:response`);
export type InstructionResponse = types.InstructionResponse;

/** Asks for some elements of each PCollection. */
export const SampleDataRequest = fnExecutionPackage.message<types.SampleDataRequest>('SampleDataRequest', `1 pcollection_ids repeated string`);
export type SampleDataRequest = types.SampleDataRequest;

/** A sampled element. */
export const SampledElement = fnExecutionPackage.message<types.SampledElement>('SampledElement', `1 element bytes
2 sample_timestamp .google.protobuf.Timestamp
3 exception SampledElement.Exception`);
export type SampledElement = types.SampledElement;

/** What went wrong with the element. */
export const SampledElementException = fnExecutionPackage.message<types.SampledElementException>('SampledElement.Exception', `1 instruction_id string
2 transform_id string
3 error string`);
export type SampledElementException = types.SampledElementException;

/** The samples. */
export const SampleDataResponse = fnExecutionPackage.message<types.SampleDataResponse>('SampleDataResponse', `1 element_samples map<string,SampleDataResponse.ElementList>`);
export type SampleDataResponse = types.SampleDataResponse;

/** Samples of one PCollection. */
export const SampleDataResponseElementList = fnExecutionPackage.message<types.SampleDataResponseElementList>('SampleDataResponse.ElementList', `1 elements repeated SampledElement`);
export type SampleDataResponseElementList = types.SampleDataResponseElementList;

/** Asks for the metrics of the whole harness. */
export const HarnessMonitoringInfosRequest = fnExecutionPackage.message<types.HarnessMonitoringInfosRequest>('HarnessMonitoringInfosRequest');
export type HarnessMonitoringInfosRequest = types.HarnessMonitoringInfosRequest;

/** The metrics of the whole harness. */
export const HarnessMonitoringInfosResponse = fnExecutionPackage.message<types.HarnessMonitoringInfosResponse>('HarnessMonitoringInfosResponse', `1 monitoring_data map<string,bytes>`);
export type HarnessMonitoringInfosResponse = types.HarnessMonitoringInfosResponse;

/** Deprecated: descriptors in advance. */
export const RegisterRequest = fnExecutionPackage.message<types.RegisterRequest>('RegisterRequest', `1 process_bundle_descriptor repeated ProcessBundleDescriptor`);
export type RegisterRequest = types.RegisterRequest;

/** Deprecated. */
export const RegisterResponse = fnExecutionPackage.message<types.RegisterResponse>('RegisterResponse');
export type RegisterResponse = types.RegisterResponse;

/** A fused stage: what the harness builds once and runs for many bundles. */
export const ProcessBundleDescriptor = fnExecutionPackage.message<types.ProcessBundleDescriptor>('ProcessBundleDescriptor', `1 id string
2 transforms map<string,.org.apache.beam.model.pipeline.v1.PTransform>
3 pcollections map<string,.org.apache.beam.model.pipeline.v1.PCollection>
4 windowing_strategies map<string,.org.apache.beam.model.pipeline.v1.WindowingStrategy>
5 coders map<string,.org.apache.beam.model.pipeline.v1.Coder>
6 environments map<string,.org.apache.beam.model.pipeline.v1.Environment>
7 state_api_service_descriptor .org.apache.beam.model.pipeline.v1.ApiServiceDescriptor
8 timer_api_service_descriptor .org.apache.beam.model.pipeline.v1.ApiServiceDescriptor`);
export type ProcessBundleDescriptor = types.ProcessBundleDescriptor;

/** An element that is to go into a transform. */
export const BundleApplication = fnExecutionPackage.message<types.BundleApplication>('BundleApplication', `1 transform_id string
2 input_id string
3 element bytes
4 output_watermarks map<string,.google.protobuf.Timestamp>
5 is_bounded enum:.org.apache.beam.model.pipeline.v1.IsBounded.Enum`);
export type BundleApplication = types.BundleApplication;

/** The same, after a delay. */
export const DelayedBundleApplication = fnExecutionPackage.message<types.DelayedBundleApplication>('DelayedBundleApplication', `1 application BundleApplication
2 requested_time_delay .google.protobuf.Duration`);
export type DelayedBundleApplication = types.DelayedBundleApplication;

/** Run a bundle. */
export const ProcessBundleRequest = fnExecutionPackage.message<types.ProcessBundleRequest>('ProcessBundleRequest', `1 process_bundle_descriptor_id string
2 cache_tokens repeated ProcessBundleRequest.CacheToken
3 elements Elements
4 has_no_state bool
5 only_bundle_for_keys bool
6 data_stream_id string`);
export type ProcessBundleRequest = types.ProcessBundleRequest;

/** State cached under this token is still valid. */
export const ProcessBundleRequestCacheToken = fnExecutionPackage.message<types.ProcessBundleRequestCacheToken>('ProcessBundleRequest.CacheToken', `1 user_state ProcessBundleRequest.CacheToken.UserState oneof:type
2 side_input ProcessBundleRequest.CacheToken.SideInput oneof:type
10 token bytes`);
export type ProcessBundleRequestCacheToken = types.ProcessBundleRequestCacheToken;

/** For all user state. */
export const ProcessBundleRequestCacheTokenUserState = fnExecutionPackage.message<types.ProcessBundleRequestCacheTokenUserState>('ProcessBundleRequest.CacheToken.UserState');
export type ProcessBundleRequestCacheTokenUserState = types.ProcessBundleRequestCacheTokenUserState;

/** For one side input. */
export const ProcessBundleRequestCacheTokenSideInput = fnExecutionPackage.message<types.ProcessBundleRequestCacheTokenSideInput>('ProcessBundleRequest.CacheToken.SideInput', `1 transform_id string
2 side_input_id string`);
export type ProcessBundleRequestCacheTokenSideInput = types.ProcessBundleRequestCacheTokenSideInput;

/** The bundle is done, its elements sent. */
export const ProcessBundleResponse = fnExecutionPackage.message<types.ProcessBundleResponse>('ProcessBundleResponse', `2 residual_roots repeated DelayedBundleApplication
3 monitoring_infos repeated .org.apache.beam.model.pipeline.v1.MonitoringInfo
4 requires_finalization bool
5 monitoring_data map<string,bytes>
6 elements Elements`);
export type ProcessBundleResponse = types.ProcessBundleResponse;

/** Asks how far a bundle is. */
export const ProcessBundleProgressRequest = fnExecutionPackage.message<types.ProcessBundleProgressRequest>('ProcessBundleProgressRequest', `1 instruction_id string`);
export type ProcessBundleProgressRequest = types.ProcessBundleProgressRequest;

/** Asks what short ids stand for. */
export const MonitoringInfosMetadataRequest = fnExecutionPackage.message<types.MonitoringInfosMetadataRequest>('MonitoringInfosMetadataRequest', `1 monitoring_info_id repeated string`);
export type MonitoringInfosMetadataRequest = types.MonitoringInfosMetadataRequest;

/** How far a bundle is. */
export const ProcessBundleProgressResponse = fnExecutionPackage.message<types.ProcessBundleProgressResponse>('ProcessBundleProgressResponse', `3 monitoring_infos repeated .org.apache.beam.model.pipeline.v1.MonitoringInfo
5 monitoring_data map<string,bytes>
6 consuming_received_data optional bool`);
export type ProcessBundleProgressResponse = types.ProcessBundleProgressResponse;

/** What short ids stand for, without payloads. */
export const MonitoringInfosMetadataResponse = fnExecutionPackage.message<types.MonitoringInfosMetadataResponse>('MonitoringInfosMetadataResponse', `1 monitoring_info map<string,.org.apache.beam.model.pipeline.v1.MonitoringInfo>`);
export type MonitoringInfosMetadataResponse = types.MonitoringInfosMetadataResponse;

/** Asks a running bundle to give up part of its work. */
export const ProcessBundleSplitRequest = fnExecutionPackage.message<types.ProcessBundleSplitRequest>('ProcessBundleSplitRequest', `1 instruction_id string
3 desired_splits map<string,ProcessBundleSplitRequest.DesiredSplit>`);
export type ProcessBundleSplitRequest = types.ProcessBundleSplitRequest;

/** Where one transform is to split. */
export const ProcessBundleSplitRequestDesiredSplit = fnExecutionPackage.message<types.ProcessBundleSplitRequestDesiredSplit>('ProcessBundleSplitRequest.DesiredSplit', `1 fraction_of_remainder double
2 estimated_input_elements int64
3 allowed_split_points repeated int64`);
export type ProcessBundleSplitRequestDesiredSplit = types.ProcessBundleSplitRequestDesiredSplit;

/** What the bundle keeps (primary) and what it gave up (residual); together exactly its work. */
export const ProcessBundleSplitResponse = fnExecutionPackage.message<types.ProcessBundleSplitResponse>('ProcessBundleSplitResponse', `1 primary_roots repeated BundleApplication
2 residual_roots repeated DelayedBundleApplication
3 channel_splits repeated ProcessBundleSplitResponse.ChannelSplit`);
export type ProcessBundleSplitResponse = types.ProcessBundleSplitResponse;

/** Where the data channel was cut. Elements between the two indices are in the roots. */
export const ProcessBundleSplitResponseChannelSplit = fnExecutionPackage.message<types.ProcessBundleSplitResponseChannelSplit>('ProcessBundleSplitResponse.ChannelSplit', `1 transform_id string
2 last_primary_element int64
3 first_residual_element int64`);
export type ProcessBundleSplitResponseChannelSplit = types.ProcessBundleSplitResponseChannelSplit;

/** The output of a bundle is committed. */
export const FinalizeBundleRequest = fnExecutionPackage.message<types.FinalizeBundleRequest>('FinalizeBundleRequest', `1 instruction_id string`);
export type FinalizeBundleRequest = types.FinalizeBundleRequest;

/** Done. */
export const FinalizeBundleResponse = fnExecutionPackage.message<types.FinalizeBundleResponse>('FinalizeBundleResponse');
export type FinalizeBundleResponse = types.FinalizeBundleResponse;

/** A piece of the data plane. */
export const Elements = fnExecutionPackage.message<types.Elements>('Elements', `1 data repeated Elements.Data
2 timers repeated Elements.Timers`);
export type Elements = types.Elements;

/** Encoded elements from or to one transform of one bundle; an element may span messages. */
export const ElementsData = fnExecutionPackage.message<types.ElementsData>('Elements.Data', `1 instruction_id string
2 transform_id string
3 data bytes
4 is_last bool`);
export type ElementsData = types.ElementsData;

/** What a windowed value carries beside its value. */
export const ElementsElementMetadata = fnExecutionPackage.message<types.ElementsElementMetadata>('Elements.ElementMetadata', `1 drain optional enum:Elements.DrainMode.Enum
2 traceparent optional string
3 tracestate optional string
4 value_kind optional enum:Elements.ValueKind.Enum`);
export type ElementsElementMetadata = types.ElementsElementMetadata;

/** Encoded timers of one family, set by the harness or fired by the runner. */
export const ElementsTimers = fnExecutionPackage.message<types.ElementsTimers>('Elements.Timers', `1 instruction_id string
2 transform_id string
3 timer_family_id string
4 timers bytes
5 is_last bool`);
export type ElementsTimers = types.ElementsTimers;

/** Reads or changes state. */
export const StateRequest = fnExecutionPackage.message<types.StateRequest>('StateRequest', `1 id string
2 instruction_id string
3 state_key StateKey
1000 get StateGetRequest oneof:request
1001 append StateAppendRequest oneof:request
1002 clear StateClearRequest oneof:request`);
export type StateRequest = types.StateRequest;

/** The answer to the request of the same id. */
export const StateResponse = fnExecutionPackage.message<types.StateResponse>('StateResponse', `1 id string
2 error string
1000 get StateGetResponse oneof:response
1001 append StateAppendResponse oneof:response
1002 clear StateClearResponse oneof:response`);
export type StateResponse = types.StateResponse;

/** Which state. Windows and keys are in the nested encoding. */
export const StateKey = fnExecutionPackage.message<types.StateKey>('StateKey', `1 runner StateKey.Runner oneof:type
2 multimap_side_input StateKey.MultimapSideInput oneof:type
3 bag_user_state StateKey.BagUserState oneof:type
4 iterable_side_input StateKey.IterableSideInput oneof:type
5 multimap_keys_side_input StateKey.MultimapKeysSideInput oneof:type
6 multimap_keys_user_state StateKey.MultimapKeysUserState oneof:type
7 multimap_user_state StateKey.MultimapUserState oneof:type
8 multimap_keys_values_side_input StateKey.MultimapKeysValuesSideInput oneof:type
9 ordered_list_user_state StateKey.OrderedListUserState oneof:type
10 multimap_entries_user_state StateKey.MultimapEntriesUserState oneof:type`);
export type StateKey = types.StateKey;

/** Something the runner gave out a token for; read only. */
export const StateKeyRunner = fnExecutionPackage.message<types.StateKeyRunner>('StateKey.Runner', `1 key bytes`);
export type StateKeyRunner = types.StateKeyRunner;

/** The values of a window. */
export const StateKeyIterableSideInput = fnExecutionPackage.message<types.StateKeyIterableSideInput>('StateKey.IterableSideInput', `1 transform_id string
2 side_input_id string
3 window bytes`);
export type StateKeyIterableSideInput = types.StateKeyIterableSideInput;

/** The values of a key and window. */
export const StateKeyMultimapSideInput = fnExecutionPackage.message<types.StateKeyMultimapSideInput>('StateKey.MultimapSideInput', `1 transform_id string
2 side_input_id string
3 window bytes
4 key bytes`);
export type StateKeyMultimapSideInput = types.StateKeyMultimapSideInput;

/** The keys of a window. */
export const StateKeyMultimapKeysSideInput = fnExecutionPackage.message<types.StateKeyMultimapKeysSideInput>('StateKey.MultimapKeysSideInput', `1 transform_id string
2 side_input_id string
3 window bytes`);
export type StateKeyMultimapKeysSideInput = types.StateKeyMultimapKeysSideInput;

/** The keys of a window, each with all its values; a runner may refuse. */
export const StateKeyMultimapKeysValuesSideInput = fnExecutionPackage.message<types.StateKeyMultimapKeysValuesSideInput>('StateKey.MultimapKeysValuesSideInput', `1 transform_id string
2 side_input_id string
3 window bytes`);
export type StateKeyMultimapKeysValuesSideInput = types.StateKeyMultimapKeysValuesSideInput;

/** The values of a bag. */
export const StateKeyBagUserState = fnExecutionPackage.message<types.StateKeyBagUserState>('StateKey.BagUserState', `1 transform_id string
2 user_state_id string
3 window bytes
4 key bytes`);
export type StateKeyBagUserState = types.StateKeyBagUserState;

/** The keys of a multimap. */
export const StateKeyMultimapKeysUserState = fnExecutionPackage.message<types.StateKeyMultimapKeysUserState>('StateKey.MultimapKeysUserState', `1 transform_id string
2 user_state_id string
3 window bytes
4 key bytes`);
export type StateKeyMultimapKeysUserState = types.StateKeyMultimapKeysUserState;

/** The keys of a multimap with their values. */
export const StateKeyMultimapEntriesUserState = fnExecutionPackage.message<types.StateKeyMultimapEntriesUserState>('StateKey.MultimapEntriesUserState', `1 transform_id string
2 user_state_id string
3 window bytes
4 key bytes`);
export type StateKeyMultimapEntriesUserState = types.StateKeyMultimapEntriesUserState;

/** The values of one key of a multimap. */
export const StateKeyMultimapUserState = fnExecutionPackage.message<types.StateKeyMultimapUserState>('StateKey.MultimapUserState', `1 transform_id string
2 user_state_id string
3 window bytes
4 key bytes
5 map_key bytes`);
export type StateKeyMultimapUserState = types.StateKeyMultimapUserState;

/** The values of a range of an ordered list. */
export const StateKeyOrderedListUserState = fnExecutionPackage.message<types.StateKeyOrderedListUserState>('StateKey.OrderedListUserState', `1 transform_id string
2 user_state_id string
3 window bytes
4 key bytes
5 range OrderedListRange`);
export type StateKeyOrderedListUserState = types.StateKeyOrderedListUserState;

/** Reads. */
export const StateGetRequest = fnExecutionPackage.message<types.StateGetRequest>('StateGetRequest', `1 continuation_token bytes`);
export type StateGetRequest = types.StateGetRequest;

/** A piece of the state. */
export const StateGetResponse = fnExecutionPackage.message<types.StateGetResponse>('StateGetResponse', `1 continuation_token bytes
2 data bytes`);
export type StateGetResponse = types.StateGetResponse;

/** Adds at the end. */
export const StateAppendRequest = fnExecutionPackage.message<types.StateAppendRequest>('StateAppendRequest', `1 data bytes`);
export type StateAppendRequest = types.StateAppendRequest;

/** Added. */
export const StateAppendResponse = fnExecutionPackage.message<types.StateAppendResponse>('StateAppendResponse');
export type StateAppendResponse = types.StateAppendResponse;

/** Removes everything, or the range of an ordered list. */
export const StateClearRequest = fnExecutionPackage.message<types.StateClearRequest>('StateClearRequest');
export type StateClearRequest = types.StateClearRequest;

/** Removed. */
export const StateClearResponse = fnExecutionPackage.message<types.StateClearResponse>('StateClearResponse');
export type StateClearResponse = types.StateClearResponse;

/** Sort keys [start, end). */
export const OrderedListRange = fnExecutionPackage.message<types.OrderedListRange>('OrderedListRange', `1 start int64
2 end int64`);
export type OrderedListRange = types.OrderedListRange;

/** A log line. */
export const LogEntry = fnExecutionPackage.message<types.LogEntry>('LogEntry', `1 severity enum:LogEntry.Severity.Enum
2 timestamp .google.protobuf.Timestamp
3 message string
4 trace string
5 instruction_id string
6 transform_id string
7 log_location string
8 thread string
9 custom_data .google.protobuf.Struct`);
export type LogEntry = types.LogEntry;

/** Several at once. */
export const LogEntryList = fnExecutionPackage.message<types.LogEntryList>('LogEntry.List', `1 log_entries repeated LogEntry`);
export type LogEntryList = types.LogEntryList;

/** Reserved for the runner to configure logging. */
export const LogControl = fnExecutionPackage.message<types.LogControl>('LogControl');
export type LogControl = types.LogControl;

/** Starts a worker. */
export const StartWorkerRequest = fnExecutionPackage.message<types.StartWorkerRequest>('StartWorkerRequest', `1 worker_id string
2 control_endpoint .org.apache.beam.model.pipeline.v1.ApiServiceDescriptor
3 logging_endpoint .org.apache.beam.model.pipeline.v1.ApiServiceDescriptor
4 artifact_endpoint .org.apache.beam.model.pipeline.v1.ApiServiceDescriptor
5 provision_endpoint .org.apache.beam.model.pipeline.v1.ApiServiceDescriptor
10 params map<string,string>`);
export type StartWorkerRequest = types.StartWorkerRequest;

/** Started, or why not. */
export const StartWorkerResponse = fnExecutionPackage.message<types.StartWorkerResponse>('StartWorkerResponse', `1 error string`);
export type StartWorkerResponse = types.StartWorkerResponse;

/** Stops a worker. */
export const StopWorkerRequest = fnExecutionPackage.message<types.StopWorkerRequest>('StopWorkerRequest', `1 worker_id string`);
export type StopWorkerRequest = types.StopWorkerRequest;

/** Stopped, or why not. */
export const StopWorkerResponse = fnExecutionPackage.message<types.StopWorkerResponse>('StopWorkerResponse', `1 error string`);
export type StopWorkerResponse = types.StopWorkerResponse;

/** Asks how a worker is. */
export const WorkerStatusRequest = fnExecutionPackage.message<types.WorkerStatusRequest>('WorkerStatusRequest', `1 id string`);
export type WorkerStatusRequest = types.WorkerStatusRequest;

/** How a worker is. */
export const WorkerStatusResponse = fnExecutionPackage.message<types.WorkerStatusResponse>('WorkerStatusResponse', `1 id string
2 error string
3 status_info string`);
export type WorkerStatusResponse = types.WorkerStatusResponse;

/** Asks. */
export const GetProvisionInfoRequest = fnExecutionPackage.message<types.GetProvisionInfoRequest>('GetProvisionInfoRequest');
export type GetProvisionInfoRequest = types.GetProvisionInfoRequest;

/** Answers. */
export const GetProvisionInfoResponse = fnExecutionPackage.message<types.GetProvisionInfoResponse>('GetProvisionInfoResponse', `1 info ProvisionInfo`);
export type GetProvisionInfoResponse = types.GetProvisionInfoResponse;

/** Options, endpoints and dependencies of a harness. */
export const ProvisionInfo = fnExecutionPackage.message<types.ProvisionInfo>('ProvisionInfo', `3 pipeline_options .google.protobuf.Struct
6 retrieval_token string
7 status_endpoint .org.apache.beam.model.pipeline.v1.ApiServiceDescriptor
8 logging_endpoint .org.apache.beam.model.pipeline.v1.ApiServiceDescriptor
9 artifact_endpoint .org.apache.beam.model.pipeline.v1.ApiServiceDescriptor
10 control_endpoint .org.apache.beam.model.pipeline.v1.ApiServiceDescriptor
11 dependencies repeated .org.apache.beam.model.pipeline.v1.ArtifactInformation
12 runner_capabilities repeated string
13 metadata map<string,string>
14 sibling_worker_ids repeated string`);
export type ProvisionInfo = types.ProvisionInfo;

/** Instructions to the harness. The harness connects; requests flow to it, responses from it. */
export const BeamFnControl = fnExecutionPackage.service('BeamFnControl', {
  control: {
    name: 'Control',
    request: InstructionResponse,
    response: InstructionRequest,
    requestStream: true,
    responseStream: true,
  },
  /** The harness asks for a descriptor it does not know yet. */
  getProcessBundleDescriptor: {
    name: 'GetProcessBundleDescriptor',
    request: GetProcessBundleDescriptorRequest,
    response: ProcessBundleDescriptor,
    requestStream: false,
    responseStream: false,
  },
});

/** Elements in both directions. */
export const BeamFnData = fnExecutionPackage.service('BeamFnData', {
  data: {
    name: 'Data',
    request: Elements,
    response: Elements,
    requestStream: true,
    responseStream: true,
  },
});

/** State and side inputs, kept by the runner. */
export const BeamFnState = fnExecutionPackage.service('BeamFnState', {
  state: {
    name: 'State',
    request: StateRequest,
    response: StateResponse,
    requestStream: true,
    responseStream: true,
  },
});

/** Log lines of the harness. */
export const BeamFnLogging = fnExecutionPackage.service('BeamFnLogging', {
  logging: {
    name: 'Logging',
    request: LogEntryList,
    response: LogControl,
    requestStream: true,
    responseStream: true,
  },
});

/** A pool that starts workers when a runner asks. */
export const BeamFnExternalWorkerPool = fnExecutionPackage.service('BeamFnExternalWorkerPool', {
  startWorker: {
    name: 'StartWorker',
    request: StartWorkerRequest,
    response: StartWorkerResponse,
    requestStream: false,
    responseStream: false,
  },
  stopWorker: {
    name: 'StopWorker',
    request: StopWorkerRequest,
    response: StopWorkerResponse,
    requestStream: false,
    responseStream: false,
  },
});

/** Debugging reports of workers. */
export const BeamFnWorkerStatus = fnExecutionPackage.service('BeamFnWorkerStatus', {
  workerStatus: {
    name: 'WorkerStatus',
    request: WorkerStatusResponse,
    response: WorkerStatusRequest,
    requestStream: true,
    responseStream: true,
  },
});

/** Tells a harness its job's options and endpoints. */
export const ProvisionService = fnExecutionPackage.service('ProvisionService', {
  getProvisionInfo: {
    name: 'GetProvisionInfo',
    request: GetProvisionInfoRequest,
    response: GetProvisionInfoResponse,
    requestStream: false,
    responseStream: false,
  },
});
