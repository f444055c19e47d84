import { IoError, type PCollection, PipelineError, type PTransform, type Window } from '../../sdk/index.ts';
import { checkOptions, type OptionNames } from '../check-options.ts';
import type { SinkFormat } from '../file-format.ts';
import { FILE_SINK_OPTIONS, type FileSinkOptions, writeFiles } from '../file-sink.ts';
import type { WrittenFile } from '../finalize-files.ts';
import { LineWriter } from './line-writer.ts';

/** Options of {@link writeText}. */
export interface TextWriteOptions<W extends Window = Window> extends FileSinkOptions<string, W> {
  /** What ends each line; default `\n`. */
  readonly delimiter?: string;
  /**
   * What becomes of an element that is no single line: one that holds the delimiter or, where lines end with `\n`, ends
   * with `\r`, so that it would not be read back as it is. `error` (default), or `write` it all the same, as Beam does.
   */
  readonly embeddedDelimiters?: 'error' | 'write';
  /** First line of each file. */
  readonly header?: string;
  /** Last line of each file. */
  readonly footer?: string;
}

const OPTIONS: OptionNames<TextWriteOptions> = {
  ...FILE_SINK_OPTIONS,
  delimiter: true,
  embeddedDelimiters: true,
  header: true,
  footer: true,
};

/**
 * Writes strings as lines: `prefix-00000-of-00001.txt`. See `writeFiles` for names and guarantees.
 *
 * Each element is one line, and `readText` gives the same elements back. One that holds the delimiter is an IoError
 * `NOT_ONE_LINE`, unless `embeddedDelimiters: 'write'` says that its lines may become elements of their own.
 */
export function writeText<W extends Window = Window>(
  prefix: string,
  options: TextWriteOptions<W> = {},
): PTransform<PCollection<string, W>, PCollection<WrittenFile>> {
  checkOptions(options, OPTIONS, 'WriteText');
  return writeFiles<string, W>(textSink(options), prefix, options);
}

/** Lines of UTF-8. */
export function textSink(
  options: Pick<TextWriteOptions, 'delimiter' | 'header' | 'footer' | 'embeddedDelimiters'> = {},
): SinkFormat<string> {
  const { delimiter = '\n', header, footer, embeddedDelimiters = 'error' } = options;
  if (typeof delimiter !== 'string' || delimiter === '') throw invalid('delimiter must be a string that is not empty');
  if (embeddedDelimiters !== 'error' && embeddedDelimiters !== 'write') {
    throw invalid(`embeddedDelimiters must be 'error' or 'write', not '${String(embeddedDelimiters)}'`);
  }
  const strict = embeddedDelimiters === 'error';
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
              final: true,
              hint: 'map() the elements to strings, or write them with writeJsonLines or writeCsv.',
            });
          }
          if (strict && line.includes(delimiter)) throw notOneLine('holds the delimiter');
          if (strict && delimiter === '\n' && line.endsWith('\r')) {
            throw notOneLine('ends with a carriage return, which is read as part of the line end');
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

function invalid(problem: string): PipelineError {
  return new PipelineError('OPTION_INVALID', problem, { transform: 'WriteText' });
}

/** Which element it is, the runner says, if it may. */
function notOneLine(problem: string): IoError {
  return new IoError('NOT_ONE_LINE', `An element ${problem}`, {
    final: true,
    hint: "flatMap() it to its lines, write it with writeJsonLines or writeCsv, or pass embeddedDelimiters: 'write'.",
  });
}
