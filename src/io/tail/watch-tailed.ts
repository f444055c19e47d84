import {
  type Duration,
  type GlobalWindow,
  MIN_TIMESTAMP,
  type PCollection,
  type Pipeline,
  TimestampedValue,
  watchGrowthOf,
} from '../../sdk/index.ts';
import { isRelative, listFiles } from '../match-files.ts';
import { timeBehind } from '../time-behind.ts';
import { identityOf, type TailedFile } from './followed-file.ts';
import type { TailSettings } from './tail-file.ts';

/** Each file that a glob has ever matched, once, also when it is found again under another name. */
export function watchTailed<O>(
  pipeline: Pipeline,
  patterns: readonly string[],
  { interval, isTimed, maxDelayMillis }: TailSettings<O>,
  stopAfterIdle: Duration | undefined,
  transform: string,
): PCollection<TailedFile> {
  let looks = 0;
  const watch = watchGrowthOf<readonly string[], TailedFile, GlobalWindow>({
    interval,
    ...(stopAfterIdle === undefined ? {} : { stopAfterIdle }),
    by: ({ path, identity }) => identity || path,
    async poll(all) {
      if (looks++ === 0) await warnOfNothing(all, transform);
      const matched = await listFiles(all, { emptyMatch: 'allow' });
      const outputs: TailedFile[] = [];
      for (const { file } of matched) outputs.push({ path: file.path, identity: await identityOf(file.path) });
      if (!isTimed) return { outputs };
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

/** What is waited for may come, but a name that is misspelt never does. */
async function warnOfNothing(patterns: readonly string[], transform: string): Promise<void> {
  for (const glob of patterns) {
    const matched = await listFiles([glob], { emptyMatch: 'allow' });
    if (matched.length > 0) continue;
    const from = isRelative(glob) ? ` Relative paths start at ${process.cwd()}.` : '';
    process.emitWarning(`No file matches ${glob} yet: ${transform} waits for one.${from}`);
  }
}
