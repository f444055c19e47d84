// A plain script: the pipeline runs at the top level, and its functions see what the module has.
import { threadId } from 'node:worker_threads';
import { Pipeline, reshuffle, Sum } from 'millrace';

console.log('starting');
const prices = new Map([
  ['apple', 3],
  ['pear', 5],
]);
let calls = 0;

const p = new Pipeline({ threads: 2 });
p.create(Array.from({ length: 1000 }, (_, i) => (i % 2 === 0 ? 'apple' : 'pear')))
  .apply(reshuffle())
  .keyBy('fruit', (fruit) => fruit)
  .mapValues('price', (fruit) => {
    calls++;
    return prices.get(fruit) ?? Number.NaN;
  })
  .apply(Sum.perKey())
  .parDo('collect', {
    process([fruit, total], { metrics }) {
      metrics.counter(fruit).inc(total);
      metrics.stringSet('threads').add(String(threadId));
    },
  });
const { state, metrics } = await p.run();
console.log(JSON.stringify({ state, apple: metrics.counter('apple'), pear: metrics.counter('pear'), calls, threadId }));
