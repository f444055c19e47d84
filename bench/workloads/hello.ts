import { Pipeline } from 'millrace';
import { options } from './workload.ts';

const p = new Pipeline({ name: 'hello', ...options });
p.create(['hello', 'world'])
  .map('Shout', (word) => word.toUpperCase())
  .map('Print', (word) => console.log(word));
await p.run();
