import type { RunOptions } from '../pipeline/runner.ts';
import { checkRunnerOptions } from './check-runner-options.ts';
import { checkEndpoint } from './endpoint.ts';
import { OptionError } from './option-error.ts';
import { flagOf, variableOf } from './option-names.ts';

/** Options that only a portable runner has. */
const OF_PORTABLE = [
  'endpoint',
  'environment',
  'environmentConfig',
  'tls',
  'tlsCa',
  'tlsKey',
  'tlsCertificate',
  'token',
  'runnerOptions',
] as const satisfies readonly (keyof RunOptions)[];

/** Options of the direct runner that a portable one has no use for. */
const OF_DIRECT = [
  'threads',
  'memory',
  'maxAttempts',
  'disable',
  'attachable',
  'checkpointInterval',
] as const satisfies readonly (keyof RunOptions)[];

/**
 * Checks that the options of a run are those of its runner, and go together.
 *
 * @throws OptionError `OPTION_INVALID`, `OPTION_MISSING`
 */
export function checkRunner(options: RunOptions): void {
  if (options.runner === 'portable') checkPortable(options);
  else checkDirect(options);
}

/** What is wrong with them, if anything is. */
export function runnerRefusal(options: RunOptions): unknown {
  try {
    checkRunner(options);
    return undefined;
  } catch (error) {
    return error;
  }
}

/** Options that were given and that a portable runner passes over. */
export function unusedByPortable(options: RunOptions): readonly string[] {
  const { environment = 'loopback', environmentConfig } = options;
  const unused: string[] = OF_DIRECT.filter((name) => options[name] !== undefined);
  if (environment === 'loopback' && environmentConfig !== undefined) unused.push('environmentConfig');
  return unused;
}

/** `host:port` of the job server. @throws OptionError `OPTION_MISSING`, `OPTION_INVALID` */
export function jobServerOf({ endpoint }: RunOptions): string {
  if (endpoint !== undefined) return checkEndpoint("The option 'endpoint'", endpoint);
  throw new OptionError('OPTION_MISSING', "The portable runner needs the option 'endpoint'", {
    hint: 'the host:port of a job server, e.g. localhost:8073',
  });
}

function checkDirect(options: RunOptions): void {
  const name = OF_PORTABLE.find((each) => options[each] !== undefined && !isAmbient(each, options));
  if (name === undefined) return;
  throw new OptionError('OPTION_INVALID', `The option '${name}' is for --runner portable`, {
    hint: `add --runner portable (in code, runner: 'portable'), or leave out ${flagOf(name)}`,
  });
}

/** A token stands in the environment for whatever run needs it. */
function isAmbient(name: string, { token }: RunOptions): boolean {
  return name === 'token' && token === process.env[variableOf(name)];
}

function checkPortable(options: RunOptions): void {
  jobServerOf(options);
  if (options.checkpointDir !== undefined) {
    throw new OptionError('OPTION_INVALID', "The option 'checkpointDir' is not for --runner portable", {
      hint: "the runner keeps checkpoints of its own: tell it where and when by 'runnerOptions'",
    });
  }
  checkRunnerOptions(options.runnerOptions ?? {});
  const { environment = 'loopback', environmentConfig } = options;
  if ((environment === 'external' || environment === 'docker') && environmentConfig === undefined) {
    const what = environment === 'docker' ? 'the name of an image' : 'the host:port of a worker pool';
    throw new OptionError('OPTION_MISSING', `The environment '${environment}' needs the option 'environmentConfig'`, {
      hint: `it is ${what}`,
    });
  }
  if (environment === 'external') checkEndpoint("The option 'environmentConfig'", environmentConfig ?? '');
  const { tlsKey, tlsCertificate } = options;
  if ((tlsKey === undefined) === (tlsCertificate === undefined)) return;
  const [given, missing] = tlsKey === undefined ? ['tlsCertificate', 'tlsKey'] : ['tlsKey', 'tlsCertificate'];
  throw new OptionError('OPTION_MISSING', `The option '${given}' needs the option '${missing}'`, {
    hint: `${flagOf(missing)} names a file, PEM: a client shows its certificate and proves it by its key`,
  });
}
