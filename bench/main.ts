/** `npm run bench -- W2 --against hand,duckdb`: see README.md beside this file. */
import { writeFileSync } from 'node:fs';
import { growthTargets, measureGrowth } from './checks/growth.ts';
import { measureStart, startTargets } from './checks/start.ts';
import { type BenchOptions, parseCommandLine, USAGE } from './command-line.ts';
import { benchFnApi } from './fn-api/main.ts';
import { USAGE as FN_API_USAGE, parseFnApiOptions } from './fn-api/options.ts';
import { compare } from './harness/compare.ts';
import { contendersOf, profileWorkload } from './harness/contender.ts';
import { benchNexmark } from './nexmark/main.ts';
import { USAGE as NEXMARK_USAGE, parseNexmarkOptions } from './nexmark/options.ts';
import { benchOnFlink } from './on-flink/main.ts';
import { describeMachine } from './report/machine.ts';
import { printTargets, writeMarkdown } from './report/markdown.ts';
import type { BenchReport, WorkloadReport } from './report/report.ts';
import { type TargetResult, workloadTargets } from './report/targets.ts';
import { elementsOf, WORKLOADS } from './workload-list.ts';

const argv = process.argv.slice(2);
// These measure other things, and have options of their own.
const OTHERS: Readonly<Record<string, Benchmark>> = {
  nexmark: { usage: NEXMARK_USAGE, prepare: (given) => prepared(parseNexmarkOptions(given), given, benchNexmark) },
  'fn-api': { usage: FN_API_USAGE, prepare: (given) => prepared(parseFnApiOptions(given), given, benchFnApi) },
};
const other = OTHERS[argv[0]];
const { usage, prepare } = other ?? {
  usage: USAGE,
  prepare: (given) => prepared(parseCommandLine(given), given, bench),
};
let run: (() => Promise<void>) | undefined;
try {
  run = prepare(other === undefined ? argv : argv.slice(1));
} catch (error) {
  console.error(`${(error as Error).message}\n\n${usage}`);
  process.exit(2);
}
if (run === undefined) console.log(usage);
await run?.().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});

/** A benchmark of the command line. */
interface Benchmark {
  readonly usage: string;
  /** Reads its options; nothing where only help is wanted. @throws Error with a message for the user */
  prepare(given: readonly string[]): (() => Promise<void>) | undefined;
}

function prepared<T>(
  options: T | undefined,
  given: readonly string[],
  run: (options: T, given: readonly string[]) => Promise<void>,
): (() => Promise<void>) | undefined {
  return options && (() => run(options, given));
}

async function bench(options: BenchOptions): Promise<void> {
  if (options.runner === 'flink') return benchOnFlink(options, argv);
  const workloads: WorkloadReport[] = [];
  const targets: TargetResult[] = [];
  for (const workload of WORKLOADS.filter(({ name }) => options.what.includes(name))) {
    const { name, title } = workload;
    console.log(`${name}: ${title}`);
    const elements = elementsOf(workload, options.scale);
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
    command: ['npm run bench --', ...argv].join(' '),
    scale: options.scale,
    threads: options.threads,
    workloads,
    growth,
    start,
    targets,
  };
  printTargets(targets, console.log);
  if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(report, null, 2)}\n`);
  if (options.markdown !== undefined) writeMarkdown(options.markdown, report);
}
