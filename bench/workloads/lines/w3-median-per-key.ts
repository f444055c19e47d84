import { kv, Pipeline } from 'millrace';
import { readText } from 'millrace/io';
import { digest, input, options, runWorkload } from '../workload.ts';

const p = new Pipeline({ name: 'median-per-key-of-lines', ...options });
p.apply(readText(input('kv.csv'), { skipHeaderLines: 1 }))
  .map('Pair', (line) => {
    const [key, value] = line.split(',');
    return kv(key, Number(value));
  })
  .groupByKey()
  .mapValues('Median', (values) => {
    const sorted = [...values].sort((a, b) => a - b);
    return sorted[sorted.length >> 1];
  })
  .parDo('Digest', digest());
await runWorkload(p);
