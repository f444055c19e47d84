// Written by scripts/generate-model.ts from proto/. Change those, not this.

import './well-known.ts';
import { protoPackage } from '../proto/proto-package.ts';
import type * as types from './pipeline-types.ts';

const pipelinePackage = protoPackage('org.apache.beam.model.pipeline.v1');

/** Whether a PCollection is finite. */
export const IsBounded = pipelinePackage.enumeration('IsBounded.Enum', {
  UNSPECIFIED: 0,
  UNBOUNDED: 1,
  BOUNDED: 2,
});
export type IsBounded = (typeof IsBounded)[keyof typeof IsBounded];

/** Whether windows still have to be merged. */
export const MergeStatus = pipelinePackage.enumeration('MergeStatus.Enum', {
  UNSPECIFIED: 0,
  /** Global, fixed, sliding windows. */
  NON_MERGING: 1,
  /** Sessions before a GroupByKey. */
  NEEDS_MERGE: 2,
  /** Sessions after a GroupByKey. */
  ALREADY_MERGED: 3,
});
export type MergeStatus = (typeof MergeStatus)[keyof typeof MergeStatus];

/** Whether a later pane replaces the earlier ones. */
export const AccumulationMode = pipelinePackage.enumeration('AccumulationMode.Enum', {
  UNSPECIFIED: 0,
  /** Each pane holds only what came since the last one. */
  DISCARDING: 1,
  /** Each pane holds everything so far. */
  ACCUMULATING: 2,
  /** Each pane also takes back the last one. */
  RETRACTING: 3,
});
export type AccumulationMode = (typeof AccumulationMode)[keyof typeof AccumulationMode];

/** Whether a window that expires fires once more. */
export const ClosingBehavior = pipelinePackage.enumeration('ClosingBehavior.Enum', {
  UNSPECIFIED: 0,
  /** Even without new elements. */
  EMIT_ALWAYS: 1,
  /** Only with new elements. */
  EMIT_IF_NONEMPTY: 2,
});
export type ClosingBehavior = (typeof ClosingBehavior)[keyof typeof ClosingBehavior];

/** Whether the on-time pane fires without new elements. */
export const OnTimeBehavior = pipelinePackage.enumeration('OnTimeBehavior.Enum', {
  UNSPECIFIED: 0,
  FIRE_ALWAYS: 1,
  FIRE_IF_NONEMPTY: 2,
});
export type OnTimeBehavior = (typeof OnTimeBehavior)[keyof typeof OnTimeBehavior];

/** Which timestamp a grouping gives its output. */
export const OutputTime = pipelinePackage.enumeration('OutputTime.Enum', {
  UNSPECIFIED: 0,
  END_OF_WINDOW: 1,
  /** Of the inputs since the last output. */
  LATEST_IN_PANE: 2,
  /** Of the inputs since the last output. */
  EARLIEST_IN_PANE: 3,
});
export type OutputTime = (typeof OutputTime)[keyof typeof OutputTime];

/** Which clock a timer follows. */
export const TimeDomain = pipelinePackage.enumeration('TimeDomain.Enum', {
  UNSPECIFIED: 0,
  /** The watermark. */
  EVENT_TIME: 1,
  /** The wall clock. */
  PROCESSING_TIME: 2,
});
export type TimeDomain = (typeof TimeDomain)[keyof typeof TimeDomain];

/** Types without parts. */
export const AtomicType = pipelinePackage.enumeration('AtomicType', {
  UNSPECIFIED: 0,
  BYTE: 1,
  INT16: 2,
  INT32: 3,
  INT64: 4,
  FLOAT: 5,
  DOUBLE: 6,
  STRING: 7,
  BOOLEAN: 8,
  BYTES: 9,
});
export type AtomicType = (typeof AtomicType)[keyof typeof AtomicType];

/** The parts of a pipeline by id; everything else refers to them by these ids. */
export const Components = pipelinePackage.message<types.Components>('Components', `1 transforms map<string,PTransform>
2 pcollections map<string,PCollection>
3 windowing_strategies map<string,WindowingStrategy>
4 coders map<string,Coder>
5 environments map<string,Environment>`);
export type Components = types.Components;

/** A graph of transforms linked by PCollections. */
export const Pipeline = pipelinePackage.message<types.Pipeline>('Pipeline', `1 components Components
2 root_transform_ids repeated string
3 display_data repeated DisplayData
4 requirements repeated string`);
export type Pipeline = types.Pipeline;

/** One node of the graph: a primitive, or a composite around other nodes. */
export const PTransform = pipelinePackage.message<types.PTransform>('PTransform', `1 spec FunctionSpec
2 subtransforms repeated string
3 inputs map<string,string>
4 outputs map<string,string>
5 unique_name string
6 display_data repeated DisplayData
7 environment_id string
8 annotations map<string,bytes>`);
export type PTransform = types.PTransform;

/** A bag of windowed, timestamped elements of one type. */
export const PCollection = pipelinePackage.message<types.PCollection>('PCollection', `1 unique_name string
2 coder_id string
3 is_bounded enum:IsBounded.Enum
4 windowing_strategy_id string
5 display_data repeated DisplayData`);
export type PCollection = types.PCollection;

/** Payload of ParDo. */
export const ParDoPayload = pipelinePackage.message<types.ParDoPayload>('ParDoPayload', `1 do_fn FunctionSpec
3 side_inputs map<string,SideInput>
4 state_specs map<string,StateSpec>
7 restriction_coder_id string
8 requests_finalization bool
9 timer_family_specs map<string,TimerFamilySpec>
10 requires_time_sorted_input bool
11 requires_stable_input bool
12 on_window_expiration_timer_family_spec string`);
export type ParDoPayload = types.ParDoPayload;

/** One state cell of a stateful DoFn. */
export const StateSpec = pipelinePackage.message<types.StateSpec>('StateSpec', `1 read_modify_write_spec ReadModifyWriteStateSpec oneof:spec
2 bag_spec BagStateSpec oneof:spec
3 combining_spec CombiningStateSpec oneof:spec
4 map_spec MapStateSpec oneof:spec
5 set_spec SetStateSpec oneof:spec
6 ordered_list_spec OrderedListStateSpec oneof:spec
7 protocol FunctionSpec
8 multimap_spec MultimapStateSpec oneof:spec`);
export type StateSpec = types.StateSpec;

/** A single value. */
export const ReadModifyWriteStateSpec = pipelinePackage.message<types.ReadModifyWriteStateSpec>('ReadModifyWriteStateSpec', `1 coder_id string`);
export type ReadModifyWriteStateSpec = types.ReadModifyWriteStateSpec;

/** Values in no order. */
export const BagStateSpec = pipelinePackage.message<types.BagStateSpec>('BagStateSpec', `1 element_coder_id string`);
export type BagStateSpec = types.BagStateSpec;

/** Values sorted by a timestamp (varint milliseconds before each value). */
export const OrderedListStateSpec = pipelinePackage.message<types.OrderedListStateSpec>('OrderedListStateSpec', `1 element_coder_id string`);
export type OrderedListStateSpec = types.OrderedListStateSpec;

/** The accumulator of a CombineFn. */
export const CombiningStateSpec = pipelinePackage.message<types.CombiningStateSpec>('CombiningStateSpec', `1 accumulator_coder_id string
2 combine_fn FunctionSpec`);
export type CombiningStateSpec = types.CombiningStateSpec;

/** One value per key. */
export const MapStateSpec = pipelinePackage.message<types.MapStateSpec>('MapStateSpec', `1 key_coder_id string
2 value_coder_id string`);
export type MapStateSpec = types.MapStateSpec;

/** Many values per key. */
export const MultimapStateSpec = pipelinePackage.message<types.MultimapStateSpec>('MultimapStateSpec', `1 key_coder_id string
2 value_coder_id string`);
export type MultimapStateSpec = types.MultimapStateSpec;

/** Distinct values. */
export const SetStateSpec = pipelinePackage.message<types.SetStateSpec>('SetStateSpec', `1 element_coder_id string`);
export type SetStateSpec = types.SetStateSpec;

/** A family of timers that share a time domain and a coder. */
export const TimerFamilySpec = pipelinePackage.message<types.TimerFamilySpec>('TimerFamilySpec', `1 time_domain enum:TimeDomain.Enum
2 timer_family_coder_id string`);
export type TimerFamilySpec = types.TimerFamilySpec;

/** Payload of the deprecated Read. */
export const ReadPayload = pipelinePackage.message<types.ReadPayload>('ReadPayload', `1 source FunctionSpec
2 is_bounded enum:IsBounded.Enum`);
export type ReadPayload = types.ReadPayload;

/** Payload of WindowInto. */
export const WindowIntoPayload = pipelinePackage.message<types.WindowIntoPayload>('WindowIntoPayload', `1 window_fn FunctionSpec`);
export type WindowIntoPayload = types.WindowIntoPayload;

/** Payload of the combine composites and of their steps. */
export const CombinePayload = pipelinePackage.message<types.CombinePayload>('CombinePayload', `1 combine_fn FunctionSpec
2 accumulator_coder_id string`);
export type CombinePayload = types.CombinePayload;

/** Payload of TestStream: the script, or the service that plays it. */
export const TestStreamPayload = pipelinePackage.message<types.TestStreamPayload>('TestStreamPayload', `1 coder_id string
2 events repeated TestStreamPayload.Event
3 endpoint ApiServiceDescriptor`);
export type TestStreamPayload = types.TestStreamPayload;

/** One step of the script. */
export const TestStreamPayloadEvent = pipelinePackage.message<types.TestStreamPayloadEvent>('TestStreamPayload.Event', `1 watermark_event TestStreamPayload.Event.AdvanceWatermark oneof:event
2 processing_time_event TestStreamPayload.Event.AdvanceProcessingTime oneof:event
3 element_event TestStreamPayload.Event.AddElements oneof:event`);
export type TestStreamPayloadEvent = types.TestStreamPayloadEvent;

/** Moves the watermark. */
export const TestStreamPayloadEventAdvanceWatermark = pipelinePackage.message<types.TestStreamPayloadEventAdvanceWatermark>('TestStreamPayload.Event.AdvanceWatermark', `1 new_watermark int64
2 tag string`);
export type TestStreamPayloadEventAdvanceWatermark = types.TestStreamPayloadEventAdvanceWatermark;

/** Moves the processing-time clock. */
export const TestStreamPayloadEventAdvanceProcessingTime = pipelinePackage.message<types.TestStreamPayloadEventAdvanceProcessingTime>('TestStreamPayload.Event.AdvanceProcessingTime', `1 advance_duration int64`);
export type TestStreamPayloadEventAdvanceProcessingTime = types.TestStreamPayloadEventAdvanceProcessingTime;

/** Emits elements. */
export const TestStreamPayloadEventAddElements = pipelinePackage.message<types.TestStreamPayloadEventAddElements>('TestStreamPayload.Event.AddElements', `1 elements repeated TestStreamPayload.TimestampedElement
3 tag string`);
export type TestStreamPayloadEventAddElements = types.TestStreamPayloadEventAddElements;

/** An encoded element with its event time. */
export const TestStreamPayloadTimestampedElement = pipelinePackage.message<types.TestStreamPayloadTimestampedElement>('TestStreamPayload.TimestampedElement', `1 encoded_element bytes
2 timestamp int64`);
export type TestStreamPayloadTimestampedElement = types.TestStreamPayloadTimestampedElement;

/** Payload of WriteFiles. */
export const WriteFilesPayload = pipelinePackage.message<types.WriteFilesPayload>('WriteFilesPayload', `1 sink FunctionSpec
2 format_function FunctionSpec
3 windowed_writes bool
4 runner_determined_sharding bool
5 side_inputs map<string,SideInput>
6 auto_sharded bool`);
export type WriteFilesPayload = types.WriteFilesPayload;

/** Payload of the Pub/Sub read; exactly one of the four topic and subscription fields is set. */
export const PubSubReadPayload = pipelinePackage.message<types.PubSubReadPayload>('PubSubReadPayload', `1 topic string
2 subscription string
3 timestamp_attribute string
4 id_attribute string
5 with_attributes bool
6 topic_runtime_overridden string
7 subscription_runtime_overridden string`);
export type PubSubReadPayload = types.PubSubReadPayload;

/** Payload of the Pub/Sub write; elements are PubsubMessage protos. */
export const PubSubWritePayload = pipelinePackage.message<types.PubSubWritePayload>('PubSubWritePayload', `1 topic string
2 timestamp_attribute string
3 id_attribute string
4 topic_runtime_overridden string`);
export type PubSubWritePayload = types.PubSubWritePayload;

/** Payload of GroupIntoBatches. */
export const GroupIntoBatchesPayload = pipelinePackage.message<types.GroupIntoBatchesPayload>('GroupIntoBatchesPayload', `1 batch_size int64
2 max_buffering_duration_millis int64
3 batch_size_bytes int64`);
export type GroupIntoBatchesPayload = types.GroupIntoBatchesPayload;

/** Payload of the redistribute composites. */
export const RedistributePayload = pipelinePackage.message<types.RedistributePayload>('RedistributePayload', `1 allow_duplicates bool`);
export type RedistributePayload = types.RedistributePayload;

/** How the elements of a PCollection become bytes. */
export const Coder = pipelinePackage.message<types.Coder>('Coder', `1 spec FunctionSpec
2 component_coder_ids repeated string`);
export type Coder = types.Coder;

/** How the elements of a PCollection are windowed, triggered and accumulated. */
export const WindowingStrategy = pipelinePackage.message<types.WindowingStrategy>('WindowingStrategy', `1 window_fn FunctionSpec
2 merge_status enum:MergeStatus.Enum
3 window_coder_id string
4 trigger Trigger
5 accumulation_mode enum:AccumulationMode.Enum
6 output_time enum:OutputTime.Enum
7 closing_behavior enum:ClosingBehavior.Enum
8 allowed_lateness int64
9 on_time_behavior enum:OnTimeBehavior.Enum
10 assigns_to_one_window bool
11 environment_id string`);
export type WindowingStrategy = types.WindowingStrategy;

/** When a grouping may emit a pane. */
export const Trigger = pipelinePackage.message<types.Trigger>('Trigger', `1 after_all Trigger.AfterAll oneof:trigger
2 after_any Trigger.AfterAny oneof:trigger
3 after_each Trigger.AfterEach oneof:trigger
4 after_end_of_window Trigger.AfterEndOfWindow oneof:trigger
5 after_processing_time Trigger.AfterProcessingTime oneof:trigger
6 after_synchronized_processing_time Trigger.AfterSynchronizedProcessingTime oneof:trigger
7 default Trigger.Default oneof:trigger
8 element_count Trigger.ElementCount oneof:trigger
9 never Trigger.Never oneof:trigger
10 or_finally Trigger.OrFinally oneof:trigger
11 repeat Trigger.Repeat oneof:trigger
12 always Trigger.Always oneof:trigger`);
export type Trigger = types.Trigger;

/** When all subtriggers are ready. */
export const TriggerAfterAll = pipelinePackage.message<types.TriggerAfterAll>('Trigger.AfterAll', `1 subtriggers repeated Trigger`);
export type TriggerAfterAll = types.TriggerAfterAll;

/** When any subtrigger is ready. */
export const TriggerAfterAny = pipelinePackage.message<types.TriggerAfterAny>('Trigger.AfterAny', `1 subtriggers repeated Trigger`);
export type TriggerAfterAny = types.TriggerAfterAny;

/** The subtriggers one after the other. */
export const TriggerAfterEach = pipelinePackage.message<types.TriggerAfterEach>('Trigger.AfterEach', `1 subtriggers repeated Trigger`);
export type TriggerAfterEach = types.TriggerAfterEach;

/** When the watermark passes the end of the window. */
export const TriggerAfterEndOfWindow = pipelinePackage.message<types.TriggerAfterEndOfWindow>('Trigger.AfterEndOfWindow', `1 early_firings Trigger
2 late_firings Trigger`);
export type TriggerAfterEndOfWindow = types.TriggerAfterEndOfWindow;

/** A delay after an element arrives. */
export const TriggerAfterProcessingTime = pipelinePackage.message<types.TriggerAfterProcessingTime>('Trigger.AfterProcessingTime', `1 timestamp_transforms repeated TimestampTransform`);
export type TriggerAfterProcessingTime = types.TriggerAfterProcessingTime;

/** When the upstream stages have caught up with the time of arrival. */
export const TriggerAfterSynchronizedProcessingTime = pipelinePackage.message<types.TriggerAfterSynchronizedProcessingTime>('Trigger.AfterSynchronizedProcessingTime');
export type TriggerAfterSynchronizedProcessingTime = types.TriggerAfterSynchronizedProcessingTime;

/** The end of the window and then each late element; means that the user chose none. */
export const TriggerDefault = pipelinePackage.message<types.TriggerDefault>('Trigger.Default');
export type TriggerDefault = types.TriggerDefault;

/** When that many elements have arrived. */
export const TriggerElementCount = pipelinePackage.message<types.TriggerElementCount>('Trigger.ElementCount', `1 element_count int32`);
export type TriggerElementCount = types.TriggerElementCount;

/** Only the final pane at expiry. */
export const TriggerNever = pipelinePackage.message<types.TriggerNever>('Trigger.Never');
export type TriggerNever = types.TriggerNever;

/** After each element. */
export const TriggerAlways = pipelinePackage.message<types.TriggerAlways>('Trigger.Always');
export type TriggerAlways = types.TriggerAlways;

/** `main` until `finally` fires, then no more. */
export const TriggerOrFinally = pipelinePackage.message<types.TriggerOrFinally>('Trigger.OrFinally', `1 main Trigger
2 finally Trigger`);
export type TriggerOrFinally = types.TriggerOrFinally;

/** The subtrigger over and over. */
export const TriggerRepeat = pipelinePackage.message<types.TriggerRepeat>('Trigger.Repeat', `1 subtrigger Trigger`);
export type TriggerRepeat = types.TriggerRepeat;

/** Changes a time of arrival into a time to fire. */
export const TimestampTransform = pipelinePackage.message<types.TimestampTransform>('TimestampTransform', `1 delay TimestampTransform.Delay oneof:timestamp_transform
2 align_to TimestampTransform.AlignTo oneof:timestamp_transform`);
export type TimestampTransform = types.TimestampTransform;

/** Adds a fixed time. */
export const TimestampTransformDelay = pipelinePackage.message<types.TimestampTransformDelay>('TimestampTransform.Delay', `1 delay_millis int64`);
export type TimestampTransformDelay = types.TimestampTransformDelay;

/** Rounds up to offset + n * period, in milliseconds. */
export const TimestampTransformAlignTo = pipelinePackage.message<types.TimestampTransformAlignTo>('TimestampTransform.AlignTo', `3 period int64
4 offset int64`);
export type TimestampTransformAlignTo = types.TimestampTransformAlignTo;

/** How a ParDo sees a side input. */
export const SideInput = pipelinePackage.message<types.SideInput>('SideInput', `1 access_pattern FunctionSpec
2 view_fn FunctionSpec
3 window_mapping_fn FunctionSpec`);
export type SideInput = types.SideInput;

/** A file that the reader of this message can open. */
export const ArtifactFilePayload = pipelinePackage.message<types.ArtifactFilePayload>('ArtifactFilePayload', `1 path string
2 sha256 string`);
export type ArtifactFilePayload = types.ArtifactFilePayload;

/** A file behind a URL. */
export const ArtifactUrlPayload = pipelinePackage.message<types.ArtifactUrlPayload>('ArtifactUrlPayload', `1 url string
2 sha256 string`);
export type ArtifactUrlPayload = types.ArtifactUrlPayload;

/** The content itself. */
export const EmbeddedFilePayload = pipelinePackage.message<types.EmbeddedFilePayload>('EmbeddedFilePayload', `1 data bytes`);
export type EmbeddedFilePayload = types.EmbeddedFilePayload;

/** A Python distribution. */
export const PyPIPayload = pipelinePackage.message<types.PyPIPayload>('PyPIPayload', `1 artifact_id string
2 version string`);
export type PyPIPayload = types.PyPIPayload;

/** A Maven artifact. */
export const MavenPayload = pipelinePackage.message<types.MavenPayload>('MavenPayload', `1 artifact string
2 repository_url string`);
export type MavenPayload = types.MavenPayload;

/** Something that only its creator can resolve. */
export const DeferredArtifactPayload = pipelinePackage.message<types.DeferredArtifactPayload>('DeferredArtifactPayload', `1 key string
2 data bytes`);
export type DeferredArtifactPayload = types.DeferredArtifactPayload;

/** The artifact belongs under this name. */
export const ArtifactStagingToRolePayload = pipelinePackage.message<types.ArtifactStagingToRolePayload>('ArtifactStagingToRolePayload', `1 staged_name string`);
export type ArtifactStagingToRolePayload = types.ArtifactStagingToRolePayload;

/** An artifact: where it is, and what it is for. */
export const ArtifactInformation = pipelinePackage.message<types.ArtifactInformation>('ArtifactInformation', `1 type_urn string
2 type_payload bytes
3 role_urn string
4 role_payload bytes`);
export type ArtifactInformation = types.ArtifactInformation;

/** Where user code runs. */
export const Environment = pipelinePackage.message<types.Environment>('Environment', `2 urn string
3 payload bytes
4 display_data repeated DisplayData
5 capabilities repeated string
6 dependencies repeated ArtifactInformation
7 resource_hints map<string,bytes>`);
export type Environment = types.Environment;

/** Payload of a Docker environment. */
export const DockerPayload = pipelinePackage.message<types.DockerPayload>('DockerPayload', `1 container_image string`);
export type DockerPayload = types.DockerPayload;

/** Payload of a process environment. */
export const ProcessPayload = pipelinePackage.message<types.ProcessPayload>('ProcessPayload', `1 os string
2 arch string
3 command string
4 env map<string,string>`);
export type ProcessPayload = types.ProcessPayload;

/** Payload of an external environment. */
export const ExternalPayload = pipelinePackage.message<types.ExternalPayload>('ExternalPayload', `1 endpoint ApiServiceDescriptor
2 params map<string,string>`);
export type ExternalPayload = types.ExternalPayload;

/** Payload of a choice of environments. */
export const AnyOfEnvironmentPayload = pipelinePackage.message<types.AnyOfEnvironmentPayload>('AnyOfEnvironmentPayload', `1 environments repeated Environment`);
export type AnyOfEnvironmentPayload = types.AnyOfEnvironmentPayload;

/** A URN with what it needs; whoever does not know the URN passes both on untouched. */
export const FunctionSpec = pipelinePackage.message<types.FunctionSpec>('FunctionSpec', `1 urn string
3 payload bytes`);
export type FunctionSpec = types.FunctionSpec;

/** A value for people to see. */
export const LabelledPayload = pipelinePackage.message<types.LabelledPayload>('LabelledPayload', `1 label string
2 string_value string oneof:value
3 bool_value bool oneof:value
4 double_value double oneof:value
5 int_value int64 oneof:value
6 key string
7 namespace string`);
export type LabelledPayload = types.LabelledPayload;

/** Facts about a component for people, not for execution. */
export const DisplayData = pipelinePackage.message<types.DisplayData>('DisplayData', `1 urn string
2 payload bytes`);
export type DisplayData = types.DisplayData;

/** A message with the components that it refers to. */
export const MessageWithComponents = pipelinePackage.message<types.MessageWithComponents>('MessageWithComponents', `1 components Components
2 coder Coder oneof:root
3 combine_payload CombinePayload oneof:root
4 function_spec FunctionSpec oneof:root
6 par_do_payload ParDoPayload oneof:root
7 ptransform PTransform oneof:root
8 pcollection PCollection oneof:root
9 read_payload ReadPayload oneof:root
11 side_input SideInput oneof:root
12 window_into_payload WindowIntoPayload oneof:root
13 windowing_strategy WindowingStrategy oneof:root`);
export type MessageWithComponents = types.MessageWithComponents;

/** A fused stage, as runners pass it among their own parts. */
export const ExecutableStagePayload = pipelinePackage.message<types.ExecutableStagePayload>('ExecutableStagePayload', `1 environment Environment
2 input string
3 side_inputs repeated ExecutableStagePayload.SideInputId
4 transforms repeated string
5 outputs repeated string
6 components Components
7 user_states repeated ExecutableStagePayload.UserStateId
8 timers repeated ExecutableStagePayload.TimerId
9 wire_coder_settings repeated ExecutableStagePayload.WireCoderSetting
10 timerFamilies repeated ExecutableStagePayload.TimerFamilyId`);
export type ExecutableStagePayload = types.ExecutableStagePayload;

/** A side input of a transform. */
export const ExecutableStagePayloadSideInputId = pipelinePackage.message<types.ExecutableStagePayloadSideInputId>('ExecutableStagePayload.SideInputId', `1 transform_id string
2 local_name string`);
export type ExecutableStagePayloadSideInputId = types.ExecutableStagePayloadSideInputId;

/** A state cell of a transform. */
export const ExecutableStagePayloadUserStateId = pipelinePackage.message<types.ExecutableStagePayloadUserStateId>('ExecutableStagePayload.UserStateId', `1 transform_id string
2 local_name string`);
export type ExecutableStagePayloadUserStateId = types.ExecutableStagePayloadUserStateId;

/** A timer of a transform. */
export const ExecutableStagePayloadTimerId = pipelinePackage.message<types.ExecutableStagePayloadTimerId>('ExecutableStagePayload.TimerId', `1 transform_id string
2 local_name string`);
export type ExecutableStagePayloadTimerId = types.ExecutableStagePayloadTimerId;

/** A timer family of a transform. */
export const ExecutableStagePayloadTimerFamilyId = pipelinePackage.message<types.ExecutableStagePayloadTimerFamilyId>('ExecutableStagePayload.TimerFamilyId', `1 transform_id string
2 local_name string`);
export type ExecutableStagePayloadTimerFamilyId = types.ExecutableStagePayloadTimerFamilyId;

/** Which coder carries a PCollection or a timer across the wire. */
export const ExecutableStagePayloadWireCoderSetting = pipelinePackage.message<types.ExecutableStagePayloadWireCoderSetting>('ExecutableStagePayload.WireCoderSetting', `1 urn string
2 payload bytes
3 input_or_output_id string oneof:target
4 timer ExecutableStagePayload.TimerId oneof:target`);
export type ExecutableStagePayloadWireCoderSetting = types.ExecutableStagePayloadWireCoderSetting;

/** Address of a Beam service. */
export const ApiServiceDescriptor = pipelinePackage.message<types.ApiServiceDescriptor>('ApiServiceDescriptor', `1 url string
2 authentication AuthenticationSpec`);
export type ApiServiceDescriptor = types.ApiServiceDescriptor;

/** How to authenticate, by URN. */
export const AuthenticationSpec = pipelinePackage.message<types.AuthenticationSpec>('AuthenticationSpec', `1 urn string
2 payload bytes`);
export type AuthenticationSpec = types.AuthenticationSpec;

/** The configuration of a transform as a row. */
export const ExternalConfigurationPayload = pipelinePackage.message<types.ExternalConfigurationPayload>('ExternalConfigurationPayload', `1 schema Schema
2 payload bytes`);
export type ExternalConfigurationPayload = types.ExternalConfigurationPayload;

/** A Java class by name, with its constructor and builder calls. */
export const JavaClassLookupPayload = pipelinePackage.message<types.JavaClassLookupPayload>('JavaClassLookupPayload', `1 class_name string
2 constructor_method string
3 constructor_schema Schema
4 constructor_payload bytes
5 builder_methods repeated BuilderMethod`);
export type JavaClassLookupPayload = types.JavaClassLookupPayload;

/** One builder call; its fields are the parameters in order. */
export const BuilderMethod = pipelinePackage.message<types.BuilderMethod>('BuilderMethod', `1 name string
2 schema Schema
3 payload bytes`);
export type BuilderMethod = types.BuilderMethod;

/** A transform by identifier, configured by a row. */
export const SchemaTransformPayload = pipelinePackage.message<types.SchemaTransformPayload>('SchemaTransformPayload', `1 identifier string
2 configuration_schema Schema
3 configuration_row bytes`);
export type SchemaTransformPayload = types.SchemaTransformPayload;

/** What is fixed for a metric URN. */
export const MonitoringInfoSpec = pipelinePackage.message<types.MonitoringInfoSpec>('MonitoringInfoSpec', `1 urn string
2 type string
3 required_labels repeated string
4 annotations repeated Annotation`);
export type MonitoringInfoSpec = types.MonitoringInfoSpec;

/** A note on a metric. */
export const Annotation = pipelinePackage.message<types.Annotation>('Annotation', `1 key string
2 value string`);
export type Annotation = types.Annotation;

/** What is fixed for a label. */
export const MonitoringInfoLabelProps = pipelinePackage.message<types.MonitoringInfoLabelProps>('MonitoringInfoLabelProps', `1 name string`);
export type MonitoringInfoLabelProps = types.MonitoringInfoLabelProps;

/** One reported metric. */
export const MonitoringInfo = pipelinePackage.message<types.MonitoringInfo>('MonitoringInfo', `1 urn string
2 type string
3 payload bytes
4 labels map<string,string>
5 start_time .google.protobuf.Timestamp`);
export type MonitoringInfo = types.MonitoringInfo;

/** A node of a bounded trie. */
export const BoundedTrieNode = pipelinePackage.message<types.BoundedTrieNode>('BoundedTrieNode', `1 truncated bool
2 children map<string,BoundedTrieNode>`);
export type BoundedTrieNode = types.BoundedTrieNode;

/** A set of paths, cut to its bound. */
export const BoundedTrie = pipelinePackage.message<types.BoundedTrie>('BoundedTrie', `1 bound int32
2 root BoundedTrieNode
3 singleton repeated string`);
export type BoundedTrie = types.BoundedTrie;

/** Counts per bucket. */
export const HistogramValue = pipelinePackage.message<types.HistogramValue>('HistogramValue', `1 count optional int64
2 bucket_options optional HistogramValue.BucketOptions
3 bucket_counts repeated int64`);
export type HistogramValue = types.HistogramValue;

/** Where the buckets end. */
export const HistogramValueBucketOptions = pipelinePackage.message<types.HistogramValueBucketOptions>('HistogramValue.BucketOptions', `1 linear HistogramValue.BucketOptions.Linear oneof:bucket_type
2 exponential HistogramValue.BucketOptions.Base2Exponent oneof:bucket_type`);
export type HistogramValueBucketOptions = types.HistogramValueBucketOptions;

/** Bucket i is [start + i * width, start + (i + 1) * width). */
export const HistogramValueBucketOptionsLinear = pipelinePackage.message<types.HistogramValueBucketOptionsLinear>('HistogramValue.BucketOptions.Linear', `1 number_of_buckets optional int32
2 width optional double
3 start optional double`);
export type HistogramValueBucketOptionsLinear = types.HistogramValueBucketOptionsLinear;

/** Bucket i is [g^i, g^(i + 1)) with g = 2^(2^-scale); the first starts at 0. */
export const HistogramValueBucketOptionsBase2Exponent = pipelinePackage.message<types.HistogramValueBucketOptionsBase2Exponent>('HistogramValue.BucketOptions.Base2Exponent', `1 number_of_buckets optional int32
2 scale optional int32`);
export type HistogramValueBucketOptionsBase2Exponent = types.HistogramValueBucketOptionsBase2Exponent;

/** The fields of a row type. */
export const Schema = pipelinePackage.message<types.Schema>('Schema', `1 fields repeated Field
2 id string
3 options repeated Option
4 encoding_positions_set bool`);
export type Schema = types.Schema;

/** A named field. */
export const Field = pipelinePackage.message<types.Field>('Field', `1 name string
2 description string
3 type FieldType
4 id int32
5 encoding_position int32
6 options repeated Option`);
export type Field = types.Field;

/** Type of a field or of a part of one. */
export const FieldType = pipelinePackage.message<types.FieldType>('FieldType', `1 nullable bool
2 atomic_type enum:AtomicType oneof:type_info
3 array_type ArrayType oneof:type_info
4 iterable_type IterableType oneof:type_info
5 map_type MapType oneof:type_info
6 row_type RowType oneof:type_info
7 logical_type LogicalType oneof:type_info`);
export type FieldType = types.FieldType;

/** A list. */
export const ArrayType = pipelinePackage.message<types.ArrayType>('ArrayType', `1 element_type FieldType`);
export type ArrayType = types.ArrayType;

/** A list that need not fit into memory. */
export const IterableType = pipelinePackage.message<types.IterableType>('IterableType', `1 element_type FieldType`);
export type IterableType = types.IterableType;

/** Keys to values. */
export const MapType = pipelinePackage.message<types.MapType>('MapType', `1 key_type FieldType
2 value_type FieldType`);
export type MapType = types.MapType;

/** A nested row. */
export const RowType = pipelinePackage.message<types.RowType>('RowType', `1 schema Schema`);
export type RowType = types.RowType;

/** A type by URN that is stored as another one. */
export const LogicalType = pipelinePackage.message<types.LogicalType>('LogicalType', `1 urn string
2 payload bytes
3 representation FieldType
4 argument_type FieldType
5 argument FieldValue`);
export type LogicalType = types.LogicalType;

/** A named value attached to a schema or a field. */
export const Option = pipelinePackage.message<types.Option>('Option', `1 name string
2 type FieldType
3 value FieldValue`);
export type Option = types.Option;

/** The values of a row in the order of its schema. */
export const Row = pipelinePackage.message<types.Row>('Row', `1 values repeated FieldValue`);
export type Row = types.Row;

/** A value; none of the fields set means null. */
export const FieldValue = pipelinePackage.message<types.FieldValue>('FieldValue', `1 atomic_value AtomicTypeValue oneof:field_value
2 array_value ArrayTypeValue oneof:field_value
3 iterable_value IterableTypeValue oneof:field_value
4 map_value MapTypeValue oneof:field_value
5 row_value Row oneof:field_value
6 logical_type_value LogicalTypeValue oneof:field_value`);
export type FieldValue = types.FieldValue;

/** A value of an AtomicType. */
export const AtomicTypeValue = pipelinePackage.message<types.AtomicTypeValue>('AtomicTypeValue', `1 byte int32 oneof:value
2 int16 int32 oneof:value
3 int32 int32 oneof:value
4 int64 int64 oneof:value
5 float float oneof:value
6 double double oneof:value
7 string string oneof:value
8 boolean bool oneof:value
9 bytes bytes oneof:value`);
export type AtomicTypeValue = types.AtomicTypeValue;

/** A value of an ArrayType. */
export const ArrayTypeValue = pipelinePackage.message<types.ArrayTypeValue>('ArrayTypeValue', `1 element repeated FieldValue`);
export type ArrayTypeValue = types.ArrayTypeValue;

/** A value of an IterableType. */
export const IterableTypeValue = pipelinePackage.message<types.IterableTypeValue>('IterableTypeValue', `1 element repeated FieldValue`);
export type IterableTypeValue = types.IterableTypeValue;

/** A value of a MapType. */
export const MapTypeValue = pipelinePackage.message<types.MapTypeValue>('MapTypeValue', `1 entries repeated MapTypeEntry`);
export type MapTypeValue = types.MapTypeValue;

/** One entry of a map value. */
export const MapTypeEntry = pipelinePackage.message<types.MapTypeEntry>('MapTypeEntry', `1 key FieldValue
2 value FieldValue`);
export type MapTypeEntry = types.MapTypeEntry;

/** A value of a LogicalType, in its representation. */
export const LogicalTypeValue = pipelinePackage.message<types.LogicalTypeValue>('LogicalTypeValue', `1 value FieldValue`);
export type LogicalTypeValue = types.LogicalTypeValue;

/** Payload of the schema coder. */
export const SchemaCoderPayload = pipelinePackage.message<types.SchemaCoderPayload>('SchemaCoderPayload', `1 schema Schema
2 to_row_fn FunctionSpec
3 from_row_fn FunctionSpec
4 additional_coder_infos repeated SchemaCoderPayload.AdditionalCoderInfo`);
export type SchemaCoderPayload = types.SchemaCoderPayload;

/** One such thing, by URN. */
export const SchemaCoderPayloadAdditionalCoderInfo = pipelinePackage.message<types.SchemaCoderPayloadAdditionalCoderInfo>('SchemaCoderPayload.AdditionalCoderInfo', `1 urn string
2 payload bytes`);
export type SchemaCoderPayloadAdditionalCoderInfo = types.SchemaCoderPayloadAdditionalCoderInfo;

/** One window for all time. */
export const GlobalWindowsPayload = pipelinePackage.message<types.GlobalWindowsPayload>('GlobalWindowsPayload');
export type GlobalWindowsPayload = types.GlobalWindowsPayload;

/** Windows [offset + n * size, offset + (n + 1) * size). */
export const FixedWindowsPayload = pipelinePackage.message<types.FixedWindowsPayload>('FixedWindowsPayload', `1 size .google.protobuf.Duration
2 offset .google.protobuf.Timestamp`);
export type FixedWindowsPayload = types.FixedWindowsPayload;

/** Windows [offset + n * period, offset + n * period + size). */
export const SlidingWindowsPayload = pipelinePackage.message<types.SlidingWindowsPayload>('SlidingWindowsPayload', `1 size .google.protobuf.Duration
2 offset .google.protobuf.Timestamp
3 period .google.protobuf.Duration`);
export type SlidingWindowsPayload = types.SlidingWindowsPayload;

/** Elements of a key closer together than the gap share a window. */
export const SessionWindowsPayload = pipelinePackage.message<types.SessionWindowsPayload>('SessionWindowsPayload', `1 gap_size .google.protobuf.Duration`);
export type SessionWindowsPayload = types.SessionWindowsPayload;
