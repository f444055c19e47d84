import { PipelineError } from '../errors.ts';
import { type Duration, isDuration } from '../windows/timestamp.ts';
import { parseByteSize } from './byte-size.ts';
import { checkKnownOptions } from './known-options.ts';

/**
 * One option of a pipeline: its type, its help and what it is when nobody gives it. Made by {@link option}.
 *
 * @typeParam T value type
 * @typeParam R whether somebody must give a value
 */
export interface OptionSpec<T, R extends boolean = boolean> {
  /** What values look like, in the words of an error message: `an integer of at least 0`. */
  readonly expected: string;
  /** Stands for the value in help, e.g. `INTEGER`; `undefined` for a flag, which takes none on the command line. */
  readonly placeholder: string | undefined;
  readonly help?: string;
  readonly required: R;
  readonly default?: T;
  /** Given several times, the values add up. */
  readonly repeatable: boolean;
  /** The value that argv or an environment variable spells; `undefined` when it spells none. */
  parse(text: string): T | undefined;
  /** The value of code or of an options file, checked; `undefined` when it is not of the type. */
  check(value: unknown): T | undefined;
}

/** Settings that every option has. */
export interface OptionSettings<T> {
  /** One line for `--help`. */
  readonly help?: string;
  /** Value when nobody gives one. Without a default an option is required, unless `required` is false. */
  readonly default?: T;
  readonly required?: boolean;
}

/** Makes options of one type; `E` are the settings that only this type has. */
export interface OptionMaker<T, E = unknown> {
  (settings: OptionSettings<T> & E & { readonly default: T }): OptionSpec<T, false>;
  (
    settings: OptionSettings<T> & E & { readonly required: false; readonly default?: undefined },
  ): OptionSpec<T | undefined, false>;
  (settings?: OptionSettings<T> & E & { readonly required?: true; readonly default?: undefined }): OptionSpec<T, true>;
}

/** Bounds of a number, both inclusive. */
export interface NumberBounds {
  readonly min?: number;
  readonly max?: number;
}

const SETTINGS = { help: true, default: true, required: true, min: true, max: true } as const;

interface Reading<T> {
  readonly expected: string;
  readonly placeholder: string | undefined;
  readonly repeatable?: boolean;
  parse(text: string): T | undefined;
  check(value: unknown): T | undefined;
}

function spec<T>(reading: Reading<T>, settings: OptionSettings<T> = {}): OptionSpec<T, boolean> {
  checkKnownOptions<OptionSettings<T> & NumberBounds>('an option', settings, SETTINGS);
  if (settings.default !== undefined && reading.check(settings.default) === undefined) {
    throw new PipelineError('OPTION_SPEC_INVALID', `The default of an option must be ${reading.expected}`, {
      hint: `it is ${String(settings.default)}`,
    });
  }
  return {
    repeatable: false,
    ...reading,
    required: settings.required ?? settings.default === undefined,
    ...(settings.help === undefined ? {} : { help: settings.help }),
    ...(settings.default === undefined ? {} : { default: settings.default }),
  };
}

const DECIMAL = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

function numeric(settings: NumberBounds, type: string, accepts: (value: number) => boolean): Reading<number> {
  const { min, max } = settings;
  const range =
    min !== undefined && max !== undefined
      ? ` from ${min} to ${max}`
      : min !== undefined
        ? ` of at least ${min}`
        : max !== undefined
          ? ` of at most ${max}`
          : '';
  const check = (value: unknown) =>
    typeof value === 'number' && accepts(value) && !(value < (min ?? value)) && !(value > (max ?? value))
      ? value
      : undefined;
  return {
    expected: `${type}${range}`,
    placeholder: type.endsWith('integer') ? 'INTEGER' : 'NUMBER',
    parse: (text) => (DECIMAL.test(text.trim()) ? check(Number(text)) : undefined),
    check,
  };
}

const string = ((settings?: OptionSettings<string>) =>
  spec(
    {
      expected: 'a string',
      placeholder: 'TEXT',
      parse: (text) => text,
      check: (value) => (typeof value === 'string' ? value : undefined),
    },
    settings,
  )) as OptionMaker<string>;

const integer = ((settings: OptionSettings<number> & NumberBounds = {}) =>
  spec(numeric(settings, 'an integer', Number.isSafeInteger), settings)) as OptionMaker<number, NumberBounds>;

const number = ((settings: OptionSettings<number> & NumberBounds = {}) =>
  spec(numeric(settings, 'a number', Number.isFinite), settings)) as OptionMaker<number, NumberBounds>;

const int64 = ((settings?: OptionSettings<bigint>) => {
  const check = (value: unknown): bigint | undefined => {
    if (typeof value === 'bigint') return BigInt.asIntN(64, value) === value ? value : undefined;
    if (typeof value === 'string')
      return /^[+-]?\d{1,19}$/.test(value) ? check(BigInt(value.replace('+', ''))) : undefined;
    return Number.isSafeInteger(value) ? BigInt(value as number) : undefined;
  };
  return spec(
    { expected: 'an integer of 64 bits', placeholder: 'INTEGER', parse: (text) => check(text.trim()), check },
    settings,
  );
}) as OptionMaker<bigint>;

const byteSize = ((settings?: OptionSettings<number | string>) =>
  spec<number | string>(
    {
      expected: 'a size such as 512MiB',
      placeholder: 'SIZE',
      parse: (text) => (parseByteSize(text) === undefined ? undefined : text),
      check: (value) =>
        (typeof value === 'string' && parseByteSize(value) !== undefined) ||
        (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0)
          ? value
          : undefined,
    },
    settings,
  )) as OptionMaker<number | string>;

const duration = ((settings?: OptionSettings<Duration>) => {
  const check = (value: unknown): Duration | undefined => (isDuration(value) ? value : undefined);
  return spec<Duration>(
    { expected: 'a time such as 10s or 30m', placeholder: 'TIME', parse: (text) => check(text.trim()), check },
    settings,
  );
}) as OptionMaker<Duration>;

const WORDS = new Map([
  ['true', true],
  ['1', true],
  ['yes', true],
  ['on', true],
  ['false', false],
  ['0', false],
  ['no', false],
  ['off', false],
]);

function boolean(
  settings: OptionSettings<boolean> & { readonly required: false; readonly default?: undefined },
): OptionSpec<boolean | undefined, false>;
function boolean(settings?: OptionSettings<boolean>): OptionSpec<boolean, false>;
function boolean(settings: OptionSettings<boolean> = {}): OptionSpec<boolean | undefined, boolean> {
  const reading: Reading<boolean> = {
    expected: 'true or false',
    placeholder: undefined,
    parse: (text) => WORDS.get(text.trim().toLowerCase()),
    check: (value) => (typeof value === 'boolean' ? value : undefined),
  };
  return spec(reading, settings.required === false ? settings : { default: false, ...settings, required: false });
}

function choice<const V extends string>(
  values: readonly V[],
  settings: OptionSettings<NoInfer<V>> & { readonly default: NoInfer<V> },
): OptionSpec<V, false>;
function choice<const V extends string>(
  values: readonly V[],
  settings: OptionSettings<NoInfer<V>> & { readonly required: false; readonly default?: undefined },
): OptionSpec<V | undefined, false>;
function choice<const V extends string>(
  values: readonly V[],
  settings?: OptionSettings<NoInfer<V>>,
): OptionSpec<V, true>;
function choice<const V extends string>(
  values: readonly V[],
  settings?: OptionSettings<V>,
): OptionSpec<V | undefined, boolean> {
  const check = (value: unknown) => values.find((known) => known === value);
  return spec<V>(
    {
      expected: values.length === 1 ? `'${values[0]}'` : `one of ${values.map((value) => `'${value}'`).join(', ')}`,
      placeholder: values.join('|').length <= 30 ? values.join('|') : 'NAME',
      parse: check,
      check,
    },
    settings,
  );
}

function list<T>(
  of: OptionSpec<T>,
  settings: OptionSettings<readonly T[]> & { readonly default: readonly T[] },
): OptionSpec<readonly T[], false>;
function list<T>(
  of: OptionSpec<T>,
  settings: OptionSettings<readonly T[]> & { readonly required: false; readonly default?: undefined },
): OptionSpec<readonly T[] | undefined, false>;
function list<T>(of: OptionSpec<T>, settings?: OptionSettings<readonly T[]>): OptionSpec<readonly T[], true>;
function list<T>(
  of: OptionSpec<T>,
  settings?: OptionSettings<readonly T[]>,
): OptionSpec<readonly T[] | undefined, boolean> {
  const all = (values: readonly (T | undefined)[]) =>
    values.includes(undefined) ? undefined : (values as readonly T[]);
  return spec<readonly T[]>(
    {
      expected: `a list, each ${of.expected}`,
      placeholder: `${of.placeholder ?? 'BOOLEAN'},...`,
      repeatable: true,
      parse: (text) => (text === '' ? [] : all(text.split(',').map((part) => of.parse(part)))),
      check: (value) => (Array.isArray(value) ? all(value.map((part) => of.check(part))) : undefined),
    },
    settings,
  );
}

/**
 * Makes the options of a pipeline:
 *
 * ```ts
 * pipeline('wordcount', {
 *   input: option.string({ help: 'files to read' }),
 *   minLength: option.integer({ min: 1, default: 1 }),
 *   format: option.choice(['text', 'json'], { default: 'text' }),
 * }, (p, options) => { … });
 * ```
 *
 * An option without a default is required unless it says `required: false`; it is then `undefined` when not given.
 * A wrong default is refused with `OPTION_SPEC_INVALID`.
 */
export const option = {
  /** Any text. */
  string,
  /** A safe integer, e.g. `42`. */
  integer,
  /** A finite number, e.g. `0.5`, `1e-3`. */
  number,
  /** An integer of 64 bits, as bigint. In options files, those past 2^53 are written as strings. */
  int64,
  /** A number of bytes, with a unit if wanted: `64KiB`, `1.5GB`. */
  byteSize,
  /** A length of time, with its unit: `10s`, `1.5h`. */
  duration,
  /** A flag: `--name`, `--no-name`, `--name=false`; false when not given. */
  boolean,
  /** One of the given strings. */
  choice,
  /** Several values: `--name a,b`, or `--name a --name b`; an array in options files. */
  list,
};
