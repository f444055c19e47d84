import { kv, Pipeline, sum } from 'millrace';
import { readText } from 'millrace/io';
import { digest, input, options, runWorkload } from '../workload.ts';

const p = new Pipeline({ name: 'sum-per-key-of-lines', ...options });
p.apply(readText(input('kv.csv'), { skipHeaderLines: 1 }))
  .map('Pair', (line) => {
    const [key, value] = line.split(',');
    return kv(key, Number(value));
  })
  .combinePerKey(sum())
  .parDo('Digest', digest());
await runWorkload(p);
