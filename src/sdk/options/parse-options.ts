import type { RunOptions } from '../pipeline/runner.ts';
import { readArgv } from './argv.ts';
import { type OptionSpec, option } from './option.ts';
import { OptionError } from './option-error.ts';
import { flagOf, nearestName, variableOf } from './option-names.ts';
import {
  type NormalSpecs,
  normalSpecs,
  type OptionInput,
  type OptionSpecs,
  type OptionValues,
} from './option-specs.ts';
import { readOptionsFile } from './options-file.ts';
import { RUN_OPTION_SPECS, runOptionsOf } from './run-options.ts';

/** Where options come from besides argv. Code wins over argv, that over the environment, that over the file. */
export interface OptionSources<S extends OptionSpecs> {
  /** Values given in code. */
  readonly values?: Partial<OptionValues<S>>;
  /** Environment variables; default `process.env`. `minLength` is read from `MILLRACE_MIN_LENGTH`. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** Options of a pipeline and of its run. */
export interface ParsedOptions<S extends OptionSpecs> {
  readonly values: OptionValues<S>;
  /** For `new Pipeline(run)` or `pipeline.run(run)`; holds only what was given. */
  readonly run: RunOptions;
}

const OPTIONS_FILE = 'optionsFile';
const fileSpec: NormalSpecs = new Map<string, OptionSpec<unknown>>([
  [OPTIONS_FILE, option.string({ help: 'JSON file with further options', required: false })],
]);

/** Every option that all pipelines have: those of the runner and `--options-file`. */
export const COMMON_OPTION_SPECS: NormalSpecs = new Map([...RUN_OPTION_SPECS, ...fileSpec]);

/** Flags that a pipeline's own options cannot have. */
const RESERVED: ReadonlySet<string> = new Set(
  ['help', 'version', 'json', 'verbose', 'quiet', 'pipeline', ...COMMON_OPTION_SPECS.keys()].map(flagOf),
);

/** The specs of a pipeline in their full form, with names checked. @throws PipelineError `OPTION_SPEC_INVALID` */
export function pipelineSpecs(specs: OptionSpecs): NormalSpecs {
  return normalSpecs(specs, RESERVED);
}

/**
 * Reads the options of a pipeline and of its run from argv (`--input x`, `--input=x`, `--no-flag`), the environment
 * (`MILLRACE_INPUT`) and a JSON file (`--options-file x.json`):
 *
 * ```ts
 * const { values, run } = parsePipelineOptions(process.argv.slice(2), { input: option.string() });
 * const p = new Pipeline(run);
 * ```
 *
 * Variables of the environment that are no option are left alone, since they may be meant for another pipeline; an
 * empty variable counts as not given.
 *
 * @param argv arguments without the program's name.
 * @throws OptionError `OPTION_UNKNOWN`, `OPTION_INVALID`, `OPTION_MISSING`, `OPTIONS_FILE` or `ARGUMENT_UNEXPECTED`,
 *   naming the option and where it was given.
 */
export function parsePipelineOptions<const S extends OptionSpecs>(
  argv: readonly string[],
  specs: S,
  sources: OptionSources<S> = {},
): ParsedOptions<S> {
  const own = pipelineSpecs(specs);
  const all: NormalSpecs = new Map([...own, ...COMMON_OPTION_SPECS]);
  const code = checkValues(sources.values ?? {}, own);
  const fromArgv = readArgv(argv, all);
  const env = sources.env ?? process.env;

  const file = (fromArgv.get(OPTIONS_FILE) ?? readVariable(OPTIONS_FILE, fileSpec, env)) as string | undefined;
  const fileOptions: NormalSpecs = new Map([...own, ...RUN_OPTION_SPECS]);
  const fromFile = file === undefined ? new Map<string, unknown>() : readOptionsFile(file, fileOptions);

  const given = new Map<string, unknown>();
  for (const name of fileOptions.keys()) {
    const value = code.get(name) ?? fromArgv.get(name) ?? readVariable(name, fileOptions, env) ?? fromFile.get(name);
    if (value !== undefined) given.set(name, value);
  }
  return { values: complete<S>(given, own), run: runOptionsOf(given) };
}

/**
 * Checks values given in code and fills in defaults, without looking at the environment.
 *
 * @throws OptionError `OPTION_UNKNOWN`, `OPTION_INVALID` or `OPTION_MISSING`.
 */
export function optionValues<const S extends OptionSpecs>(specs: S, values: OptionInput<S>): OptionValues<S> {
  const own = pipelineSpecs(specs);
  return complete<S>(checkValues(values, own), own);
}

function readVariable(name: string, specs: NormalSpecs, env: Readonly<Record<string, string | undefined>>): unknown {
  const variable = variableOf(name);
  const text = env[variable];
  const spec = specs.get(name);
  if (spec === undefined || text === undefined || text === '') return undefined;
  const value = spec.parse(text);
  if (value === undefined) {
    throw new OptionError('OPTION_INVALID', `${variable} must be ${spec.expected}, not '${text.slice(0, 200)}'`, {
      hint: 'it is an environment variable',
    });
  }
  return value;
}

function checkValues(values: object, specs: NormalSpecs): Map<string, unknown> {
  const result = new Map<string, unknown>();
  for (const [name, value] of Object.entries(values)) {
    if (value === undefined) continue;
    const spec = specs.get(name);
    if (spec === undefined) {
      const nearest = nearestName(name, specs.keys());
      throw new OptionError('OPTION_UNKNOWN', `Unknown option '${name}'`, {
        hint: nearest === undefined ? `known options: ${[...specs.keys()].join(', ')}` : `did you mean '${nearest}'?`,
      });
    }
    const checked = spec.check(value);
    if (checked === undefined) {
      throw new OptionError('OPTION_INVALID', `The option '${name}' must be ${spec.expected}, not ${render(value)}`);
    }
    result.set(name, checked);
  }
  return result;
}

function complete<S extends OptionSpecs>(given: ReadonlyMap<string, unknown>, specs: NormalSpecs): OptionValues<S> {
  const missing: string[] = [];
  const values: Record<string, unknown> = {};
  for (const [name, spec] of specs) {
    const value = given.get(name) ?? spec.default;
    if (value === undefined && spec.required) missing.push(name);
    values[name] = value;
  }
  if (missing.length > 0) {
    const flags = missing.map((name) => `--${flagOf(name)}`).join(', ');
    throw new OptionError('OPTION_MISSING', `Missing option${missing.length > 1 ? 's' : ''} ${flags}`, {
      hint: `give ${missing.length > 1 ? 'them' : 'it'} as ${flags.split(', ')[0]} VALUE, or set ${variableOf(missing[0])}`,
    });
  }
  return values as OptionValues<S>;
}

function render(value: unknown): string {
  if (typeof value === 'string') return `'${value.slice(0, 200)}'`;
  if (typeof value === 'bigint') return `${value}n`;
  return typeof value === 'object' && value !== null ? 'an object' : String(value);
}
