import { Pipeline } from 'millrace';

const p = new Pipeline({ threads: Number(process.argv[2] ?? 0) });
p.create(['hello', 'world'])
  .map('upper', (s) => s.toUpperCase())
  .keyBy('len', (s) => s.length)
  .groupByKey()
  .map('print', ([k, v]) => {
    console.log(k, [...v].sort().join());
  });
await p.run();
