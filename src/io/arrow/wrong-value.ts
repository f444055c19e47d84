import { CoderError } from '../../sdk/index.ts';

/** The error for a value that a column cannot hold. */
export function wrongValue(path: string, wanted: string, value: unknown): CoderError {
  const shown =
    typeof value === 'string'
      ? JSON.stringify(value.slice(0, 60))
      : typeof value === 'object' && value !== null
        ? Array.isArray(value)
          ? 'an array'
          : `an object of class ${value.constructor?.name ?? 'null'}`
        : String(value);
  return new CoderError('ARROW_VALUE', `Column '${path}' holds ${shown} where ${wanted} belongs`);
}
