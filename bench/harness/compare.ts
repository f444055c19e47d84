import type { Contender } from './contender.ts';
import { median } from './median.ts';
import { type ProgramRun, runProgram } from './run-program.ts';

/** The runs of one contender. */
export interface ContenderResult {
  readonly name: string;
  readonly runs: readonly ProgramRun[];
  readonly minSeconds: number;
  readonly medianSeconds: number;
  readonly minProcessSeconds: number;
  /** Processor time of the run that needed least. */
  readonly minCpuSeconds: number | undefined;
  readonly maxRssBytes: number | undefined;
}

/**
 * Runs the contenders in turn, `runs` times, so that a busy minute of the machine hits all of them. Times count only
 * when all answers agree.
 *
 * @throws when a program fails, or answers differ from each other or from `expected`
 */
export async function compare(
  contenders: readonly Contender[],
  runs: number,
  expected: readonly [number, number] | undefined,
  log: (line: string) => void,
): Promise<ContenderResult[]> {
  const results = new Map<string, ProgramRun[]>(contenders.map(({ name }) => [name, []]));
  let answer = expected;
  for (let round = 0; round < runs; round++) {
    for (const { name, program, mostRuns } of contenders) {
      if (round >= mostRuns) continue;
      const run = await runProgram(program);
      const processor = run.cpuSeconds === undefined ? '' : `, processor ${run.cpuSeconds.toFixed(3)} s`;
      log(`  ${name.padEnd(20)} ${run.seconds.toFixed(3)} s${processor}`);
      answer ??= run.answer;
      if (run.answer[0] !== answer[0] || run.answer[1] !== answer[1]) {
        throw new Error(`${name} answers ${run.answer.join(' and ')} where ${answer.join(' and ')} is right`);
      }
      results.get(name)?.push(run);
    }
  }
  return [...results].map(([name, runs]) => summary(name, runs));
}

function summary(name: string, runs: readonly ProgramRun[]): ContenderResult {
  const seconds = runs.map((run) => run.seconds);
  const cpu = runs.flatMap(({ cpuSeconds }) => cpuSeconds ?? []);
  const memory = runs.flatMap(({ maxRssBytes }) => maxRssBytes ?? []);
  return {
    name,
    runs,
    minSeconds: Math.min(...seconds),
    medianSeconds: median(seconds),
    minProcessSeconds: Math.min(...runs.map((run) => run.processSeconds)),
    minCpuSeconds: cpu.length === 0 ? undefined : Math.min(...cpu),
    maxRssBytes: memory.length === 0 ? undefined : Math.max(...memory),
  };
}
