import { Pipeline } from 'millrace';

const p = new Pipeline({ name: 'hello', threads: Number(process.argv[2]) });
p.create(['hello', 'world'])
  .map('Shout', (word) => word.toUpperCase())
  .map('Print', (word) => console.log(word));
await p.run();
