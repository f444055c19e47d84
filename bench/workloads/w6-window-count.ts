import { Count, fixed, Pipeline, timestamp, withTimestamps } from 'millrace';
import { readCsv } from 'millrace/io';
import { digest, input, options, runWorkload } from './workload.ts';

const p = new Pipeline({ name: 'window-count', ...options });
p.apply(readCsv(input('events.csv'), { schema: { ts: 'int', key: 'string' } }))
  .apply(withTimestamps('Time', (event) => timestamp(event.ts)))
  .window(fixed('1m'))
  .map('Key', (event) => event.key)
  .apply(Count.perElement())
  .parDo('Digest', digest());
await runWorkload(p);
