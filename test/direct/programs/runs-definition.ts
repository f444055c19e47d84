// Workers import the file of the definition, not this one: it would fail there.
import { isMainThread } from 'node:worker_threads';
import { sum } from './definition.ts';

if (!isMainThread) throw new Error('the main program is no business of workers');
const small = await sum.run({ threads: 2 });
const large = await sum.run({ values: { numbers: 100 }, threads: 2 });
console.log(JSON.stringify([small.metrics.counter('sum'), large.metrics.counter('sum')]));
