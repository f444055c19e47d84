// Written by scripts/generate-model.ts from proto/. Change those, not this.

import type { ElementsDrainMode, ElementsValueKind, LogEntrySeverity } from './fn-execution.ts';
import type { ApiServiceDescriptor, ArtifactInformation, Coder, Environment, MonitoringInfo, PCollection, PTransform, WindowingStrategy } from './pipeline-types.ts';
import type { IsBounded } from './pipeline.ts';
import type { Duration, Struct, Timestamp } from './well-known-types.ts';

/** An end of the data plane. */
export interface RemoteGrpcPort {
  apiServiceDescriptor?: ApiServiceDescriptor;
  /** A windowed value coder. */
  coderId: string;
}

/** Asks for a descriptor by id. */
export interface GetProcessBundleDescriptorRequest {
  processBundleDescriptorId: string;
}

/** An instruction. Those of an unknown kind are answered by an error. */
export interface InstructionRequest {
  /** The response carries the same. */
  instructionId: string;
  /** Deprecated. At most one of `request`. */
  register?: RegisterRequest;
  /** At most one of `request`. */
  processBundle?: ProcessBundleRequest;
  /** At most one of `request`. */
  processBundleProgress?: ProcessBundleProgressRequest;
  /** At most one of `request`. */
  processBundleSplit?: ProcessBundleSplitRequest;
  /** At most one of `request`. */
  finalizeBundle?: FinalizeBundleRequest;
  /** At most one of `request`. */
  monitoringInfos?: MonitoringInfosMetadataRequest;
  /** At most one of `request`. */
  harnessMonitoringInfos?: HarnessMonitoringInfosRequest;
  /** At most one of `request`. */
  sampleData?: SampleDataRequest;
}

/** The answer to the instruction of the same id. */
export interface InstructionResponse {
  instructionId: string;
  /** Not empty means that the instruction failed. */
  error: string;
  /** Deprecated. At most one of `response`. */
  register?: RegisterResponse;
  /** At most one of `response`. */
  processBundle?: ProcessBundleResponse;
  /** At most one of `response`. */
  processBundleProgress?: ProcessBundleProgressResponse;
  /** At most one of `response`. */
  processBundleSplit?: ProcessBundleSplitResponse;
  /** At most one of `response`. */
  finalizeBundle?: FinalizeBundleResponse;
  /** At most one of `response`. */
  monitoringInfos?: MonitoringInfosMetadataResponse;
  /** At most one of `response`. */
  harnessMonitoringInfos?: HarnessMonitoringInfosResponse;
  /** At most one of `response`. */
  sampleData?: SampleDataResponse;
}

/** Asks for some elements of each PCollection. */
export interface SampleDataRequest {
  /** None means all. */
  pcollectionIds: string[];
}

/** A sampled element. */
export interface SampledElement {
  /** In the nested encoding. */
  element: Uint8Array;
  sampleTimestamp?: Timestamp;
  /** Set when the element was sampled because it failed. */
  exception?: SampledElementException;
}

/** What went wrong with the element. */
export interface SampledElementException {
  instructionId: string;
  transformId: string;
  error: string;
}

/** The samples. */
export interface SampleDataResponse {
  /** By PCollection id. */
  elementSamples: Record<string, SampleDataResponseElementList>;
}

/** Samples of one PCollection. */
export interface SampleDataResponseElementList {
  elements: SampledElement[];
}

/** Asks for the metrics of the whole harness. */
export interface HarnessMonitoringInfosRequest {
}

/** The metrics of the whole harness. */
export interface HarnessMonitoringInfosResponse {
  /** Short id to MonitoringInfo.payload. */
  monitoringData: Record<string, Uint8Array>;
}

/** Deprecated: descriptors in advance. */
export interface RegisterRequest {
  processBundleDescriptor: ProcessBundleDescriptor[];
}

/** Deprecated. */
export interface RegisterResponse {
}

/** A fused stage: what the harness builds once and runs for many bundles. */
export interface ProcessBundleDescriptor {
  id: string;
  transforms: Record<string, PTransform>;
  pcollections: Record<string, PCollection>;
  windowingStrategies: Record<string, WindowingStrategy>;
  coders: Record<string, Coder>;
  environments: Record<string, Environment>;
  /** Needed for user state, side inputs and state-backed iterables. */
  stateApiServiceDescriptor?: ApiServiceDescriptor;
  /** Needed for timers. */
  timerApiServiceDescriptor?: ApiServiceDescriptor;
}

/** An element that is to go into a transform. */
export interface BundleApplication {
  transformId: string;
  inputId: string;
  element: Uint8Array;
  /** By local output name; one left out holds the watermark at the earliest time. */
  outputWatermarks: Record<string, Timestamp>;
  isBounded: IsBounded;
}

/** The same, after a delay. */
export interface DelayedBundleApplication {
  application?: BundleApplication;
  requestedTimeDelay?: Duration;
}

/** Run a bundle. */
export interface ProcessBundleRequest {
  processBundleDescriptorId: string;
  cacheTokens: ProcessBundleRequestCacheToken[];
  /** All elements of a small bundle, in place of the data plane. */
  elements?: Elements;
  /** The keys of this bundle have no state yet: start from empty. */
  hasNoState: boolean;
  /** These keys come in no other bundle: state need not be sent back. */
  onlyBundleForKeys: boolean;
  /** Data stream to use; empty for the usual one. */
  dataStreamId: string;
}

/** State cached under this token is still valid. */
export interface ProcessBundleRequestCacheToken {
  /** At most one of `type`. */
  userState?: ProcessBundleRequestCacheTokenUserState;
  /** At most one of `type`. */
  sideInput?: ProcessBundleRequestCacheTokenSideInput;
  token: Uint8Array;
}

/** For all user state. */
export interface ProcessBundleRequestCacheTokenUserState {
}

/** For one side input. */
export interface ProcessBundleRequestCacheTokenSideInput {
  transformId: string;
  sideInputId: string;
}

/** The bundle is done, its elements sent. */
export interface ProcessBundleResponse {
  /** What the bundle left for later. */
  residualRoots: DelayedBundleApplication[];
  /** Deprecated in favour of monitoring_data. */
  monitoringInfos: MonitoringInfo[];
  /** Send a FinalizeBundleRequest once the output is committed. */
  requiresFinalization: boolean;
  /** Short id to MonitoringInfo.payload. */
  monitoringData: Record<string, Uint8Array>;
  /** All outputs of a small bundle, in place of the data plane. */
  elements?: Elements;
}

/** Asks how far a bundle is. */
export interface ProcessBundleProgressRequest {
  instructionId: string;
}

/** Asks what short ids stand for. */
export interface MonitoringInfosMetadataRequest {
  monitoringInfoId: string[];
}

/** How far a bundle is. */
export interface ProcessBundleProgressResponse {
  /** Deprecated in favour of monitoring_data. */
  monitoringInfos: MonitoringInfo[];
  /** Short id to MonitoringInfo.payload. */
  monitoringData: Record<string, Uint8Array>;
  /** Still busy with what has arrived: the runner may hold back more. */
  consumingReceivedData?: boolean;
}

/** What short ids stand for, without payloads. */
export interface MonitoringInfosMetadataResponse {
  monitoringInfo: Record<string, MonitoringInfo>;
}

/** Asks a running bundle to give up part of its work. */
export interface ProcessBundleSplitRequest {
  instructionId: string;
  /** By data source transform id. */
  desiredSplits: Record<string, ProcessBundleSplitRequestDesiredSplit>;
}

/** Where one transform is to split. */
export interface ProcessBundleSplitRequestDesiredSplit {
  /** Share of the remaining work to keep; 0 checkpoints at once. */
  fractionOfRemainder: number;
  /** Elements that this data source will get in all. */
  estimatedInputElements: bigint;
  /** Element indices; none means any. */
  allowedSplitPoints: bigint[];
}

/** What the bundle keeps (primary) and what it gave up (residual); together exactly its work. */
export interface ProcessBundleSplitResponse {
  primaryRoots: BundleApplication[];
  residualRoots: DelayedBundleApplication[];
  channelSplits: ProcessBundleSplitResponseChannelSplit[];
}

/** Where the data channel was cut. Elements between the two indices are in the roots. */
export interface ProcessBundleSplitResponseChannelSplit {
  transformId: string;
  /** Index of the last element that stays whole. */
  lastPrimaryElement: bigint;
  /** Index of the first element given up whole. */
  firstResidualElement: bigint;
}

/** The output of a bundle is committed. */
export interface FinalizeBundleRequest {
  instructionId: string;
}

/** Done. */
export interface FinalizeBundleResponse {
}

/** A piece of the data plane. */
export interface Elements {
  data: ElementsData[];
  timers: ElementsTimers[];
}

/** Encoded elements from or to one transform of one bundle; an element may span messages. */
export interface ElementsData {
  instructionId: string;
  transformId: string;
  /** Nested encodings one after the other. */
  data: Uint8Array;
  /** Ends this stream. */
  isLast: boolean;
}

/** What a windowed value carries beside its value. */
export interface ElementsElementMetadata {
  drain?: ElementsDrainMode;
  /** W3C trace context. */
  traceparent?: string;
  /** W3C trace context. */
  tracestate?: string;
  valueKind?: ElementsValueKind;
}

/** Encoded timers of one family, set by the harness or fired by the runner. */
export interface ElementsTimers {
  instructionId: string;
  transformId: string;
  timerFamilyId: string;
  timers: Uint8Array;
  /** Ends this stream. */
  isLast: boolean;
}

/** Reads or changes state. */
export interface StateRequest {
  /** The response carries the same. */
  id: string;
  /** The bundle on whose behalf; its changes are committed with it. */
  instructionId: string;
  stateKey?: StateKey;
  /** At most one of `request`. */
  get?: StateGetRequest;
  /** At most one of `request`. */
  append?: StateAppendRequest;
  /** At most one of `request`. */
  clear?: StateClearRequest;
}

/** The answer to the request of the same id. */
export interface StateResponse {
  id: string;
  /** Not empty means that the request failed. */
  error: string;
  /** At most one of `response`. */
  get?: StateGetResponse;
  /** At most one of `response`. */
  append?: StateAppendResponse;
  /** At most one of `response`. */
  clear?: StateClearResponse;
}

/** Which state. Windows and keys are in the nested encoding. */
export interface StateKey {
  /** At most one of `type`. */
  runner?: StateKeyRunner;
  /** At most one of `type`. */
  multimapSideInput?: StateKeyMultimapSideInput;
  /** At most one of `type`. */
  bagUserState?: StateKeyBagUserState;
  /** At most one of `type`. */
  iterableSideInput?: StateKeyIterableSideInput;
  /** At most one of `type`. */
  multimapKeysSideInput?: StateKeyMultimapKeysSideInput;
  /** At most one of `type`. */
  multimapKeysUserState?: StateKeyMultimapKeysUserState;
  /** At most one of `type`. */
  multimapUserState?: StateKeyMultimapUserState;
  /** At most one of `type`. */
  multimapKeysValuesSideInput?: StateKeyMultimapKeysValuesSideInput;
  /** At most one of `type`. */
  orderedListUserState?: StateKeyOrderedListUserState;
  /** At most one of `type`. */
  multimapEntriesUserState?: StateKeyMultimapEntriesUserState;
}

/** Something the runner gave out a token for; read only. */
export interface StateKeyRunner {
  key: Uint8Array;
}

/** The values of a window. */
export interface StateKeyIterableSideInput {
  transformId: string;
  sideInputId: string;
  window: Uint8Array;
}

/** The values of a key and window. */
export interface StateKeyMultimapSideInput {
  transformId: string;
  sideInputId: string;
  window: Uint8Array;
  key: Uint8Array;
}

/** The keys of a window. */
export interface StateKeyMultimapKeysSideInput {
  transformId: string;
  sideInputId: string;
  window: Uint8Array;
}

/** The keys of a window, each with all its values; a runner may refuse. */
export interface StateKeyMultimapKeysValuesSideInput {
  transformId: string;
  sideInputId: string;
  window: Uint8Array;
}

/** The values of a bag. */
export interface StateKeyBagUserState {
  transformId: string;
  userStateId: string;
  window: Uint8Array;
  key: Uint8Array;
}

/** The keys of a multimap. */
export interface StateKeyMultimapKeysUserState {
  transformId: string;
  userStateId: string;
  window: Uint8Array;
  key: Uint8Array;
}

/** The keys of a multimap with their values. */
export interface StateKeyMultimapEntriesUserState {
  transformId: string;
  userStateId: string;
  window: Uint8Array;
  key: Uint8Array;
}

/** The values of one key of a multimap. */
export interface StateKeyMultimapUserState {
  transformId: string;
  userStateId: string;
  window: Uint8Array;
  key: Uint8Array;
  mapKey: Uint8Array;
}

/** The values of a range of an ordered list. */
export interface StateKeyOrderedListUserState {
  transformId: string;
  userStateId: string;
  window: Uint8Array;
  key: Uint8Array;
  range?: OrderedListRange;
}

/** Reads. */
export interface StateGetRequest {
  /** Where to go on; empty for the start. */
  continuationToken: Uint8Array;
}

/** A piece of the state. */
export interface StateGetResponse {
  /** Where to go on; empty at the end. */
  continuationToken: Uint8Array;
  /** Nested encodings one after the other. */
  data: Uint8Array;
}

/** Adds at the end. */
export interface StateAppendRequest {
  /** Nested encodings one after the other; for an ordered list KVs of varint and length-prefixed value. */
  data: Uint8Array;
}

/** Added. */
export interface StateAppendResponse {
}

/** Removes everything, or the range of an ordered list. */
export interface StateClearRequest {
}

/** Removed. */
export interface StateClearResponse {
}

/** Sort keys [start, end). */
export interface OrderedListRange {
  start: bigint;
  end: bigint;
}

/** A log line. */
export interface LogEntry {
  severity: LogEntrySeverity;
  timestamp?: Timestamp;
  message: string;
  /** Stack trace. */
  trace: string;
  instructionId: string;
  transformId: string;
  /** Function or file and line. */
  logLocation: string;
  thread: string;
  customData?: Struct;
}

/** Several at once. */
export interface LogEntryList {
  logEntries: LogEntry[];
}

/** Reserved for the runner to configure logging. */
export interface LogControl {
}

/** Starts a worker. */
export interface StartWorkerRequest {
  workerId: string;
  controlEndpoint?: ApiServiceDescriptor;
  loggingEndpoint?: ApiServiceDescriptor;
  artifactEndpoint?: ApiServiceDescriptor;
  provisionEndpoint?: ApiServiceDescriptor;
  params: Record<string, string>;
}

/** Started, or why not. */
export interface StartWorkerResponse {
  error: string;
}

/** Stops a worker. */
export interface StopWorkerRequest {
  workerId: string;
}

/** Stopped, or why not. */
export interface StopWorkerResponse {
  error: string;
}

/** Asks how a worker is. */
export interface WorkerStatusRequest {
  id: string;
}

/** How a worker is. */
export interface WorkerStatusResponse {
  id: string;
  error: string;
  /** Text for people. */
  statusInfo: string;
}

/** Asks. */
export interface GetProvisionInfoRequest {
}

/** Answers. */
export interface GetProvisionInfoResponse {
  info?: ProvisionInfo;
}

/** Options, endpoints and dependencies of a harness. */
export interface ProvisionInfo {
  pipelineOptions?: Struct;
  /** For the legacy artifact service. */
  retrievalToken: string;
  statusEndpoint?: ApiServiceDescriptor;
  loggingEndpoint?: ApiServiceDescriptor;
  artifactEndpoint?: ApiServiceDescriptor;
  controlEndpoint?: ApiServiceDescriptor;
  dependencies: ArtifactInformation[];
  /** URNs that the harness may count on. */
  runnerCapabilities: string[];
  /** Facts about the environment that do not change. */
  metadata: Record<string, string>;
  /** Workers to start beside this one. */
  siblingWorkerIds: string[];
}
