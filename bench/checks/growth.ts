/** Whether time grows no faster than the input: the same keys, twice the rows. */
import type { BenchOptions } from '../command-line.ts';
import { compare } from '../harness/compare.ts';
import { millraceProgram } from '../harness/contender.ts';
import { prepareInput } from '../input/prepare.ts';
import type { TargetResult } from '../report/targets.ts';
import { WORKLOADS } from '../workload-list.ts';

const GROWN = ['W2', 'W3'];
const ROWS = [1_250_000, 2_500_000, 5_000_000, 10_000_000, 20_000_000];
/** Twice, and a tenth for what caches do. */
const MOST_FACTOR = 2.2;

/** One size of one workload. */
export interface GrowthStep {
  readonly workload: string;
  readonly rows: number;
  readonly minSeconds: number;
  /** Of the time for half the rows; absent for the smallest. */
  readonly factor: number | undefined;
}

export async function measureGrowth(options: BenchOptions, log: (line: string) => void): Promise<GrowthStep[]> {
  const steps: GrowthStep[] = [];
  for (const name of GROWN) {
    const workload = WORKLOADS.find((known) => known.name === name);
    if (workload === undefined) throw new Error(`there is no workload ${name}`);
    const contenders = ROWS.map((base) => {
      const rows = base * options.scale;
      const data = prepareInput(workload.inputs, rows / workload.elements);
      const run = { data, elements: rows, threads: 1, memory: options.memory };
      return { rows, name: `${name}, ${rows / 1e6} M rows`, program: millraceProgram(workload.file, run) };
    });
    let before: number | undefined;
    for (const { rows, name: contender, program } of contenders) {
      // The answers depend on the rows, so each size is a comparison of its own.
      const alone = [{ name: contender, program, mostRuns: Number.POSITIVE_INFINITY }];
      const [{ minSeconds }] = await compare(alone, Math.min(3, options.runs), undefined, log);
      steps.push({ workload: name, rows, minSeconds, factor: before === undefined ? undefined : minSeconds / before });
      before = minSeconds;
    }
  }
  return steps;
}

export function growthTargets(steps: readonly GrowthStep[]): TargetResult[] {
  return GROWN.flatMap((workload): TargetResult[] => {
    const factors = steps.flatMap((step) => (step.workload === workload ? (step.factor ?? []) : []));
    if (factors.length === 0) return [];
    const value = Math.max(...factors);
    return [{ workload, target: 'time for twice the rows', kind: 'most', limit: MOST_FACTOR, value, unit: '×' }];
  });
}
