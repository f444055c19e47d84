import {
  type Coder,
  coders,
  type Duration,
  type GlobalWindow,
  MIN_TIMESTAMP,
  type PCollection,
  type Pipeline,
  PipelineError,
  type PTransform,
  TimestampedValue,
  watchGrowthOf,
} from '../../sdk/index.ts';
import { checkChoiceOption, checkOptions, type OptionNames } from '../check-options.ts';
import { durationMillis } from '../duration-millis.ts';
import { type Globs, readOutput, type SourceOutput } from '../file-based-source.ts';
import type { SourceFormat } from '../file-format.ts';
import { checkGlobs, listFiles } from '../match-files.ts';
import type { OnError } from '../on-error.ts';
import type { LineSourceOptions } from '../text/line-format.ts';
import { type TextRecord, textFormat, textRecordFormat } from '../text/read-text.ts';
import { timeBehind } from '../time-behind.ts';
import { identityOf, type TailedFile } from './followed-file.ts';
import { fileTail, type TailSettings } from './tail-file.ts';

/** Options of {@link tailText}; `L` is what a line is given as. */
export interface TailOptions<L, E extends OnError = 'fail'> extends Omit<LineSourceOptions, 'skipHeaderLines'> {
  /** Time between two looks at a file, and for new files; default `'1s'`. */
  readonly interval?: Duration;
  /** The event time of a line; default when it was read, and the watermark is then the time of day. */
  readonly timestamp?: (line: L) => number | Date | string;
  /**
   * With `timestamp`: by how much a line's event time may lie before that of earlier lines of its file; default `'0ms'`. The
   * watermark of a file stays so much behind.
   */
  readonly maxDelay?: Duration;
  /**
   * With `timestamp`: after this time without lines a file no longer holds the watermark back, which then follows the clock,
   * `maxDelay` behind. Default `'10s'`; `'never'` where old lines may come at any time.
   */
  readonly idleAfter?: Duration | 'never';
  /**
   * What happens when a file has become shorter than what was read of it (`FILE_TRUNCATED`), or is no longer in its folder
   * (`FILE_GONE`): `'fail'` (default), or `'restart'`, which reads a shorter one from its start and goes on without one that is
   * gone, counted in the metric `filesLost`.
   */
  readonly onLost?: 'fail' | 'restart';
  /** What happens to lines that cannot be decoded; default `'fail'`. */
  readonly onError?: E;
  /** Gives up a file, and the look for new ones, after so long a time without anything new; default never. */
  readonly stopAfterIdle?: Duration;
}

const OPTIONS: OptionNames<TailOptions<string>> = {
  delimiter: true,
  encoding: true,
  maxLineBytes: true,
  interval: true,
  timestamp: true,
  maxDelay: true,
  idleAfter: true,
  onLost: true,
  onError: true,
  stopAfterIdle: true,
};

/**
 * Follows text files that grow, as `tail -F` does: gives out each line once it is complete, of the files that a glob matches
 * now or later, from their start. An unbounded collection.
 *
 * On restart: how far each file was read is part of the checkpoint, so each line is processed exactly once, with regard to
 * the pipeline's state and to sinks that are. Without a checkpoint all files are read from their start.
 *
 * Rotation: a file that is renamed within its folder is read to its end, also when that happens while the pipeline is down,
 * and given up when nobody has written to it for ten seconds. The one that takes its name is another file. A glob may
 * match old names as well (`app.log*`): lines do not come twice, and files that came and were renamed while
 * nobody looked are found. What was cut off or has left the folder before that is an error: see `onLost`. A file that is cut
 * and grows past the place that was read, between two looks, cannot be told from one that has only grown.
 *
 * @throws PipelineError `OPTION_INVALID`; when it runs, IoError `FILE_TRUNCATED`, `FILE_GONE`, `BAD_UTF8`, `RECORD_TOO_LONG`
 */
export function tailText<E extends OnError = 'fail'>(
  globs: Globs,
  options: TailOptions<string, E> = {},
): PTransform<Pipeline, SourceOutput<string, E>> {
  const name = 'TailText';
  checkOptions(options, OPTIONS, name);
  return tail(name, globs, textFormat(lineOptions(options)), options, coders.string) as PTransform<
    Pipeline,
    SourceOutput<string, E>
  >;
}

/** Like {@link tailText}, each line with its file and offset. Of a file that was renamed, under the name it has by then. */
export function tailTextRecords<E extends OnError = 'fail'>(
  globs: Globs,
  options: TailOptions<TextRecord, E> = {},
): PTransform<Pipeline, SourceOutput<TextRecord, E>> {
  const name = 'TailTextRecords';
  checkOptions(options, OPTIONS, name);
  const coder = coders.default() as Coder<TextRecord>;
  return tail(name, globs, textRecordFormat(lineOptions(options)), options, coder) as PTransform<
    Pipeline,
    SourceOutput<TextRecord, E>
  >;
}

function lineOptions({ delimiter, encoding, maxLineBytes }: LineSourceOptions): LineSourceOptions {
  return {
    ...(delimiter === undefined ? {} : { delimiter }),
    ...(encoding === undefined ? {} : { encoding }),
    ...(maxLineBytes === undefined ? {} : { maxLineBytes }),
  };
}

function tail<O>(
  name: string,
  globs: Globs,
  format: SourceFormat<O>,
  options: TailOptions<O, OnError>,
  coder: Coder<O>,
): PTransform<Pipeline, SourceOutput<O, OnError>> {
  const patterns = checkGlobs(globs, name);
  const settings = checkTail(format, options, name);
  return {
    name,
    expand: (pipeline) =>
      readOutput(
        watchTailed(pipeline, patterns, settings, options.stopAfterIdle),
        fileTail(settings),
        coder,
        settings.onError,
      ),
  };
}

/** Each file that a glob has ever matched, once, also when it is found again under another name. */
function watchTailed<O>(
  pipeline: Pipeline,
  patterns: readonly string[],
  { interval, timestampOf, maxDelayMillis }: TailSettings<O>,
  stopAfterIdle: Duration | undefined,
): PCollection<TailedFile> {
  const watch = watchGrowthOf<readonly string[], TailedFile, GlobalWindow>({
    interval,
    ...(stopAfterIdle === undefined ? {} : { stopAfterIdle }),
    by: ({ path, identity }) => identity || path,
    async poll(all) {
      const matched = await listFiles(all, { emptyMatch: 'allow' });
      const outputs: TailedFile[] = [];
      for (const { file } of matched) outputs.push({ path: file.path, identity: await identityOf(file.path) });
      if (timestampOf === undefined) return { outputs };
      // A file may begin with lines of any time; one that is found later should not, or they are late.
      return {
        outputs: outputs.map((file) => new TimestampedValue(file, MIN_TIMESTAMP)),
        watermark: timeBehind(Date.now(), maxDelayMillis),
      };
    },
  });
  return pipeline
    .create([patterns])
    .apply(watch)
    .map('File', ([, file]) => file);
}

function checkTail<O>(format: SourceFormat<O>, options: TailOptions<O, OnError>, transform: string): TailSettings<O> {
  const { interval = '1s', idleAfter = '10s', onLost = 'fail', onError = 'fail', stopAfterIdle } = options;
  if (durationMillis(interval) <= 0) {
    throw new PipelineError('OPTION_INVALID', 'interval must be more than zero', { transform });
  }
  checkChoiceOption('onLost', onLost, ['fail', 'restart'], transform);
  checkChoiceOption('onError', onError, ['fail', 'skip', 'deadLetter'], transform);
  if (options.timestamp !== undefined && typeof options.timestamp !== 'function') {
    throw new PipelineError('OPTION_INVALID', 'timestamp must be a function of a line', { transform });
  }
  return {
    format,
    interval,
    timestampOf: options.timestamp,
    maxDelayMillis: durationMillis(options.maxDelay ?? '0ms'),
    idleMillis: idleAfter === 'never' ? undefined : durationMillis(idleAfter),
    onLost,
    onError,
    stopAfterIdleMillis: stopAfterIdle === undefined ? undefined : durationMillis(stopAfterIdle),
  };
}
