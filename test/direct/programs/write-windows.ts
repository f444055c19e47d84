/**
 * Numbers as a stream, written to a file per window, pane and shard. Says the name of each file when it is in place.
 * Arguments: output folder, checkpoint folder, how many numbers.
 */
import { join } from 'node:path';
import {
  afterCount,
  afterWatermark,
  fixed,
  impulse,
  type OffsetRange,
  OffsetRangeTracker,
  offsetRangeCoder,
  Pipeline,
  resume,
  type SplittableDoFn,
  splittableParDo,
  timestamp,
} from 'millrace';
import { writeText } from 'millrace/io';

const [, , output, checkpointDir, count] = process.argv;
const BATCH = 25;

const numbers: SplittableDoFn<Uint8Array, OffsetRange, number, number> = {
  unbounded: true,
  watermark: 'monotonic',
  restriction: {
    coder: offsetRangeCoder,
    initial: () => ({ start: 0, end: Number(count) }),
    tracker: (range) => new OffsetRangeTracker(range),
  },
  *process(_, { tracker }) {
    const { start, end } = tracker.current();
    const last = Math.min(start + BATCH, end) - 1;
    if (start >= end || !tracker.tryClaim(last)) return undefined;
    const values = Array.from({ length: last + 1 - start }, (__, i) => start + i);
    // A hundred numbers to a second of event time.
    yield { values, timestamps: values.map((n) => timestamp(n * 10)) };
    return resume('2ms');
  },
};

const p = new Pipeline({ threads: 0, checkpointDir, checkpointInterval: '20ms' });
p.apply(impulse())
  .apply(splittableParDo('Numbers', numbers))
  .map('Line', String)
  .window(fixed('1s'), {
    trigger: afterWatermark({ early: afterCount(20) }),
    allowedLateness: '0s',
    accumulation: 'discarding',
  })
  .apply(writeText(join(output, 'out'), { numShards: 2 }))
  .map('Say', ({ path }) => console.log(path));
await p.run();
