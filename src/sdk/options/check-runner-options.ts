import { OptionError } from './option-error.ts';

/**
 * Checks that a runner's own options are what JSON can say, all the way down.
 *
 * @throws OptionError `OPTION_INVALID`, naming the option and never its value, which may be a secret
 */
export function checkRunnerOptions(options: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(options)) {
    const wrong = notJson(value);
    if (wrong === undefined) continue;
    throw new OptionError('OPTION_INVALID', `The option '${name}' of runnerOptions is or holds ${wrong}`, {
      hint: 'options of a runner are null, booleans, numbers, strings, and arrays and objects of these',
    });
  }
}

/** What of a value JSON cannot say, in words. */
function notJson(value: unknown): string | undefined {
  if (value === null || ['boolean', 'number', 'string'].includes(typeof value)) return undefined;
  if (typeof value !== 'object') return value === undefined ? 'undefined' : `a ${typeof value}`;
  for (const each of Object.values(value)) {
    const wrong = notJson(each);
    if (wrong !== undefined) return wrong;
  }
  return undefined;
}
