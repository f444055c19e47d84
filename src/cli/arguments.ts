import { nearestName } from '../sdk/options/option-names.ts';
import { UsageError } from './exit-codes.ts';

/** A flag of the command itself, as opposed to an option of the pipeline. */
export interface Flag {
  /** With its dashes: `--json`, `-o`. */
  readonly names: readonly string[];
  /** Stands for the value in help; `undefined` when it takes none. */
  readonly placeholder?: string;
  readonly choices?: readonly string[];
  readonly help: string;
}

/** A command line: `COMMAND [FLAG...] FILE [FLAG or OPTION...] [-- OPTION...]`, without the command. */
export interface CommandArguments {
  readonly file: string | undefined;
  /** Flags of the command by their first name; `true` for one without a value. */
  readonly flags: ReadonlyMap<string, string | true>;
  /** What belongs to the pipeline, in order. */
  readonly rest: readonly string[];
}

/**
 * Tells the command's own flags from the pipeline's options. Before FILE only flags may stand; after it, what is no flag
 * belongs to the pipeline; after `--`, everything does.
 *
 * @throws UsageError `FLAG_UNKNOWN` or `FLAG_INVALID`
 */
export function splitArguments(argv: readonly string[], flags: readonly Flag[]): CommandArguments {
  const given = new Map<string, string | true>();
  const rest: string[] = [];
  let file: string | undefined;
  for (let i = 0; i < argv.length; i++) {
    const argument = argv[i];
    if (argument === '--') {
      const after = argv.slice(i + 1);
      file ??= after.shift();
      rest.push(...after);
      break;
    }
    const equals = argument.startsWith('--') ? argument.indexOf('=') : -1;
    const name = equals < 0 ? argument : argument.slice(0, equals);
    const flag = flags.find(({ names }) => names.includes(name));
    if (flag !== undefined) {
      let value: string | true = true;
      if (flag.placeholder !== undefined) {
        if (given.has(flag.names[0])) throw new UsageError('FLAG_INVALID', `${name} is given twice`);
        value = checkValue(flag, name, equals < 0 ? argv[++i] : argument.slice(equals + 1));
      } else if (equals >= 0) throw new UsageError('FLAG_INVALID', `${name} takes no value`);
      given.set(flag.names[0], value);
    } else if (file !== undefined) rest.push(argument);
    else if (argument.startsWith('-') && argument !== '-') throw unknownFlag(name, flags);
    else file = argument;
  }
  return { file, flags: given, rest };
}

function checkValue(flag: Flag, name: string, value: string | undefined): string {
  if (value === undefined) throw new UsageError('FLAG_INVALID', `${name} needs a value: ${flag.placeholder}`);
  if (flag.choices !== undefined && !flag.choices.includes(value)) {
    throw new UsageError('FLAG_INVALID', `${name} must be one of ${flag.choices.join(', ')}, not '${value}'`);
  }
  return value;
}

function unknownFlag(name: string, flags: readonly Flag[]): UsageError {
  const nearest = nearestName(
    name,
    flags.flatMap(({ names }) => names),
  );
  return new UsageError('FLAG_UNKNOWN', `Unknown flag ${name}`, {
    hint: nearest === undefined ? 'options of the pipeline stand after FILE' : `did you mean ${nearest}?`,
  });
}
