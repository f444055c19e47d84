import { PipelineError } from '../errors.ts';
import { checkKnownOptions } from '../options/known-options.ts';
import { type Duration, durationMillis } from '../windows/timestamp.ts';
import { checkOnceTrigger, checkTrigger } from './check-trigger.ts';
import type {
  AfterAll,
  AfterAny,
  AfterCount,
  AfterEach,
  AfterEndOfWindow,
  AfterProcessingTime,
  AfterSynchronizedProcessingTime,
  AfterWatermark,
  Always,
  DefaultTrigger,
  Never,
  OnceTrigger,
  OrFinally,
  Repeatedly,
  TimestampTransform,
  Trigger,
} from './trigger.ts';

/** The trigger of a collection that was given none, there is one instance. */
export const DEFAULT_TRIGGER: DefaultTrigger = Object.freeze({ kind: 'default' });

/**
 * Fires when the watermark passes the end of the window, and again for each later element within the allowed lateness
 * (Beam's DefaultTrigger).
 */
export function defaultTrigger(): DefaultTrigger {
  return DEFAULT_TRIGGER;
}

/** Firings of {@link afterWatermark} before and after the end of the window. */
export interface AfterWatermarkOptions {
  /** Fires each time this one would, until the watermark passes the end of the window. */
  readonly early?: OnceTrigger;
  /** Fires each time this one would, from then on until the window expires. */
  readonly late?: OnceTrigger;
}

/**
 * Fires when the watermark passes the end of the window: when the window is complete as far as is known (Beam's
 * AfterWatermark.pastEndOfWindow, with its early and late firings).
 */
export function afterWatermark(): AfterEndOfWindow;
export function afterWatermark(options: AfterWatermarkOptions): AfterWatermark;
export function afterWatermark(options: AfterWatermarkOptions = {}): AfterWatermark {
  checkKnownOptions<AfterWatermarkOptions>('afterWatermark()', options, { early: true, late: true });
  const { early, late } = options;
  if (early !== undefined) checkOnceTrigger('the early firings of afterWatermark()', early);
  if (late !== undefined) checkOnceTrigger('the late firings of afterWatermark()', late);
  return Object.freeze({
    kind: 'afterWatermark',
    ...(early === undefined ? {} : { early }),
    ...(late === undefined ? {} : { late }),
  });
}

/** At which times {@link afterProcessingTime} may fire. */
export interface AfterProcessingTimeOptions {
  /** Fires only at multiples of this period, so that the panes of all keys come together; `offset` shifts them. */
  readonly alignTo?: Duration | { readonly period: Duration; readonly offset?: Duration };
}

/**
 * Fires when a delay has passed since the first element of a pane came in (Beam's AfterProcessingTime).
 *
 * @param delay after the arrival; none when absent, @param options.alignTo rounds the time up after the delay
 */
export function afterProcessingTime(delay?: Duration, options: AfterProcessingTimeOptions = {}): AfterProcessingTime {
  checkKnownOptions<AfterProcessingTimeOptions>('afterProcessingTime()', options, { alignTo: true });
  const { alignTo } = options;
  const transforms: TimestampTransform[] = [];
  if (delay !== undefined) transforms.push(Object.freeze({ kind: 'delay', millis: durationMillis(delay) }));
  if (alignTo !== undefined) {
    const { period, offset = '0ms' } = typeof alignTo === 'string' ? { period: alignTo } : alignTo;
    const size = durationMillis(period);
    if (size === 0) throw new PipelineError('TRIGGER_INVALID', 'The period of alignTo is longer than nothing');
    transforms.push(Object.freeze({ kind: 'alignTo', period: size, offset: durationMillis(offset) % size }));
  }
  return Object.freeze({ kind: 'afterProcessingTime', transforms: Object.freeze(transforms) });
}

const SYNCHRONIZED: AfterSynchronizedProcessingTime = Object.freeze({ kind: 'afterSynchronizedProcessingTime' });

/**
 * Fires when all steps upstream have caught up with the time at which the first element of a pane came in: what a
 * second grouping fires by after a first one that fires by processing time (Beam's AfterSynchronizedProcessingTime).
 */
export function afterSynchronizedProcessingTime(): AfterSynchronizedProcessingTime {
  return SYNCHRONIZED;
}

/** Fires when a pane has at least `count` elements (Beam's AfterPane.elementCountAtLeast). */
export function afterCount(count: number): AfterCount {
  const trigger: AfterCount = Object.freeze({ kind: 'afterCount', count });
  checkTrigger('afterCount()', trigger);
  return trigger;
}

/** Fires as `trigger` does, and starts it anew whenever it has finished (Beam's Repeatedly.forever). */
export function repeatedly(trigger: Trigger): Repeatedly {
  checkTrigger('repeatedly()', trigger);
  return Object.freeze({ kind: 'repeatedly', repeated: trigger });
}

/** The triggers one after the other, each until it has finished (Beam's AfterEach.inOrder). */
export function afterEach(...triggers: readonly [Trigger, ...Trigger[]]): AfterEach {
  for (const trigger of triggers) checkTrigger('afterEach()', trigger);
  return checked('afterEach()', { kind: 'afterEach', triggers: Object.freeze([...triggers]) });
}

/** Fires once, as soon as one of the triggers would (Beam's AfterFirst, AfterAny in the protocol). */
export function afterAny(...triggers: readonly [OnceTrigger, ...OnceTrigger[]]): AfterAny {
  for (const trigger of triggers) checkOnceTrigger('afterAny()', trigger);
  return checked('afterAny()', { kind: 'afterAny', triggers: Object.freeze([...triggers]) });
}

/** Fires once, when all of the triggers would have (Beam's AfterAll). */
export function afterAll(...triggers: readonly [OnceTrigger, ...OnceTrigger[]]): AfterAll {
  for (const trigger of triggers) checkOnceTrigger('afterAll()', trigger);
  return checked('afterAll()', { kind: 'afterAll', triggers: Object.freeze([...triggers]) });
}

/** Fires as `trigger` does until `until` fires, with which it fires a last time (Beam's orFinally). */
export function orFinally(trigger: Trigger, until: OnceTrigger): OrFinally {
  checkTrigger('orFinally()', trigger);
  checkOnceTrigger('the end of orFinally()', until);
  return Object.freeze({ kind: 'orFinally', main: trigger, until });
}

const NEVER: Never = Object.freeze({ kind: 'never' });

/** Fires only when the window expires, at its end plus the allowed lateness (Beam's Never). */
export function never(): Never {
  return NEVER;
}

const ALWAYS: Always = Object.freeze({ kind: 'always' });

/** Fires at each element (Beam's Always). */
export function always(): Always {
  return ALWAYS;
}

function checked<T extends Trigger>(what: string, trigger: T): T {
  checkTrigger(what, trigger);
  return Object.freeze(trigger);
}
