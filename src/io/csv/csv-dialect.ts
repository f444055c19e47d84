import { PipelineError } from '../../sdk/index.ts';
import type { OptionNames } from '../check-options.ts';

/** How a CSV file is written. */
export interface CsvDialectOptions {
  /** One ASCII character; default `,`. */
  readonly delimiter?: string;
  /** One ASCII character, or `''` for files without quoting; default `"`. */
  readonly quote?: string;
  /** What makes a quote inside of quotes a character: the quote itself (default, RFC 4180) or another, such as `\`. */
  readonly escape?: string;
  /** Lines that start with this ASCII character are left out; default none. */
  readonly comment?: string;
  /** Fields that mean null when they are not quoted; default the empty field. */
  readonly nullValues?: readonly string[];
  /**
   * Whether fields in quotes may hold line ends; default true. False: a line end always ends the row, so that one
   * forgotten quote spoils one row only.
   */
  readonly quotedNewlines?: boolean;
}

/** Names of {@link CsvDialectOptions}. */
export const CSV_DIALECT_OPTIONS: OptionNames<CsvDialectOptions> = {
  delimiter: true,
  quote: true,
  escape: true,
  comment: true,
  nullValues: true,
  quotedNewlines: true,
};

/** A dialect in bytes; −1 stands for a character that is not in use. */
export interface CsvDialect {
  readonly delimiter: number;
  readonly quote: number;
  /** The byte that makes a quote in quotes a character. */
  readonly escapedBy: number;
  readonly comment: number;
  readonly nulls: readonly Buffer[];
  readonly quotedNewlines: boolean;
}

/** @throws PipelineError `OPTION_INVALID` */
export function csvDialect(options: CsvDialectOptions, transform: string): CsvDialect {
  const { delimiter = ',', quote = '"', escape: mark = quote, comment = '', nullValues = [''] } = options;
  const dialect = {
    delimiter: byte('delimiter', delimiter, transform),
    quote: quote === '' ? -1 : byte('quote', quote, transform),
    escapedBy: mark === '' || quote === '' ? -1 : byte('escape', mark, transform),
    comment: comment === '' ? -1 : byte('comment', comment, transform),
    nulls: nullValues.map((text) => Buffer.from(text)),
    quotedNewlines: options.quotedNewlines ?? true,
  };
  const { delimiter: d, quote: q, escapedBy: e, comment: c } = dialect;
  if (d === q || d === c || d === e || (q >= 0 && q === c)) {
    throw new PipelineError('OPTION_INVALID', 'delimiter, quote, escape and comment must be different characters', {
      transform,
    });
  }
  return dialect;
}

function byte(option: string, text: string, transform: string): number {
  const code = typeof text === 'string' ? text.charCodeAt(0) : Number.NaN;
  if (text?.length === 1 && code < 0x80 && code !== 0x0a && code !== 0x0d && code !== 0) return code;
  throw new PipelineError('OPTION_INVALID', `${option} must be one ASCII character, not ${JSON.stringify(text)}`, {
    transform,
  });
}
