import {
  type ByteWriter,
  IoError,
  type PCollection,
  PipelineError,
  type PTransform,
  type Window,
} from '../../sdk/index.ts';
import { checkOptions, type OptionNames } from '../check-options.ts';
import type { SinkFormat } from '../file-format.ts';
import { FILE_SINK_OPTIONS, type FileSinkOptions, writeFiles } from '../file-sink.ts';
import type { WrittenFile } from '../finalize-files.ts';
import { LineWriter } from '../text/line-writer.ts';

/** Options of {@link writeCsv}. */
export interface CsvWriteOptions<T, W extends Window = Window> extends FileSinkOptions<T, W> {
  /**
   * The columns to write, in this order. Default: the keys of each file's first row, and rows with other keys are an
   * error; name the columns if rows may differ.
   */
  readonly columns?: readonly (keyof T & string)[];
  /** Whether each file starts with the names of the columns; default true. */
  readonly header?: boolean;
  /** One character; default `,`. */
  readonly delimiter?: string;
  /** What stands for null and undefined; default nothing. A string that reads the same is put in quotes. */
  readonly nullValue?: string;
  /** Default `\n`. */
  readonly lineEnd?: '\n' | '\r\n';
}

const OPTIONS: OptionNames<CsvWriteOptions<object>> = {
  ...FILE_SINK_OPTIONS,
  columns: true,
  header: true,
  delimiter: true,
  nullValue: true,
  lineEnd: true,
};

/**
 * Writes objects as rows of CSV (RFC 4180): `prefix-00000-of-00001.csv`. Strings are quoted where they must be; Dates are
 * written as ISO 8601, bigints with all digits. `readCsv` with the same dialect and a schema gives the same rows back.
 */
export function writeCsv<T extends object, W extends Window = Window>(
  prefix: string,
  options: CsvWriteOptions<T, W> = {},
): PTransform<PCollection<T, W>, PCollection<WrittenFile>> {
  checkOptions(options, OPTIONS, 'WriteCsv');
  return writeFiles<T, W>(csvSink(options), prefix, options);
}

/** Objects as rows. */
function csvSink<T extends object>(
  options: Pick<CsvWriteOptions<T>, 'columns' | 'header' | 'delimiter' | 'nullValue' | 'lineEnd'> = {},
): SinkFormat<T> {
  const { delimiter = ',', nullValue = '', lineEnd = '\n', header = true, columns: given } = options;
  if (
    delimiter.length !== 1 ||
    /["\r\n]/.test(delimiter) ||
    /["\r\n]/.test(nullValue) ||
    nullValue.includes(delimiter)
  ) {
    throw new PipelineError('OPTION_INVALID', 'delimiter and nullValue cannot hold quotes or line ends', {
      transform: 'WriteCsv',
    });
  }
  const special = new RegExp(`["\\r\\n${delimiter.replace(/[\]\\^-]/g, '\\$&')}]`);
  const text = (value: string): string =>
    special.test(value) || value === nullValue ? `"${value.replaceAll('"', '""')}"` : value;
  const field = (value: unknown, column: string): string => {
    if (typeof value === 'string') return text(value);
    if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean') {
      const written = String(value);
      // A number that reads like null would come back as null.
      return written === nullValue || special.test(written) ? text(written) : written;
    }
    if (value === null || value === undefined) return nullValue;
    if (value instanceof Date && !Number.isNaN(value.getTime())) return text(value.toISOString());
    throw new IoError('NOT_CSV', `Column '${column}' holds ${describe(value)}, which no CSV field can be`, {
      final: true,
      hint: 'map() the rows to strings, numbers, booleans and dates first.',
    });
  };
  return {
    name: 'Csv',
    extension: '.csv',
    compressible: true,
    create() {
      let columns: readonly string[] | undefined = given;
      const lines = new LineWriter(lineEnd);
      const writeLine = (fields: string[], out: ByteWriter) => {
        const line = fields.join(delimiter);
        // A line with nothing in it would be no row.
        lines.add(line === '' ? '""' : line, out);
      };
      const writeHeader = (out: ByteWriter) => {
        if (header && columns !== undefined) writeLine(columns.map(text), out);
      };
      return {
        header: writeHeader,
        encode(row, out) {
          if (typeof row !== 'object' || row === null) {
            throw new IoError('NOT_CSV', `writeCsv takes objects, not ${describe(row)}`, {
              final: true,
              hint: 'map() the elements to objects with a property per column, e.g. ({ value: element }).',
            });
          }
          if (columns === undefined) {
            columns = Object.keys(row);
            writeHeader(out);
          }
          const record = row as Readonly<Record<string, unknown>>;
          if (given === undefined) checkKeys(record, columns);
          writeLine(
            columns.map((column) => field(record[column], column)),
            out,
          );
        },
        footer: (out) => lines.flush(out),
      };
    },
  };
}

function checkKeys(row: Readonly<Record<string, unknown>>, columns: readonly string[]): void {
  const keys = Object.keys(row);
  if (keys.length <= columns.length && keys.every((key, i) => key === columns[i] || columns.includes(key))) return;
  const extra = keys.filter((key) => !columns.includes(key));
  throw new IoError('NOT_CSV', `A row has the properties ${extra.join(', ')}, which the first row has not`, {
    final: true,
    hint: 'Pass columns: [...] to say what is written.',
  });
}

function describe(value: unknown): string {
  if (value instanceof Date) return 'an invalid Date';
  return value === null
    ? 'null'
    : Array.isArray(value)
      ? 'an array'
      : typeof value === 'object'
        ? 'an object'
        : `a ${typeof value}`;
}
