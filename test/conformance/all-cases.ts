import { calendarWindows } from './cases/calendar-windows.ts';
import { coderRules } from './cases/coder-rules.ts';
import { coderCases } from './cases/coders.ts';
import { combineFns } from './cases/combine-fns.ts';
import { combinesGlobally } from './cases/combine-globally.ts';
import { combinesPerKey } from './cases/combine-per-key.ts';
import { customMergingTriggers } from './cases/custom-merging-triggers.ts';
import { customWindows } from './cases/custom-windows.ts';
import { doFns } from './cases/do-fns.ts';
import { deadLetters, errors } from './cases/errors.ts';
import { eventTimers } from './cases/event-timers.ts';
import { fixedWindows } from './cases/fixed-windows.ts';
import { flattenPartition } from './cases/flatten-partition.ts';
import { graphShapes } from './cases/graph-shapes.ts';
import { groupByKey } from './cases/group-by-key.ts';
import { stableInput, timeSortedInput } from './cases/input-order.ts';
import { joins } from './cases/joins.ts';
import { lateOutput } from './cases/late-output.ts';
import { lateness } from './cases/lateness.ts';
import { library } from './cases/library.ts';
import { elementCounts, metricCases } from './cases/metrics.ts';
import { outputs } from './cases/outputs.ts';
import { panes } from './cases/panes.ts';
import { processingTimers } from './cases/processing-timers.ts';
import { retries } from './cases/retries.ts';
import { mergingTriggers } from './cases/session-triggers.ts';
import { sessionWindows } from './cases/session-windows.ts';
import { sideInputWindows } from './cases/side-input-windows.ts';
import { sideInputs } from './cases/side-inputs.ts';
import { slidingWindows } from './cases/sliding-windows.ts';
import { splittableBounded } from './cases/splittable-bounded.ts';
import { splittableContext } from './cases/splittable-context.ts';
import { splittableStateful } from './cases/splittable-stateful.ts';
import { splittableUnbounded } from './cases/splittable-unbounded.ts';
import { stateCollections } from './cases/state-collections.ts';
import { stateRules } from './cases/state-rules.ts';
import { stateValues } from './cases/state-values.ts';
import { streamingChains } from './cases/streaming-chains.ts';
import { streamingLibrary } from './cases/streaming-library.ts';
import { streamingSideInputs } from './cases/streaming-side-inputs.ts';
import { timeExtremes } from './cases/time-extremes.ts';
import { timerFamilies } from './cases/timer-families.ts';
import { timerTimes } from './cases/timer-output-times.ts';
import { timestampCombiners } from './cases/timestamp-combiners.ts';
import { triggerRules } from './cases/trigger-rules.ts';
import { triggerCases } from './cases/triggers.ts';
import { waits } from './cases/wait.ts';
import { testStreams, watermarks } from './cases/watermarks.ts';
import { windowExpiration } from './cases/window-expiration.ts';
import { windowInto } from './cases/window-into.ts';
import type { ConformanceCase } from './conformance-case.ts';

/** Every case of the suite, topic by topic. */
export const allCases: readonly ConformanceCase[] = [
  fixedWindows,
  slidingWindows,
  sessionWindows,
  calendarWindows,
  windowInto,
  customWindows,
  timestampCombiners,
  timeExtremes,
  combinesGlobally,
  combinesPerKey,
  combineFns,
  sideInputs,
  sideInputWindows,
  coderCases,
  coderRules,
  doFns,
  outputs,
  flattenPartition,
  groupByKey,
  joins,
  graphShapes,
  metricCases,
  elementCounts,
  errors,
  deadLetters,
  waits,
  splittableBounded,
  splittableContext,
  library,
  triggerCases,
  lateness,
  lateOutput,
  panes,
  mergingTriggers,
  customMergingTriggers,
  triggerRules,
  stateValues,
  stateCollections,
  eventTimers,
  timerTimes,
  processingTimers,
  timerFamilies,
  windowExpiration,
  stateRules,
  timeSortedInput,
  stableInput,
  testStreams,
  watermarks,
  streamingSideInputs,
  splittableUnbounded,
  splittableStateful,
  streamingLibrary,
  streamingChains,
  retries,
].flat();
