import { flagOf, nearestName } from '../sdk/options/option-names.ts';
import { RUN_OPTION_SPECS } from '../sdk/options/run-options.ts';
import { UsageError } from './exit-codes.ts';

/** Whether the program that is loaded has looked at `process.argv`. */
let wasRead = false;

/** Sets `process.argv` as Node has it when it is started with the program, and watches whether somebody looks at it. */
export function setArguments(path: string, argv: readonly string[]): void {
  let value = [process.argv[0], path, ...argv];
  wasRead = false;
  Object.defineProperty(process, 'argv', {
    configurable: true,
    enumerable: true,
    get() {
      wasRead = true;
      return value;
    },
    set(replacement: string[]) {
      value = replacement;
    },
  });
}

/**
 * To be called when a script runs its pipeline: arguments that it has not looked at by then mean nothing to it.
 *
 * @param others those that are no options of the runner
 * @returns `OPTION_UNKNOWN` if there are any.
 */
export function unreadArguments(file: string, others: readonly string[]): UsageError | undefined {
  if (wasRead || others.length === 0) return undefined;
  const [first] = others;
  const flag = /^(--?[^=]+)/.exec(first)?.[1];
  const nearest = flag === undefined ? undefined : nearestName(flag, [...RUN_OPTION_SPECS.keys()].map(flagOf));
  const what = flag === undefined ? `Argument '${first}'` : `Option ${flag}`;
  return new UsageError('OPTION_UNKNOWN', `${what} means nothing to ${file}`, {
    hint:
      nearest === undefined
        ? 'the script does not read process.argv, and every pipeline has but the options in millrace run --help'
        : `did you mean --${nearest}? The script reads no options of its own`,
  });
}
