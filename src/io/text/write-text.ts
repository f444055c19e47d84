import { IoError, type PCollection, type PTransform, type Window } from '../../sdk/index.ts';
import type { SinkFormat } from '../file-format.ts';
import { type FileSinkOptions, writeFiles } from '../file-sink.ts';
import type { WrittenFile } from '../finalize-files.ts';
import { LineWriter } from './line-writer.ts';

/** Options of {@link writeText}. */
export interface TextWriteOptions<W extends Window = Window> extends FileSinkOptions<string, W> {
  /** What ends each line; default `\n`. */
  readonly delimiter?: string;
  /** First line of each file. */
  readonly header?: string;
  /** Last line of each file. */
  readonly footer?: string;
}

/**
 * Writes strings as lines: `prefix-00000-of-00001.txt`. See `writeFiles` for names and guarantees.
 *
 * An element that holds the delimiter is written as it is, and so becomes more than one line.
 */
export function writeText<W extends Window = Window>(
  prefix: string,
  options: TextWriteOptions<W> = {},
): PTransform<PCollection<string, W>, PCollection<WrittenFile>> {
  return writeFiles<string, W>(textSink(options), prefix, options);
}

/** Lines of UTF-8. */
export function textSink(options: Pick<TextWriteOptions, 'delimiter' | 'header' | 'footer'> = {}): SinkFormat<string> {
  const { delimiter = '\n', header, footer } = options;
  return {
    name: 'Text',
    extension: '.txt',
    compressible: true,
    create() {
      const lines = new LineWriter(delimiter);
      return {
        header(out) {
          if (header !== undefined) lines.add(header, out);
        },
        encode(line, out) {
          if (typeof line !== 'string') {
            throw new IoError('NOT_TEXT', `writeText takes strings, not ${line === null ? 'null' : typeof line}`, {
              hint: 'map() the elements to strings, or write them with writeJsonLines or writeCsv.',
            });
          }
          lines.add(line, out);
        },
        footer(out) {
          if (footer !== undefined) lines.add(footer, out);
          lines.flush(out);
        },
      };
    },
  };
}
