/**
 * Clicks per page and minute, from a log that grows: counts so far on the way, and one file for each minute when it is over.
 *
 *     npm run millrace -- run examples/clicks.ts --input clicks.log --output clicks --checkpoint-dir state
 *
 * Stopped or killed at any moment, the same command goes on where it was. Lines come from another terminal:
 *
 *     while sleep 1; do echo "$(date -u +%FT%TZ) /page$((RANDOM % 3))" >> clicks.log; done
 */
import { afterProcessingTime, afterWatermark, count, defaultTrigger, fixed, option, pipeline } from 'millrace';
import { tailText, writeText } from 'millrace/io';

/** A page with its time, `2024-01-01T12:00:05Z /about`. */
const LINE = /^(\S+Z) (\/\S*)$/;

/** A line that is no click has a time nevertheless, the earliest: it must not stop the pipeline, and gives nothing. */
function timeOf(line: string): number {
  return Date.parse(LINE.exec(line)?.[1] ?? '') || 0;
}

function pageOf(line: string): string[] {
  const page = LINE.exec(line)?.[2];
  return page === undefined ? [] : [page];
}

export default pipeline(
  'clicks',
  {
    input: option.string({ help: 'logs that grow, a path or a glob; a line is a time and a page' }),
    output: option.string({ help: 'folder of the files to write' }),
    maxDelay: option.duration({ help: 'how late a line may be; later ones are not counted', default: '5s' }),
    early: option.duration({ help: 'time between two counts of a minute that is not over', default: '10s' }),
    stopAfterIdle: option.duration({ help: 'ends after this time without new lines; default never', required: false }),
  },
  (p, { input, output, maxDelay, early, stopAfterIdle }) => {
    const lines = tailText(input, {
      timestamp: timeOf,
      maxDelay,
      ...(stopAfterIdle === undefined ? {} : { stopAfterIdle }),
    });
    const counts = p
      .apply(lines)
      .flatMap('page', pageOf)
      .keyBy('page', (page) => page)
      .window(fixed('1m'), {
        trigger: afterWatermark({ early: afterProcessingTime(early) }),
        allowedLateness: '0s',
        accumulation: 'accumulating',
      })
      .combinePerKey(count());

    counts.parDo('show', {
      process([page, n], { window, pane }) {
        if (pane.timing === 'EARLY') console.log(`${new Date(window.start).toISOString()} ${page}: ${n} so far`);
      },
    });

    counts
      // Without this, early counts would have files of their own.
      .parDo('final', { process: (each, { pane }) => (pane.timing === 'ON_TIME' ? [each] : []) })
      .window(fixed('1m'), { trigger: defaultTrigger() })
      .map('format', ([page, n]) => `${page}: ${n}`)
      .apply(writeText(output, { fileName: ({ window }) => new Date(window.start).toISOString().replaceAll(':', '') }));
  },
);
