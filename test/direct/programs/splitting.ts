// A source of one range that is slow in its middle: it goes on only when a part of the range has been taken away.
import { threadId } from 'node:worker_threads';
import { OffsetRangeTracker, offsetRangeCoder, Pipeline, splittableParDo } from 'millrace';

const END = 1000;
const source = splittableParDo('Read', {
  restriction: {
    coder: offsetRangeCoder,
    initial: () => ({ start: 0, end: END }),
    size: (_element: number, { start, end }) => end - start,
    tracker: (range) => new OffsetRangeTracker(range),
  },
  async *process(_element, { tracker, metrics }) {
    const { start } = tracker.current();
    metrics.stringSet('threads').add(String(threadId));
    for (let at = start; tracker.tryClaim(at); at++) {
      yield [at];
      while (at === 100 && tracker.current().end === END) {
        await new Promise((resolve) => setTimeout(resolve, 1));
        yield [];
      }
    }
    metrics.stringSet('ranges').add(`${start}-${tracker.current().end}`);
  },
});

const p = new Pipeline({ threads: 2 });
p.create([0])
  .apply(source)
  .parDo('count', {
    process(n, { metrics }) {
      metrics.counter('seen').inc();
      metrics.counter('sum').inc(n);
      metrics.distribution('n').update(n);
    },
  });
let fractions = 0;
let last = 0;
let rises = true;
const { metrics } = await p.run({
  onProgress({ stages }) {
    const { fraction } = stages[1];
    rises &&= fraction >= last;
    last = fraction;
    fractions++;
  },
});
const strings = (name: string) =>
  metrics.user.flatMap((metric) => (metric.kind === 'stringSet' && metric.name === name ? metric.value : []));
console.log(
  JSON.stringify({
    seen: metrics.counter('seen'),
    sum: metrics.counter('sum'),
    threads: strings('threads').length,
    ranges: strings('ranges').sort((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10)),
    fractions,
    rises,
    last,
  }),
);
