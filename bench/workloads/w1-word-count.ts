import { Count, Pipeline } from 'millrace';
import { readText } from 'millrace/io';
import { digest, input, options, runWorkload } from './workload.ts';

const p = new Pipeline({ name: 'word-count', ...options });
p.apply(readText(input('text.txt')))
  .flatMap('Words', (line) => line.split(' '))
  .apply(Count.perElement())
  .parDo('Digest', digest());
await runWorkload(p);
