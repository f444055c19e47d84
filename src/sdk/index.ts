/**
 * `millrace`: pipelines, collections, transforms, combines, windows, coders. Sorted by file, so that what belongs
 * together stands together; nothing is exported that is not named here.
 */

export { ByteReader } from './coders/byte-reader.ts';
export { ByteWriter } from './coders/byte-writer.ts';
export { type Coder, decodeFromBytes, encodeToBytes, type FieldCoder, type Infer } from './coders/coder.ts';
export { coders } from './coders/index.ts';
export { registerType, type TypeCodec } from './coders/value-types.ts';
export { allOf, anyOf } from './combine/all-of.ts';
export { type ApproximateQuantilesOptions, approximateQuantiles } from './combine/approximate-quantiles.ts';
export { type ApproximateUniqueOptions, approximateUnique } from './combine/approximate-unique.ts';
export { type Primitive, type ToMapOptions, toList, toMap, toSet } from './combine/collect.ts';
export type { CombineOptions } from './combine/combine.ts';
export { combineGlobally, combinePerKey } from './combine/combine.ts';
export type { CombineFn, CombineOutput } from './combine/combine-fn.ts';
export { count } from './combine/count.ts';
export { combineGroupedValues } from './combine/group-and-combine.ts';
export { latest } from './combine/latest.ts';
export { mean } from './combine/mean.ts';
export { max, min } from './combine/min-max.ts';
export type { Comparator, Ordered, Ranking } from './combine/order.ts';
export { sample } from './combine/sample.ts';
export { sum, sumBigInt } from './combine/sum.ts';
export { bottom, top } from './combine/top.ts';
export { type CombineFns, mapInputs, type TupleInput, type TupleOutput, tuple } from './combine/tuple.ts';
export { standardDeviation, type VarianceOptions, variance } from './combine/variance.ts';
export {
  CoderError,
  type ErrorContext,
  IoError,
  MillraceError,
  PipelineError,
  RunnerError,
  UserCodeError,
} from './errors.ts';
export type { Counter, Distribution, Gauge, MetricsScope, StringSet } from './metrics/metrics.ts';
export { type OptionSpec, option } from './options/option.ts';
export { OptionError } from './options/option-error.ts';
export { nearestName } from './options/option-names.ts';
export type { OptionInput, OptionSpecs, OptionValues } from './options/option-specs.ts';
export { type ParsedOptions, parsePipelineOptions } from './options/parse-options.ts';
export { PCollection } from './pipeline/p-collection.ts';
export { type POutput, type PTransform, transform } from './pipeline/p-transform.ts';
export { Pipeline } from './pipeline/pipeline.ts';
export {
  type DefinitionResult,
  type Handles,
  type PipelineDefinition,
  pipeline,
  type RunArguments,
} from './pipeline/pipeline-definition.ts';
export type {
  CheckpointProgress,
  DistributionResult,
  Job,
  JobProgress,
  JobState,
  MetricResult,
  PipelineMetrics,
  PipelineResult,
  Resumption,
  StageProgress,
  TransformStats,
} from './pipeline/pipeline-result.ts';
export type { Rewrite, Runner, RunnerMessage, RunOptions } from './pipeline/runner.ts';
export { Decimal } from './schema/decimal.ts';
export type { AtomicType, Field, FieldType, LogicalFieldType, Schema } from './schema/schema.ts';
export { HyperLogLog } from './sketches/hyper-log-log.ts';
export { state } from './state/state.ts';
export type {
  BagState,
  CombiningState,
  MapState,
  MultimapState,
  OrderedListState,
  ReadableState,
  SetState,
  ValueState,
} from './state/state-handles.ts';
export type { StateHandles, StateSpec, StateSpecs } from './state/state-spec.ts';
export {
  type RelativeTimerOptions,
  type TimeDomain,
  type Timer,
  type TimerFamily,
  type TimerHandles,
  type TimerOptions,
  type TimerSpec,
  type TimerSpecs,
  timer,
} from './state/timer.ts';
export {
  type Aggregate,
  ApproximateQuantiles,
  ApproximateUnique,
  Count,
  type Extreme,
  Max,
  Mean,
  Min,
  Sum,
  Top,
} from './transforms/aggregates.ts';
export { type BatchOptions, batchElements } from './transforms/batch-elements.ts';
export type { Collected } from './transforms/collect.ts';
export { create, impulse } from './transforms/create.ts';
export { createTimestamped } from './transforms/create-timestamped.ts';
export { distinct } from './transforms/distinct.ts';
export type {
  BundleContext,
  DoFn,
  Emits,
  ExpirationContext,
  KeyOf,
  OutputTags,
  ProcessContext,
  SideInputs,
  TimerContext,
  TimestampedOutput,
} from './transforms/do-fn.ts';
export type { FailedElement } from './transforms/element-fn.ts';
export {
  type ElementWise,
  filter,
  flatMap,
  keyBy,
  keys,
  map,
  mapValues,
  values,
  type WithErrors,
  withTimestamps,
} from './transforms/element-wise.ts';
export type { Clock } from './transforms/enrich/clock.ts';
export { enrich } from './transforms/enrich/enrich.ts';
export type { EnrichOptions, FetchContext } from './transforms/enrich/enrich-options.ts';
export { flatten } from './transforms/flatten.ts';
export { GroupByKey } from './transforms/group-by-key.ts';
export { type GroupIntoBatchesOptions, groupIntoBatches } from './transforms/group-into-batches.ts';
export { type CoGroupInputs, type CoGroupResult, coGroupByKey } from './transforms/join/co-group-by-key.ts';
export { fullOuterJoin, innerJoin, leftOuterJoin, rightOuterJoin } from './transforms/join/join.ts';
export { flattenIterables, kvSwap, withKeys } from './transforms/key-value.ts';
export type { LateCatcher, WithLate } from './transforms/late-output.ts';
export { Latest } from './transforms/latest.ts';
export { OffsetRangeTracker, offsetRangeCoder } from './transforms/offset-range-tracker.ts';
export { type ParDo, type ParDoOutput, type ParDoWithLate, parDo } from './transforms/par-do.ts';
export { partition } from './transforms/partition.ts';
export { Regex } from './transforms/regex.ts';
export { Reify, type WindowedValue } from './transforms/reify.ts';
export { redistribute, reshuffle } from './transforms/reshuffle.ts';
export type {
  OffsetRange,
  RestrictionProgress,
  RestrictionSpec,
  RestrictionTracker,
} from './transforms/restriction.ts';
export { Sample } from './transforms/sampling.ts';
export { asIterable, asList, asMap, asMultimap, asSingleton, type SideInput } from './transforms/side-input.ts';
export {
  type Batch,
  type Batches,
  type Resume,
  resume,
  type SplittableContext,
  type SplittableDoFn,
  type TimestampedBatch,
  type WatermarkEstimation,
  type WatermarkHandle,
} from './transforms/splittable-do-fn.ts';
export { splittableParDo } from './transforms/splittable-par-do.ts';
export { type DeduplicateOptions, deduplicate } from './transforms/streaming/deduplicate.ts';
export { type PeriodicSequenceSpec, periodicImpulse, periodicSequence } from './transforms/streaming/periodic.ts';
export { type PollResult, type WatchOptions, watchGrowthOf } from './transforms/streaming/watch.ts';
export { TimestampedValue, timestamped } from './transforms/timestamped-value.ts';
export { Wait } from './transforms/wait.ts';
export type { WithErrorsOptions } from './transforms/with-errors.ts';
export type {
  AfterAll,
  AfterAny,
  AfterCount,
  AfterEach,
  AfterEndOfWindow,
  AfterProcessingTime,
  AfterSynchronizedProcessingTime,
  AfterWatermark,
  Always,
  DefaultTrigger,
  Never,
  OnceTrigger,
  OrFinally,
  Repeatedly,
  TimestampTransform,
  Trigger,
} from './triggers/trigger.ts';
export {
  type AfterProcessingTimeOptions,
  type AfterWatermarkOptions,
  afterAll,
  afterAny,
  afterCount,
  afterEach,
  afterProcessingTime,
  afterSynchronizedProcessingTime,
  afterWatermark,
  always,
  defaultTrigger,
  never,
  orFinally,
  repeatedly,
} from './triggers/triggers.ts';
export { type AnyElement, type Key, type KV, kv } from './values.ts';
export {
  type CalendarOptions,
  calendarDays,
  calendarMonths,
  calendarWeeks,
  calendarYears,
} from './windows/calendar-windows.ts';
export { fixed } from './windows/fixed-windows.ts';
export { globalWindows } from './windows/global-windows.ts';
export type { PaneInfo, PaneTiming } from './windows/pane-info.ts';
export { sessions } from './windows/session-windows.ts';
export { sliding } from './windows/sliding-windows.ts';
export { after, type Duration, MAX_TIMESTAMP, MIN_TIMESTAMP, type Timestamp, timestamp } from './windows/timestamp.ts';
export { GLOBAL_WINDOW, GlobalWindow, IntervalWindow, type Window } from './windows/window.ts';
export type { TimestampCombiner, TimeWindowFn, WindowFn, WindowMerge } from './windows/window-fn.ts';
export { type WindowOptions, windowInto } from './windows/window-into.ts';
export type { PaneBehavior } from './windows/windowing-strategy.ts';
