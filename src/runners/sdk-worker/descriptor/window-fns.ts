import {
  FixedWindowsPayload,
  type FunctionSpec,
  SessionWindowsPayload,
  SlidingWindowsPayload,
} from '../../../model/pipeline.ts';
import { WindowFnUrn } from '../../../model/urns.ts';
import type { Duration as DurationProto, Timestamp as TimestampProto } from '../../../model/well-known.ts';
import { RunnerError } from '../../../sdk/errors.ts';
import type { Graph } from '../../../sdk/graph/graph.ts';
import { fixed } from '../../../sdk/windows/fixed-windows.ts';
import { GLOBAL_WINDOWING } from '../../../sdk/windows/global-windows.ts';
import { sessions } from '../../../sdk/windows/session-windows.ts';
import { sliding } from '../../../sdk/windows/sliding-windows.ts';
import type { Window } from '../../../sdk/windows/window.ts';
import type { WindowFn } from '../../../sdk/windows/window-fn.ts';

/** The window functions that a stage may name: Beam's, and those of the program. */
export class WindowFns {
  readonly #known = new Map<string, WindowFn<Window>>();

  constructor(graph: Graph) {
    for (const { windowing } of graph.collections.values()) {
      const { windowFn } = windowing;
      this.#known.set(textOf(windowFn.urn, windowFn.payload()), windowFn);
    }
  }

  /** @throws RunnerError `FN_API_UNSUPPORTED` when nobody here knows it */
  find({ urn, payload }: FunctionSpec): WindowFn<Window> {
    const text = textOf(urn, payload);
    let found = this.#known.get(text);
    if (found === undefined) this.#known.set(text, (found = standardWindowFn(urn, payload)));
    return found;
  }
}

function textOf(urn: string, payload: Uint8Array): string {
  return `${urn} ${Buffer.from(payload).toString('base64')}`;
}

function standardWindowFn(urn: string, payload: Uint8Array): WindowFn<Window> {
  switch (urn) {
    case WindowFnUrn.GLOBAL_WINDOWS:
      return GLOBAL_WINDOWING.windowFn;
    case WindowFnUrn.FIXED_WINDOWS: {
      const { size, offset } = FixedWindowsPayload.decode(payload);
      return fixed(`${millis(size)}ms`, { offset: `${millis(offset)}ms` }) as WindowFn<Window>;
    }
    case WindowFnUrn.SLIDING_WINDOWS: {
      const { size, period, offset } = SlidingWindowsPayload.decode(payload);
      return sliding({
        size: `${millis(size)}ms`,
        every: `${millis(period)}ms`,
        offset: `${millis(offset)}ms`,
      }) as WindowFn<Window>;
    }
    case WindowFnUrn.SESSION_WINDOWS:
      return sessions({ gap: `${millis(SessionWindowsPayload.decode(payload).gapSize)}ms` }) as WindowFn<Window>;
    default:
      throw new RunnerError('FN_API_UNSUPPORTED', `The window function ${urn} is neither Beam's nor this program's`);
  }
}

function millis(time: Partial<DurationProto & TimestampProto> | undefined): number {
  return Number(time?.seconds ?? 0n) * 1000 + Math.floor((time?.nanos ?? 0) / 1_000_000);
}
