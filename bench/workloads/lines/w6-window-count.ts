import { Count, fixed, Pipeline, timestamp, withTimestamps } from 'millrace';
import { readText } from 'millrace/io';
import { digest, input, options, runWorkload } from '../workload.ts';

const p = new Pipeline({ name: 'window-count-of-lines', ...options });
p.apply(readText(input('events.csv'), { skipHeaderLines: 1 }))
  .map('Event', (line) => {
    const [time, key] = line.split(',');
    return { time: Number(time), key };
  })
  .apply(withTimestamps('Time', (event) => timestamp(event.time)))
  .window(fixed('1m'))
  .map('Key', (event) => event.key)
  .apply(Count.perElement())
  .parDo('Digest', digest());
await runWorkload(p);
