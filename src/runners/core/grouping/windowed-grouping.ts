import type { ByteReader } from '../../../sdk/coders/byte-reader.ts';
import type { ByteWriter } from '../../../sdk/coders/byte-writer.ts';
import type { Coder } from '../../../sdk/coders/coder.ts';
import type { CombineFn } from '../../../sdk/combine/combine-fn.ts';
import type { Window } from '../../../sdk/windows/window.ts';
import type { WindowingStrategy } from '../../../sdk/windows/windowing-strategy.ts';
import { sameWindow } from '../shuffle/window-set.ts';
import { isMerging } from '../shuffle/windowing.ts';
import { TriggerMachine } from '../triggers/trigger-machine.ts';
import type { TriggerMoment } from '../triggers/trigger-node.ts';
import { type GroupMerge, mergeInto } from './group-merging.ts';
import { GroupState, NONE, WindowGroup } from './group-state.ts';
import { GroupStateCoder } from './group-state-coder.ts';
import type { GroupingClock, GroupingHost } from './grouping-host.ts';
import { CollectedContents, CombinedContents, NOTHING, type PaneContents } from './pane-contents.ts';
import { nextPane } from './pane-rules.ts';
import { expiry, justAfter, lastTimestamp } from './window-times.ts';

/** What one grouping transform does. */
export interface GroupingOptions {
  readonly windowing: WindowingStrategy;
  /** Of the values; with `fn`, of its accumulators. */
  readonly contentsCoder: Coder<unknown>;
  /** Combines the values of a window; they are collected when absent. */
  readonly fn?: CombineFn<unknown, unknown, unknown>;
  readonly host: GroupingHost;
}

/**
 * One grouping by key and window over unbounded input (Beam's ReduceFnRunner): collects or combines what comes into each
 * window, merges windows, fires panes as the trigger says, holds the output watermark for them, and forgets windows that
 * have expired. All it knows of a key is in a {@link GroupState} that the caller keeps.
 *
 * A step gives its elements to {@link element} under the watermark before it, then calls {@link advance} for the keys that
 * are due at the new one.
 */
export class WindowedGrouping {
  readonly #windowing: WindowingStrategy;
  readonly #host: GroupingHost;
  readonly #contents: PaneContents;
  readonly #coder: GroupStateCoder;
  readonly #merging: boolean;
  readonly #lateness: number;
  readonly #discarding: boolean;
  readonly #alwaysOnTime: boolean;
  readonly #alwaysLast: boolean;
  /** `undefined` for the default trigger, which has nothing to remember. */
  readonly #machine: TriggerMachine | undefined;
  readonly #moment = { ended: false, processingTime: 0, synchronizedProcessingTime: 0, arriving: true };

  constructor({ windowing, contentsCoder, fn, host }: GroupingOptions) {
    this.#windowing = windowing;
    this.#host = host;
    this.#contents = fn === undefined ? new CollectedContents(contentsCoder) : new CombinedContents(fn, contentsCoder);
    this.#merging = isMerging(windowing);
    this.#lateness = windowing.allowedLateness;
    this.#discarding = windowing.accumulation === 'discarding';
    this.#alwaysOnTime = windowing.onTime === 'fireAlways';
    this.#alwaysLast = windowing.closing === 'fireAlways';
    const { trigger } = windowing;
    this.#machine = trigger.kind === 'default' ? undefined : new TriggerMachine(trigger, this.#merging);
    this.#coder = new GroupStateCoder(windowing, this.#contents, this.#machine?.size ?? 0);
  }

  /** The state of a key that has none yet. */
  create(): GroupState {
    return new GroupState();
  }

  /**
   * Takes an element, which may make its window fire.
   *
   * @throws RunnerError `WINDOW_MERGE_INVALID` when a merging WindowFn breaks its contract; what the CombineFn throws
   */
  element(
    key: unknown,
    state: GroupState,
    value: unknown,
    timestamp: number,
    window: Window,
    clock: GroupingClock,
  ): void {
    const { watermark } = clock;
    const end = lastTimestamp(window);
    if (expiry(end, this.#lateness) < watermark) {
      this.#host.dropped(key, value, timestamp, window, 'expired');
      return;
    }
    const home = this.#merging ? this.#merge(state, window, clock) : window;
    const group = this.#find(state, home) ?? this.#open(state, home, watermark);
    if (group.closed) {
      this.#host.dropped(key, value, timestamp, window, 'closed');
      return;
    }
    group.contents = this.#contents.add(group.contents, key, value);
    group.count++;
    group.fresh++;
    const holdBefore = group.hold;
    this.#holdFor(group, timestamp, watermark);
    const { hold } = group;
    if (hold < state.hold) state.hold = hold;
    else if (hold > holdBefore && holdBefore === state.hold) this.#settle(state);

    const machine = this.#machine;
    if (machine === undefined || group.trigger === undefined) {
      if (group.ended) this.#fire(key, group, clock, false);
      else return;
    } else {
      const moment = this.#at(group, clock, true);
      machine.onElement(group.trigger, moment);
      if (!machine.shouldFire(group.trigger, moment)) {
        if (!machine.watchesTime) return;
        group.wakeTime = machine.wakeTime(group.trigger, moment);
        if (group.wakeTime < state.nextProcessingTime) state.nextProcessingTime = group.wakeTime;
        return;
      }
      this.#fire(key, group, clock, false);
      if (!group.closed) group.wakeTime = machine.wakeTime(group.trigger, moment);
    }
    this.#settle(state);
  }

  /** Fires and forgets what is due at the clock: to be called when one of the state's next times has come. */
  advance(key: unknown, state: GroupState, clock: GroupingClock): void {
    const { watermark, processingTime } = clock;
    const { groups } = state;
    let kept = 0;
    for (let i = 0; i < groups.length; i++) {
      const group = groups[i];
      const expired = watermark > group.expiry;
      const ending = !group.ended && watermark > group.end;
      if (ending || expired || group.wakeTime <= processingTime) {
        if (ending) group.ended = true;
        if (!group.closed) this.#advanceGroup(key, group, clock, ending, expired);
      }
      if (!expired) groups[kept++] = group;
    }
    groups.length = kept;
    this.#settle(state);
  }

  #advanceGroup(key: unknown, group: WindowGroup, clock: GroupingClock, ending: boolean, expired: boolean): void {
    if (expired) {
      // A window that ends and expires at once has one pane, on time and the last.
      this.#pane(key, group, clock.watermark, true, ending);
      return;
    }
    const machine = this.#machine;
    if (machine === undefined || group.trigger === undefined) {
      if (group.ended) this.#fire(key, group, clock, ending);
      return;
    }
    const moment = this.#at(group, clock, false);
    if (machine.shouldFire(group.trigger, moment)) this.#fire(key, group, clock, ending);
    if (!group.closed) group.wakeTime = machine.wakeTime(group.trigger, moment);
  }

  /** Appends all there is to know of a key, in an encoding that stands for itself. @throws CoderError */
  encode(state: GroupState, out: ByteWriter): void {
    this.#coder.encode(state, out);
  }

  /** @throws CoderError when the bytes are malformed, or were written under another trigger */
  decode(input: ByteReader): GroupState {
    const state = this.#coder.decode(input);
    this.#settle(state);
    return state;
  }

  #find(state: GroupState, window: Window): WindowGroup | undefined {
    const { groups } = state;
    const { coder } = this.#windowing.windowFn;
    for (let i = 0, at = state.cursor; i < groups.length; i++, at++) {
      if (at >= groups.length) at = 0;
      if (!sameWindow(groups[at].window, window, coder)) continue;
      state.cursor = at + 1;
      return groups[at];
    }
    return undefined;
  }

  #open(state: GroupState, window: Window, watermark: number): WindowGroup {
    const end = lastTimestamp(window);
    const group = new WindowGroup(window, end, expiry(end, this.#lateness), watermark > end);
    group.trigger = this.#machine?.create();
    state.cursor = state.groups.push(group);
    const next = nextEventTime(group);
    if (next < state.nextEventTime) state.nextEventTime = next;
    return group;
  }

  /** Holds the output watermark for an element, unless it has gone past the time at which that would do any good. */
  #holdFor(group: WindowGroup, timestamp: number, watermark: number): void {
    const { timestampCombiner } = this.#windowing;
    const { elementHold } = group;
    if (timestampCombiner === 'endOfWindow') {
      if (!group.ended) group.elementHold = group.end;
      else if (elementHold === NONE) group.expiryHold = group.expiry;
      return;
    }
    const outputWatermark = Math.min(watermark, group.hold);
    const hold = Math.min(timestamp, group.end);
    if (group.ended || hold < outputWatermark) {
      group.expiryHold = group.expiry;
    } else if (elementHold === NONE) {
      group.elementHold = hold;
    } else {
      group.elementHold = timestampCombiner === 'latest' ? Math.max(elementHold, hold) : Math.min(elementHold, hold);
    }
  }

  /** Gives out a pane because the trigger is ready. */
  #fire(key: unknown, group: WindowGroup, { watermark }: GroupingClock, ending: boolean): void {
    const machine = this.#machine;
    if (machine === undefined || group.trigger === undefined) {
      this.#pane(key, group, watermark, false, ending);
      return;
    }
    machine.onFire(group.trigger, this.#moment);
    const last = machine.isFinished(group.trigger);
    if (last) {
      group.closed = true;
      group.trigger = undefined;
      group.wakeTime = NONE;
    }
    this.#pane(key, group, watermark, last, ending);
  }

  /** Gives out a pane, unless it is empty and nobody wants that. The holds of its elements end. */
  #pane(key: unknown, group: WindowGroup, watermark: number, last: boolean, ending: boolean): void {
    const pane = nextPane(group, last, ending);
    const timestamp = Math.min(group.hold, group.end);
    group.elementHold = NONE;
    group.expiryHold = this.#alwaysLast && !last && group.expiry >= watermark ? group.expiry : NONE;
    const wanted = group.fresh > 0 || (pane.timing === 'ON_TIME' && this.#alwaysOnTime) || (last && this.#alwaysLast);
    group.fresh = 0;
    if (!wanted) return;
    group.paneIndex = pane.index;
    group.lastingIndex = pane.nonSpeculativeIndex;
    const { contents } = group;
    const forget = last || this.#discarding;
    if (forget) {
      group.contents = NOTHING;
      group.count = 0;
    }
    const value = forget ? this.#contents.take(contents) : this.#contents.copy(contents);
    this.#host.emit(key, value, timestamp, group.window, pane);
  }

  /** Merges the groups of a key as a new element's window demands; returns the window in which the element is then. */
  #merge(state: GroupState, window: Window, clock: GroupingClock): Window {
    const { merges, window: home } = mergeInto(this.#windowing.windowFn, state.groups, window);
    if (merges.length === 0) return home;
    for (const merge of merges) this.#become(state, merge, clock);
    this.#settle(state);
    return home;
  }

  #become(state: GroupState, { window, sources }: GroupMerge, clock: GroupingClock): void {
    const { coder } = this.#windowing.windowFn;
    // A window that has given panes goes on counting them; one that comes into being starts anew.
    const target = sources.find((source) => sameWindow(source.window, window, coder)) ?? sources[0];
    if (!sameWindow(target.window, window, coder)) target.paneIndex = target.lastingIndex = -1;
    target.window = window;
    target.end = lastTimestamp(window);
    target.expiry = expiry(target.end, this.#lateness);
    target.ended = clock.watermark > target.end;

    const machine = this.#machine;
    if (machine !== undefined) {
      const moment = this.#at(target, clock, true);
      target.trigger = machine.merged(
        sources.map((source) => source.trigger ?? machine.create()),
        moment,
      );
      target.wakeTime = machine.wakeTime(target.trigger, moment);
    }
    const later = this.#windowing.timestampCombiner === 'latest';
    for (const source of sources) {
      if (source === target) continue;
      target.contents = this.#contents.merge(target.contents, source.contents);
      target.count += source.count;
      target.fresh += source.fresh;
      if (target.elementHold === NONE) target.elementHold = source.elementHold;
      else if (source.elementHold !== NONE) {
        target.elementHold = later
          ? Math.max(target.elementHold, source.elementHold)
          : Math.min(target.elementHold, source.elementHold);
      }
    }
    if (this.#windowing.timestampCombiner === 'endOfWindow') {
      target.elementHold = target.ended || target.fresh === 0 ? NONE : target.end;
    }
    target.expiryHold = target.expiry >= clock.watermark ? target.expiry : NONE;
    // A closed group of the same window gives way: its elements are gone, those of the sources are not.
    const gone = (group: WindowGroup) =>
      sources.includes(group) || (group.closed && sameWindow(group.window, window, coder));
    const kept = state.groups.filter((group) => group === target || !gone(group));
    state.groups.length = 0;
    for (const group of kept) state.groups.push(group);
  }

  #at(group: WindowGroup, clock: GroupingClock, arriving: boolean): TriggerMoment {
    const moment = this.#moment;
    moment.ended = group.ended;
    moment.processingTime = clock.processingTime;
    moment.synchronizedProcessingTime = clock.synchronizedProcessingTime;
    moment.arriving = arriving;
    return moment;
  }

  /** Brings the numbers of a state up to date with its groups. */
  #settle(state: GroupState): void {
    let event = NONE;
    let processing = NONE;
    let hold = NONE;
    for (const group of state.groups) {
      const next = nextEventTime(group);
      if (next < event) event = next;
      if (group.wakeTime < processing) processing = group.wakeTime;
      const held = group.hold;
      if (held < hold) hold = held;
    }
    state.nextEventTime = event;
    state.nextProcessingTime = processing;
    state.hold = hold;
  }
}

function nextEventTime(group: WindowGroup): number {
  return justAfter(group.ended ? group.expiry : group.end);
}
