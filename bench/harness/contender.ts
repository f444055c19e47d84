import { join } from 'node:path';
import type { BenchOptions } from '../command-line.ts';
import { prepareInput } from '../input/prepare.ts';
import { beamPythonProgram } from '../peers/beam-python.ts';
import { flinkProgram } from '../peers/flink.ts';
import { sqlProgram } from '../peers/sql.ts';
import { elementsOf, type Workload } from '../workload-list.ts';
import { profile } from './profile.ts';
import type { Program } from './run-program.ts';
import { userProject } from './user-project.ts';

/** One way to do a workload. */
export interface Contender {
  readonly name: string;
  readonly program: Program;
  /** Runs at most; peers that take minutes run once. */
  readonly mostRuns: number;
}

/** Names of the contenders that are always there. */
export const ONE_THREAD = 'millrace, 1 thread';
export const ONE_THREAD_LINES = 'millrace, 1 thread, lines';
export const manyThreads = (threads: number): string => `millrace, ${threads} threads`;

const BENCH = join(import.meta.dirname, '..');

/** Everything that takes part in a workload, with its input ready. */
export async function contendersOf(workload: Workload, options: BenchOptions): Promise<Contender[]> {
  const data = prepareInput(workload.inputs, options.scale);
  const elements = elementsOf(workload, options.scale);
  const contenders: Contender[] = [];
  const add = (name: string, program: Program | undefined, mostRuns = Number.POSITIVE_INFINITY) => {
    if (program !== undefined) contenders.push({ name, program, mostRuns });
  };

  add(ONE_THREAD, millraceProgram(workload.file, { data, elements, threads: 1, memory: memoryOf(workload, options) }));
  if (options.threads > 1) {
    const memory = memoryOf(workload, options);
    const parallel = millraceProgram(workload.file, { data, elements, threads: options.threads, memory });
    add(manyThreads(options.threads), parallel);
  }
  for (const peer of options.against) {
    if (peer === 'hand') {
      // The loops split lines by hand, so beside the pipeline that has the library read CSV comes one that does as they do.
      const run = { data, elements, threads: 1, memory: memoryOf(workload, options) };
      if (workload.hasLines) add(ONE_THREAD_LINES, millraceProgram(join('lines', workload.file), run));
      if (!workload.hasLimits) continue;
      for (const mode of ['fast', 'naive']) {
        const script = join(BENCH, 'limits', workload.file);
        add(mode, nodeProgram(script, [mode, '--data', data, '--elements', String(elements)]));
      }
    }
    if (peer === 'duckdb' || peer === 'polars') {
      add(peer, await sqlProgram(peer, workload.name, data, options.threads));
    }
    if (peer === 'beam-python') add(peer, await beamPythonProgram(workload.name, data, elements), 1);
    if (peer === 'flink') add(peer, await flinkProgram(workload.name, data, elements), 1);
  }
  return contenders;
}

/** One run on each number of threads under V8's profiler, which leaves its files in `folder`. */
export async function profileWorkload(workload: Workload, options: BenchOptions, folder: string): Promise<void> {
  const data = prepareInput(workload.inputs, options.scale);
  const elements = elementsOf(workload, options.scale);
  for (const threads of new Set([1, options.threads])) {
    const run = { data, elements, threads, memory: memoryOf(workload, options) };
    await profile(`${workload.name}, ${threads} threads`, folder, (nodeOptions) =>
      millraceProgram(workload.file, run, nodeOptions),
    );
  }
}

function memoryOf(workload: Workload, options: BenchOptions): string | undefined {
  return options.memory ?? workload.memory;
}

/** How a workload program is started. */
export interface MillraceRun {
  readonly data: string;
  readonly elements: number;
  readonly threads: number;
  readonly memory: string | undefined;
  /** Of a portable runner's job server. */
  readonly endpoint?: string;
}

/** @param nodeOptions flags of Node itself */
export function millraceProgram(file: string, run: MillraceRun, nodeOptions: readonly string[] = []): Program {
  const { data, elements, threads, memory, endpoint } = run;
  const wanted = ['--data', data, '--elements', String(elements), '--threads', String(threads)];
  if (memory !== undefined) wanted.push('--memory', memory);
  if (endpoint !== undefined) wanted.push('--endpoint', endpoint);
  return nodeProgram(join(userProject(), 'workloads', file), wanted, nodeOptions);
}

function nodeProgram(script: string, given: readonly string[], nodeOptions: readonly string[] = []): Program {
  return { command: process.execPath, arguments: [...nodeOptions, script, ...given] };
}
