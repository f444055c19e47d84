import assert from 'node:assert/strict';
import type { GroupState } from '../../src/runners/core/grouping/group-state.ts';
import type { DropReason } from '../../src/runners/core/grouping/grouping-host.ts';
import { WindowedGrouping } from '../../src/runners/core/grouping/windowed-grouping.ts';
import { ByteReader } from '../../src/sdk/coders/byte-reader.ts';
import { ByteWriter } from '../../src/sdk/coders/byte-writer.ts';
import { defaultCoder } from '../../src/sdk/coders/default-coder.ts';
import type { CombineFn } from '../../src/sdk/combine/combine-fn.ts';
import type { Trigger } from '../../src/sdk/triggers/trigger.ts';
import { GLOBAL_WINDOWING } from '../../src/sdk/windows/global-windows.ts';
import type { PaneInfo } from '../../src/sdk/windows/pane-info.ts';
import { MIN_TIMESTAMP, type Timestamp } from '../../src/sdk/windows/timestamp.ts';
import { GLOBAL_WINDOW, IntervalWindow, type Window } from '../../src/sdk/windows/window.ts';
import type { WindowFn } from '../../src/sdk/windows/window-fn.ts';
import type { WindowingStrategy } from '../../src/sdk/windows/windowing-strategy.ts';

/** A pane that a grouping gave, with the values in the order in which they came. */
export interface Fired {
  readonly value: unknown;
  readonly timestamp: number;
  readonly window: Window;
  readonly pane: PaneInfo;
}

/** An element that a grouping did not take. */
export interface Dropped {
  readonly value: unknown;
  readonly window: Window;
  readonly reason: DropReason;
}

/** Drives a grouping of one key as a stage does: elements first, then what is due. */
export class GroupingDriver {
  readonly windowing: WindowingStrategy;
  readonly grouping: WindowedGrouping;
  state: GroupState;
  readonly clock = { watermark: MIN_TIMESTAMP as number, processingTime: 0, synchronizedProcessingTime: 0 };
  readonly dropped: Dropped[] = [];
  #fired: Fired[] = [];

  constructor(windowing: WindowingStrategy, fn?: CombineFn<never, unknown, unknown>) {
    this.windowing = windowing;
    this.grouping = new WindowedGrouping({
      windowing,
      contentsCoder: defaultCoder,
      ...(fn === undefined ? {} : { fn: fn as unknown as CombineFn<unknown, unknown, unknown> }),
      host: {
        emit: (_key, value, timestamp, window, pane) => this.#fired.push({ value, timestamp, window, pane }),
        dropped: (_key, value, _timestamp, window, reason) => this.dropped.push({ value, window, reason }),
      },
    });
    this.state = this.grouping.create();
  }

  /** Elements of one step; each `[value, timestamp]`, or a timestamp that is the value too. */
  input(...elements: readonly (number | readonly [unknown, number])[]): Fired[] {
    for (const element of elements) {
      const [value, timestamp] = typeof element === 'number' ? [element, element] : element;
      for (const window of this.windowing.windowFn.assign(timestamp as Timestamp, value, GLOBAL_WINDOW)) {
        this.grouping.element('key', this.state, value, timestamp, window, this.clock);
      }
    }
    return this.#due();
  }

  watermark(watermark: number): Fired[] {
    this.clock.watermark = watermark;
    return this.#due();
  }

  processingTime(time: number): Fired[] {
    this.clock.processingTime = time;
    this.clock.synchronizedProcessingTime = time;
    return this.#due();
  }

  /** What was fired since the last call. */
  take(): Fired[] {
    const fired = this.#fired;
    this.#fired = [];
    return fired;
  }

  #due(): Fired[] {
    const { state, clock } = this;
    if (state.nextEventTime <= clock.watermark || state.nextProcessingTime <= clock.processingTime) {
      this.grouping.advance('key', state, clock);
    }
    return this.take();
  }

  /** Goes through bytes, as at a checkpoint. */
  restart(): void {
    const out = new ByteWriter();
    this.grouping.encode(this.state, out);
    const input = new ByteReader(out.copy());
    this.state = this.grouping.decode(input);
    if (input.remaining !== 0) throw new Error(`${input.remaining} bytes are left over`);
  }
}

/** A driver of a windowing, in which what is not given is as a pipeline starts with it. */
export function drive<W extends Window>(
  windowFn: WindowFn<W>,
  trigger: Trigger,
  options: Partial<WindowingStrategy> = {},
  fn?: CombineFn<never, unknown, unknown>,
): GroupingDriver {
  return new GroupingDriver({ ...GLOBAL_WINDOWING, ...options, windowFn: windowFn as WindowFn<Window>, trigger }, fn);
}

/**
 * Compares panes with lines such as `[0..10) at 9: ON_TIME 1/0 last = 1,2`: window, timestamp, timing, index and, unless
 * the pane is early, non-speculative index, then the values.
 */
export function assertPanes(fired: readonly Fired[], ...panes: string[]): void {
  assert.deepEqual(fired.map(paneLine), panes);
}

function paneLine({ value, timestamp, window, pane }: Fired): string {
  const bounds = window instanceof IntervalWindow ? `[${window.start}..${window.end})` : `${window}`;
  const index = pane.timing === 'EARLY' ? `${pane.index}` : `${pane.index}/${pane.nonSpeculativeIndex}`;
  const marks = `${pane.first ? ' first' : ''}${pane.last ? ' last' : ''}`;
  return `${bounds} at ${timestamp}: ${pane.timing} ${index}${marks} = ${value}`;
}
