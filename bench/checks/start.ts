/** How long somebody waits who runs a pipeline that does nothing. Measured on the package as it is published. */
import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { publishedManifest } from '../../scripts/published-manifest.ts';
import { median } from '../harness/median.ts';
import { type Program, runProcess } from '../harness/run-program.ts';
import type { TargetResult } from '../report/targets.ts';

const ROOT = join(import.meta.dirname, '..', '..');
/** A user's project with the package in its node_modules. */
const PROJECT = join(ROOT, '.cache', 'bench', 'start');
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
  await installPackage();
  const times = new Map<number, number[]>([
    [0, []],
    [1, []],
  ]);
  for (let run = 0; run < RUNS; run++) {
    for (const [threads, millis] of times) millis.push((await runProcess(hello(threads))).seconds * 1000);
  }
  return [...times].map(([threads, millis]) => {
    const result = { threads, minMillis: Math.min(...millis), medianMillis: median(millis) };
    log(`  start, threads ${threads}    ${result.medianMillis.toFixed(0)} ms`);
    return result;
  });
}

function hello(threads: number): Program {
  return { command: process.execPath, arguments: ['hello.mjs', String(threads)], folder: PROJECT };
}

/** Compiles the package into dist/ and makes it the dependency of a project. */
async function installPackage(): Promise<void> {
  await runProcess({ command: process.execPath, arguments: [join(ROOT, 'scripts', 'build.ts')], folder: ROOT });
  const installed = join(PROJECT, 'node_modules', 'millrace');
  rmSync(PROJECT, { recursive: true, force: true });
  mkdirSync(installed, { recursive: true });
  const manifest = publishedManifest(JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')));
  writeFileSync(join(installed, 'package.json'), JSON.stringify(manifest));
  symlinkSync(join(ROOT, 'dist'), join(installed, 'dist'), 'junction');
  // Without one of its own, the folder would belong to this repository, and 'millrace' would be the source.
  writeFileSync(join(PROJECT, 'package.json'), JSON.stringify({ type: 'module' }));
  writeFileSync(join(PROJECT, 'hello.mjs'), HELLO);
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
