import { PipelineError } from '../../errors.ts';
import type { PCollection } from '../../pipeline/p-collection.ts';
import { type PTransform, transform } from '../../pipeline/p-transform.ts';
import type { Pipeline } from '../../pipeline/pipeline.ts';
import {
  type Duration,
  durationMillis,
  MAX_TIMESTAMP,
  MIN_TIMESTAMP,
  type Timestamp,
} from '../../windows/timestamp.ts';
import type { Window } from '../../windows/window.ts';
import { create } from '../create.ts';
import { OffsetRangeTracker, offsetRangeCoder } from '../offset-range-tracker.ts';
import type { OffsetRange } from '../restriction.ts';
import { resume, type SplittableDoFn } from '../splittable-do-fn.ts';
import { splittableParDo } from '../splittable-par-do.ts';

/** A sequence of times. */
export interface PeriodicSequenceSpec {
  readonly start: Timestamp;
  /** Not part of the sequence; without it, the sequence has no end. */
  readonly stop?: Timestamp;
  readonly interval: Duration;
}

/** Ticks given out at once when the sequence has fallen behind. */
const MOST_AT_ONCE = 1000;
/** Ticks of a sequence that has no end. */
const ENDLESS = Number.MAX_SAFE_INTEGER;

/**
 * For each element, a tick at every interval from its start to its stop, as processing time comes to it: its timestamp is
 * that time, and so is its value (Beam's PeriodicSequence).
 *
 * @throws PipelineError `PERIODIC_INVALID` when an interval is zero or a sequence ends before it starts
 */
export function periodicSequence<W extends Window>(): PTransform<
  PCollection<PeriodicSequenceSpec, W>,
  PCollection<Timestamp, W>
> {
  return transform('PeriodicSequence', (input) => input.apply(splittableParDo('Ticks', TICKS)));
}

/** A tick at every interval, from now or from `start` on (Beam's PeriodicImpulse). */
export function periodicImpulse(
  options: Omit<PeriodicSequenceSpec, 'start'> & { readonly start: Timestamp },
): PTransform<Pipeline, PCollection<Timestamp>> {
  checkSpec(options);
  return {
    name: 'PeriodicImpulse',
    expand: (pipeline) => pipeline.apply(create([options])).apply(periodicSequence()),
  };
}

/** The restriction counts ticks; a tick is claimed when its time has come. */
const TICKS: SplittableDoFn<PeriodicSequenceSpec, OffsetRange, number, Timestamp> = {
  unbounded: true,
  restriction: {
    coder: offsetRangeCoder,
    initial(spec) {
      checkSpec(spec);
      const { start, stop } = spec;
      const end = stop === undefined ? ENDLESS : Math.ceil((stop - start) / durationMillis(spec.interval));
      return { start: 0, end: Math.max(0, end) };
    },
    tracker: (range) => new OffsetRangeTracker(range),
    // When drained, ticks whose time has not come will not be missed.
    truncate: () => undefined,
  },
  *process({ start, interval }, { tracker, watermark, processingTime: now }) {
    const step = durationMillis(interval);
    const timeOf = (tick: number) => (start + tick * step) as Timestamp;
    let tick = tracker.current().start;
    for (;;) {
      const values: Timestamp[] = [];
      while (timeOf(tick) <= now() && values.length < MOST_AT_ONCE) {
        if (!tracker.tryClaim(tick)) {
          yield { values, timestamps: values };
          return;
        }
        values.push(timeOf(tick++));
      }
      yield { values, timestamps: values };
      if (tick >= tracker.current().end) {
        // The attempt is what tells the tracker that the sequence is over.
        tracker.tryClaim(tick);
        return;
      }
      watermark.set(timeOf(tick));
      const wait = timeOf(tick) - now();
      if (wait > 0) return resume(`${wait}ms`);
    }
  },
};

function checkSpec({ start, stop = MAX_TIMESTAMP, interval }: PeriodicSequenceSpec): void {
  const step = durationMillis(interval);
  if (step > 0 && start >= MIN_TIMESTAMP && start <= stop) return;
  throw new PipelineError('PERIODIC_INVALID', `There is no sequence from ${start} to ${stop} every ${interval}`);
}
