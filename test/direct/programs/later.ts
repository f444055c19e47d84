// No top-level await: the module ends before the pipeline is built.
import { setTimeout } from 'node:timers/promises';
import { Pipeline } from 'millrace';

async function main(): Promise<void> {
  await setTimeout(5);
  const p = new Pipeline({ threads: 2 });
  p.create([1, 2, 3]).parDo('add', {
    process(n, { metrics }) {
      metrics.counter('sum').inc(n);
    },
  });
  console.log((await p.run()).metrics.counter('sum'));
}
void main();
