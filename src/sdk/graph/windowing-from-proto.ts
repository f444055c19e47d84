import {
  AccumulationMode,
  ClosingBehavior,
  FixedWindowsPayload,
  MergeStatus,
  OnTimeBehavior,
  OutputTime,
  SessionWindowsPayload,
  SlidingWindowsPayload,
  type WindowingStrategy as WindowingStrategyProto,
} from '../../model/pipeline.ts';
import { timeFromProto } from '../../model/protobuf-time.ts';
import { WindowFnUrn } from '../../model/urns.ts';
import { triggerFromProto } from '../triggers/trigger-proto.ts';
import { fixed } from '../windows/fixed-windows.ts';
import { GLOBAL_WINDOWING } from '../windows/global-windows.ts';
import { sessions } from '../windows/session-windows.ts';
import { sliding } from '../windows/sliding-windows.ts';
import type { Window } from '../windows/window.ts';
import type { TimestampCombiner, WindowFn } from '../windows/window-fn.ts';
import type { WindowingStrategy } from '../windows/windowing-strategy.ts';

const TIMESTAMP_COMBINERS: ReadonlyMap<OutputTime, TimestampCombiner> = new Map([
  [OutputTime.EARLIEST_IN_PANE, 'earliest'],
  [OutputTime.LATEST_IN_PANE, 'latest'],
]);

/** Which timestamp outputs of groupings get; Beam's default where nothing is said. */
export function timestampCombinerFromProto({
  outputTime,
}: Pick<WindowingStrategyProto, 'outputTime'>): TimestampCombiner {
  return TIMESTAMP_COMBINERS.get(outputTime) ?? 'endOfWindow';
}

/**
 * A windowing as another program has written it.
 *
 * @returns nothing where its window function is none of Beam's standard ones
 * @throws PipelineError `TRIGGER_INVALID`
 */
export function windowingFromProto(proto: WindowingStrategyProto): WindowingStrategy | undefined {
  const windowFn = standardWindowFn(proto.windowFn?.urn ?? '', proto.windowFn?.payload ?? new Uint8Array(0));
  if (windowFn === undefined) return undefined;
  return {
    windowFn,
    timestampCombiner: timestampCombinerFromProto(proto),
    alreadyMerged: proto.mergeStatus === MergeStatus.ALREADY_MERGED,
    allowedLateness: Number(proto.allowedLateness),
    accumulation: proto.accumulationMode === AccumulationMode.ACCUMULATING ? 'accumulating' : 'discarding',
    trigger: proto.trigger === undefined ? GLOBAL_WINDOWING.trigger : triggerFromProto(proto.trigger),
    closing: proto.closingBehavior === ClosingBehavior.EMIT_ALWAYS ? 'fireAlways' : 'fireIfNonEmpty',
    onTime: proto.onTimeBehavior === OnTimeBehavior.FIRE_IF_NONEMPTY ? 'fireIfNonEmpty' : 'fireAlways',
  };
}

/** One of Beam's window functions; nothing where the URN is none of theirs. */
export function standardWindowFn(urn: string, payload: Uint8Array): WindowFn<Window> | undefined {
  switch (urn) {
    case WindowFnUrn.GLOBAL_WINDOWS:
      return GLOBAL_WINDOWING.windowFn;
    case WindowFnUrn.FIXED_WINDOWS: {
      const { size, offset } = FixedWindowsPayload.decode(payload);
      return fixed(`${timeFromProto(size)}ms`, { offset: `${timeFromProto(offset)}ms` }) as WindowFn<Window>;
    }
    case WindowFnUrn.SLIDING_WINDOWS: {
      const { size, period, offset } = SlidingWindowsPayload.decode(payload);
      return sliding({
        size: `${timeFromProto(size)}ms`,
        every: `${timeFromProto(period)}ms`,
        offset: `${timeFromProto(offset)}ms`,
      }) as WindowFn<Window>;
    }
    case WindowFnUrn.SESSION_WINDOWS:
      return sessions({ gap: `${timeFromProto(SessionWindowsPayload.decode(payload).gapSize)}ms` }) as WindowFn<Window>;
    default:
      return undefined;
  }
}
