import { parseArgs } from 'node:util';
import { OptionError } from './option-error.ts';
import { flagOf, nearestName } from './option-names.ts';
import type { NormalSpecs } from './option-specs.ts';

/**
 * Reads options of a command line: `--name value`, `--name=value`, `--flag`, `--no-flag`. An option is given
 * once, unless it is a list: of two values, one would have no effect.
 *
 * @param more flags that are known here but read elsewhere, for the suggestion in an error.
 * @returns the values by option name, and what stands after `--`.
 * @throws OptionError `OPTION_UNKNOWN`, `OPTION_INVALID` or `ARGUMENT_UNEXPECTED`, naming the argument.
 */
export function readArgv(
  argv: readonly string[],
  specs: NormalSpecs,
  more: readonly string[] = [],
): Map<string, unknown> {
  const byFlag = new Map([...specs.keys()].map((name) => [flagOf(name), name]));
  const { tokens } = parseArgs({
    args: [...argv],
    options: Object.fromEntries(
      [...byFlag].map(([flag, name]) => [
        flag,
        { type: specs.get(name)?.placeholder === undefined ? 'boolean' : 'string' },
      ]),
    ),
    strict: false,
    tokens: true,
  });
  const values = new Map<string, unknown>();
  for (const token of tokens) {
    if (token.kind === 'option-terminator') continue;
    if (token.kind === 'positional') throw unexpected(token.value);
    const { rawName, value, inlineValue } = token;
    const negated = rawName.startsWith('--no-') ? byFlag.get(rawName.slice(5)) : undefined;
    const name = byFlag.get(rawName.startsWith('--') ? rawName.slice(2) : '') ?? negated;
    const spec = name === undefined ? undefined : specs.get(name);
    if (name === undefined || spec === undefined) throw unknownOption(rawName, [...byFlag.keys(), ...more]);
    if (values.has(name) && !spec.repeatable)
      throw invalid(`--${flagOf(name)} is given twice`, 'leave one of them out');
    if (negated !== undefined) {
      if (spec.placeholder !== undefined)
        throw invalid(`${rawName}: --${flagOf(name)} takes a value and cannot be negated`);
      if (value !== undefined) throw invalid(`${rawName} takes no value`);
      values.set(name, false);
    } else if (spec.placeholder === undefined) {
      values.set(name, value === undefined ? true : parsed(rawName, spec.parse(value), spec.expected, value));
    } else {
      if (value === undefined) throw invalid(`${rawName} needs a value: ${spec.expected}`);
      if (!inlineValue && value.startsWith('--')) {
        throw invalid(
          `${rawName} needs a value, but ${value} follows`,
          `to give that value, write ${rawName}=${value}`,
        );
      }
      const one = parsed(rawName, spec.parse(value), spec.expected, value);
      const earlier = values.get(name);
      values.set(name, spec.repeatable && Array.isArray(earlier) && Array.isArray(one) ? [...earlier, ...one] : one);
    }
  }
  return values;
}

function parsed<T>(flag: string, value: T | undefined, expected: string, text: string): T {
  if (value === undefined) throw invalid(`${flag} must be ${expected}, not '${text.slice(0, 200)}'`);
  return value;
}

function unknownOption(typed: string, known: readonly string[]): OptionError {
  const name = typed.replace(/^-+/, '');
  const nearest = nearestName(name, [...known, ...known.map((flag) => `no-${flag}`)]);
  const hint =
    nearest === undefined
      ? `known options: ${known.map((flag) => `--${flag}`).join(', ') || 'none'}`
      : `did you mean --${nearest}?`;
  return new OptionError('OPTION_UNKNOWN', `Unknown option ${typed}`, { hint });
}

function unexpected(argument: string): OptionError {
  return new OptionError('ARGUMENT_UNEXPECTED', `Unexpected argument '${argument.slice(0, 200)}'`, {
    hint: 'options are written --name value or --name=value; quote a value that holds spaces or wildcards',
  });
}

function invalid(summary: string, hint?: string): OptionError {
  return new OptionError('OPTION_INVALID', summary, hint === undefined ? {} : { hint });
}
