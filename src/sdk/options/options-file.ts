import { readFileSync, statSync } from 'node:fs';
import { OptionError } from './option-error.ts';
import { flagOf, nearestName } from './option-names.ts';
import type { NormalSpecs } from './option-specs.ts';

/** Largest options file, in bytes. */
export const MAX_OPTIONS_FILE = 1024 * 1024;

/**
 * Reads options of a JSON file: one object, by option name in camel case (`tempDir`) or as the flag is spelt
 * (`temp-dir`).
 *
 * @throws OptionError `OPTIONS_FILE` when the file cannot be read or is no JSON object; `OPTION_UNKNOWN` or
 *   `OPTION_INVALID` for one of its entries.
 */
export function readOptionsFile(path: string, specs: NormalSpecs): Map<string, unknown> {
  const byFlag = new Map([...specs.keys()].map((name) => [flagOf(name), name]));
  const values = new Map<string, unknown>();
  for (const [key, value] of Object.entries(readObject(path))) {
    const name = specs.has(key) ? key : byFlag.get(key);
    const spec = name === undefined ? undefined : specs.get(name);
    if (name === undefined || spec === undefined) {
      const nearest = nearestName(key, specs.keys());
      throw new OptionError('OPTION_UNKNOWN', `Unknown option '${key}'`, {
        resource: path,
        hint: nearest === undefined ? `known options: ${[...specs.keys()].join(', ')}` : `did you mean '${nearest}'?`,
      });
    }
    if (values.has(name)) {
      throw new OptionError('OPTION_INVALID', `The option '${name}' is given twice`, { resource: path });
    }
    const checked = spec.check(value);
    if (checked === undefined) {
      const text = JSON.stringify(value);
      throw new OptionError('OPTION_INVALID', `'${key}' must be ${spec.expected}, not ${text.slice(0, 200)}`, {
        resource: path,
      });
    }
    values.set(name, checked);
  }
  return values;
}

function readObject(path: string): object {
  let value: unknown;
  try {
    const { size } = statSync(path);
    if (size > MAX_OPTIONS_FILE) throw new Error(`it has ${size} bytes, at most ${MAX_OPTIONS_FILE} are read`);
    value = JSON.parse(readFileSync(path, 'utf8').replace(/^\uFEFF/, ''));
  } catch (cause) {
    throw new OptionError('OPTIONS_FILE', `The options file cannot be read: ${(cause as Error).message}`, {
      resource: path,
      cause,
    });
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new OptionError('OPTIONS_FILE', 'An options file holds one JSON object, { "name": value, ... }', {
      resource: path,
    });
  }
  return value;
}
