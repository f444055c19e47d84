// A user function that runs a pipeline of its own. Arguments: threads of the outer one, folder for temporary files, threads of the inner one.
import { readdirSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { Pipeline, reshuffle } from 'millrace';

const [outer, tempDir, inner] = process.argv.slice(2);
const p = new Pipeline({ threads: Number(outer), tempDir });
const sums = p
  .create([1, 2, 3])
  .apply(reshuffle())
  .map('run another', async (n) => {
    await setTimeout(1);
    const nested = new Pipeline({ name: 'inner', ...(inner === undefined ? {} : { threads: Number(inner) }) });
    const doubled = nested
      .create([n])
      .map('double', (m) => 2 * m)
      .collect();
    const [result] = (await nested.run()).elements(doubled);
    return result;
  })
  .collect();
try {
  const elements = (await p.run()).elements(sums);
  console.log(JSON.stringify({ elements: [...elements].sort(), left: readdirSync(tempDir) }));
} catch (error) {
  const { name, code, summary, context } = error as { name: string; code: string; summary: string; context: object };
  console.log(JSON.stringify({ name, code, summary, context }));
}
