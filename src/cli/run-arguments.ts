import { flagOf, variableOf } from '../sdk/options/option-names.ts';
import { parsePipelineOptions } from '../sdk/options/parse-options.ts';
import { RUN_OPTION_SPECS } from '../sdk/options/run-options.ts';
import type { RunOptions } from '../sdk/pipeline/runner.ts';

/** Tells the options of the runner, with their values, from the other arguments of a plain script. */
export function runnerArguments(argv: readonly string[]): {
  readonly found: readonly string[];
  readonly others: readonly string[];
} {
  const takesValue = new Map(
    [...RUN_OPTION_SPECS].map(([name, spec]) => [flagOf(name), spec.placeholder !== undefined]),
  );
  const found: string[] = [];
  const others: string[] = [];
  for (let i = 0; i < argv.length; i++) {
    if (argv[i] === '--') {
      others.push(...argv.slice(i + 1));
      break;
    }
    const [, negated, flag, value] = /^--(no-)?([^=]+)(=.*)?$/s.exec(argv[i]) ?? [];
    const known = takesValue.get(flag ?? '');
    if (known === undefined) {
      others.push(argv[i]);
      continue;
    }
    found.push(argv[i]);
    if (known && negated === undefined && value === undefined && i + 1 < argv.length) found.push(argv[++i]);
  }
  return { found, others };
}

/**
 * The options of the runner among the arguments of a plain script. What the others mean only the script knows, so they
 * are passed over; the options file too, since it may hold options of the script.
 *
 * @throws OptionError when one of the runner's options is malformed.
 */
export function runOptionsIn(argv: readonly string[], env: Readonly<Record<string, string | undefined>>): RunOptions {
  const { found } = runnerArguments(argv);
  return parsePipelineOptions(found, {}, { env: { ...env, [variableOf('optionsFile')]: undefined } }).run;
}
