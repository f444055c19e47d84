import type { Rewrite, RunOptions } from '../pipeline/runner.ts';
import { type OptionSpec, option } from './option.ts';
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
  maxAttempts: option.integer({
    help: 'attempts of a bundle before the job fails; default 4',
    min: 1,
    max: 1000,
    required: false,
  }),
  strict: option.boolean({ help: 'check the program for mutated inputs and unstable coders; slow', required: false }),
  disable: option.list(option.choice([...REWRITES, 'all']), {
    help: `rewrites of the optimiser to switch off: ${REWRITES.join(', ')}; or all`,
    required: false,
  }),
};

/** The specs of {@link RunOptions} that have a textual form. */
export const RUN_OPTION_SPECS: NormalSpecs = new Map<string, OptionSpec<unknown>>(Object.entries(specs));

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
