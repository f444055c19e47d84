// Imported by main-of-program.ts, and by the workers that it names as their program.
import { Pipeline } from 'millrace';

const p = new Pipeline({ threads: 2, program: import.meta.url });
p.create([1, 2, 3]).parDo('add', {
  process(n, { metrics }) {
    metrics.counter('sum').inc(n);
  },
});
export const result = await p.run();
