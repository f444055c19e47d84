import { Count, fixed, Pipeline, timestamp, withTimestamps } from 'millrace';
import { readText } from 'millrace/io';
import { digest, input, options, runWorkload } from './workload.ts';

const p = new Pipeline({ name: 'window-count', ...options });
p.apply(readText(input('events.csv'), { skipHeaderLines: 1 }))
  .map('Parse', (line) => {
    const [time, key] = line.split(',');
    return { time: timestamp(Number(time)), key };
  })
  .apply(withTimestamps('Time', (event) => event.time))
  .window(fixed('1m'))
  .map('Key', (event) => event.key)
  .apply(Count.perElement())
  .parDo('Digest', digest());
await runWorkload(p);
