import { inspect } from 'node:util';
import type { Rewrite, RunOptions } from '../pipeline/runner.ts';
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

/** The options of every runner as a command line spells them. */
const specs = {
  runner: option.choice(['direct'], {
    help: 'what executes the pipeline; default direct, this machine',
    required: false,
  }),
  threads: option.integer({
    help: 'worker threads; 0 runs in the main thread; default one per core',
    min: 0,
    max: 256,
    required: false,
  }),
  memory: option.byteSize({ help: 'memory for grouping before it spills to disk, e.g. 512MiB', required: false }),
  tempDir: option.string({ help: 'folder for temporary files', required: false }),
  checkpointDir: option.string({
    help: 'folder for the checkpoints of a pipeline with unbounded input or state, from which it goes on',
    required: false,
  }),
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
  disable: option.list(option.choice([...REWRITES, 'all']), {
    help: `rewrites of the optimiser to switch off: ${REWRITES.join(', ')}; or all`,
    required: false,
  }),
};

/** The specs of {@link RunOptions} that have a textual form. */
export const RUN_OPTION_SPECS: NormalSpecs = new Map<string, OptionSpec<unknown>>(Object.entries(specs));

/** Options that only code can give, and what they are. */
const CODE_ONLY: Readonly<Record<string, readonly [expected: string, is: (value: unknown) => boolean]>> = {
  program: ['a path or URL', (value) => typeof value === 'string' || value instanceof URL],
  signal: ['an AbortSignal', (value) => typeof (value as AbortSignal | null)?.addEventListener === 'function'],
  onProgress: ['a function', (value) => typeof value === 'function'],
};
const IN_CODE: NormalSpecs = new Map([...RUN_OPTION_SPECS, ['disable', option.list(option.choice(REWRITES), {})]]);

/**
 * Checks run options that are given in code.
 *
 * @throws OptionError `OPTION_UNKNOWN` or `OPTION_INVALID`, naming the option
 */
export function checkRunOptions(options: RunOptions): void {
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined) continue;
    const spec = IN_CODE.get(name);
    const other = Object.hasOwn(CODE_ONLY, name) ? CODE_ONLY[name] : undefined;
    if (spec === undefined && other === undefined) {
      const known = [...IN_CODE.keys(), ...Object.keys(CODE_ONLY)];
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
  return options as RunOptions;
}
