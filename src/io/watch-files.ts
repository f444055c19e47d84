import {
  type Coder,
  coders,
  type Duration,
  type GlobalWindow,
  IoError,
  type KV,
  type PCollection,
  type Pipeline,
  PipelineError,
  type PTransform,
  state,
  TimestampedValue,
  watchGrowthOf,
} from '../sdk/index.ts';
import { checkChoiceOption, checkOptions, type OptionNames } from './check-options.ts';
import { durationMillis } from './duration-millis.ts';
import type { Globs } from './file-based-source.ts';
import type { FileInfo } from './filesystem/file-system.ts';
import { checkGlobs, listFiles, type MatchedFile } from './match-files.ts';
import { timeBehind } from './time-behind.ts';

/** How globs are watched for files that appear. */
export interface WatchFilesOptions {
  /** Time between two looks. */
  readonly interval: Duration;
  /** Ends the watch after so long a time; default never. */
  readonly stopAfter?: Duration;
  /** Ends the watch after so long a time without new files; default never. */
  readonly stopAfterIdle?: Duration;
  /**
   * What happens when a file that was given out has another size (or version, where the store has such a thing) later on:
   * `'fail'` (default) with `FILE_CHANGED`; `'read'`: it is given out again, also when only its time of change is another;
   * `'ignore'`.
   */
  readonly changed?: 'fail' | 'read' | 'ignore';
  /** Files that were changed less than so long ago wait for a later look; default `'0ms'`. For writers that do not rename. */
  readonly settledFor?: Duration;
  /**
   * By how much the event time of what is in a file may lie before the time at which the file is found, where `withTimestamps`
   * takes it out of the records; default `'0ms'`. The watermark stays so much behind, and so does the timestamp of a file.
   */
  readonly maxDelay?: Duration;
}

const OPTIONS: OptionNames<WatchFilesOptions> = {
  interval: true,
  stopAfter: true,
  stopAfterIdle: true,
  changed: true,
  settledFor: true,
  maxDelay: true,
};

/** The options, checked, with their defaults. @throws PipelineError `OPTION_INVALID`, `OPTION_UNKNOWN`, `DURATION_INVALID` */
export function checkWatch(options: WatchFilesOptions, transform: string): void {
  checkOptions(options, OPTIONS, transform);
  const { interval, changed = 'fail' } = options;
  if (typeof interval !== 'string' || durationMillis(interval) <= 0) {
    throw new PipelineError('OPTION_INVALID', 'A watch needs an interval of more than zero', {
      transform,
      hint: "watch: { interval: '10s' }",
    });
  }
  for (const duration of [options.stopAfter, options.stopAfterIdle, options.settledFor, options.maxDelay]) {
    if (duration !== undefined) durationMillis(duration);
  }
  checkChoiceOption('changed', changed, ['fail', 'read', 'ignore'], transform);
}

/**
 * Watches globs and gives out each file that appears, once (Beam's MatchAll.continuously). Sources do it with their option
 * `watch`. An unbounded collection; the timestamp of a file is when it was found, less `maxDelay`, and so is the watermark.
 *
 * On restart: which files were given out is part of the checkpoint, as a hash of each (with `changed: 'fail'` also its
 * path in keyed state), so a file is read exactly once, across restarts too. A file should come into a folder by a rename, as the
 * sinks of this library do it; otherwise `settledFor` waits until nobody has written to it for a while.
 *
 * @throws PipelineError `OPTION_INVALID`; when it runs, IoError `FILE_CHANGED` and what the store says
 */
export function watchFiles(globs: Globs, options: WatchFilesOptions): PTransform<Pipeline, PCollection<MatchedFile>> {
  const name = 'WatchFiles';
  checkWatch(options, name);
  const patterns = checkGlobs(globs, name);
  const { interval, stopAfter, stopAfterIdle, changed = 'fail', settledFor = '0ms', maxDelay = '0ms' } = options;
  const settledMillis = durationMillis(settledFor);
  const maxDelayMillis = durationMillis(maxDelay);
  return {
    name,
    expand(pipeline) {
      const found = pipeline.create([patterns]).apply(
        watchGrowthOf<readonly string[], FileInfo, GlobalWindow>({
          interval,
          ...(stopAfter === undefined ? {} : { stopAfter }),
          ...(stopAfterIdle === undefined ? {} : { stopAfterIdle }),
          by: changed === 'ignore' ? ({ path }) => path : (file) => [file.path, ...changeOf(file, changed === 'read')],
          async poll(all) {
            const files = await listFiles(all, { emptyMatch: 'allow' });
            const now = Date.now();
            const outputs = files
              .map(({ file }) => file)
              .filter(({ modified }) => modified <= now - settledMillis || settledMillis === 0);
            if (maxDelayMillis === 0) return { outputs };
            // The file holds the watermark until it has been read, so it has to lie before all that may be in it.
            const watermark = timeBehind(now, maxDelayMillis);
            return { outputs: outputs.map((file) => new TimestampedValue(file, watermark)), watermark };
          },
        }),
      );
      const files = found.map('File', ([, file]) => ({ file }));
      return changed === 'fail' ? refuseChanged(files) : files;
    },
  };
}

/** What is another when the content is another, as far as the store tells. */
function changeOf({ size, modified, version }: FileInfo, withTime: boolean): (string | number)[] {
  return [size, version ?? '', ...(withTime ? [modified] : [])];
}

/** A file comes again only when it has changed. */
function refuseChanged(files: PCollection<MatchedFile>): PCollection<MatchedFile> {
  const coder = coders.kv(coders.string, coders.default()) as unknown as Coder<KV<string, MatchedFile>>;
  return files
    .keyBy('Path', ({ file }) => file.path)
    .withCoder(coder)
    .parDo('RefuseChanged', {
      state: { size: state.value<number>() },
      process([path, matched], { state: { size } }) {
        const known = size.read();
        if (known !== undefined) {
          throw new IoError('FILE_CHANGED', `A file that was read with ${known} bytes has now ${matched.file.size}`, {
            final: true,
            resource: path,
            hint: "changed: 'read' reads it again, 'ignore' does not; settledFor waits for files that are still written.",
          });
        }
        size.write(matched.file.size);
        return [matched];
      },
    });
}
