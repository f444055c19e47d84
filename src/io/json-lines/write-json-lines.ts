import { IoError, type PCollection, type PTransform, type Window } from '../../sdk/index.ts';
import { checkOptions, type OptionNames } from '../check-options.ts';
import type { SinkFormat } from '../file-format.ts';
import { FILE_SINK_OPTIONS, type FileSinkOptions, writeFiles } from '../file-sink.ts';
import type { WrittenFile } from '../finalize-files.ts';
import { LineWriter } from '../text/line-writer.ts';

/** Options of {@link writeJsonLines}. */
export interface JsonLinesWriteOptions<T, W extends Window = Window> extends FileSinkOptions<T, W> {
  /** As of JSON.stringify; for what JSON has no form for. */
  readonly replacer?: (key: string, value: unknown) => unknown;
}

const OPTIONS: OptionNames<JsonLinesWriteOptions<unknown>> = { ...FILE_SINK_OPTIONS, replacer: true };

/**
 * Writes each element as one line of JSON: `prefix-00000-of-00001.jsonl`. Integers beyond 2^53 (bigint) are written as
 * JSON numbers with all their digits, iterables such as the values of a group as arrays. Values that JSON would drop or
 * change silently (undefined as an element, NaN, infinities, Map, Set, bytes) are an error unless `replacer` deals with
 * them.
 */
export function writeJsonLines<T, W extends Window = Window>(
  prefix: string,
  options: JsonLinesWriteOptions<T, W> = {},
): PTransform<PCollection<T, W>, PCollection<WrittenFile>> {
  checkOptions(options, OPTIONS, 'WriteJsonLines');
  return writeFiles<T, W>(jsonLinesSink(options), prefix, options);
}

// JSON.rawJSON is in V8 since Node 21, not yet in TypeScript's library.
const { rawJSON } = JSON as unknown as { rawJSON(text: string): unknown };

/** One JSON value per line. */
function jsonLinesSink<T>(options: Pick<JsonLinesWriteOptions<T>, 'replacer'> = {}): SinkFormat<T> {
  const { replacer } = options;
  const strict = function (this: unknown, key: string, value: unknown): unknown {
    const replaced = replacer === undefined ? value : replacer.call(this, key, value);
    if (typeof replaced === 'bigint') return rawJSON(replaced.toString());
    if (typeof replaced === 'number' && !Number.isFinite(replaced)) throw unfit(String(replaced));
    return typeof replaced === 'object' && replaced !== null ? listed(replaced) : replaced;
  };
  return {
    name: 'JsonLines',
    extension: '.jsonl',
    compressible: true,
    create() {
      const lines = new LineWriter('\n');
      return {
        encode(element, out) {
          const text = (replacer === undefined ? quickly(element) : undefined) ?? JSON.stringify(element, strict);
          if (text === undefined) throw unfit(typeof element);
          lines.add(text, out);
        },
        footer: (out) => lines.flush(out),
      };
    },
  };
}

/** A replacer makes JSON.stringify several times slower; `undefined` where the result might need one. */
function quickly(element: unknown): string | undefined {
  try {
    const text = JSON.stringify(element);
    // NaN and the infinities become null, and what keeps its content to itself an empty object, bytes one with numbers.
    return /null|\{\}|\{"0":/.test(text ?? '') ? undefined : text;
  } catch {
    // A bigint, or what no replacer helps: then the slow way throws it again.
    return undefined;
  }
}

/** The values of a large group are an iterable and no array: of them JSON.stringify would make an empty object. */
function listed(value: object): unknown {
  if (Array.isArray(value)) return value;
  if (value instanceof Map || value instanceof Set || ArrayBuffer.isView(value))
    throw unfit(`a ${value.constructor.name}`);
  return Symbol.iterator in value ? Array.from(value as Iterable<unknown>) : value;
}

function unfit(what: string): IoError {
  return new IoError('NOT_JSON', `JSON has no form for ${what}`, {
    final: true,
    hint: 'map() the elements to plain data first, or pass a replacer.',
  });
}
