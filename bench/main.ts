/** `npm run bench -- W2 --against hand,duckdb`: see README.md beside this file. */
import { writeFileSync } from 'node:fs';
import { growthTargets, measureGrowth } from './checks/growth.ts';
import { measureStart, startTargets } from './checks/start.ts';
import { type BenchOptions, parseCommandLine, USAGE } from './command-line.ts';
import { compare } from './harness/compare.ts';
import { contendersOf, profileWorkload } from './harness/contender.ts';
import { describeMachine } from './report/machine.ts';
import { limitText, reachedText, valueText, writeMarkdown } from './report/markdown.ts';
import type { BenchReport, WorkloadReport } from './report/report.ts';
import { type TargetResult, workloadTargets } from './report/targets.ts';
import { WORKLOADS } from './workload-list.ts';

let options: BenchOptions | undefined;
try {
  options = parseCommandLine(process.argv.slice(2));
} catch (error) {
  console.error(`${(error as Error).message}\n\n${USAGE}`);
  process.exit(2);
}
if (options === undefined) console.log(USAGE);
else {
  await bench(options).catch((error: Error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
}

async function bench(options: BenchOptions): Promise<void> {
  const workloads: WorkloadReport[] = [];
  const targets: TargetResult[] = [];
  for (const workload of WORKLOADS.filter(({ name }) => options.what.includes(name))) {
    const { name, title } = workload;
    console.log(`${name}: ${title}`);
    const elements = Math.round(workload.elements * options.scale);
    const contenders = await contendersOf(workload, options);
    const results = await compare(contenders, options.runs, workload.expected?.(elements), console.log);
    workloads.push({ name, title, elements, results });
    targets.push(...workloadTargets(name, elements, options.threads, results));
    if (options.profile !== undefined) await profileWorkload(workload, options, options.profile);
  }
  const growth = options.what.includes('growth') ? await measureGrowth(options, console.log) : [];
  const start = options.what.includes('start') ? await measureStart(console.log) : [];
  targets.push(...growthTargets(growth), ...startTargets(start));

  const report: BenchReport = {
    machine: describeMachine(options.against),
    command: ['npm run bench --', ...process.argv.slice(2)].join(' '),
    scale: options.scale,
    threads: options.threads,
    workloads,
    growth,
    start,
    targets,
  };
  print(targets);
  if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(report, null, 2)}\n`);
  if (options.markdown !== undefined) writeMarkdown(options.markdown, report);
}

function print(targets: readonly TargetResult[]): void {
  console.log('');
  for (const target of targets) {
    const { workload, target: what } = target;
    const cells = [workload.padEnd(6), what.padEnd(32), limitText(target).padEnd(10), valueText(target).padEnd(10)];
    console.log(`${cells.join(' ')} ${reachedText(target).replaceAll('*', '')}`);
  }
}
