/** Counts per key in state, over more keys than the memory budget holds: each once, then some again at random. */
import { parseArgs } from 'node:util';
import {
  impulse,
  type KV,
  type OffsetRange,
  OffsetRangeTracker,
  offsetRangeCoder,
  Pipeline,
  splittableParDo,
  state,
} from 'millrace';
import { startMeasurement } from '../../harness/measurement.ts';

const { values } = parseArgs({
  options: {
    keys: { type: 'string', default: '10000000' },
    memory: { type: 'string', default: '512MiB' },
    checkpoints: { type: 'string', default: '.' },
  },
});

const keys = Number(values.keys);
/** Of the keys, this part comes a second time. */
const AGAIN = 0.1;
const BATCH = 2000;
/** A prime: the numbers of events times it, by the number of keys, are all keys in an order that is no order. */
const SCATTER = 6_700_417;

let counted = 0;
let seenTwice = 0;

const p = new Pipeline({ name: 'many-keys', threads: 0, memory: values.memory, checkpointDir: values.checkpoints });
p.apply(impulse())
  .apply(
    splittableParDo('Keys', {
      unbounded: true,
      restriction: {
        coder: offsetRangeCoder,
        initial: (): OffsetRange => ({ start: 0, end: Math.floor(keys * (1 + AGAIN)) }),
        tracker: (range: OffsetRange) => new OffsetRangeTracker(range),
      },
      *process(_: Uint8Array, { tracker }): Generator<KV<number, null>[], undefined> {
        let n = tracker.current().start;
        for (;;) {
          const last = Math.min(n + BATCH, tracker.current().end) - 1;
          if (last < n || !tracker.tryClaim(last)) {
            tracker.tryClaim(n);
            return undefined;
          }
          const pairs: KV<number, null>[] = [];
          for (; n <= last; n++) pairs.push([keyAt(n), null]);
          yield pairs;
        }
      },
    }),
  )
  .parDo('Count', {
    state: { count: state.value<number>() },
    process(_: KV<number, null>, { state }) {
      const count = (state.count.read() ?? 0) + 1;
      state.count.write(count);
      counted++;
      if (count === 2) seenTwice++;
    },
  });

function keyAt(n: number): number {
  return (n * SCATTER) % keys;
}

const end = startMeasurement();
await p.run();
end([counted, seenTwice]);
