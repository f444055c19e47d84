import { type OptionSpec, option } from './option.ts';

/** An option of which some values mean nothing where it is read. */
export function narrowed<T>(
  spec: OptionSpec<T, false>,
  expected: string,
  means: (value: NonNullable<T>) => boolean,
): OptionSpec<T, false> {
  const check = (value: T | undefined): T | undefined =>
    value !== undefined && value !== null && means(value) ? value : undefined;
  return {
    ...spec,
    expected,
    parse: (text) => check(spec.parse(text)),
    check: (value) => check(spec.check(value)),
  };
}

/** Text that is not empty, as that of a shell's variable without a value is: an empty path would be the current folder. */
export function filledText(expected: string, help: string): OptionSpec<string | undefined, false> {
  return narrowed(option.string({ help, required: false }), expected, (text) => text.trim() !== '');
}
