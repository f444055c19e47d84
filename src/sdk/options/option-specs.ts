import { booleanCoder } from '../coders/boolean-coder.ts';
import type { Coder } from '../coders/coder.ts';
import { doubleCoder } from '../coders/double-coder.ts';
import { stringCoder } from '../coders/string-coder.ts';
import { int64Coder, safeIntCoder } from '../coders/varint-coder.ts';
import { PipelineError } from '../errors.ts';
import { type OptionSpec, option } from './option.ts';
import { flagOf } from './option-names.ts';

/**
 * Options by name, in camel case. A coder (`coders.string`, `int64`, `safeInt`, `double`, `boolean`) stands for a
 * required option of its type, except that `coders.boolean` is a flag.
 */
export type OptionSpecs = Readonly<Record<string, OptionSpec<unknown> | Coder<unknown>>>;

/** The values that a set of options has. */
export type OptionValues<S extends OptionSpecs> = {
  readonly [P in keyof S]: S[P] extends OptionSpec<infer T> ? T : S[P] extends Coder<infer T> ? T : never;
};

type Required<S extends OptionSpecs> = {
  [P in keyof S]: S[P] extends OptionSpec<unknown, false> | Coder<boolean> ? never : P;
}[keyof S];

/** The values that code may give: those of optional options can be left out. */
export type OptionInput<S extends OptionSpecs> = Pick<OptionValues<S>, Required<S>> & Partial<OptionValues<S>>;

/** Specs in their full form, by name. */
export type NormalSpecs = ReadonlyMap<string, OptionSpec<unknown>>;

const CODERS: readonly (readonly [coder: unknown, spec: OptionSpec<unknown>])[] = [
  [stringCoder, option.string()],
  [int64Coder, option.int64()],
  [safeIntCoder, option.integer()],
  [doubleCoder, option.number()],
  [booleanCoder, option.boolean()],
];

/**
 * Turns coders into full specs and checks the names.
 *
 * @throws PipelineError `OPTION_SPEC_INVALID` for a name that cannot be written as a flag or is taken, for two names
 *   with the same flag and for a coder without a textual form.
 */
export function normalSpecs(specs: OptionSpecs, reserved: ReadonlySet<string>): NormalSpecs {
  const result = new Map<string, OptionSpec<unknown>>();
  const flags = new Map<string, string>();
  for (const [name, given] of Object.entries(specs)) {
    if (!/^[a-zA-Z][a-zA-Z0-9]{0,63}$/.test(name)) {
      throw invalid(`'${name}' cannot be the name of an option`, 'use camel case: letters and digits only');
    }
    const flag = flagOf(name);
    if (reserved.has(flag) || flag.startsWith('no-')) {
      throw invalid(
        `'${name}' cannot be the name of an option`,
        `--${flag} has a meaning already; choose another name`,
      );
    }
    const taken = flags.get(flag);
    if (taken !== undefined) {
      throw invalid(`The options '${taken}' and '${name}' would both be --${flag}`, 'rename one of them');
    }
    flags.set(flag, name);
    result.set(name, fullSpec(name, given));
  }
  return result;
}

function fullSpec(name: string, given: OptionSpec<unknown> | Coder<unknown>): OptionSpec<unknown> {
  const known = CODERS.find(([coder]) => coder === given);
  if (known !== undefined) return known[1];
  if (typeof given !== 'object' || given === null || !('parse' in given)) {
    const what =
      typeof given === 'object' && given !== null && 'urn' in given ? `The coder ${given.urn}` : String(given);
    throw invalid(
      `${what} cannot be the type of the option '${name}'`,
      'use option.string(), option.integer() and the like, or coders.string, int64, safeInt, double or boolean',
    );
  }
  return given;
}

function invalid(summary: string, hint: string): PipelineError {
  return new PipelineError('OPTION_SPEC_INVALID', summary, { hint });
}
