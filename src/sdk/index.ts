/**
 * `millrace`: pipelines, collections, transforms, combines, windows, coders. Sorted by topic; nothing is exported that
 * is not named here.
 */

// Coders
export { ByteReader } from './coders/byte-reader.ts';
export { ByteWriter } from './coders/byte-writer.ts';
export { type Coder, decodeFromBytes, encodeToBytes, type FieldCoder, type Infer } from './coders/coder.ts';
export { coders } from './coders/index.ts';
export { registerType, type TypeCodec } from './coders/value-types.ts';
// Combining
export { combineGlobally, combineGroupedValues, combinePerKey } from './combine/combine.ts';
export type { CombineFn, CombineOutput } from './combine/combine-fn.ts';
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
export type { OptionInput, OptionSpecs, OptionValues } from './options/option-specs.ts';
export { type ParsedOptions, parsePipelineOptions } from './options/parse-options.ts';
export { PCollection } from './pipeline/p-collection.ts';
export { type POutput, type PTransform, transform } from './pipeline/p-transform.ts';
// Pipelines
export { Pipeline } from './pipeline/pipeline.ts';
export { type PipelineDefinition, pipeline, type RunArguments } from './pipeline/pipeline-definition.ts';
export type {
  DistributionResult,
  Job,
  JobProgress,
  JobState,
  MetricResult,
  PipelineMetrics,
  PipelineResult,
  StageProgress,
  TransformStats,
} from './pipeline/pipeline-result.ts';
export type { Rewrite, Runner, RunOptions } from './pipeline/runner.ts';
// Schemas
export { Decimal } from './schema/decimal.ts';
export type { AtomicType, Field, FieldType, LogicalFieldType, Schema } from './schema/schema.ts';
// Element-wise transforms
export { create, impulse } from './transforms/create.ts';
export type {
  BundleContext,
  DoFn,
  Emits,
  OutputTags,
  ProcessContext,
  SideInputs,
  SplittableContext,
  SplittableDoFn,
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
// Grouping and moving
export { flatten } from './transforms/flatten.ts';
export { GroupByKey } from './transforms/group-by-key.ts';
export { OffsetRangeTracker, offsetRangeCoder } from './transforms/offset-range-tracker.ts';
export { type ParDoOutput, parDo, splittableParDo } from './transforms/par-do.ts';
export { reshuffle } from './transforms/reshuffle.ts';
export type {
  OffsetRange,
  RestrictionProgress,
  RestrictionSpec,
  RestrictionTracker,
} from './transforms/restriction.ts';
export { asIterable, asList, asMap, asMultimap, asSingleton, type SideInput } from './transforms/side-input.ts';
export type { WithErrorsOptions } from './transforms/with-errors.ts';
// Values
export { type Key, type KV, kv } from './values.ts';
// Windows and time
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
export type { TimestampCombiner, WindowFn, WindowMerge } from './windows/window-fn.ts';
export { type WindowOptions, windowInto } from './windows/window-into.ts';
