import {
  type Coder,
  coders,
  type Duration,
  type Pipeline,
  PipelineError,
  type PTransform,
  type Timestamp,
} from '../../sdk/index.ts';
import { checkChoiceOption, checkOptions, type OptionNames } from '../check-options.ts';
import { durationMillis } from '../duration-millis.ts';
import { type Globs, readOutput, type SourceOutput } from '../file-based-source.ts';
import type { SourceFormat } from '../file-format.ts';
import { checkGlobs } from '../match-files.ts';
import type { OnError } from '../on-error.ts';
import type { LineSourceOptions } from '../text/line-format.ts';
import { type TextRecord, textFormat, textRecordFormat } from '../text/read-text.ts';
import { fileTail, type TailSettings } from './tail-file.ts';
import { timedText, timedTextRecords } from './timed-lines.ts';
import { watchTailed } from './watch-tailed.ts';

/** Options of {@link tailText}; `L` is what a line is given as. */
export interface TailOptions<L, E extends OnError = 'fail'> extends Omit<LineSourceOptions, 'skipHeaderLines'> {
  /** Time between two looks at a file, and for new files; default `'1s'`. */
  readonly interval?: Duration;
  /**
   * The event time of a line; default when it was read, and the watermark is then the time of day. A line for which it throws
   * or gives no time goes where `onError` says.
   */
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
  /** What happens to lines that cannot be decoded, or of which `timestamp` tells no time; default `'fail'`. */
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
 * A glob that matches nothing when the pipeline starts is waited for, and a warning of the process says so.
 *
 * Bad lines (`onError`): `BAD_UTF8`, `RECORD_TOO_LONG`; with `timestamp` also `TIMESTAMP_INVALID`, and `USER_CODE` where it throws.
 *
 * @throws PipelineError `OPTION_INVALID`, `OPTION_UNKNOWN`; when it runs, IoError `FILE_TRUNCATED`, `FILE_GONE`, `RECORD_TOO_LONG`
 *   of a line that has no end yet, and unless `onError` says otherwise IoError `BAD_UTF8`, PipelineError `TIMESTAMP_INVALID`,
 *   UserCodeError `USER_CODE`
 */
export function tailText<E extends OnError = 'fail'>(
  globs: Globs,
  options: TailOptions<string, E> = {},
): PTransform<Pipeline, SourceOutput<string, E>> {
  const name = 'TailText';
  checkOptions(options, OPTIONS, name);
  const lines = lineOptions(options);
  const plain = textFormat(lines);
  const { timestamp, onError = 'fail' } = options;
  const formatWith = (times: Timestamp[]) =>
    timestamp === undefined ? plain : timedText(lines, timestamp, onError, times);
  return tail(name, globs, formatWith, options, coders.string) as PTransform<Pipeline, SourceOutput<string, E>>;
}

/** Like {@link tailText}, each line with its file and offset. Of a file that was renamed, under the name it has by then. */
export function tailTextRecords<E extends OnError = 'fail'>(
  globs: Globs,
  options: TailOptions<TextRecord, E> = {},
): PTransform<Pipeline, SourceOutput<TextRecord, E>> {
  const name = 'TailTextRecords';
  checkOptions(options, OPTIONS, name);
  const coder = coders.default() as Coder<TextRecord>;
  const lines = lineOptions(options);
  const plain = textRecordFormat(lines);
  const { timestamp, onError = 'fail' } = options;
  const formatWith = (times: Timestamp[]) =>
    timestamp === undefined ? plain : timedTextRecords(lines, timestamp, onError, times);
  return tail(name, globs, formatWith, options, coder) as PTransform<Pipeline, SourceOutput<TextRecord, E>>;
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
  formatWith: (times: Timestamp[]) => SourceFormat<O>,
  options: TailOptions<O, OnError>,
  coder: Coder<O>,
): PTransform<Pipeline, SourceOutput<O, OnError>> {
  const patterns = checkGlobs(globs, name);
  const settings = checkTail(formatWith, options, name);
  return {
    name,
    expand: (pipeline) =>
      readOutput(
        watchTailed(pipeline, patterns, settings, options.stopAfterIdle, name),
        fileTail(settings),
        coder,
        settings.onError,
      ),
  };
}

function checkTail<O>(
  formatWith: TailSettings<O>['formatWith'],
  options: TailOptions<O, OnError>,
  transform: string,
): TailSettings<O> {
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
    formatWith,
    interval,
    isTimed: options.timestamp !== undefined,
    maxDelayMillis: durationMillis(options.maxDelay ?? '0ms'),
    idleMillis: idleAfter === 'never' ? undefined : durationMillis(idleAfter),
    onLost,
    onError,
    stopAfterIdleMillis: stopAfterIdle === undefined ? undefined : durationMillis(stopAfterIdle),
  };
}
