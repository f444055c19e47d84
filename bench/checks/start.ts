/** How long somebody waits who runs a pipeline that does nothing. */
import { millraceProgram } from '../harness/contender.ts';
import { median } from '../harness/median.ts';
import { runProcess } from '../harness/run-program.ts';
import type { TargetResult } from '../report/targets.ts';

const RUNS = 11;
const MOST_MILLIS = 400;

export interface StartResult {
  /** 0 is the calling thread. */
  readonly threads: number;
  readonly minMillis: number;
  readonly medianMillis: number;
}

export async function measureStart(log: (line: string) => void): Promise<StartResult[]> {
  const times = new Map<number, number[]>([
    [0, []],
    [1, []],
  ]);
  for (let run = 0; run < RUNS; run++) {
    for (const [threads, millis] of times) {
      const program = millraceProgram('hello.ts', { data: '.', elements: 0, threads, memory: undefined });
      millis.push((await runProcess(program)).seconds * 1000);
    }
  }
  return [...times].map(([threads, millis]) => {
    const result = { threads, minMillis: Math.min(...millis), medianMillis: median(millis) };
    log(`  start, threads ${threads}    ${result.medianMillis.toFixed(0)} ms`);
    return result;
  });
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
