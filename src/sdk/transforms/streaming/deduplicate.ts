import { PipelineError } from '../../errors.ts';
import type { PCollection } from '../../pipeline/p-collection.ts';
import { type PTransform, transform } from '../../pipeline/p-transform.ts';
import { state } from '../../state/state.ts';
import { timer } from '../../state/timer.ts';
import type { Key, KV } from '../../values.ts';
import { type Duration, durationMillis, type Timestamp } from '../../windows/timestamp.ts';
import type { Window } from '../../windows/window.ts';
import { keyBy, values } from '../element-wise.ts';
import { parDo } from '../par-do.ts';

/** How long repetitions are recognised. */
export interface DeduplicateOptions {
  /** For so long after an element came, equal ones are dropped; default 10 minutes. */
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
      .apply(parDo('First', firstOfKey<T, W>(duration, timeDomain)))
      .apply(values<Key, T, W>())
      .withCoder(input.node.coder as never),
  );
}

function firstOfKey<T, W extends Window>(duration: Duration, timeDomain: 'processing' | 'event') {
  return {
    state: { seen: state.value<boolean>() },
    timers: { forget: timeDomain === 'event' ? timer.eventTime() : timer.processingTime() },
    process(pair: KV<Key, T>, { state, timers, timestamp, window }): KV<Key, T>[] {
      if (state.seen.read() === true) return [];
      state.seen.write(true);
      if (timeDomain === 'processing') timers.forget.setRelative(duration, { outputTimestamp: 'none' });
      else {
        // The window ends the memory anyway.
        const at = Math.min(timestamp + durationMillis(duration), window.maxTimestamp) as Timestamp;
        timers.forget.set(at, { outputTimestamp: 'none' });
      }
      return [pair];
    },
    onTimer: {
      forget(_key: Key, { state }): KV<Key, T>[] {
        state.seen.clear();
        return [];
      },
    },
  } satisfies Parameters<typeof parDo<KV<Key, T>, KV<Key, T>, {}, {}, W, SeenState, ForgetTimer>>[1];
}

type SeenState = { readonly seen: ReturnType<typeof state.value<boolean>> };
type ForgetTimer = { readonly forget: ReturnType<typeof timer.eventTime> };
