import { coders, type Pipeline, type PTransform } from '../../sdk/index.ts';
import { checkOptions, type OptionNames } from '../check-options.ts';
import {
  FILE_SOURCE_OPTIONS,
  type FileSourceOptions,
  type Globs,
  readFiles,
  type SourceOutput,
} from '../file-based-source.ts';
import type { OnError } from '../on-error.ts';
import { LINE_SOURCE_OPTIONS, type LineSourceOptions, lineFormat } from './line-format.ts';

/** Options of {@link readText}. */
export interface TextReadOptions<E extends OnError = 'fail'> extends FileSourceOptions<E>, LineSourceOptions {}

const OPTIONS: OptionNames<TextReadOptions> = { ...FILE_SOURCE_OPTIONS, ...LINE_SOURCE_OPTIONS };

/** A line with where it comes from. */
export interface TextRecord {
  readonly file: string;
  /** Byte of the decompressed content at which the line starts. */
  readonly offset: number;
  readonly text: string;
}

/**
 * Reads text files line by line (Beam's TextIO). `\n` and `\r\n` end a line; the last one needs no end; a byte order mark
 * is left out. Large uncompressed files are read in parallel ranges.
 *
 * ```ts
 * const lines = pipeline.apply(readText('logs/2024-*.txt.gz'));
 * const { main, errors } = pipeline.apply(readText('uploads/*.txt', { onError: 'deadLetter' }));
 * ```
 *
 * Bad lines (`onError`): `BAD_UTF8`, `RECORD_TOO_LONG`. Bad files: `COMPRESSION_TRUNCATED`, `COMPRESSION_CORRUPT`,
 * `EXPANSION_LIMIT`.
 */
export function readText<E extends OnError = 'fail'>(
  globs: Globs,
  options: TextReadOptions<E> = {},
): PTransform<Pipeline, SourceOutput<string, E>> {
  checkOptions(options, OPTIONS, 'ReadText');
  return readFiles(textFormat(options), globs, options, coders.string);
}

/** Like {@link readText}, each line with its file and offset. */
export function readTextRecords<E extends OnError = 'fail'>(
  globs: Globs,
  options: TextReadOptions<E> = {},
): PTransform<Pipeline, SourceOutput<TextRecord, E>> {
  checkOptions(options, OPTIONS, 'ReadTextRecords');
  return readFiles(textRecordFormat(options), globs, options);
}

/** Lines as strings. */
export function textFormat(options: LineSourceOptions = {}) {
  return lineFormat<string>('Text', options, {
    many: (lines) => lines,
    one: (line, _, records) => {
      records.push(line);
    },
  });
}

/** Lines with file and offset. */
export function textRecordFormat(options: LineSourceOptions = {}) {
  return lineFormat<TextRecord>('TextRecords', options, (file) => ({
    one: (text, offset, records) => {
      records.push({ file, offset, text });
    },
  }));
}
