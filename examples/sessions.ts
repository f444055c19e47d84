/**
 * Top pages per session, from access logs: the clicks of one address with less than half an hour between them are a
 * session, and of each session the most visited pages are kept.
 *
 *     npm run millrace -- run examples/sessions.ts --input examples/data/access.log --output out/sessions
 */
import { type CombineFn, option, pipeline, sessions, timestamp, withTimestamps } from 'millrace';
import { readText, writeJsonLines } from 'millrace/io';

/** One request that a browser made. */
interface Click {
  readonly address: string;
  readonly page: string;
  readonly at: number;
}

const LINE = /^(\S+) \S+ \S+ \[(\d+)\/(\w+)\/(\d+):(\S+) ([+-]\d{4})\] "GET (\S+) [^"]*" (\d+) /;

/** Lines that are not a page view (other methods, errors, not a log line at all) give nothing. */
function parseClick(line: string): Click[] {
  const match = LINE.exec(line);
  if (match === null || match[8] !== '200') return [];
  const [, address, day, month, year, clock, zone, page] = match;
  return [{ address, page, at: Date.parse(`${day} ${month} ${year} ${clock} ${zone}`) }];
}

/** Counts pages and keeps the `n` most visited; of equally many visits, the first in the alphabet. */
function topPages(n: number): CombineFn<Click, Map<string, number>, { page: string; visits: number }[]> {
  const count = (visits: Map<string, number>, page: string, by: number) =>
    visits.set(page, (visits.get(page) ?? 0) + by);
  return {
    name: 'TopPages',
    create: () => new Map(),
    add: (visits, { page }) => count(visits, page, 1),
    merge(parts) {
      const all = new Map<string, number>();
      for (const part of parts) for (const [page, visits] of part) count(all, page, visits);
      return all;
    },
    extract: (visits) =>
      [...visits]
        .sort(([pageA, a], [pageB, b]) => b - a || (pageA < pageB ? -1 : 1))
        .slice(0, n)
        .map(([page, visits]) => ({ page, visits })),
  };
}

export default pipeline(
  'sessions',
  {
    input: option.string({ help: 'access logs in the common or combined format' }),
    output: option.string({ help: 'prefix of the files to write' }),
    top: option.integer({ help: 'pages to keep per session', min: 1, default: 3 }),
  },
  (p, { input, output, top }) => {
    p.apply(readText(input))
      .flatMap('parse', parseClick)
      .apply(withTimestamps('event time', (click) => timestamp(click.at)))
      .keyBy('address', (click) => click.address)
      .window(sessions({ gap: '30m' }))
      .combinePerKey(topPages(top))
      .parDo('describe', {
        process: ([address, pages], { window }) => [
          { address, start: new Date(window.start), end: new Date(window.end), pages },
        ],
      })
      .apply(writeJsonLines(output));
  },
);
