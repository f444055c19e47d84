import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { isMainThread } from 'node:worker_threads';
import { PipelineError } from '../../sdk/errors.ts';
import type { Pipeline } from '../../sdk/pipeline/pipeline.ts';
import { originOf } from '../../sdk/pipeline/pipeline-definition.ts';
import type { EarlierRun, ProgramRun } from './program-runs.ts';

/** How a worker finds the pipeline: by importing the program that builds it. */
export interface ProgramReference {
  /** `file:` URL of the module. */
  readonly url: string;
  /** The path under which the program was started, as `process.argv[1]` has it. */
  readonly main: string | undefined;
  /** The program's command line, so that it reads the same options. */
  readonly argv: readonly string[];
  /** Set when the pipeline was built by a definition: the module defines it, the worker builds it. */
  readonly definition?: { readonly name: string; readonly values: Readonly<Record<string, unknown>> };
  /** Else: which of the program's runs it is, counted from 0. */
  readonly run: number;
  /** How the program's earlier runs ended, for what it does with that before it comes to this one. */
  readonly earlier: readonly (EarlierRun | undefined)[];
}

/** Flags of node under which there is no file that workers could import. */
const WITHOUT_FILE = /^(-e|-p|-pe|--eval|--print)(=|$)/;

/** @throws PipelineError `PROGRAM_UNKNOWN` when workers cannot import the program. */
export function programReference(
  pipeline: Pipeline,
  run: ProgramRun,
  program: string | URL | undefined,
): ProgramReference {
  const origin = originOf(pipeline);
  const file = origin?.definition.location?.replace(/:\d+:\d+$/, '');
  return {
    url: program === undefined ? moduleOf(file) : urlOf(program),
    main: process.argv[1],
    argv: process.argv.slice(2),
    ...(origin === undefined ? {} : { definition: { name: origin.definition.name, values: origin.values } }),
    run: run.number,
    earlier: run.earlier,
  };
}

/** The option may be a URL, a path, or what `import.meta.url` is. */
function urlOf(program: string | URL): string {
  const text = String(program);
  return /^[a-z][a-z0-9+.-]+:/i.test(text) ? text : pathToFileURL(text).href;
}

function moduleOf(definition: string | undefined): string {
  if (definition !== undefined) return urlOf(definition);
  const [, main] = process.argv;
  if (process.env.NODE_TEST_CONTEXT !== undefined && process.execArgv.some((arg) => arg.startsWith('--test'))) {
    throw new PipelineError('PROGRAM_UNKNOWN', 'Worker threads would run the tests of this file once more each', {
      hint: 'run with threads: 0, as TestPipeline does; or define the pipeline in a file of its own and name that as program',
    });
  }
  if (isMainThread && main !== undefined && main !== '-' && !process.execArgv.some((arg) => WITHOUT_FILE.test(arg))) {
    return pathToFileURL(resolved(main)).href;
  }
  throw new PipelineError('PROGRAM_UNKNOWN', 'Worker threads cannot import the program that builds this pipeline', {
    hint: isMainThread
      ? 'code from --eval, stdin or the REPL exists in this thread only: put it into a file, or run with threads: 0'
      : 'a pipeline started in a worker thread needs the option program: import.meta.url, or threads: 0',
  });
}

/** `node script` and `node folder` leave out what `import` needs. */
function resolved(main: string): string {
  try {
    return createRequire(main).resolve(main);
  } catch {
    return main;
  }
}
