import { kv, Pipeline } from 'millrace';
import { readCsv } from 'millrace/io';
import { digest, input, options, runWorkload } from './workload.ts';

const p = new Pipeline({ name: 'median-per-key', ...options });
p.apply(readCsv(input('kv.csv'), { schema: { key: 'string', value: 'int' } }))
  .map('Pair', ({ key, value }) => kv(key, value))
  .groupByKey()
  .mapValues('Median', (values) => {
    const sorted = [...values].sort((a, b) => a - b);
    return sorted[sorted.length >> 1];
  })
  .parDo('Digest', digest());
await runWorkload(p);
