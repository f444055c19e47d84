/**
 * Counts orders by customer, in state and in groups, with objects as values: `objects-in-state.ts FOLDER LAST`. Takes
 * orders up to the last one, writes a checkpoint and ends; the next run goes on behind it. Prints what each
 * order found, and the groups of windows that have ended.
 */
import {
  fixed,
  impulse,
  type KV,
  type OffsetRange,
  OffsetRangeTracker,
  offsetRangeCoder,
  Pipeline,
  resume,
  type SplittableDoFn,
  splittableParDo,
  state,
  timestamp,
} from '../../../src/sdk/index.ts';

interface Order {
  readonly item: string;
  readonly price: { readonly amount: number; readonly currency: string };
}

const [, , checkpointDir, end] = process.argv;
const last = Number(end);
const done = Promise.withResolvers<void>();

const orders: SplittableDoFn<Uint8Array, OffsetRange, number, KV<string, Order>> = {
  unbounded: true,
  watermark: 'monotonic',
  restriction: {
    coder: offsetRangeCoder,
    initial: () => ({ start: 0, end: Number.MAX_SAFE_INTEGER }),
    tracker: (range) => new OffsetRangeTracker(range),
    truncate: () => undefined,
  },
  *process(_, { tracker }) {
    const n = tracker.current().start;
    if (n > last) {
      setImmediate(() => setImmediate(done.resolve));
      return resume('20ms');
    }
    if (!tracker.tryClaim(n)) return undefined;
    const order = { item: `item ${n}`, price: { amount: n, currency: 'EUR' } };
    // The eighth ends the window of those before it.
    yield { values: [[`customer ${n % 3}`, order]], timestamps: [timestamp(n === 7 ? 60_000 : n)] };
    return resume('0ms');
  },
};

const p = new Pipeline({ name: 'objects' });
const all = p.apply(impulse()).apply(splittableParDo('orders', orders));
all
  .parDo('keep', {
    state: { kept: state.bag<Order>() },
    *process([customer, order], { state: { kept } }) {
      kept.add(order);
      yield `${customer} has ${[...kept.read()].map(({ item, price }) => `${item} ${price.amount} ${price.currency}`)}`;
    },
  })
  .map('print', (text) => console.log(text));
all
  .window(fixed('10s'))
  .groupByKey()
  .map('print groups', ([customer, group]) => {
    console.log(`${customer}: ${[...group].map(({ item, price }) => `${item} ${price.amount}`)}`);
  });
const job = await p.start({ checkpointDir, checkpointInterval: '1h', memory: '8MiB', threads: 0 });
await Promise.race([done.promise, job.wait()]);
await job.stop();
