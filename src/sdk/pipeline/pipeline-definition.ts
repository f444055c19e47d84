import { callerLocation } from '../caller-location.ts';
import { PipelineError } from '../errors.ts';
import { oneForAllCopies } from '../one-for-all-copies.ts';
import type { NormalSpecs, OptionInput, OptionSpecs, OptionValues } from '../options/option-specs.ts';
import {
  type OptionSources,
  optionValues,
  type ParsedOptions,
  parsePipelineOptions,
  pipelineSpecs,
} from '../options/parse-options.ts';
import type { Collected } from '../transforms/collect.ts';
import { Pipeline } from './pipeline.ts';
import type { PipelineResult } from './pipeline-result.ts';
import type { RunOptions } from './runner.ts';

/** What {@link PipelineDefinition.run} may be told. */
export interface RunArguments<S extends OptionSpecs> extends RunOptions, OptionSources<S> {
  /** Arguments without the program's name, e.g. `process.argv.slice(2)`; default none. */
  readonly argv?: readonly string[];
}

/** What a definition may hand out: tickets of `collect()`, by name. */
export type Handles = Readonly<Record<string, Collected<unknown>>>;

/** The result of a definition's run, with the elements of what it hands out. */
export interface DefinitionResult<H> extends PipelineResult {
  /** By the names under which the definition returned the tickets; each in no particular order. */
  readonly collected: { readonly [P in keyof H]: H[P] extends Collected<infer T> ? readonly T[] : never };
}

/** A pipeline with options, that can be built and run any number of times. Made by {@link pipeline}. */
export interface PipelineDefinition<S extends OptionSpecs = OptionSpecs, H = {}> {
  readonly name: string;
  readonly options: S;
  /** The options in their full form, by name. */
  readonly specs: NormalSpecs;
  /** Where `pipeline()` was called, `file:line:column`: workers find the definition by importing that file. */
  readonly location: string | undefined;
  /**
   * Builds the graph with the given option values.
   *
   * @throws OptionError when a value is unknown, malformed or missing.
   */
  build(values: OptionInput<S>, run?: RunOptions): Pipeline;
  /** Reads options of argv, environment and file. @throws OptionError as {@link parsePipelineOptions} does. */
  parse(argv: readonly string[], sources?: OptionSources<S>): ParsedOptions<S>;
  /**
   * Builds the pipeline and runs it to its end: `wordcount.run(process.argv.slice(2))`, or
   * `wordcount.run({ values: { input: 'a.txt' }, threads: 0 })`. The environment is read too. The result has the elements
   * of the collections that the definition hands out: `const { collected } = await wordcount.run(…)`.
   *
   * @throws OptionError before anything runs, and whatever makes the job fail.
   */
  run(args?: readonly string[] | RunArguments<S>): Promise<DefinitionResult<H>>;
}

const brand = Symbol.for('millrace.definition');
// One table for all copies of this module in a thread: a program may load the library from source and compiled.
const tableKey = Symbol.for('millrace.definitions');
const shared = globalThis as { [tableKey]?: Map<string, PipelineDefinition> };
const origins = oneForAllCopies('origins', () => new WeakMap<Pipeline, PipelineOrigin>());
const handlesOf = new WeakMap<Pipeline, Handles>();

/** From which definition, with which option values, a pipeline was built. */
export interface PipelineOrigin {
  readonly definition: PipelineDefinition;
  /** Complete and checked; every value survives `structuredClone`. */
  readonly values: Readonly<Record<string, unknown>>;
}

/**
 * Defines a pipeline with typed options:
 *
 * ```ts
 * export default pipeline('wordcount', { input: option.string(), output: option.string() }, (p, options) => {
 *   p.apply(readText(options.input)) …
 *   return { longest: lines.combine(…).collect() };
 * });
 * ```
 *
 * What the function returns, tickets of `collect()` by name, is what the definition hands out: `run` gives the elements.
 *
 * The file that holds it is run by `millrace run FILE --input …`, or from code by its `run`. `build` runs on every
 * worker and must always build the same graph for the same options.
 *
 * @throws PipelineError `OPTION_SPEC_INVALID`, or `PIPELINE_NAME` when the name is empty or longer than 100 characters;
 *   when it is built, `BUILD_RESULT` when the function returns something else, a promise for example.
 */
export function pipeline<const S extends OptionSpecs>(
  name: string,
  options: S,
  build: (pipeline: Pipeline, options: OptionValues<S>) => undefined | void,
): PipelineDefinition<S>;
export function pipeline<const S extends OptionSpecs, H extends Handles>(
  name: string,
  options: S,
  build: (pipeline: Pipeline, options: OptionValues<S>) => H,
): PipelineDefinition<S, H>;
export function pipeline<const S extends OptionSpecs, H extends Handles>(
  name: string,
  options: S,
  build: (pipeline: Pipeline, options: OptionValues<S>) => H | void,
): PipelineDefinition<S, H> {
  if (typeof name !== 'string' || name.length === 0 || name.length > 100) {
    throw new PipelineError(
      'PIPELINE_NAME',
      `A pipeline's name is a string of 1 to 100 characters, not ${String(name)}`,
    );
  }
  if (typeof build !== 'function') {
    throw new PipelineError('FUNCTION_MISSING', `The pipeline '${name}' needs a function that builds it`, {
      hint: 'pipeline(name, options, (p, options) => { … }); with no options, write {}',
    });
  }
  const definition: PipelineDefinition<S, H> = {
    name,
    options,
    specs: pipelineSpecs(options),
    location: callerLocation(),
    build(values, run = {}) {
      const complete = optionValues(options, values);
      const built = new Pipeline({ name, ...run });
      origins.set(built, { definition: definition as unknown as PipelineDefinition, values: complete });
      handlesOf.set(built, checkHandles(name, build(built, complete)));
      return built;
    },
    parse: (argv, sources) => parsePipelineOptions(argv, options, sources),
    async run(args = {}) {
      const { argv = [], values, env, ...run } = isArgv(args) ? { argv: args } : args;
      const parsed = definition.parse(argv, {
        ...(values === undefined ? {} : { values }),
        ...(env === undefined ? {} : { env }),
      });
      const built = definition.build(parsed.values, { ...parsed.run, ...run });
      const result = await built.run();
      const collected: Record<string, readonly unknown[]> = {};
      for (const [each, ticket] of Object.entries(handlesOf.get(built) ?? {})) {
        Object.defineProperty(collected, each, { value: result.elements(ticket), enumerable: true });
      }
      return Object.assign(result, { collected }) as DefinitionResult<H>;
    },
  };
  Object.defineProperty(definition, brand, { value: true });
  shared[tableKey] ??= new Map();
  shared[tableKey].set(name, definition as unknown as PipelineDefinition);
  return definition;
}

function checkHandles(name: string, handles: unknown): Handles {
  if (handles === undefined) return {};
  const wrong =
    typeof handles !== 'object' || handles === null || 'then' in handles
      ? 'the function that builds it'
      : Object.entries(handles).find(([, ticket]) => typeof ticket?.transform !== 'string')?.[0];
  if (wrong === undefined) return handles as Handles;
  const isPromise = typeof handles === 'object' && handles !== null && 'then' in handles;
  throw new PipelineError(
    'BUILD_RESULT',
    `'${name}' hands out something else than tickets of collect(): see ${wrong}`,
    {
      hint: isPromise
        ? 'the function cannot be async: read what it needs before, or in the pipeline'
        : 'return nothing, or { name: collection.collect(), … }',
    },
  );
}

function isArgv<S extends OptionSpecs>(args: readonly string[] | RunArguments<S>): args is readonly string[] {
  return Array.isArray(args);
}

/** Whether a value, e.g. an export of a user's file, is a pipeline definition. */
export function isPipelineDefinition(value: unknown): value is PipelineDefinition {
  return typeof value === 'object' && value !== null && brand in value;
}

/** The definition of that name that this thread has loaded last: how a worker finds the pipeline it is to build. */
export function findDefinition(name: string): PipelineDefinition | undefined {
  return shared[tableKey]?.get(name);
}

/** From what a pipeline was built; `undefined` for one that a program built by itself. */
export function originOf(pipeline: Pipeline): PipelineOrigin | undefined {
  return origins.get(pipeline);
}
