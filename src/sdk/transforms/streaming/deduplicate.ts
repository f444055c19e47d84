import { PipelineError } from '../../errors.ts';
import { checkKnownOptions } from '../../options/known-options.ts';
import type { PCollection } from '../../pipeline/p-collection.ts';
import { type PTransform, transform } from '../../pipeline/p-transform.ts';
import { state } from '../../state/state.ts';
import type { ValueState } from '../../state/state-handles.ts';
import type { StateSpec, StateSpecs } from '../../state/state-spec.ts';
import { type Timer, type TimerSpec, type TimerSpecs, timer } from '../../state/timer.ts';
import type { Key, KV } from '../../values.ts';
import { garbageCollectionTime } from '../../windows/garbage-collection-time.ts';
import { after, type Duration, durationMillis } from '../../windows/timestamp.ts';
import type { Window } from '../../windows/window.ts';
import type { DoFn } from '../do-fn.ts';
import { keyBy, values } from '../element-wise.ts';
import { parDo } from '../par-do.ts';

/** How long repetitions are recognised. */
export interface DeduplicateOptions {
  /** For so long after an element came, equal ones are dropped, at most until its window expires; default 10 minutes. */
  readonly duration?: Duration;
  /** The clock of the duration: `processing` (default), or `event`. */
  readonly timeDomain?: 'processing' | 'event';
}

/**
 * Drops elements that came before (Beam's Deduplicate): of equal ones in the same window, the first passes, and no other
 * for a while. `by` gives what they are compared by; elements that are keys need none.
 *
 * @throws PipelineError `DEDUPLICATE_INVALID`
 */
export function deduplicate<T extends Key, W extends Window>(
  options?: DeduplicateOptions,
): PTransform<PCollection<T, W>, PCollection<T, W>>;
export function deduplicate<T, W extends Window>(
  options: DeduplicateOptions & { readonly by: (element: T) => Key },
): PTransform<PCollection<T, W>, PCollection<T, W>>;
export function deduplicate<T, W extends Window>(
  options: DeduplicateOptions & { readonly by?: (element: T) => Key } = {},
): PTransform<PCollection<T, W>, PCollection<T, W>> {
  checkKnownOptions('deduplicate()', options, { duration: true, timeDomain: true, by: true });
  const { duration = '10m', timeDomain = 'processing', by = (element) => element as Key } = options;
  if (!(durationMillis(duration) > 0) || !['processing', 'event'].includes(timeDomain)) {
    throw new PipelineError(
      'DEDUPLICATE_INVALID',
      `Elements cannot be deduplicated for ${duration} in ${timeDomain} time`,
    );
  }
  return transform('Deduplicate', (input) =>
    input
      .apply(keyBy<T, Key, W>('Key', by))
      .apply(parDo('First', firstOfKey<T, W>(duration, timeDomain, input.node.windowing.allowedLateness)))
      .apply(values<Key, T, W>())
      .withCoder(input.node.coder as never),
  );
}

interface SeenState extends StateSpecs {
  readonly seen: StateSpec<ValueState<boolean>>;
}
interface ForgetTimer extends TimerSpecs {
  readonly forget: TimerSpec<Timer>;
}

function firstOfKey<T, W extends Window>(
  duration: Duration,
  timeDomain: 'processing' | 'event',
  allowedLateness: number,
): DoFn<KV<Key, T>, KV<Key, T>, {}, {}, W, SeenState, ForgetTimer> {
  return {
    state: { seen: state.value<boolean>() },
    timers: { forget: timeDomain === 'event' ? timer.eventTime() : timer.processingTime() },
    process(pair, { state, timers, timestamp, window }) {
      if (state.seen.read() === true) return [];
      state.seen.write(true);
      if (timeDomain === 'processing') timers.forget.setRelative(duration, { outputTimestamp: 'none' });
      else {
        const at = after(timestamp, duration);
        // A window that expires before is forgotten with all its state.
        if (at <= garbageCollectionTime(window, allowedLateness)) {
          timers.forget.set(at, { outputTimestamp: 'none' });
        }
      }
      return [pair];
    },
    onTimer: {
      forget(_key, { state }) {
        state.seen.clear();
        return [];
      },
    },
  };
}
