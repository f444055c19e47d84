import { statSync } from 'node:fs';
import { extname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Pipeline } from '../sdk/pipeline/pipeline.ts';
import { isPipelineDefinition, type PipelineDefinition } from '../sdk/pipeline/pipeline-definition.ts';
import { interceptRuns, type RunOptions } from '../sdk/pipeline/runner.ts';
import { UsageError } from './exit-codes.ts';
import { setArguments, unreadArguments } from './program-arguments.ts';
import { runnerArguments, runOptionsIn } from './run-arguments.ts';
import { locateSyntaxError } from './syntax-error.ts';
import { UnrunPipelines } from './unrun-pipelines.ts';

/** What a user's file turned out to be. */
export type LoadedProgram =
  | { readonly kind: 'definition'; readonly definition: PipelineDefinition }
  /** It built a pipeline and called run() on it with these options, which has not been carried out. */
  | { readonly kind: 'script'; readonly pipeline: Pipeline; readonly run: RunOptions };

const TYPESCRIPT = new Set(['.ts', '.mts', '.cts']);
const JAVASCRIPT = new Set(['.js', '.mjs', '.cjs']);

/**
 * Imports a user's file as it is, with `process.argv` as if Node had been started with it.
 *
 * @returns the module's exports.
 * @throws UsageError `FILE_NOT_FOUND`, `FILE_TYPE` or `TYPESCRIPT_UNSUPPORTED`, PipelineError `PROGRAM_SYNTAX`, and
 *   whatever the file throws.
 */
export async function importProgram(file: string, argv: readonly string[]): Promise<Readonly<Record<string, unknown>>> {
  const path = resolve(file);
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) throw new UsageError('FILE_NOT_FOUND', `${file} does not exist`, { resource: path });
  const extension = extname(path);
  if (!stats.isFile() || !(TYPESCRIPT.has(extension) || JAVASCRIPT.has(extension))) {
    throw new UsageError('FILE_TYPE', `${file} is not a program`, { hint: 'give a .ts, .mts, .js or .mjs file' });
  }
  if (TYPESCRIPT.has(extension) && !process.features.typescript) {
    throw new UsageError('TYPESCRIPT_UNSUPPORTED', `This Node (${process.version}) does not run TypeScript files`, {
      hint: 'use Node 22.18 or newer without --no-experimental-strip-types, or compile the file to JavaScript first',
    });
  }
  setArguments(path, argv);
  try {
    return (await import(pathToFileURL(path).href)) as Readonly<Record<string, unknown>>;
  } catch (error) {
    throw locateSyntaxError(error, path);
  }
}

/**
 * The pipeline definition that a file exports: the default export, the only one, or the one of that name.
 *
 * @throws UsageError `PIPELINE_MISSING`, `PIPELINE_AMBIGUOUS` or, when the file builds a pipeline and no more, `PIPELINE_NOT_RUN`
 */
export function exportedDefinition(
  file: string,
  module: Readonly<Record<string, unknown>>,
  name: string | true | undefined,
  unrun: UnrunPipelines,
): PipelineDefinition {
  const found = new Map<string, PipelineDefinition>();
  for (const [key, value] of Object.entries(module)) if (isPipelineDefinition(value)) found.set(key, value);
  const distinct = new Set(found.values());
  const names = [...distinct].map((definition) => definition.name).join(', ');
  if (typeof name === 'string') {
    const named = found.get(name) ?? [...distinct].find((definition) => definition.name === name);
    if (named !== undefined) return named;
    throw new UsageError('PIPELINE_MISSING', `${file} exports no pipeline '${name}'`, {
      hint: names === '' ? 'it exports none at all' : `it exports: ${names}`,
    });
  }
  const chosen = found.get('default') ?? (distinct.size === 1 ? [...distinct][0] : undefined);
  if (chosen !== undefined) return chosen;
  if (distinct.size > 1) {
    throw new UsageError('PIPELINE_AMBIGUOUS', `${file} exports several pipelines: ${names}`, {
      hint: 'choose one with --pipeline NAME',
    });
  }
  const [built] = unrun.describe();
  if (built !== undefined) {
    throw new UsageError('PIPELINE_NOT_RUN', `${file} does not run ${built.replace(/,$/, '')}`, {
      hint: 'end the file with: await p.run()',
    });
  }
  throw new UsageError('PIPELINE_MISSING', `${file} neither exports a pipeline nor runs one`, {
    hint: "export default pipeline('name', { … }, (p, options) => { … }), or build a Pipeline and await its run()",
  });
}

/** Imports a file for looking at its pipeline: a run() that it calls hands the pipeline over and never returns. */
export async function loadProgram(
  file: string,
  argv: readonly string[],
  name: string | true | undefined,
): Promise<LoadedProgram> {
  const intercepted = Promise.withResolvers<LoadedProgram>();
  const { others } = runnerArguments(argv);
  const unrun = new UnrunPipelines();
  unrun.watch();
  interceptRuns((pipeline, run) => {
    const refusal = unreadArguments(file, others);
    if (refusal === undefined) intercepted.resolve({ kind: 'script', pipeline, run });
    else intercepted.reject(refusal);
    return new Promise(() => {});
  });
  const imported = importProgram(file, argv).then(async (module): Promise<LoadedProgram> => {
    // A run() that the file does not await has been intercepted by now.
    const first = await Promise.race([intercepted.promise, undefined]);
    return first ?? { kind: 'definition', definition: exportedDefinition(file, module, name, unrun) };
  });
  return Promise.race([intercepted.promise, imported]).finally(() => unrun.unwatch());
}

/** The pipeline of a file, built with the given options and not run, and how it would be run. */
export async function loadPipeline(
  file: string,
  argv: readonly string[],
  name: string | true | undefined,
  env: Readonly<Record<string, string | undefined>>,
): Promise<{ readonly pipeline: Pipeline; readonly run: RunOptions }> {
  const program = await loadProgram(file, argv, name);
  if (program.kind === 'script')
    return { pipeline: program.pipeline, run: { ...runOptionsIn(argv, env), ...program.run } };
  const { values, run } = program.definition.parse(argv, { env });
  return { pipeline: program.definition.build(values, run), run };
}
