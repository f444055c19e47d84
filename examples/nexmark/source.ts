import {
  impulse,
  type OffsetRange,
  OffsetRangeTracker,
  offsetRangeCoder,
  type PCollection,
  type Pipeline,
  type PTransform,
  resume,
  type SplittableDoFn,
  splittableParDo,
  type Timestamp,
  transform,
} from 'millrace';
import { eventAt, type NexmarkStream, timeOf } from './generator.ts';
import type { NexmarkEvent } from './model.ts';

/** How much of a stream is read, and how fast. */
export interface NexmarkSourceOptions extends NexmarkStream {
  readonly events: number;
  /** Events come when they happen, at the stream's rate; else as fast as they are taken. */
  readonly realTime?: boolean;
  /** As a bounded collection: for an answer to compare with. */
  readonly bounded?: boolean;
}

const BATCH = 2000;

/** The events of a stream, in order, with the times at which they happened. */
export function readNexmark(options: NexmarkSourceOptions): PTransform<Pipeline, PCollection<NexmarkEvent>> {
  return transform('ReadNexmark', (pipeline) =>
    pipeline.apply(impulse()).apply(splittableParDo('Events', eventReader(options))),
  );
}

function eventReader(options: NexmarkSourceOptions): SplittableDoFn<Uint8Array, OffsetRange, number, NexmarkEvent> {
  const { events, realTime = false, bounded = false } = options;
  return {
    unbounded: !bounded,
    watermark: 'monotonic',
    restriction: {
      coder: offsetRangeCoder,
      initial: () => ({ start: 0, end: events }),
      tracker: (range) => new OffsetRangeTracker(range),
    },
    *process(_, { tracker, processingTime }) {
      let n = tracker.current().start;
      for (;;) {
        const { end } = tracker.current();
        const last = Math.min(n + BATCH, end, realTime ? happened(options, processingTime()) : end) - 1;
        if (last < n) {
          // Claiming the end tells the tracker that all is done.
          if (n >= end && !tracker.tryClaim(n)) return undefined;
          return resume('1ms');
        }
        if (!tracker.tryClaim(last)) return undefined;
        const values: NexmarkEvent[] = [];
        const timestamps: Timestamp[] = [];
        for (; n <= last; n++) {
          const event = eventAt(options, n);
          values.push(event);
          timestamps.push(event.at as Timestamp);
        }
        yield { values, timestamps };
      }
    },
  };
}

/** How many events have happened by a time. */
function happened(stream: NexmarkStream, time: number): number {
  const n = Math.max(0, Math.floor(((time - stream.start + 1) * stream.rate) / 1000));
  return timeOf(stream, n) <= time ? n : Math.max(0, n - 1);
}
