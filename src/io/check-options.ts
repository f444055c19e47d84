import { nearestName, PipelineError } from '../sdk/index.ts';

/** The names of all options of a type, for {@link checkOptions}: the compiler sees to it that none is missing. */
export type OptionNames<T> = { readonly [P in keyof Required<T>]: true };

/**
 * Refuses options that do not exist. The compiler does so too, but not in plain JavaScript, nor for options that come
 * out of a variable: there a misspelt one would have no effect, and nobody would know.
 *
 * @param transform whose options they are
 * @throws PipelineError `OPTION_UNKNOWN`, `OPTION_INVALID`
 */
export function checkOptions(options: object, names: Readonly<Record<string, true>>, transform: string): void {
  if (typeof options !== 'object' || options === null) {
    throw new PipelineError('OPTION_INVALID', `The options must be an object, not ${String(options)}`, { transform });
  }
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined || Object.hasOwn(names, name)) continue;
    const known = Object.keys(names);
    const nearest = nearestName(name, known);
    throw new PipelineError('OPTION_UNKNOWN', `There is no option '${name}'`, {
      transform,
      hint: nearest === undefined ? `The options are ${known.join(', ')}.` : `Did you mean '${nearest}'?`,
    });
  }
}

/** @throws PipelineError `OPTION_INVALID` when an option's value is no integer in its range */
export function checkIntegerOption(name: string, value: number, least: number, most: number, transform: string): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  const message = `${name} must be an integer from ${least} to ${most}, not ${String(value)}`;
  throw new PipelineError('OPTION_INVALID', message, { transform });
}

/** @throws PipelineError `OPTION_INVALID` when an option's value is none of those it may have */
export function checkChoiceOption(name: string, value: string, choices: readonly string[], transform: string): void {
  if (choices.includes(value)) return;
  const quoted = choices.map((choice) => `'${choice}'`);
  const listed = `${quoted.slice(0, -1).join(', ')} or ${quoted[quoted.length - 1]}`;
  throw new PipelineError('OPTION_INVALID', `${name} must be ${listed}, not '${String(value)}'`, { transform });
}
