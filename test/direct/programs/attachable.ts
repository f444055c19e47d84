/** A stream in a plain program. Its end is told on stdout, and the program waits for a line on stdin. */
import { once } from 'node:events';
import {
  impulse,
  type OffsetRange,
  OffsetRangeTracker,
  offsetRangeCoder,
  Pipeline,
  resume,
  type SplittableDoFn,
  splittableParDo,
} from 'millrace';

const nothing: SplittableDoFn<Uint8Array, OffsetRange, number, number> = {
  unbounded: true,
  restriction: {
    coder: offsetRangeCoder,
    initial: () => ({ start: 0, end: 10 }),
    tracker: (range) => new OffsetRangeTracker(range),
    truncate: () => undefined,
  },
  // biome-ignore lint/correctness/useYield: it has nothing to give
  *process() {
    return resume('1h');
  },
};

const p = new Pipeline({ name: 'nothing' });
p.apply(impulse())
  .apply(splittableParDo('nothing', nothing))
  .map('print', (reading) => console.log(reading));
const job = await p.start({ attachable: process.argv[2] === 'attachable' });
console.log('started');
const { state } = await job.wait();
console.log(state);
await once(process.stdin, 'data');
process.exit();
