import { PipelineError } from '../../sdk/index.ts';
import { checkChoiceOption, checkIntegerOption, type OptionNames } from '../check-options.ts';
import type { SourceFormat } from '../file-format.ts';
import {
  findContentStart,
  type LineOptions,
  LineParser,
  type LineShape,
  overlapsItself,
  type TextEncoding,
} from './line-parser.ts';

/** Options of every source that reads lines. */
export interface LineSourceOptions {
  /** What ends a line; default `\n`, which takes a `\r` before it away. */
  readonly delimiter?: string | Uint8Array;
  /** Default `utf8`; bytes that are not valid are an error. */
  readonly encoding?: TextEncoding;
  /** Longest line in bytes; default 64 MiB, at most 256 MiB. */
  readonly maxLineBytes?: number;
  /** Lines at the start of each file that are left out; default 0. */
  readonly skipHeaderLines?: number;
}

/** Names of {@link LineSourceOptions}. */
export const LINE_SOURCE_OPTIONS: OptionNames<LineSourceOptions> = {
  delimiter: true,
  encoding: true,
  maxLineBytes: true,
  skipHeaderLines: true,
};

const MAX_LINE_BYTES = 64 * 1024 * 1024;
/** V8 holds strings of up to 2^29 characters; the buffer that gathers a line must double on the way. */
const MOST_LINE_BYTES = 256 * 1024 * 1024;
const MAX_DELIMITER_BYTES = 1024;

/** A format that makes records of lines. */
export function lineFormat<O>(
  name: string,
  options: LineSourceOptions,
  records: Pick<LineOptions<O>, 'many' | 'one'> | ((path: string) => Pick<LineOptions<O>, 'many' | 'one'>),
): SourceFormat<O> {
  const common = {
    delimiter: Buffer.from(options.delimiter ?? '\n'),
    encoding: options.encoding ?? 'utf8',
    maxLineBytes: options.maxLineBytes ?? MAX_LINE_BYTES,
    skipHeaderLines: options.skipHeaderLines ?? 0,
  };
  check(name, common);
  return {
    name,
    splittable: !overlapsItself(common.delimiter),
    lead: common.delimiter.length,
    // Beyond that even a line that ends with \r\n at once is too long.
    maxRecordBytes: common.maxLineBytes + common.delimiter.length + 1,
    async open(context) {
      const line = { ...common, ...(typeof records === 'function' ? records(context.file.path) : records) };
      return new LineParser(line, context.file.path, context.bad, await findContentStart(line, context));
    },
  };
}

function check(name: string, options: LineShape): void {
  const { delimiter, encoding, maxLineBytes, skipHeaderLines } = options;
  const transform = `Read${name}`;
  if (delimiter.length === 0 || delimiter.length > MAX_DELIMITER_BYTES) {
    const message = `delimiter must have 1 to ${MAX_DELIMITER_BYTES} bytes`;
    throw new PipelineError('OPTION_INVALID', message, { transform });
  }
  checkChoiceOption('encoding', encoding, ['utf8', 'latin1'], transform);
  checkIntegerOption('maxLineBytes', maxLineBytes, 1, MOST_LINE_BYTES, transform);
  checkIntegerOption('skipHeaderLines', skipHeaderLines, 0, 10_000, transform);
}
