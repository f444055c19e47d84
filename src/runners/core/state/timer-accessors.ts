import { PipelineError } from '../../../sdk/errors.ts';
import { checkKnownOptions } from '../../../sdk/options/known-options.ts';
import type { RelativeTimerOptions, TimeDomain, Timer, TimerFamily, TimerOptions } from '../../../sdk/state/timer.ts';
import {
  type Duration,
  durationMillis,
  MAX_TIMESTAMP,
  MIN_TIMESTAMP,
  type Timestamp,
} from '../../../sdk/windows/timestamp.ts';

/** Longest tag of a timer. */
const MAX_TAG = 1000;

const SET_OPTIONS = { outputTimestamp: true } as const;
const RELATIVE_OPTIONS = { outputTimestamp: true, align: true } as const;

/** What timers need to know about the key, window and times at hand. */
export interface TimerBinding {
  /** Input watermark, or processing time. */
  now(domain: TimeDomain): Timestamp;
  /** Timestamp of the element or timer at hand. */
  readonly timestamp: Timestamp;
  /** When the window at hand expires. */
  readonly expiry: Timestamp;
  setTimer(family: number, tag: string, at: Timestamp, output: Timestamp | undefined): void;
  clearTimer(family: number, tag: string): void;
}

/** One declared timer. */
export interface DeclaredTimer {
  readonly name: string;
  readonly number: number;
  readonly domain: TimeDomain;
}

/** Sets and clears the timers of one declaration, as Beam's SDKs do it. */
class TimerSetter {
  readonly #binding: TimerBinding;
  readonly #declared: DeclaredTimer;

  constructor(binding: TimerBinding, declared: DeclaredTimer) {
    this.#binding = binding;
    this.#declared = declared;
  }

  get now(): Timestamp {
    return this.#binding.now(this.#declared.domain);
  }

  set(tag: string, at: Timestamp, options: TimerOptions | undefined): void {
    // A loop over names makes nothing: timers are set for each element.
    for (const name in options) if (name !== 'outputTimestamp') this.#checkOptions('set()', options, SET_OPTIONS);
    const { domain } = this.#declared;
    const { expiry } = this.#binding;
    this.#checkTime(at, 'its time');
    if (domain === 'event' && at > expiry) {
      throw this.#wrong(`is set to ${timeText(at)}, after its window expires at ${timeText(expiry)}`, {
        hint: 'a window expires at its end and the allowed lateness; setRelative() stops there by itself',
      });
    }
    this.#set(tag, at, options);
  }

  setRelative(tag: string, offset: Duration, options: RelativeTimerOptions | undefined): void {
    for (const name in options) {
      if (name !== 'outputTimestamp' && name !== 'align')
        this.#checkOptions('setRelative()', options, RELATIVE_OPTIONS);
    }
    const { now } = this;
    let at = now + durationMillis(offset);
    const period = options?.align === undefined ? 0 : durationMillis(options.align);
    // Modulo that is not negative before 1970.
    const past = period === 0 ? 0 : ((at % period) + period) % period;
    if (past > 0) at += period - past;
    const last = this.#declared.domain === 'event' ? this.#binding.expiry : MAX_TIMESTAMP;
    this.#set(tag, Math.min(at, last) as Timestamp, options);
  }

  clear(tag: string): void {
    this.#binding.clearTimer(this.#declared.number, tag);
  }

  #set(tag: string, at: Timestamp, options: TimerOptions | undefined): void {
    if (typeof tag !== 'string' || tag.length > MAX_TAG || !tag.isWellFormed()) {
      throw this.#wrong(`has a tag that is no string of at most ${MAX_TAG} characters`);
    }
    this.#binding.setTimer(this.#declared.number, tag, at, this.#outputTimestamp(at, options?.outputTimestamp));
  }

  #outputTimestamp(at: Timestamp, wanted: Timestamp | 'none' | undefined): Timestamp | undefined {
    if (wanted === 'none') return undefined;
    const { timestamp, expiry } = this.#binding;
    if (wanted === undefined)
      return this.#declared.domain === 'event' ? at : (Math.min(timestamp, expiry) as Timestamp);
    this.#checkTime(wanted, 'its output timestamp');
    if (wanted < timestamp) {
      throw this.#wrong(`has the output timestamp ${timeText(wanted)}, before ${timeText(timestamp)}`, {
        hint: 'it cannot be before the timestamp of the element or timer at hand, which may be emitted already',
      });
    }
    if (wanted > expiry) {
      throw this.#wrong(
        `has the output timestamp ${timeText(wanted)}, after its window expires at ${timeText(expiry)}`,
      );
    }
    return wanted;
  }

  #checkOptions<O extends object>(
    method: string,
    options: O,
    known: { readonly [P in keyof Required<O>]: true },
  ): void {
    checkKnownOptions(`${method} of the timer '${this.#declared.name}'`, options, known);
  }

  #checkTime(time: Timestamp, what: string): void {
    if (Number.isInteger(time) && time >= MIN_TIMESTAMP && time <= MAX_TIMESTAMP) return;
    throw this.#wrong(`has ${String(time)} as ${what}, which is no timestamp`, {
      hint: "make one: timestamp('2024-05-01T12:00:00Z'), after(context.timestamp, '1h')",
    });
  }

  #wrong(what: string, context: { readonly hint?: string } = {}): PipelineError {
    return new PipelineError('TIMER_TIME', `The timer '${this.#declared.name}' ${what}`, context);
  }
}

/** What a DoFn gets for a timer. */
export class TimerAccessor implements Timer {
  readonly #setter: TimerSetter;

  constructor(binding: TimerBinding, declared: DeclaredTimer) {
    this.#setter = new TimerSetter(binding, declared);
  }

  get currentRelativeTime(): Timestamp {
    return this.#setter.now;
  }

  set(at: Timestamp, options?: TimerOptions): void {
    this.#setter.set('', at, options);
  }

  setRelative(offset: Duration, options?: RelativeTimerOptions): void {
    this.#setter.setRelative('', offset, options);
  }

  clear(): void {
    this.#setter.clear('');
  }
}

/** What a DoFn gets for a family of timers. */
export class TimerFamilyAccessor implements TimerFamily {
  readonly #setter: TimerSetter;

  constructor(binding: TimerBinding, declared: DeclaredTimer) {
    this.#setter = new TimerSetter(binding, declared);
  }

  get currentRelativeTime(): Timestamp {
    return this.#setter.now;
  }

  set(tag: string, at: Timestamp, options?: TimerOptions): void {
    this.#setter.set(tag, at, options);
  }

  setRelative(tag: string, offset: Duration, options?: RelativeTimerOptions): void {
    this.#setter.setRelative(tag, offset, options);
  }

  clear(tag: string): void {
    this.#setter.clear(tag);
  }
}

function timeText(time: Timestamp): string {
  return Math.abs(time) <= 8.64e15 ? new Date(time).toISOString() : `${time} ms`;
}
