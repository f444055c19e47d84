import { inspect } from 'node:util';
import type { JsonValue } from '../../model/proto/json-format.ts';
import type { Rewrite, RunOptions } from '../pipeline/runner.ts';
import { parseByteSize } from './byte-size.ts';
import { filledText, narrowed } from './narrowed-option.ts';
import { type OptionSpec, option } from './option.ts';
import { OptionError } from './option-error.ts';
import { nearestName } from './option-names.ts';
import type { NormalSpecs } from './option-specs.ts';

const REWRITES = [
  'fusion',
  'combinerLifting',
  'flattenUnzipping',
  'keyPreserving',
  'deadCode',
] as const satisfies readonly Rewrite[];

/** Smallest memory budget: below it, buffers are too small to be of use. */
export const MIN_MEMORY = 8 * 1024 * 1024;

/** The options of every runner as a command line spells them. */
const specs = {
  runner: option.choice(['direct', 'portable'], {
    help: 'what executes the pipeline: direct (default), this machine; portable, the one behind --endpoint',
    required: false,
  }),
  threads: option.integer({
    help: 'worker threads; 0 runs in the main thread; default one per core',
    min: 0,
    max: 256,
    required: false,
  }),
  memory: narrowed(
    option.byteSize({ help: 'memory for grouping before it spills to disk, e.g. 512MiB', required: false }),
    'a size such as 512MiB, at least 8MiB',
    (size) => Number(typeof size === 'string' ? parseByteSize(size) : size) >= MIN_MEMORY,
  ),
  tempDir: filledText('the path of a folder', 'folder for temporary files'),
  checkpointDir: filledText(
    'the path of a folder',
    'folder for the checkpoints of a pipeline with unbounded input or state, from which it goes on',
  ),
  checkpointInterval: option.duration({ help: 'time between two checkpoints; default 10s', required: false }),
  maxAttempts: option.integer({
    help: 'attempts of a bundle before the job fails; default 4',
    min: 1,
    max: 1000,
    required: false,
  }),
  strict: option.boolean({ help: 'check the program for mutated inputs and unstable coders; slow', required: false }),
  redactErrors: option.boolean({ help: 'keep elements out of error messages', required: false }),
  attachable: option.boolean({
    help: 'answer millrace explain --running, millrace drain and SIGUSR1; millrace run does so by itself',
    required: false,
  }),
  endpoint: option.string({ help: "host:port of a portable runner's job server", required: false }),
  environment: option.choice(['loopback', 'external', 'process', 'docker'], {
    help: 'with a portable runner, where user functions run: loopback (default), this process; external, process, docker',
    required: false,
  }),
  environmentConfig: filledText('some text', 'host:port of a worker pool, command of a process, or name of an image'),
  tls: option.boolean({ help: 'encrypt the connections to a portable runner', required: false }),
  tlsCa: option.string({ help: "file with authorities of the runner's certificate, PEM", required: false }),
  tlsKey: option.string({ help: "file with this client's key, PEM", required: false }),
  tlsCertificate: option.string({ help: "file with this client's certificates, PEM", required: false }),
  token: filledText('some text', 'token that a portable runner asks for; better given by MILLRACE_TOKEN'),
  runnerOptions: option.list(option.string(), {
    help: "a portable runner's own options, NAME=VALUE with a value of JSON or text: parallelism=4",
    required: false,
  }),
  disable: option.list(option.choice([...REWRITES, 'all']), {
    help: `rewrites of the optimiser to switch off: ${REWRITES.join(', ')}; or all`,
    required: false,
  }),
};

/** The specs of {@link RunOptions} that have a textual form. */
export const RUN_OPTION_SPECS: NormalSpecs = new Map<string, OptionSpec<unknown>>(Object.entries(specs));

/** Options that only code can give, or gives as something else than text would, and what they are there. */
const CODE_ONLY: Readonly<Record<string, readonly [expected: string, is: (value: unknown) => boolean]>> = {
  program: ['a path or URL', (value) => typeof value === 'string' || value instanceof URL],
  signal: ['an AbortSignal', (value) => typeof (value as AbortSignal | null)?.addEventListener === 'function'],
  onProgress: ['a function', (value) => typeof value === 'function'],
  onMessage: ['a function', (value) => typeof value === 'function'],
  runnerOptions: ['an object', (value) => typeof value === 'object' && value !== null && !Array.isArray(value)],
};
const IN_CODE: NormalSpecs = new Map(
  Object.entries({ ...specs, disable: option.list(option.choice(REWRITES), {}) }).filter(
    ([name]) => !Object.hasOwn(CODE_ONLY, name),
  ),
);

const OF_PIPELINE: NormalSpecs = new Map([...IN_CODE, ['name', option.string({ required: false })]]);

/**
 * Checks run options that are given in code.
 *
 * @throws OptionError `OPTION_UNKNOWN` or `OPTION_INVALID`, naming the option
 */
export function checkRunOptions(options: RunOptions): void {
  check(options, IN_CODE);
}

/** Checks the options of a pipeline, which are those of a run and its name. @throws OptionError as for a run */
export function checkPipelineOptions(options: RunOptions & { readonly name?: string }): void {
  check(options, OF_PIPELINE);
}

function check(options: RunOptions, specs: NormalSpecs): void {
  if (typeof options !== 'object' || options === null) {
    throw new OptionError('OPTION_INVALID', `The run options must be an object, not ${inspect(options)}`);
  }
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined) continue;
    const spec = specs.get(name);
    const other = Object.hasOwn(CODE_ONLY, name) ? CODE_ONLY[name] : undefined;
    if (spec === undefined && other === undefined) {
      const known = [...specs.keys(), ...Object.keys(CODE_ONLY)];
      const nearest = nearestName(name, known);
      throw new OptionError('OPTION_UNKNOWN', `Unknown run option '${name}'`, {
        hint: nearest === undefined ? `known options: ${known.join(', ')}` : `did you mean '${nearest}'?`,
      });
    }
    if (spec === undefined ? other?.[1](value) : spec.check(value) !== undefined) continue;
    const expected = spec?.expected ?? other?.[0];
    throw new OptionError('OPTION_INVALID', `The run option '${name}' must be ${expected}, not ${inspect(value)}`);
  }
}

/** Run options from checked values; what was not given is left out. */
export function runOptionsOf(values: ReadonlyMap<string, unknown>): RunOptions {
  const options: Record<string, unknown> = {};
  for (const name of RUN_OPTION_SPECS.keys()) {
    const value = values.get(name);
    if (value !== undefined) options[name] = value;
  }
  const disable = options.disable as readonly (Rewrite | 'all')[] | undefined;
  if (disable?.includes('all')) options.disable = REWRITES;
  const runnerOptions = options.runnerOptions as readonly string[] | undefined;
  if (runnerOptions !== undefined) options.runnerOptions = Object.fromEntries(runnerOptions.map(namedValue));
  return options as RunOptions;
}

/** `name=value`, the value as JSON where it is some, else as text. */
function namedValue(text: string): [name: string, value: JsonValue] {
  const [, name, value] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
  if (name === undefined) {
    throw new OptionError('OPTION_INVALID', `'${text.slice(0, 200)}' is no runner option`, {
      hint: 'write NAME=VALUE, e.g. --runner-options parallelism=4',
    });
  }
  try {
    return [name, JSON.parse(value) as JsonValue];
  } catch {
    return [name, value];
  }
}
