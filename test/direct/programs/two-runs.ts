// The second pipeline is shaped by the first one's result; a failure in between is caught.
import { Pipeline } from 'millrace';

async function count(numbers: readonly number[], least: number): Promise<number> {
  const p = new Pipeline({ threads: 2, maxAttempts: 1 });
  p.create(numbers)
    .filter(`at least ${least}`, (n) => n >= least)
    .parDo('count', {
      process(n, { metrics }) {
        if (n < 0) throw new Error('negative');
        metrics.counter('seen').inc();
      },
    });
  return (await p.run()).metrics.counter('seen');
}

const first = await count([1, 2, 3, 4], 2);
let caught = '';
try {
  await count([-1], -1);
} catch (error) {
  caught = (error as { code: string }).code;
}
const second = await count([1, 2, 3, 4], first);
console.log(JSON.stringify({ first, caught, second }));
