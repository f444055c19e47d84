import type { PCollection, Pipeline, PTransform } from '../../sdk/index.ts';
import { checkOptions, type OptionNames } from '../check-options.ts';
import {
  FILE_SOURCE_OPTIONS,
  type FileSourceOptions,
  type Globs,
  readFiles,
  type SourceOutput,
} from '../file-based-source.ts';
import { DataError, type OnError } from '../on-error.ts';
import { LINE_SOURCE_OPTIONS, type LineSourceOptions, lineFormat } from '../text/line-format.ts';

/** Options of {@link readJsonLines}. */
export interface JsonLinesReadOptions<T, E extends OnError = 'fail'>
  extends FileSourceOptions<E>,
    Omit<LineSourceOptions, 'delimiter' | 'encoding'> {
  /** Checks and shapes each value; what it throws makes the line a bad record. */
  readonly validate?: (value: unknown) => T;
}

const { delimiter: _, encoding: __, ...LINE_OPTIONS } = LINE_SOURCE_OPTIONS;
const OPTIONS: OptionNames<JsonLinesReadOptions<unknown>> = {
  ...FILE_SOURCE_OPTIONS,
  ...LINE_OPTIONS,
  validate: true,
};

/**
 * Reads files with one JSON value per line (NDJSON); blank lines are left out. `T` is taken on trust unless `validate`
 * checks it. Bad lines: `BAD_JSON`, `INVALID_RECORD` and those of `readText`.
 */
export function readJsonLines<T>(
  globs: Globs,
  options: JsonLinesReadOptions<T, 'deadLetter'> & { readonly onError: 'deadLetter' },
): PTransform<Pipeline, SourceOutput<T, 'deadLetter'>>;
export function readJsonLines<T>(
  globs: Globs,
  options?: JsonLinesReadOptions<T, 'fail' | 'skip'>,
): PTransform<Pipeline, PCollection<T>>;
// Overloads: with one generic signature, T in writing would stop the inference of the other parameter.
export function readJsonLines<T>(
  globs: Globs,
  options: JsonLinesReadOptions<T, OnError> = {},
): PTransform<Pipeline, SourceOutput<T, OnError>> {
  checkOptions(options, OPTIONS, 'ReadJsonLines');
  return readFiles(jsonLinesFormat(options), globs, options);
}

/** Lines as JSON values. */
function jsonLinesFormat<T>(options: JsonLinesReadOptions<T, OnError> = {}) {
  const { validate } = options;
  return lineFormat<T>('JsonLines', options, {
    many(lines) {
      const records: T[] = [];
      try {
        for (const line of lines) {
          if (isBlank(line)) continue;
          const value: unknown = JSON.parse(line);
          records.push(validate === undefined ? (value as T) : validate(value));
        }
        return records;
      } catch {
        // The parser goes through the lines again, one by one, to find which are bad.
        return undefined;
      }
    },
    one(line, _, records) {
      if (isBlank(line)) return;
      const value = parse(line);
      records.push(validate === undefined ? (value as T) : checked(validate, value));
    },
  });
}

function isBlank(line: string): boolean {
  return line.length === 0 || (line.charCodeAt(0) <= 0x20 && line.trim().length === 0);
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch (cause) {
    throw new DataError('BAD_JSON', `A line is not JSON: ${(cause as Error).message}`, { cause });
  }
}

function checked<T>(validate: (value: unknown) => T, value: unknown): T {
  try {
    return validate(value);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new DataError('INVALID_RECORD', `A record was refused: ${reason}`, { cause });
  }
}
