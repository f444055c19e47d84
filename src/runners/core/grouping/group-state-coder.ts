import type { ByteReader } from '../../../sdk/coders/byte-reader.ts';
import type { ByteWriter } from '../../../sdk/coders/byte-writer.ts';
import type { WindowingStrategy } from '../../../sdk/windows/windowing-strategy.ts';
import { GroupState, WindowGroup } from './group-state.ts';
import type { PaneContents } from './pane-contents.ts';

const ENDED = 1;
const CLOSED = 2;
const FILLED = 4;
const HELD = 8;
const HELD_AT_EXPIRY = 16;
const WAKES = 32;
const FIRED = 64;
const TRIGGERED = 128;

/** Encodes what a grouping has of a key; what follows from the windowing is left out. */
export class GroupStateCoder {
  readonly #windowing: WindowingStrategy;
  readonly #contents: PaneContents;
  readonly #triggerSize: number;

  constructor(windowing: WindowingStrategy, contents: PaneContents, triggerSize: number) {
    this.#windowing = windowing;
    this.#contents = contents;
    this.#triggerSize = triggerSize;
  }

  encode(state: GroupState, out: ByteWriter): void {
    out.varint(state.groups.length);
    for (const group of state.groups) this.#encodeGroup(group, out);
  }

  #encodeGroup(group: WindowGroup, out: ByteWriter): void {
    this.#windowing.windowFn.coder.encode(group.window, out, true);
    out.byte(
      (group.ended ? ENDED : 0) |
        (group.closed ? CLOSED : 0) |
        (group.count > 0 ? FILLED : 0) |
        (group.held ? HELD : 0) |
        (group.heldAtExpiry ? HELD_AT_EXPIRY : 0) |
        (group.wakeTime === undefined ? 0 : WAKES) |
        (group.paneIndex < 0 ? 0 : FIRED) |
        (group.trigger === undefined ? 0 : TRIGGERED),
    );
    if (group.count > 0) {
      out.varint(group.count);
      out.varint(group.fresh);
      this.#contents.encode(group.contents, group.count, out);
    }
    if (group.held) out.float64(group.heldAt);
    if (group.wakeTime !== undefined) out.float64(group.wakeTime);
    if (group.paneIndex >= 0) {
      out.varint(group.paneIndex);
      out.varint(group.lastingIndex + 1);
    }
    if (group.trigger !== undefined) {
      out.varint(group.trigger.length);
      for (const number of group.trigger) out.float64(number);
    }
  }

  /** A state whose next times and hold are still to be set. */
  decode(input: ByteReader): GroupState {
    const state = new GroupState();
    for (let left = input.varint(); left > 0; left--) state.groups.push(this.#decodeGroup(input));
    return state;
  }

  #decodeGroup(input: ByteReader): WindowGroup {
    const window = this.#windowing.windowFn.coder.decode(input, true);
    const flags = input.byte();
    const group = new WindowGroup(window, (flags & ENDED) !== 0);
    group.closed = (flags & CLOSED) !== 0;
    if ((flags & FILLED) !== 0) {
      group.count = input.varint();
      group.fresh = input.varint();
      group.contents = this.#contents.decode(input, group.count);
    }
    group.held = (flags & HELD) !== 0;
    if (group.held) group.heldAt = input.float64();
    group.heldAtExpiry = (flags & HELD_AT_EXPIRY) !== 0;
    if ((flags & WAKES) !== 0) group.wakeTime = input.float64();
    if ((flags & FIRED) !== 0) {
      group.paneIndex = input.varint();
      group.lastingIndex = input.varint() - 1;
    }
    if ((flags & TRIGGERED) !== 0) group.trigger = this.#decodeTrigger(input);
    return group;
  }

  #decodeTrigger(input: ByteReader): number[] {
    const length = input.varint();
    if (length !== this.#triggerSize) {
      throw input.malformed(`The state of a trigger with ${length} numbers instead of ${this.#triggerSize}`);
    }
    return Array.from({ length }, () => input.float64());
  }
}
