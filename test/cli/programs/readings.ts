/** A pipeline without end. It prints each reading; the function of one may never answer, or end the process. */
import {
  impulse,
  type OffsetRange,
  OffsetRangeTracker,
  offsetRangeCoder,
  option,
  pipeline,
  resume,
  type SplittableDoFn,
  splittableParDo,
  state,
  timestamp,
} from 'millrace';

const meter: SplittableDoFn<Uint8Array, OffsetRange, number, number> = {
  unbounded: true,
  watermark: 'monotonic',
  restriction: {
    coder: offsetRangeCoder,
    initial: () => ({ start: 0, end: Number.MAX_SAFE_INTEGER }),
    tracker: (range) => new OffsetRangeTracker(range),
    truncate: () => undefined,
  },
  *process(_, { tracker }) {
    const position = tracker.current().start;
    if (!tracker.tryClaim(position)) return undefined;
    yield { values: [position], timestamps: [timestamp(Date.UTC(2024, 0, 1) + position * 1000)] };
    return resume('5ms');
  },
};

const options = {
  stuckAt: option.integer({ default: -1, help: 'reading whose function never answers' }),
};

export default pipeline('readings', options, (p, { stuckAt }) => {
  p.apply(impulse())
    .apply(splittableParDo('meter', meter))
    .keyBy('key', () => 'all')
    .parDo('count', {
      state: { count: state.value<number>() },
      async process([, reading], { state: { count } }) {
        const seen = (count.read() ?? 0) + 1;
        count.write(seen);
        console.log(`reading ${reading}, ${seen} seen`);
        if (reading === stuckAt) await new Promise(() => {});
      },
    });
});
