// Groups 300 MB within a budget of 64 MiB. Argument: what is grouped how.
import { asIterable, coders, coGroupByKey, type KV, type PCollection, Pipeline, reshuffle } from 'millrace';

const COUNT = 300_000;
const bytes = Buffer.alloc(1000);
const words = new Uint32Array(bytes.buffer, bytes.byteOffset, 250);

/** A text of 1 kB that does not compress well, from its number. */
function value(n: number): string {
  let state = n + 1;
  for (let i = 0; i < words.length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    words[i] = (state ^ (state >>> 13)) & 0x7f7f7f7f;
  }
  return bytes.latin1Slice();
}

/** A hash of all values that does not depend on their order, and how many there are. */
function digest(values: Iterable<string>): string {
  let sum = 0;
  let count = 0;
  for (const text of values) {
    for (let at = 0; at < text.length; at += 100) sum += text.charCodeAt(at);
    count++;
  }
  return `${count} ${sum}`;
}

const p = new Pipeline({ threads: 1, memory: '64MiB' });
const numbers = (name: string, count: number) =>
  p.create([0]).flatMap(name, function* () {
    for (let n = 0; n < count; n++) yield n;
  });
const keyed = (name: string, count: number, keys: number): PCollection<KV<number, string>> =>
  numbers(name, count)
    .map(`${name} pair`, (n): KV<number, string> => [n % keys, value(n)])
    .withCoder(coders.kv(coders.safeInt, coders.string));

const pipelines: Record<string, () => void> = {
  groups() {
    keyed('values', COUNT, 5000)
      .groupByKey()
      .parDo('check', {
        process([key, values], { metrics }) {
          const all = [...values];
          if (all.length !== COUNT / 5000) throw new Error(`${key} has ${all.length} values`);
          metrics.counter('values').inc(all.length);
        },
      });
  },
  'one key'() {
    keyed('values', COUNT, 1)
      .groupByKey()
      .parDo('check', {
        process([, values], { metrics }) {
          const first = digest(values);
          if (digest(values) !== first) throw new Error('the second iteration gives something else');
          metrics.stringSet('digest').add(first);
          metrics.counter('values').inc(Number.parseInt(first, 10));
        },
      });
  },
  joined() {
    coGroupByKey({ left: keyed('left', COUNT / 2, 3), right: keyed('right', COUNT / 2, 50_000) }).parDo('check', {
      process([, { left, right }], { metrics }) {
        const first = digest(left);
        if (digest(left) !== first) throw new Error('the second iteration gives something else');
        metrics.counter('values').inc(Number.parseInt(first, 10) + Number.parseInt(digest(right), 10));
      },
    });
  },
  'side input'() {
    const side = numbers('values', COUNT).map('value', value).withCoder(coders.string);
    p.create([0]).parDo('check', {
      sides: { side: asIterable(side) },
      process(_n, { sides, metrics }) {
        const first = digest(sides.side);
        if (digest(sides.side) !== first) throw new Error('the second iteration gives something else');
        metrics.counter('values').inc(Number.parseInt(first, 10));
      },
    });
  },
  stored() {
    keyed('values', COUNT, 5000)
      .apply(reshuffle())
      .parDo('check', {
        process(_pair, { metrics }) {
          metrics.counter('values').inc();
        },
      });
  },
};

pipelines[process.argv[2]]();
const { metrics } = await p.run();
console.log(JSON.stringify({ values: metrics.counter('values'), megabytes: process.resourceUsage().maxRSS / 1024 }));
