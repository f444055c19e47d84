import type { ByteReader } from '../../../sdk/coders/byte-reader.ts';
import type { ByteWriter } from '../../../sdk/coders/byte-writer.ts';
import type { Coder } from '../../../sdk/coders/coder.ts';
import type { CombineFn } from '../../../sdk/combine/combine-fn.ts';
import type { Window } from '../../../sdk/windows/window.ts';
import type { WindowingStrategy } from '../../../sdk/windows/windowing-strategy.ts';
import { sameWindow } from '../shuffle/window-set.ts';
import { isMerging } from '../shuffle/windowing.ts';
import { justAfter } from '../state/keyed-state.ts';
import { TriggerMachine } from '../triggers/trigger-machine.ts';
import type { TriggerMoment, TriggerState } from '../triggers/trigger-node.ts';
import { type GroupMerge, mergeInto } from './group-merging.ts';
import { GroupState, NONE, WindowGroup } from './group-state.ts';
import { GroupStateCoder } from './group-state-coder.ts';
import type { GroupingClock, GroupingHost } from './grouping-host.ts';
import { CollectedContents, CombinedContents, NOTHING, type PaneContents } from './pane-contents.ts';
import { PaneHolds } from './pane-holds.ts';
import { nextPane } from './pane-rules.ts';
import { expiry, lastTimestamp } from './window-times.ts';

/** Groups of a key from which on they are found by an index. */
const MANY_GROUPS = 64;

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
  readonly #holds: PaneHolds;
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
    this.#holds = new PaneHolds(windowing);
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
    const countBefore = group.count;
    group.contents = this.#contents.add(group.contents, key, value);
    group.count++;
    group.fresh++;
    const holdBefore = this.#holds.of(group);
    const wakeBefore = group.wakeTime ?? NONE;
    this.#holds.add(group, timestamp, watermark);
    const machine = this.#machine;
    const { trigger } = group;
    if (machine === undefined || trigger === undefined) {
      if (group.ended) this.#pane(key, group, false, false);
    } else {
      const moment = this.#at(group, clock, true);
      machine.onElement(trigger, moment);
      if (machine.shouldFire(trigger, moment)) this.#fire(key, group, machine, trigger, false);
      this.#setWakeTime(group, moment);
    }
    state.count += group.count - countBefore;
    this.#update(state, group, holdBefore, wakeBefore);
  }

  /** Fires and forgets what is due at the clock: to be called when one of the state's next times has come. */
  advance(key: unknown, state: GroupState, clock: GroupingClock): void {
    const { watermark, processingTime } = clock;
    const { groups } = state;
    let kept = 0;
    for (let i = 0; i < groups.length; i++) {
      const group = groups[i];
      const end = lastTimestamp(group.window);
      const expired = watermark > expiry(end, this.#lateness);
      const ending = !group.ended && watermark > end;
      if (ending || expired || (group.wakeTime !== undefined && group.wakeTime <= processingTime)) {
        if (ending) group.ended = true;
        if (!group.closed) this.#advanceGroup(key, group, clock, ending, expired);
      }
      if (!expired) groups[kept++] = group;
    }
    if (kept < groups.length) state.byEnd = undefined;
    groups.length = kept;
    this.#settle(state);
  }

  #advanceGroup(key: unknown, group: WindowGroup, clock: GroupingClock, ending: boolean, expired: boolean): void {
    if (expired) {
      // A window that ends and expires at once has one pane, on time and the last.
      this.#pane(key, group, true, ending);
      return;
    }
    const machine = this.#machine;
    if (machine === undefined || group.trigger === undefined) {
      if (group.ended) this.#pane(key, group, false, ending);
      return;
    }
    const moment = this.#at(group, clock, false);
    if (machine.shouldFire(group.trigger, moment)) this.#fire(key, group, machine, group.trigger, ending);
    this.#setWakeTime(group, moment);
  }

  #setWakeTime(group: WindowGroup, moment: TriggerMoment): void {
    const machine = this.#machine;
    if (machine?.watchesTime !== true) return;
    group.wakeTime = group.trigger === undefined ? undefined : machine.wakeTime(group.trigger, moment);
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
    if (groups.length > MANY_GROUPS && !this.#merging) {
      // Windows that overlap come one after the other; the first that is not there would look at all others.
      const next = groups[state.cursor < groups.length ? state.cursor : 0];
      if (!sameWindow(next.window, window, coder)) {
        const found = endingAt(state, lastTimestamp(window));
        if (found === undefined) return undefined;
        if (sameWindow(found.window, window, coder)) return found;
      }
    }
    for (let i = 0, at = state.cursor; i < groups.length; i++, at++) {
      if (at >= groups.length) at = 0;
      if (!sameWindow(groups[at].window, window, coder)) continue;
      state.cursor = at + 1;
      return groups[at];
    }
    return undefined;
  }

  #open(state: GroupState, window: Window, watermark: number): WindowGroup {
    const group = new WindowGroup(window, watermark > lastTimestamp(window));
    group.trigger = this.#machine?.create();
    // An array that grows by push has room for many; most keys have one window.
    if (state.groups.length === 0) state.groups = [group];
    else state.groups.push(group);
    state.byEnd?.set(lastTimestamp(window), group);
    state.cursor = state.groups.length;
    const next = this.#nextEventTime(group);
    if (next < state.nextEventTime) state.nextEventTime = next;
    return group;
  }

  /** Gives out a pane because the trigger is ready at the moment that it was asked for. */
  #fire(key: unknown, group: WindowGroup, machine: TriggerMachine, trigger: TriggerState, ending: boolean): void {
    machine.onFire(trigger, this.#moment);
    const last = machine.isFinished(trigger);
    if (last) {
      group.closed = true;
      group.trigger = undefined;
    }
    this.#pane(key, group, last, ending);
  }

  /**
   * Gives out a pane, unless it is empty and nobody wants that.
   *
   * @param ending whether the watermark is passing the window's end just now
   */
  #pane(key: unknown, group: WindowGroup, last: boolean, ending: boolean): void {
    const pane = nextPane(group, last, ending);
    const timestamp = this.#holds.paneTimestamp(group);
    this.#holds.release(group, last);
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
    target.ended = clock.watermark > lastTimestamp(window);

    const machine = this.#machine;
    if (machine !== undefined) {
      const moment = this.#at(target, clock, true);
      target.trigger = machine.merged(
        sources.map((source) => source.trigger ?? machine.create()),
        moment,
      );
      this.#setWakeTime(target, moment);
    }
    for (const source of sources) {
      if (source === target) continue;
      target.contents = this.#contents.merge(target.contents, source.contents);
      target.count += source.count;
      target.fresh += source.fresh;
      this.#holds.take(target, source);
    }
    this.#holds.merged(target);
    // A closed group of the same window gives way: its elements are gone, those of the sources are not.
    const gone = (group: WindowGroup) =>
      sources.includes(group) || (group.closed && sameWindow(group.window, window, coder));
    if (sources.length > 1 || state.groups.length > 1) {
      state.groups = state.groups.filter((group) => group === target || !gone(group));
    }
  }

  #at(group: WindowGroup, clock: GroupingClock, arriving: boolean): TriggerMoment {
    const moment = this.#moment;
    moment.ended = group.ended;
    moment.processingTime = clock.processingTime;
    moment.synchronizedProcessingTime = clock.synchronizedProcessingTime;
    moment.arriving = arriving;
    return moment;
  }

  /** Brings the numbers of a state up to date with one group whose hold and wake time were others. */
  #update(state: GroupState, group: WindowGroup, holdBefore: number, wakeBefore: number): void {
    const hold = this.#holds.of(group);
    const wake = group.wakeTime ?? NONE;
    if (hold < state.hold) state.hold = hold;
    if (wake < state.nextProcessingTime) state.nextProcessingTime = wake;
    const least = holdBefore === state.hold || wakeBefore === state.nextProcessingTime;
    if (least && (hold > holdBefore || wake > wakeBefore)) this.#settle(state);
  }

  /** Brings the numbers of a state up to date with its groups. */
  #settle(state: GroupState): void {
    let event = NONE;
    let processing = NONE;
    let hold = NONE;
    let count = 0;
    for (const group of state.groups) {
      count += group.count;
      const next = this.#nextEventTime(group);
      if (next < event) event = next;
      const { wakeTime } = group;
      if (wakeTime !== undefined && wakeTime < processing) processing = wakeTime;
      const held = this.#holds.of(group);
      if (held < hold) hold = held;
    }
    state.count = count;
    state.nextEventTime = event;
    state.nextProcessingTime = processing;
    state.hold = hold;
  }

  #nextEventTime(group: WindowGroup): number {
    const end = lastTimestamp(group.window);
    return justAfter(group.ended ? expiry(end, this.#lateness) : end);
  }
}

function endingAt(state: GroupState, end: number): WindowGroup | undefined {
  state.byEnd ??= new Map(state.groups.map((group) => [lastTimestamp(group.window), group]));
  return state.byEnd.get(end);
}
