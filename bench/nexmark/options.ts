import { parseArgs } from 'node:util';
import { queries } from '../../examples/nexmark/queries/index.ts';
import { someOf, wholeNumber } from '../option-values.ts';

export const USAGE = `usage: npm run bench -- nexmark [options]

  --queries LIST   q0 to q14; default all
  --parts LIST     throughput, latency, checkpoint, restart, keys; default these. Latency needs throughput, and so does
                   flink: q0, q5 and q8 in Beam's Java SDK on an embedded Flink, one run each
  --events N       events of a run at saturation; default as many as take some seconds
  --runs N         runs at saturation; default 3
  --seconds N      length of a run at half load; default 40, the first 10 of which do not count
  --profile DIR    instead of all that, one run of each query at saturation under V8's profiler
  --json FILE      writes all figures
  --markdown FILE  writes the tables, over those that the file has
`;

export type QueryName = keyof typeof queries;

const ALL_QUERIES = Object.keys(queries) as QueryName[];

const PARTS = ['throughput', 'latency', 'checkpoint', 'restart', 'keys', 'flink'] as const;
export type Part = (typeof PARTS)[number];

/** What to measure, checked. */
export interface NexmarkOptions {
  readonly queries: readonly QueryName[];
  readonly parts: readonly Part[];
  readonly events: number | undefined;
  readonly runs: number;
  readonly seconds: number;
  readonly profile: string | undefined;
  readonly json: string | undefined;
  readonly markdown: string | undefined;
}

/** @throws Error with a message for the user; undefined where only help is wanted */
export function parseNexmarkOptions(argv: readonly string[]): NexmarkOptions | undefined {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      queries: { type: 'string' },
      parts: { type: 'string' },
      events: { type: 'string' },
      runs: { type: 'string', default: '3' },
      seconds: { type: 'string', default: '40' },
      profile: { type: 'string' },
      json: { type: 'string' },
      markdown: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return undefined;
  return {
    queries: values.queries === undefined ? ALL_QUERIES : someOf('queries', values.queries, ALL_QUERIES),
    parts: values.parts === undefined ? PARTS.filter((part) => part !== 'flink') : someOf('parts', values.parts, PARTS),
    events: values.events === undefined ? undefined : wholeNumber('events', values.events),
    runs: wholeNumber('runs', values.runs),
    seconds: wholeNumber('seconds', values.seconds),
    profile: values.profile,
    json: values.json,
    markdown: values.markdown,
  };
}
