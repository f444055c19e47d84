import type { Duration, Timestamp } from '../windows/timestamp.ts';

/** Which clock a timer follows: the watermark, or the time of day. */
export type TimeDomain = 'event' | 'processing';

/** Declares one timer of a DoFn, or a family of timers told apart by tags; `timer` makes them. */
export interface TimerSpec<H = unknown> {
  readonly domain: TimeDomain;
  /** Whether there is a timer for each tag. */
  readonly family: boolean;
  /** Type carrier, never set. */
  readonly __handle?: H;
}

/** Timers by the name under which the DoFn sets them and `onTimer` handles them. */
export type TimerSpecs = Readonly<Record<string, TimerSpec>>;

/** What a DoFn gets for its timers. */
export type TimerHandles<M extends TimerSpecs> = {
  readonly [P in keyof M]: M[P] extends TimerSpec<infer H> ? H : never;
};

/** How a timer is set. */
export interface TimerOptions {
  /**
   * Timestamp of what the timer's firing emits; until then it holds the watermark back. Not before the timestamp of the
   * element or timer at hand, not after the window's expiry. Default: for event time the time of firing, for processing
   * time the timestamp at hand. `'none'` holds nothing back: what the firing emits may be late downstream.
   */
  readonly outputTimestamp?: Timestamp | 'none';
}

/** How a timer is set relative to now. */
export interface RelativeTimerOptions extends TimerOptions {
  /** The time is moved on to the next multiple of this duration, counted from 1970. */
  readonly align?: Duration;
}

/** A timer of the key and window at hand (Beam's Timer). Setting it again replaces what was set. */
export interface Timer {
  /**
   * Now, on the timer's clock: the input watermark, or the processing time. Beam's portable runners tell no watermark: there,
   * event time is the timestamp of the element at hand, or the time for which the timer at hand was set.
   */
  readonly currentRelativeTime: Timestamp;
  /**
   * Fires when the clock has reached the time; soon after the element or timer at hand when it has already.
   *
   * @throws PipelineError `TIMER_TIME` for an event-time timer after the window's expiry (its end and the allowed lateness),
   *   `OPTION_UNKNOWN`
   */
  set(at: Timestamp, options?: TimerOptions): void;
  /**
   * Fires so long after `currentRelativeTime`, but in event time not after the window's expiry.
   *
   * @throws PipelineError `DURATION_INVALID`, `OPTION_UNKNOWN`
   */
  setRelative(offset: Duration, options?: RelativeTimerOptions): void;
  clear(): void;
}

/** Timers of the key and window at hand, one for each tag (Beam's TimerMap). */
export interface TimerFamily {
  readonly currentRelativeTime: Timestamp;
  /** As {@link Timer.set}, for the timer with this tag: any string of at most 1,000 characters. */
  set(tag: string, at: Timestamp, options?: TimerOptions): void;
  /** As {@link Timer.setRelative}. */
  setRelative(tag: string, offset: Duration, options?: RelativeTimerOptions): void;
  clear(tag: string): void;
}

/** Declares the timers of a DoFn on keyed input: `timers: { idle: timer.eventTime() }`, with a handler in `onTimer`. */
export const timer = {
  /** Fires when the watermark reaches its time. */
  eventTime: (): TimerSpec<Timer> => ({ domain: 'event', family: false }),
  /**
   * Fires when the time of day reaches its time. Timers that are left when their window expires do not fire, but at the
   * end of all input, when there is nothing left to wait for, they fire at once.
   */
  processingTime: (): TimerSpec<Timer> => ({ domain: 'processing', family: false }),
  /** Event-time timers with tags that are chosen when they are set. */
  eventTimeFamily: (): TimerSpec<TimerFamily> => ({ domain: 'event', family: true }),
  /** Processing-time timers with tags that are chosen when they are set. */
  processingTimeFamily: (): TimerSpec<TimerFamily> => ({ domain: 'processing', family: true }),
} as const;
