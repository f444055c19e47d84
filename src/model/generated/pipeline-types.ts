// Written by scripts/generate-model.ts from proto/. Change those, not this.

import type { AccumulationMode, AtomicType, ClosingBehavior, IsBounded, MergeStatus, OnTimeBehavior, OutputTime, TimeDomain } from './pipeline.ts';
import type { Duration, Timestamp } from './well-known-types.ts';

/** The parts of a pipeline by id; everything else refers to them by these ids. */
export interface Components {
  transforms: Record<string, PTransform>;
  pcollections: Record<string, PCollection>;
  windowingStrategies: Record<string, WindowingStrategy>;
  coders: Record<string, Coder>;
  environments: Record<string, Environment>;
}

/** A graph of transforms linked by PCollections. */
export interface Pipeline {
  components?: Components;
  /** Transforms without a parent, in topological order. */
  rootTransformIds: string[];
  displayData: DisplayData[];
  /** URNs of what a runner must understand; one unknown to it means that it must refuse the pipeline. */
  requirements: string[];
}

/** One node of the graph: a primitive, or a composite around other nodes. */
export interface PTransform {
  /** What the transform does; a composite without meaning of its own has none. */
  spec?: FunctionSpec;
  /** Ids of the transforms inside; none for a primitive. */
  subtransforms: string[];
  /** Local input name to PCollection id, side inputs included. */
  inputs: Record<string, string>;
  /** Local output name to PCollection id. */
  outputs: Record<string, string>;
  /** Unique in the pipeline and best kept stable from version to version: state and metrics go by it. */
  uniqueName: string;
  displayData: DisplayData[];
  /** Where the transform runs; empty for those that the runner itself implements. */
  environmentId: string;
  /** Facts by URN that a runner may ignore. */
  annotations: Record<string, Uint8Array>;
}

/** A bag of windowed, timestamped elements of one type. */
export interface PCollection {
  /** Best kept stable from version to version. */
  uniqueName: string;
  coderId: string;
  isBounded: IsBounded;
  windowingStrategyId: string;
  displayData: DisplayData[];
}

/** Payload of ParDo. */
export interface ParDoPayload {
  doFn?: FunctionSpec;
  /** By local input name. */
  sideInputs: Record<string, SideInput>;
  /** By state name; needs the stateful requirement. */
  stateSpecs: Record<string, StateSpec>;
  /** Set for a splittable DoFn only; needs its requirement. */
  restrictionCoderId: string;
  /** Needs the requirement of the same name, as do the next three. */
  requestsFinalization: boolean;
  /** By timer family name; needs the stateful requirement. */
  timerFamilySpecs: Record<string, TimerFamilySpec>;
  requiresTimeSortedInput: boolean;
  requiresStableInput: boolean;
  /** Timer family to call when a window expires. */
  onWindowExpirationTimerFamilySpec: string;
}

/** One state cell of a stateful DoFn. */
export interface StateSpec {
  /** At most one of `spec`. */
  readModifyWriteSpec?: ReadModifyWriteStateSpec;
  /** At most one of `spec`. */
  bagSpec?: BagStateSpec;
  /** At most one of `spec`. */
  combiningSpec?: CombiningStateSpec;
  /** At most one of `spec`. */
  mapSpec?: MapStateSpec;
  /** At most one of `spec`. */
  setSpec?: SetStateSpec;
  /** At most one of `spec`. */
  orderedListSpec?: OrderedListStateSpec;
  /** How the cell is read and written: a StandardUserStateTypes URN. */
  protocol?: FunctionSpec;
  /** At most one of `spec`. */
  multimapSpec?: MultimapStateSpec;
}

/** A single value. */
export interface ReadModifyWriteStateSpec {
  coderId: string;
}

/** Values in no order. */
export interface BagStateSpec {
  elementCoderId: string;
}

/** Values sorted by a timestamp (varint milliseconds before each value). */
export interface OrderedListStateSpec {
  elementCoderId: string;
}

/** The accumulator of a CombineFn. */
export interface CombiningStateSpec {
  accumulatorCoderId: string;
  combineFn?: FunctionSpec;
}

/** One value per key. */
export interface MapStateSpec {
  keyCoderId: string;
  valueCoderId: string;
}

/** Many values per key. */
export interface MultimapStateSpec {
  keyCoderId: string;
  valueCoderId: string;
}

/** Distinct values. */
export interface SetStateSpec {
  elementCoderId: string;
}

/** A family of timers that share a time domain and a coder. */
export interface TimerFamilySpec {
  timeDomain: TimeDomain;
  timerFamilyCoderId: string;
}

/** Payload of the deprecated Read. */
export interface ReadPayload {
  source?: FunctionSpec;
  isBounded: IsBounded;
}

/** Payload of WindowInto. */
export interface WindowIntoPayload {
  windowFn?: FunctionSpec;
}

/** Payload of the combine composites and of their steps. */
export interface CombinePayload {
  combineFn?: FunctionSpec;
  accumulatorCoderId: string;
}

/** Payload of TestStream: the script, or the service that plays it. */
export interface TestStreamPayload {
  /** Coder of the elements. */
  coderId: string;
  events: TestStreamPayloadEvent[];
  /** A service to fetch the events from, in place of `events`. */
  endpoint?: ApiServiceDescriptor;
}

/** One step of the script. */
export interface TestStreamPayloadEvent {
  /** At most one of `event`. */
  watermarkEvent?: TestStreamPayloadEventAdvanceWatermark;
  /** At most one of `event`. */
  processingTimeEvent?: TestStreamPayloadEventAdvanceProcessingTime;
  /** At most one of `event`. */
  elementEvent?: TestStreamPayloadEventAddElements;
}

/** Moves the watermark. */
export interface TestStreamPayloadEventAdvanceWatermark {
  /** Milliseconds since 1970. */
  newWatermark: bigint;
  /** Output; empty means the main one. */
  tag: string;
}

/** Moves the processing-time clock. */
export interface TestStreamPayloadEventAdvanceProcessingTime {
  /** Milliseconds. */
  advanceDuration: bigint;
}

/** Emits elements. */
export interface TestStreamPayloadEventAddElements {
  elements: TestStreamPayloadTimestampedElement[];
  /** Output; empty means the main one. */
  tag: string;
}

/** An encoded element with its event time. */
export interface TestStreamPayloadTimestampedElement {
  encodedElement: Uint8Array;
  /** Milliseconds since 1970. */
  timestamp: bigint;
}

/** Payload of WriteFiles. */
export interface WriteFilesPayload {
  sink?: FunctionSpec;
  formatFunction?: FunctionSpec;
  windowedWrites: boolean;
  /** The runner's translation picks the shards. */
  runnerDeterminedSharding: boolean;
  sideInputs: Record<string, SideInput>;
  /** The runner's service picks the shards while it runs. */
  autoSharded: boolean;
}

/** Payload of the Pub/Sub read; exactly one of the four topic and subscription fields is set. */
export interface PubSubReadPayload {
  /** As /topics/PROJECT/NAME. */
  topic: string;
  /** As /subscriptions/PROJECT/NAME. */
  subscription: string;
  /** Attribute that holds the event time. */
  timestampAttribute: string;
  /** Attribute that identifies a message, to drop repeats. */
  idAttribute: string;
  /** Elements are whole PubsubMessage protos, not the data alone. */
  withAttributes: boolean;
  /** Option from which the topic is taken at run time. */
  topicRuntimeOverridden: string;
  /** Option from which the subscription is taken at run time. */
  subscriptionRuntimeOverridden: string;
}

/** Payload of the Pub/Sub write; elements are PubsubMessage protos. */
export interface PubSubWritePayload {
  topic: string;
  timestampAttribute: string;
  idAttribute: string;
  /** Option from which the topic is taken at run time. */
  topicRuntimeOverridden: string;
}

/** Payload of GroupIntoBatches. */
export interface GroupIntoBatchesPayload {
  /** Most elements per batch. */
  batchSize: bigint;
  /** Longest wait for a batch to fill. */
  maxBufferingDurationMillis: bigint;
  /** Most encoded bytes per batch. */
  batchSizeBytes: bigint;
}

/** Payload of the redistribute composites. */
export interface RedistributePayload {
  /** A runner may deliver an element more than once. */
  allowDuplicates: boolean;
}

/** How the elements of a PCollection become bytes. */
export interface Coder {
  spec?: FunctionSpec;
  /** Coders of the parts; two encodings agree only when spec and components do. */
  componentCoderIds: string[];
}

/** How the elements of a PCollection are windowed, triggered and accumulated. */
export interface WindowingStrategy {
  windowFn?: FunctionSpec;
  mergeStatus: MergeStatus;
  /** Coder of the windows. */
  windowCoderId: string;
  trigger?: Trigger;
  accumulationMode: AccumulationMode;
  /** Timestamp of what a grouping emits. */
  outputTime: OutputTime;
  closingBehavior: ClosingBehavior;
  /** Milliseconds past its end during which a window still takes elements. */
  allowedLateness: bigint;
  onTimeBehavior: OnTimeBehavior;
  /** The window function puts each element into exactly one window. */
  assignsToOneWindow: boolean;
  /** Where the window function runs; empty leaves it to the runner. */
  environmentId: string;
}

/** When a grouping may emit a pane. */
export interface Trigger {
  /** At most one of `trigger`. */
  afterAll?: TriggerAfterAll;
  /** At most one of `trigger`. */
  afterAny?: TriggerAfterAny;
  /** At most one of `trigger`. */
  afterEach?: TriggerAfterEach;
  /** At most one of `trigger`. */
  afterEndOfWindow?: TriggerAfterEndOfWindow;
  /** At most one of `trigger`. */
  afterProcessingTime?: TriggerAfterProcessingTime;
  /** At most one of `trigger`. */
  afterSynchronizedProcessingTime?: TriggerAfterSynchronizedProcessingTime;
  /** At most one of `trigger`. */
  default?: TriggerDefault;
  /** At most one of `trigger`. */
  elementCount?: TriggerElementCount;
  /** At most one of `trigger`. */
  never?: TriggerNever;
  /** At most one of `trigger`. */
  orFinally?: TriggerOrFinally;
  /** At most one of `trigger`. */
  repeat?: TriggerRepeat;
  /** At most one of `trigger`. */
  always?: TriggerAlways;
}

/** When all subtriggers are ready. */
export interface TriggerAfterAll {
  subtriggers: Trigger[];
}

/** When any subtrigger is ready. */
export interface TriggerAfterAny {
  subtriggers: Trigger[];
}

/** The subtriggers one after the other. */
export interface TriggerAfterEach {
  subtriggers: Trigger[];
}

/** When the watermark passes the end of the window. */
export interface TriggerAfterEndOfWindow {
  /** Repeats until then. */
  earlyFirings?: Trigger;
  /** Repeats from then on. */
  lateFirings?: Trigger;
}

/** A delay after an element arrives. */
export interface TriggerAfterProcessingTime {
  /** Applied in order to the time of arrival. */
  timestampTransforms: TimestampTransform[];
}

/** When the upstream stages have caught up with the time of arrival. */
export interface TriggerAfterSynchronizedProcessingTime {
}

/** The end of the window and then each late element; means that the user chose none. */
export interface TriggerDefault {
}

/** When that many elements have arrived. */
export interface TriggerElementCount {
  elementCount: number;
}

/** Only the final pane at expiry. */
export interface TriggerNever {
}

/** After each element. */
export interface TriggerAlways {
}

/** `main` until `finally` fires, then no more. */
export interface TriggerOrFinally {
  main?: Trigger;
  finally?: Trigger;
}

/** The subtrigger over and over. */
export interface TriggerRepeat {
  subtrigger?: Trigger;
}

/** Changes a time of arrival into a time to fire. */
export interface TimestampTransform {
  /** At most one of `timestamp_transform`. */
  delay?: TimestampTransformDelay;
  /** At most one of `timestamp_transform`. */
  alignTo?: TimestampTransformAlignTo;
}

/** Adds a fixed time. */
export interface TimestampTransformDelay {
  delayMillis: bigint;
}

/** Rounds up to offset + n * period, in milliseconds. */
export interface TimestampTransformAlignTo {
  period: bigint;
  offset: bigint;
}

/** How a ParDo sees a side input. */
export interface SideInput {
  /** A StandardSideInputTypes URN. */
  accessPattern?: FunctionSpec;
  /** The SDK's adapter from the access pattern to the user's view. */
  viewFn?: FunctionSpec;
  /** Main-input window to side-input window. */
  windowMappingFn?: FunctionSpec;
}

/** A file that the reader of this message can open. */
export interface ArtifactFilePayload {
  path: string;
  /** Hexadecimal, as everywhere below. */
  sha256: string;
}

/** A file behind a URL. */
export interface ArtifactUrlPayload {
  url: string;
  sha256: string;
}

/** The content itself. */
export interface EmbeddedFilePayload {
  data: Uint8Array;
}

/** A Python distribution. */
export interface PyPIPayload {
  artifactId: string;
  version: string;
}

/** A Maven artifact. */
export interface MavenPayload {
  /** As groupId:artifactId:version[:packaging[:classifier]]. */
  artifact: string;
  /** Empty means Maven Central. */
  repositoryUrl: string;
}

/** Something that only its creator can resolve. */
export interface DeferredArtifactPayload {
  /** By which the creator knows its own. */
  key: string;
  data: Uint8Array;
}

/** The artifact belongs under this name. */
export interface ArtifactStagingToRolePayload {
  /** Relative to the staging folder. */
  stagedName: string;
}

/** An artifact: where it is, and what it is for. */
export interface ArtifactInformation {
  typeUrn: string;
  typePayload: Uint8Array;
  roleUrn: string;
  rolePayload: Uint8Array;
}

/** Where user code runs. */
export interface Environment {
  /** A StandardEnvironments URN. */
  urn: string;
  payload: Uint8Array;
  displayData: DisplayData[];
  /** URNs of what this environment understands beyond what the pipeline shows. */
  capabilities: string[];
  /** Artifacts that its user code needs. */
  dependencies: ArtifactInformation[];
  /** Wishes by StandardResourceHints URN; a runner may ignore them. */
  resourceHints: Record<string, Uint8Array>;
}

/** Payload of a Docker environment. */
export interface DockerPayload {
  containerImage: string;
}

/** Payload of a process environment. */
export interface ProcessPayload {
  /** As linux, darwin. */
  os: string;
  /** As amd64. */
  arch: string;
  command: string;
  /** Environment variables. */
  env: Record<string, string>;
}

/** Payload of an external environment. */
export interface ExternalPayload {
  /** A BeamFnExternalWorkerPool service. */
  endpoint?: ApiServiceDescriptor;
  params: Record<string, string>;
}

/** Payload of a choice of environments. */
export interface AnyOfEnvironmentPayload {
  environments: Environment[];
}

/** A URN with what it needs; whoever does not know the URN passes both on untouched. */
export interface FunctionSpec {
  urn: string;
  payload: Uint8Array;
}

/** A value for people to see. */
export interface LabelledPayload {
  label: string;
  /** At most one of `value`. */
  stringValue?: string;
  /** At most one of `value`. */
  boolValue?: boolean;
  /** At most one of `value`. */
  doubleValue?: number;
  /** At most one of `value`. */
  intValue?: bigint;
  /** What the value is. */
  key: string;
  /** What defined the key. */
  namespace: string;
}

/** Facts about a component for people, not for execution. */
export interface DisplayData {
  urn: string;
  payload: Uint8Array;
}

/** A message with the components that it refers to. */
export interface MessageWithComponents {
  components?: Components;
  /** At most one of `root`. */
  coder?: Coder;
  /** At most one of `root`. */
  combinePayload?: CombinePayload;
  /** At most one of `root`. */
  functionSpec?: FunctionSpec;
  /** At most one of `root`. */
  parDoPayload?: ParDoPayload;
  /** At most one of `root`. */
  ptransform?: PTransform;
  /** At most one of `root`. */
  pcollection?: PCollection;
  /** At most one of `root`. */
  readPayload?: ReadPayload;
  /** At most one of `root`. */
  sideInput?: SideInput;
  /** At most one of `root`. */
  windowIntoPayload?: WindowIntoPayload;
  /** At most one of `root`. */
  windowingStrategy?: WindowingStrategy;
}

/** A fused stage, as runners pass it among their own parts. */
export interface ExecutableStagePayload {
  environment?: Environment;
  /** PCollection id. */
  input: string;
  sideInputs: ExecutableStagePayloadSideInputId[];
  /** Ids. */
  transforms: string[];
  /** PCollection ids. */
  outputs: string[];
  components?: Components;
  userStates: ExecutableStagePayloadUserStateId[];
  timers: ExecutableStagePayloadTimerId[];
  wireCoderSettings: ExecutableStagePayloadWireCoderSetting[];
  timerFamilies: ExecutableStagePayloadTimerFamilyId[];
}

/** A side input of a transform. */
export interface ExecutableStagePayloadSideInputId {
  transformId: string;
  localName: string;
}

/** A state cell of a transform. */
export interface ExecutableStagePayloadUserStateId {
  transformId: string;
  localName: string;
}

/** A timer of a transform. */
export interface ExecutableStagePayloadTimerId {
  transformId: string;
  localName: string;
}

/** A timer family of a transform. */
export interface ExecutableStagePayloadTimerFamilyId {
  transformId: string;
  localName: string;
}

/** Which coder carries a PCollection or a timer across the wire. */
export interface ExecutableStagePayloadWireCoderSetting {
  /** WINDOWED_VALUE or PARAM_WINDOWED_VALUE. */
  urn: string;
  payload: Uint8Array;
  /** At most one of `target`. */
  inputOrOutputId?: string;
  /** At most one of `target`. */
  timer?: ExecutableStagePayloadTimerId;
}

/** Address of a Beam service. */
export interface ApiServiceDescriptor {
  url: string;
  /** Absent where the network is trusted. */
  authentication?: AuthenticationSpec;
}

/** How to authenticate, by URN. */
export interface AuthenticationSpec {
  urn: string;
  payload: Uint8Array;
}

/** The configuration of a transform as a row. */
export interface ExternalConfigurationPayload {
  schema?: Schema;
  payload: Uint8Array;
}

/** A Java class by name, with its constructor and builder calls. */
export interface JavaClassLookupPayload {
  className: string;
  /** A static factory; empty means a constructor. */
  constructorMethod: string;
  /** Fields are the parameters in order; names of the form ignore[0-9]+ match any parameter. */
  constructorSchema?: Schema;
  constructorPayload: Uint8Array;
  /** Called in order. */
  builderMethods: BuilderMethod[];
}

/** One builder call; its fields are the parameters in order. */
export interface BuilderMethod {
  name: string;
  schema?: Schema;
  payload: Uint8Array;
}

/** A transform by identifier, configured by a row. */
export interface SchemaTransformPayload {
  identifier: string;
  configurationSchema?: Schema;
  /** Encoded with the row coder of configuration_schema. */
  configurationRow: Uint8Array;
}

/** What is fixed for a metric URN. */
export interface MonitoringInfoSpec {
  urn: string;
  /** Encoding and aggregation: a MonitoringInfoTypeUrns URN. */
  type: string;
  requiredLabels: string[];
  /** Notes such as units. */
  annotations: Annotation[];
}

/** A note on a metric. */
export interface Annotation {
  key: string;
  value: string;
}

/** What is fixed for a label. */
export interface MonitoringInfoLabelProps {
  /** Key in MonitoringInfo.labels. */
  name: string;
}

/** One reported metric. */
export interface MonitoringInfo {
  urn: string;
  type: string;
  /** The value, encoded as `type` says. */
  payload: Uint8Array;
  /** What the metric is about: transform, PCollection, name; together with the URN its identity. */
  labels: Record<string, string>;
  /** Since when the value has been collected. */
  startTime?: Timestamp;
}

/** A node of a bounded trie. */
export interface BoundedTrieNode {
  /** Everything below was cut; there are no children. */
  truncated: boolean;
  children: Record<string, BoundedTrieNode>;
}

/** A set of paths, cut to its bound. */
export interface BoundedTrie {
  bound: number;
  root?: BoundedTrieNode;
  /** In place of `root` when there is one path. */
  singleton: string[];
}

/** Counts per bucket. */
export interface HistogramValue {
  count?: bigint;
  bucketOptions?: HistogramValueBucketOptions;
  /** Buckets left out at the end are 0. */
  bucketCounts: bigint[];
}

/** Where the buckets end. */
export interface HistogramValueBucketOptions {
  /** At most one of `bucket_type`. */
  linear?: HistogramValueBucketOptionsLinear;
  /** At most one of `bucket_type`. */
  exponential?: HistogramValueBucketOptionsBase2Exponent;
}

/** Bucket i is [start + i * width, start + (i + 1) * width). */
export interface HistogramValueBucketOptionsLinear {
  numberOfBuckets?: number;
  width?: number;
  start?: number;
}

/** Bucket i is [g^i, g^(i + 1)) with g = 2^(2^-scale); the first starts at 0. */
export interface HistogramValueBucketOptionsBase2Exponent {
  numberOfBuckets?: number;
  /** From -3 to 3. */
  scale?: number;
}

/** The fields of a row type. */
export interface Schema {
  /** No two have the same name. */
  fields: Field[];
  /** A UUID. */
  id: string;
  options: Option[];
  /** Each field's encoding_position counts. */
  encodingPositionsSet: boolean;
}

/** A named field. */
export interface Field {
  name: string;
  description: string;
  type?: FieldType;
  id: number;
  /** Where the field lies in the encoding, so that fields may be added in the middle without breaking old data. */
  encodingPosition: number;
  options: Option[];
}

/** Type of a field or of a part of one. */
export interface FieldType {
  nullable: boolean;
  /** At most one of `type_info`. */
  atomicType?: AtomicType;
  /** At most one of `type_info`. */
  arrayType?: ArrayType;
  /** At most one of `type_info`. */
  iterableType?: IterableType;
  /** At most one of `type_info`. */
  mapType?: MapType;
  /** At most one of `type_info`. */
  rowType?: RowType;
  /** At most one of `type_info`. */
  logicalType?: LogicalType;
}

/** A list. */
export interface ArrayType {
  elementType?: FieldType;
}

/** A list that need not fit into memory. */
export interface IterableType {
  elementType?: FieldType;
}

/** Keys to values. */
export interface MapType {
  keyType?: FieldType;
  valueType?: FieldType;
}

/** A nested row. */
export interface RowType {
  schema?: Schema;
}

/** A type by URN that is stored as another one. */
export interface LogicalType {
  urn: string;
  payload: Uint8Array;
  /** The type that is stored. */
  representation?: FieldType;
  argumentType?: FieldType;
  /** Of argument_type; a length for example. */
  argument?: FieldValue;
}

/** A named value attached to a schema or a field. */
export interface Option {
  name: string;
  type?: FieldType;
  value?: FieldValue;
}

/** The values of a row in the order of its schema. */
export interface Row {
  values: FieldValue[];
}

/** A value; none of the fields set means null. */
export interface FieldValue {
  /** At most one of `field_value`. */
  atomicValue?: AtomicTypeValue;
  /** At most one of `field_value`. */
  arrayValue?: ArrayTypeValue;
  /** At most one of `field_value`. */
  iterableValue?: IterableTypeValue;
  /** At most one of `field_value`. */
  mapValue?: MapTypeValue;
  /** At most one of `field_value`. */
  rowValue?: Row;
  /** At most one of `field_value`. */
  logicalTypeValue?: LogicalTypeValue;
}

/** A value of an AtomicType. */
export interface AtomicTypeValue {
  /** At most one of `value`. */
  byte?: number;
  /** At most one of `value`. */
  int16?: number;
  /** At most one of `value`. */
  int32?: number;
  /** At most one of `value`. */
  int64?: bigint;
  /** At most one of `value`. */
  float?: number;
  /** At most one of `value`. */
  double?: number;
  /** At most one of `value`. */
  string?: string;
  /** At most one of `value`. */
  boolean?: boolean;
  /** At most one of `value`. */
  bytes?: Uint8Array;
}

/** A value of an ArrayType. */
export interface ArrayTypeValue {
  element: FieldValue[];
}

/** A value of an IterableType. */
export interface IterableTypeValue {
  element: FieldValue[];
}

/** A value of a MapType. */
export interface MapTypeValue {
  entries: MapTypeEntry[];
}

/** One entry of a map value. */
export interface MapTypeEntry {
  key?: FieldValue;
  value?: FieldValue;
}

/** A value of a LogicalType, in its representation. */
export interface LogicalTypeValue {
  value?: FieldValue;
}

/** Payload of the schema coder. */
export interface SchemaCoderPayload {
  schema?: Schema;
  /** Value to row. */
  toRowFn?: FunctionSpec;
  /** Row to value. */
  fromRowFn?: FunctionSpec;
  /** What a particular SDK needs besides. */
  additionalCoderInfos: SchemaCoderPayloadAdditionalCoderInfo[];
}

/** One such thing, by URN. */
export interface SchemaCoderPayloadAdditionalCoderInfo {
  urn: string;
  payload: Uint8Array;
}

/** One window for all time. */
export interface GlobalWindowsPayload {
}

/** Windows [offset + n * size, offset + (n + 1) * size). */
export interface FixedWindowsPayload {
  size?: Duration;
  offset?: Timestamp;
}

/** Windows [offset + n * period, offset + n * period + size). */
export interface SlidingWindowsPayload {
  size?: Duration;
  offset?: Timestamp;
  period?: Duration;
}

/** Elements of a key closer together than the gap share a window. */
export interface SessionWindowsPayload {
  gapSize?: Duration;
}
