import { ByteReader } from '../../../sdk/coders/byte-reader.ts';
import { ByteWriter } from '../../../sdk/coders/byte-writer.ts';
import type { Coder } from '../../../sdk/coders/coder.ts';
import { TimerCoder, type TimerElement } from '../../../sdk/coders/timer-coder.ts';
import { RunnerError } from '../../../sdk/errors.ts';
import { NO_FIRING } from '../../../sdk/windows/pane-info.ts';
import { MAX_TIMESTAMP, type Timestamp } from '../../../sdk/windows/timestamp.ts';
import type { Window } from '../../../sdk/windows/window.ts';
import { DueItems } from '../../core/state/due-items.ts';
import { timerKey } from '../../core/state/pending-timers.ts';
import type { KeyedEntry } from './keyed-entry.ts';

/** What a bundle has done last to one timer. */
export interface BundleTimer {
  readonly family: number;
  readonly tag: string;
  /** undefined: cleared. */
  readonly at: Timestamp | undefined;
  /** Timestamp of what it will emit; undefined when it holds no watermark back. */
  readonly output: Timestamp | undefined;
}

/** A timer that fires. */
export interface FiringTimer extends BundleTimer {
  readonly at: Timestamp;
  readonly entry: KeyedEntry;
}

/** A kind of timers as the runner knows it. */
export interface TimerFamilyShape {
  /** Id of the timer family. */
  readonly name: string;
  readonly isEvent: boolean;
  /** Comes after all others of its time. */
  readonly isLast: boolean;
}

/** Takes encoded timers of a family, of which there may be several, one after the other. The bytes are valid during the call. */
export interface TimerOutput {
  write(family: string, timers: Uint8Array): void;
}

/** Encoded timers of one family that are handed on at once. */
const OUTPUT_BYTES = 64 * 1024;

/**
 * The timers of one bundle: those that the runner has found to be due, and those that the bundle sets and clears. Only the
 * last thing that is done to a timer counts, and the runner is told of it at the end. What was done to a timer here
 * is done to what the runner has sent too: a timer that was set anew or cleared in the meantime does not fire.
 */
export class BundleTimers {
  readonly #families: readonly TimerFamilyShape[];
  readonly #coder: TimerCoder<unknown, Window>;
  readonly #output: TimerOutput;
  readonly #entryOf: (key: unknown, window: Window) => KeyedEntry;
  readonly #buffers: readonly ByteWriter[];
  #due = new DueTimers();

  constructor(
    families: readonly TimerFamilyShape[],
    keyCoder: Coder<unknown>,
    windowCoder: Coder<Window>,
    output: TimerOutput,
    entryOf: (key: unknown, window: Window) => KeyedEntry,
  ) {
    this.#families = families;
    this.#coder = new TimerCoder(keyCoder, windowCoder);
    this.#output = output;
    this.#entryOf = entryOf;
    this.#buffers = families.map(() => new ByteWriter(256));
  }

  reset(): void {
    this.#due = new DueTimers();
    for (const buffer of this.#buffers) buffer.clear();
  }

  /** Takes timers that the runner has found to be due. @throws CoderError when they are malformed */
  deliver(name: string, bytes: Uint8Array): void {
    const family = this.#families.findIndex((each) => each.name === name);
    if (family < 0) {
      throw new RunnerError('TIMER_UNKNOWN', `The runner fires timers of '${name}', which is no timer of the DoFn`);
    }
    const shape = this.#families[family];
    const input = new ByteReader(bytes);
    while (input.remaining > 0) {
      const timer = this.#coder.decode(input, true);
      if (timer.clearBit) continue;
      const { userKey, dynamicTimerTag: tag, windows, fireTimestamp: at, holdTimestamp } = timer;
      const output = holdTimestamp >= MAX_TIMESTAMP ? undefined : holdTimestamp;
      for (const window of windows) {
        const entry = this.#entryOf(userKey, window);
        entry.due++;
        this.#due.push(shape, { entry, family, tag, at, output });
      }
    }
  }

  /** Notes that a timer is set or cleared. */
  note(entry: KeyedEntry, timer: BundleTimer): void {
    const key = timerKey(timer.family, timer.tag);
    // Behind those that were set before it.
    entry.timers.delete(key);
    entry.timers.set(key, timer);
  }

  /**
   * The next timer that fires: the soonest that the runner has sent, but before it those of the same key and window that
   * this bundle has set to an earlier time, as if the runner had known of them.
   */
  take(): FiringTimer | undefined {
    for (let next = this.#due.first; next !== undefined; next = this.#due.first) {
      const { entry, family, tag } = next;
      if (entry.timers.size > 0) {
        const earlier = this.#earlier(next);
        if (earlier !== undefined) return earlier;
      }
      this.#due.pop();
      entry.due--;
      if (!entry.timers.has(timerKey(family, tag))) return next;
    }
    return undefined;
  }

  /** Takes the soonest event-time timer, not of that family, that this bundle has set for a key and window to an earlier time. */
  takeBefore(entry: KeyedEntry, time: Timestamp, family: number): FiringTimer | undefined {
    if (entry.timers.size === 0) return undefined;
    return this.#soonest(entry, true, time, false, family);
  }

  #earlier({ entry, family, at }: FiringTimer): FiringTimer | undefined {
    const { isEvent, isLast } = this.#families[family];
    return this.#soonest(entry, isEvent, at, isLast);
  }

  /** @param inclusive whether one of the time itself counts */
  #soonest(
    entry: KeyedEntry,
    isEvent: boolean,
    before: Timestamp,
    inclusive: boolean,
    except = -1,
  ): FiringTimer | undefined {
    let first: FiringTimer | undefined;
    for (const timer of entry.timers.values()) {
      const { family, at } = timer;
      const shape = this.#families[family];
      if (at === undefined || family === except || shape.isEvent !== isEvent || shape.isLast) continue;
      if (at > before || (at === before && !inclusive)) continue;
      if (first === undefined || at < first.at) first = { ...timer, at, entry };
    }
    // The runner may have it at another time.
    if (first !== undefined)
      this.note(entry, { family: first.family, tag: first.tag, at: undefined, output: undefined });
    return first;
  }

  /** Tells the runner what has become of an entry's timers. */
  write(entry: KeyedEntry): void {
    for (const { family, tag, at, output } of entry.timers.values()) {
      const identity = { userKey: entry.key, dynamicTimerTag: tag, windows: [entry.window] };
      const timer: TimerElement<unknown> =
        at === undefined
          ? { ...identity, clearBit: true }
          : {
              ...identity,
              clearBit: false,
              fireTimestamp: at,
              holdTimestamp: output ?? MAX_TIMESTAMP,
              pane: NO_FIRING,
            };
      this.#coder.encode(timer, this.#buffers[family], true);
      if (this.#buffers[family].length >= OUTPUT_BYTES) this.#hand(family);
    }
    entry.timers.clear();
  }

  /** Hands on what has been collected. */
  flush(): void {
    for (let family = 0; family < this.#families.length; family++) this.#hand(family);
  }

  #hand(family: number): void {
    const buffer = this.#buffers[family];
    if (buffer.length === 0) return;
    this.#output.write(this.#families[family].name, buffer.view());
    buffer.clear();
  }
}

/** Timers that have come: processing time first, then in the order of their times and in which they came. */
class DueTimers {
  readonly #processing = new DueItems<FiringTimer>();
  readonly #event = new DueItems<FiringTimer>();
  readonly #last = new DueItems<FiringTimer>();
  #order = 0;

  push({ isEvent, isLast }: TimerFamilyShape, timer: FiringTimer): void {
    const items = isLast ? this.#last : isEvent ? this.#event : this.#processing;
    items.push(timer.at, this.#order++, timer);
  }

  get first(): FiringTimer | undefined {
    const items = this.#items;
    return items.length === 0 ? undefined : items.item;
  }

  pop(): void {
    this.#items.pop();
  }

  get #items(): DueItems<FiringTimer> {
    if (this.#processing.length > 0) return this.#processing;
    return this.#event.time <= this.#last.time && this.#event.length > 0 ? this.#event : this.#last;
  }
}
