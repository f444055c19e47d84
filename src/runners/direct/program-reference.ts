import { pathToFileURL } from 'node:url';
import { isMainThread } from 'node:worker_threads';
import { PipelineError } from '../../sdk/errors.ts';
import type { Pipeline } from '../../sdk/pipeline/pipeline.ts';
import { originOf } from '../../sdk/pipeline/pipeline-definition.ts';
import type { PipelineResult } from '../../sdk/pipeline/pipeline-result.ts';
import type { ProgramReference } from './worker-start.ts';

const finished: (PipelineResult | undefined)[] = [];
let runs = 0;

/** Counts a run of this thread's program; `record` its result, which workers of later runs are told. */
export function countRun(): { readonly run: number; record(result: PipelineResult): void } {
  const run = runs++;
  return {
    run,
    record: (result) => {
      finished[run] = result;
    },
  };
}

/** @throws PipelineError when workers cannot import the program. */
export function programReference(pipeline: Pipeline, run: number, program: string | URL | undefined): ProgramReference {
  const origin = originOf(pipeline);
  const file = origin?.definition.location?.replace(/:\d+:\d+$/, '');
  const url = program === undefined ? mainModule(file) : String(program);
  return {
    url,
    argv: process.argv.slice(2),
    ...(origin === undefined ? {} : { definition: { name: origin.definition.name, values: origin.values } }),
    run,
    earlier: finished.slice(0, run).flatMap((result) => {
      if (result === undefined) return [];
      const { counter: _counter, ...metrics } = result.metrics;
      return [{ ...result, metrics }];
    }),
  };
}

function mainModule(definition: string | undefined): string {
  if (definition !== undefined) return pathToFileURL(definition).href;
  const [, main] = process.argv;
  if (isMainThread && main !== undefined && process.execArgv.every((arg) => !/^(-e|-p|--eval|--print)$/.test(arg))) {
    return pathToFileURL(main).href;
  }
  throw new PipelineError('PROGRAM_UNKNOWN', 'Worker threads cannot import the program that builds this pipeline', {
    hint: isMainThread
      ? 'code from --eval, stdin or the REPL exists in this thread only: put it into a file, or run with threads: 0'
      : 'a pipeline started in a worker thread needs the option program: import.meta.url, or threads: 0',
  });
}
