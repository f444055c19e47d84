import { PipelineError } from '../errors.ts';
import { checkKnownOptions } from '../options/known-options.ts';
import type { PCollection } from '../pipeline/p-collection.ts';
import type { PTransform } from '../pipeline/p-transform.ts';
import { checkTrigger } from '../triggers/check-trigger.ts';
import type { Trigger } from '../triggers/trigger.ts';
import { isGlobal } from './global-windows.ts';
import { UNLIMITED_LATENESS } from './late-windowing.ts';
import { type Duration, durationMillis } from './timestamp.ts';
import type { Window } from './window.ts';
import type { TimestampCombiner, WindowFn } from './window-fn.ts';
import type { PaneBehavior, WindowingStrategy } from './windowing-strategy.ts';

/** Options of `window`. What is not given stays as it was upstream. */
export interface WindowOptions {
  /** Timestamp of a grouping's output; default the end of its window. */
  readonly timestampCombiner?: TimestampCombiner;
  /** How long after a window's end its late elements still count; never less than upstream. */
  readonly allowedLateness?: Duration;
  /**
   * Whether a later firing of the same window repeats what earlier ones held. Has to be said where a window can fire more
   * than once: with a trigger, or with an allowed lateness.
   */
  readonly accumulation?: 'discarding' | 'accumulating';
  /** When a grouping gives out what it has of a window; default {@link defaultTrigger}. */
  readonly trigger?: Trigger;
  /** Whether a window that expires gives a last pane although nothing is new in it; default `fireIfNonEmpty`. */
  readonly closing?: PaneBehavior;
  /** Whether a window gives its on-time pane although nothing is new in it; default `fireAlways`. */
  readonly onTime?: PaneBehavior;
}

const OPTIONS = {
  timestampCombiner: true,
  allowedLateness: true,
  accumulation: true,
  trigger: true,
  closing: true,
  onTime: true,
} as const;

/**
 * Assigns elements to windows (Beam's Window.into). A window function that looks at the elements must be one for these.
 *
 * @throws PipelineError `WINDOW_INVALID`, `OPTION_UNKNOWN`, `TRIGGER_INVALID`; `ACCUMULATION_MISSING` and `LATENESS_MISSING` where elements
 *   would be repeated or dropped without anybody having said so
 */
export function windowInto<T, W2 extends Window>(
  windowFn: WindowFn<W2, T>,
  options: WindowOptions = {},
): PTransform<PCollection<T, Window>, PCollection<T, W2>> {
  if (typeof windowFn?.assign !== 'function') {
    throw new PipelineError('WINDOW_INVALID', `window() needs a window function, not ${typeof windowFn}`, {
      hint: "make one: window(fixed('1h')), window(sessions({ gap: '30m' })), window(calendarDays(1))",
    });
  }
  checkKnownOptions<WindowOptions>('window()', options, OPTIONS);
  checkOneOf('timestampCombiner', options.timestampCombiner, ['endOfWindow', 'earliest', 'latest']);
  checkOneOf(
    'accumulation',
    options.accumulation,
    ['discarding', 'accumulating'],
    'retractions of what earlier panes held are not offered',
  );
  checkOneOf('closing', options.closing, ['fireAlways', 'fireIfNonEmpty']);
  checkOneOf('onTime', options.onTime, ['fireAlways', 'fireIfNonEmpty']);
  if (options.trigger !== undefined) checkTrigger('the trigger of window()', options.trigger);
  const lateness = options.allowedLateness === undefined ? 0 : durationMillis(options.allowedLateness);
  return {
    name: 'Window',
    expand(input) {
      const upstream = input.node.windowing;
      const windowing: WindowingStrategy = {
        windowFn: windowFn as WindowFn<Window>,
        timestampCombiner: options.timestampCombiner ?? upstream.timestampCombiner,
        alreadyMerged: false,
        allowedLateness: Math.max(lateness, upstream.allowedLateness),
        accumulation: options.accumulation ?? upstream.accumulation,
        trigger: options.trigger ?? upstream.trigger,
        closing: options.closing ?? upstream.closing,
        onTime: options.onTime ?? upstream.onTime,
      };
      checkComplete(windowing, upstream, options);
      return input.pipeline.primitive(input, { kind: 'window', windowing }, { main: input.node.coder }, windowing)
        .main as PCollection<T, W2>;
    },
  };
}

/**
 * What decides about losing or repeating elements has to be written down by somebody; the rules of Beam's Window.into.
 * A strategy that can fire more than once has been checked where it was made.
 */
function checkComplete(windowing: WindowingStrategy, upstream: WindowingStrategy, options: WindowOptions): void {
  const given = firesMoreThanOnce(upstream) || upstream.allowedLateness === UNLIMITED_LATENESS;
  if (!given && options.accumulation === undefined && firesMoreThanOnce(windowing)) {
    throw new PipelineError('ACCUMULATION_MISSING', 'A window that can fire more than once needs its accumulation', {
      hint:
        "accumulation: 'discarding' gives each element once, in one pane; 'accumulating' repeats in each pane what " +
        'the ones before it held',
    });
  }
  const latenessGiven = options.allowedLateness !== undefined || upstream.allowedLateness > 0;
  const triggered = windowing.trigger.kind !== 'default' && !isGlobal(windowing);
  if (triggered && !latenessGiven && !(upstream.trigger.kind !== 'default' && !isGlobal(upstream))) {
    throw new PipelineError('LATENESS_MISSING', 'A window with a trigger needs its allowed lateness', {
      hint: "allowedLateness: '0s' drops what comes after the watermark has passed the window's end; '1d' waits a day longer",
    });
  }
}

function firesMoreThanOnce(windowing: WindowingStrategy): boolean {
  return windowing.trigger.kind !== 'default' || (windowing.allowedLateness > 0 && !isGlobal(windowing));
}

function checkOneOf<T extends string>(option: string, value: T | undefined, known: readonly T[], hint?: string): void {
  if (value === undefined || known.includes(value)) return;
  throw new PipelineError(
    'WINDOW_INVALID',
    `The ${option} of window() is one of ${known.join(', ')}, not ${value}`,
    hint === undefined ? {} : { hint },
  );
}
