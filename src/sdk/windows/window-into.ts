import { PipelineError } from '../errors.ts';
import type { PCollection } from '../pipeline/p-collection.ts';
import type { PTransform } from '../pipeline/p-transform.ts';
import { type Duration, durationMillis } from './timestamp.ts';
import type { Window } from './window.ts';
import type { TimestampCombiner, WindowFn } from './window-fn.ts';

/** Options of `window`. What is not given stays as it was upstream. */
export interface WindowOptions {
  /** Timestamp of a grouping's output; default the end of its window. */
  readonly timestampCombiner?: TimestampCombiner;
  /** How long after a window's end its late elements still count. */
  readonly allowedLateness?: Duration;
  /** Whether a later firing of the same window repeats what earlier ones held. */
  readonly accumulation?: 'discarding' | 'accumulating';
}

/**
 * Assigns elements to windows (Beam's Window.into).
 *
 * @throws PipelineError `WINDOW_INVALID`
 */
export function windowInto<T, W2 extends Window>(
  windowFn: WindowFn<W2>,
  options: WindowOptions = {},
): PTransform<PCollection<T, Window>, PCollection<T, W2>> {
  if (typeof windowFn?.assign !== 'function') {
    throw new PipelineError('WINDOW_INVALID', `window() needs a window function, not ${typeof windowFn}`, {
      hint: "make one: window(fixed('1h')), window(sessions({ gap: '30m' })), window(calendarDays(1))",
    });
  }
  checkOneOf('timestampCombiner', options.timestampCombiner, ['endOfWindow', 'earliest', 'latest']);
  checkOneOf('accumulation', options.accumulation, ['discarding', 'accumulating']);
  return {
    name: 'Window',
    expand(input) {
      const upstream = input.node.windowing;
      const windowing = {
        windowFn: windowFn as WindowFn<Window>,
        timestampCombiner: options.timestampCombiner ?? upstream.timestampCombiner,
        alreadyMerged: false,
        allowedLateness:
          options.allowedLateness === undefined ? upstream.allowedLateness : durationMillis(options.allowedLateness),
        accumulation: options.accumulation ?? upstream.accumulation,
      };
      return input.pipeline.primitive(input, { kind: 'window', windowing }, { main: input.node.coder }, windowing)
        .main as PCollection<T, W2>;
    },
  };
}

function checkOneOf<T extends string>(option: string, value: T | undefined, known: readonly T[]): void {
  if (value === undefined || known.includes(value)) return;
  throw new PipelineError('WINDOW_INVALID', `The ${option} of window() is one of ${known.join(', ')}, not ${value}`);
}
