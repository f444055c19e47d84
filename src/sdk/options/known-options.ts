import { PipelineError } from '../errors.ts';
import { nearestName } from './option-names.ts';

/**
 * Refuses options that do not exist. The compiler does so too, but not in plain JavaScript, nor for options that come
 * out of a variable: there a misspelt one would have no effect, and nobody would know.
 *
 * @param of whose options they are, e.g. `window()`
 * @param known the names of all of them: the compiler sees to it that none is missing
 * @throws PipelineError `OPTION_UNKNOWN`, `OPTION_INVALID`
 */
export function checkKnownOptions<O extends object>(
  of: string,
  options: O,
  known: { readonly [P in keyof Required<O>]: true },
): void {
  if (typeof options !== 'object' || options === null) {
    throw new PipelineError('OPTION_INVALID', `The options of ${of} must be an object, not ${String(options)}`);
  }
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined || Object.hasOwn(known, name)) continue;
    const names = Object.keys(known);
    const nearest = nearestName(name, names);
    throw new PipelineError('OPTION_UNKNOWN', `${of} has no option '${name}'`, {
      hint: nearest === undefined ? `the options are ${names.join(', ')}` : `did you mean '${nearest}'?`,
    });
  }
}
