import { ByteWriter } from '../../coders/byte-writer.ts';
import { defaultCoder, keyCoder } from '../../coders/default-coder.ts';
import { PipelineError } from '../../errors.ts';
import { hashText } from '../../graph/hash-text.ts';
import type { PCollection } from '../../pipeline/p-collection.ts';
import { type PTransform, transform } from '../../pipeline/p-transform.ts';
import type { Key, KV } from '../../values.ts';
import { type Duration, durationMillis, type Timestamp } from '../../windows/timestamp.ts';
import type { Window } from '../../windows/window.ts';
import type { RestrictionTracker } from '../restriction.ts';
import { resume, type SplittableDoFn } from '../splittable-do-fn.ts';
import { splittableParDo } from '../splittable-par-do.ts';
import { TimestampedValue } from '../timestamped-value.ts';

/** What a poll has found: all there is now, not only what is new. */
export interface PollResult<O> {
  /** Those without a time of their own have the time of the poll. */
  readonly outputs: Iterable<O | TimestampedValue<O>>;
  /** Nothing earlier will be found any more. Default: the earliest new output, or the time of the poll without one. */
  readonly watermark?: Timestamp;
  /** Nothing more will ever be found. */
  readonly complete?: boolean;
}

/** How something that grows is watched. */
export interface WatchOptions<I, O> {
  poll(input: I): PollResult<O> | Promise<PollResult<O>>;
  /** Time between two polls of an input. */
  readonly interval: Duration;
  /** By what outputs are told apart; needed when they are no keys themselves. */
  readonly by?: (output: O) => Key;
  /** Ends the watch of an input after so long a time since it began. */
  readonly stopAfter?: Duration;
  /** Ends the watch of an input after so long a time without anything new. */
  readonly stopAfterIdle?: Duration;
}

/** What is known of one input that is watched. */
interface Growth {
  /** Hashes of the outputs that were given out. */
  readonly seen: readonly string[];
  /** Processing times. */
  readonly since: number;
  readonly lastNew: number;
  readonly isComplete: boolean;
}

/**
 * Polls each input again and again and gives out what is new (Beam's Watch): files that appear, rows that are added.
 * Each output comes once, with its input.
 *
 * @throws PipelineError `WATCH_INVALID` without a poll function or with an interval of zero
 */
export function watchGrowthOf<I, O, W extends Window>(
  options: WatchOptions<I, O>,
): PTransform<PCollection<I, W>, PCollection<KV<I, O>, W>> {
  if (typeof options?.poll !== 'function' || !(durationMillis(options.interval) > 0)) {
    throw new PipelineError('WATCH_INVALID', 'watchGrowthOf() needs a poll function and an interval of more than zero');
  }
  return transform('Watch', (input) => input.apply(splittableParDo('Poll', polling<I, O>(options))));
}

function polling<I, O>(options: WatchOptions<I, O>): SplittableDoFn<I, Growth, Growth, KV<I, O>> {
  const { by = (output: O) => output as Key, interval } = options;
  const stopAfter = options.stopAfter === undefined ? Number.POSITIVE_INFINITY : durationMillis(options.stopAfter);
  const stopIdle =
    options.stopAfterIdle === undefined ? Number.POSITIVE_INFINITY : durationMillis(options.stopAfterIdle);
  return {
    unbounded: true,
    restriction: {
      coder: defaultCoder as never,
      initial: () => ({ seen: [], since: -1, lastNew: -1, isComplete: false }),
      tracker: (growth) => new GrowthTracker(growth),
      truncate: () => undefined,
    },
    async *process(input, { tracker, watermark, processingTime }) {
      const now = processingTime();
      const result = await options.poll(input);
      const growth = tracker.current();
      const since = growth.since < 0 ? now : growth.since;
      const seen = new Set(growth.seen);
      const found: TimestampedValue<O>[] = [];
      for (const output of result.outputs) {
        const stamped = output instanceof TimestampedValue ? output : new TimestampedValue(output, now);
        const hash = hashOf(by(stamped.value));
        if (seen.has(hash)) continue;
        seen.add(hash);
        found.push(stamped);
      }
      const lastNew = found.length > 0 || growth.lastNew < 0 ? now : growth.lastNew;
      const isComplete = result.complete === true || now - since >= stopAfter || now - lastNew >= stopIdle;
      if (!tracker.tryClaim({ seen: [...seen], since, lastNew, isComplete })) return undefined;
      found.sort((a, b) => a.timestamp - b.timestamp);
      const earliest = found.length === 0 ? now : found[0].timestamp;
      yield { values: found.map(({ value }): KV<I, O> => [input, value]), timestamps: found.map((f) => f.timestamp) };
      if (isComplete) return undefined;
      watermark.set(result.watermark ?? earliest);
      return resume(interval);
    },
  };
}

/** Each poll claims what is known after it; what is given away is to go on polling from there. */
class GrowthTracker implements RestrictionTracker<Growth, Growth> {
  #growth: Growth;
  #isOver: boolean;

  constructor(growth: Growth) {
    this.#growth = growth;
    this.#isOver = growth.isComplete;
  }

  current(): Growth {
    return this.#growth;
  }

  tryClaim(growth: Growth): boolean {
    if (this.#isOver) return false;
    this.#growth = growth;
    this.#isOver = growth.isComplete;
    return true;
  }

  trySplit(): { readonly primary: Growth; readonly residual: Growth } | undefined {
    if (this.#isOver) return undefined;
    const residual = this.#growth;
    this.#growth = { ...residual, isComplete: true };
    this.#isOver = true;
    return { primary: this.#growth, residual };
  }

  progress(): { readonly completed: number; readonly remaining: number } {
    return { completed: this.#growth.seen.length, remaining: this.#isOver ? 0 : 1 };
  }

  checkDone(): void {
    if (!this.#isOver) throw new Error('The poll returned without saying that it is complete or will go on');
  }
}

function hashOf(key: Key): string {
  const out = new ByteWriter(64);
  keyCoder.encode(key, out, false);
  return hashText(out.view());
}
