import { kv, Pipeline, sum } from 'millrace';
import { readCsv } from 'millrace/io';
import { digest, input, options, runWorkload } from './workload.ts';

const p = new Pipeline({ name: 'sum-per-key', ...options });
p.apply(readCsv(input('kv.csv'), { schema: { key: 'string', value: 'int' } }))
  .map('Pair', ({ key, value }) => kv(key, value))
  .combinePerKey(sum())
  .parDo('Digest', digest());
await runWorkload(p);
