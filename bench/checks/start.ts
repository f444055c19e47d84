/** How long somebody waits who runs a pipeline that does nothing. Measured on the package as it is published. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { median } from '../harness/median.ts';
import { type Program, runProcess } from '../harness/run-program.ts';
import { userProject } from '../harness/user-project.ts';
import type { TargetResult } from '../report/targets.ts';

const HELLO = `import { Pipeline } from 'millrace';

const p = new Pipeline({ name: 'hello', threads: Number(process.argv[2]) });
p.create(['hello', 'world'])
  .map('Shout', (word) => word.toUpperCase())
  .map('Print', (word) => console.log(word));
await p.run();
`;
const RUNS = 11;
const MOST_MILLIS = 400;

export interface StartResult {
  /** 0 is the calling thread. */
  readonly threads: number;
  readonly minMillis: number;
  readonly medianMillis: number;
}

export async function measureStart(log: (line: string) => void): Promise<StartResult[]> {
  const project = userProject();
  writeFileSync(join(project, 'hello.mjs'), HELLO);
  const times = new Map<number, number[]>([
    [0, []],
    [1, []],
  ]);
  for (let run = 0; run < RUNS; run++) {
    for (const [threads, millis] of times) millis.push((await runProcess(hello(project, threads))).seconds * 1000);
  }
  return [...times].map(([threads, millis]) => {
    const result = { threads, minMillis: Math.min(...millis), medianMillis: median(millis) };
    log(`  start, threads ${threads}    ${result.medianMillis.toFixed(0)} ms`);
    return result;
  });
}

function hello(folder: string, threads: number): Program {
  return { command: process.execPath, arguments: ['hello.mjs', String(threads)], folder };
}

export function startTargets(results: readonly StartResult[]): TargetResult[] {
  return results
    .filter(({ threads }) => threads === 1)
    .map(({ medianMillis }) => ({
      workload: 'start',
      target: 'one thread, median',
      kind: 'most',
      limit: MOST_MILLIS,
      value: medianMillis,
      unit: ' ms',
    }));
}
