// Writes temporary files and then stays, to be killed. Argument: the folder for them.
import { Pipeline } from 'millrace';

const p = new Pipeline({ threads: 1, memory: '8MiB', tempDir: process.argv[2] });
p.create([0])
  .flatMap('numbers', function* () {
    for (let i = 0; i < 400_000; i++) yield `value number ${i}`;
  })
  .keyBy('key', (text) => text)
  .groupByKey()
  .map('stay', () => {
    console.log('grouped');
    for (;;);
  });
await p.run();
