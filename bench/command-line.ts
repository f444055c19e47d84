import { parseArgs } from 'node:util';
import { positive, wholeNumber } from './option-values.ts';
import { PORTABLE, WORKLOADS } from './workload-list.ts';

export const USAGE = `usage: npm run bench -- WHAT... [options]

WHAT is one or more of W1 to W7, growth, start, or all.
  ${WORKLOADS.map(({ name, title }) => `${name}  ${title}`).join('\n  ')}
  growth  time against rows, 1.25 M to 20 M, doubling
  start   a pipeline of two elements, from the start of the process to its end

The streaming benchmark is \`npm run bench -- nexmark\`; with --help it tells its options.

  --runner NAME    direct (default), or flink: on Beam's job server for Flink, beside Beam Python there and Beam Java on Flink,
                   one worker each; --threads, --against and --memory then mean nothing
  --threads N      threads of the parallel run; default 2
  --against LIST   hand (the loops without an engine, default), duckdb, polars, beam-python, flink; none
  --runs N         runs of each contender, interleaved; default 5
  --scale X        size of the input; default 1
  --memory BYTES   memory budget of every run, e.g. 256MiB; default the engine's, and 256MiB for W7
  --profile DIR    one run more on each number of threads, with V8's profiler; prints where the time goes
  --json FILE      writes all figures
  --markdown FILE  writes the tables, over those that the file has
`;

/** Systems to compare with, by the name that --against takes. */
export const PEERS = ['hand', 'duckdb', 'polars', 'beam-python', 'flink'] as const;
export type PeerName = (typeof PEERS)[number];

/** What to run, checked. */
export interface BenchOptions {
  readonly what: readonly string[];
  readonly runner: 'direct' | 'flink';
  readonly threads: number;
  readonly against: readonly PeerName[];
  readonly runs: number;
  readonly scale: number;
  readonly memory: string | undefined;
  readonly profile: string | undefined;
  readonly json: string | undefined;
  readonly markdown: string | undefined;
}

const NAMES = [...WORKLOADS.map(({ name }) => name), 'growth', 'start'];

/** @throws Error with a message for the user; undefined where only help is wanted */
export function parseCommandLine(argv: readonly string[]): BenchOptions | undefined {
  const { positionals, values } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      runner: { type: 'string', default: 'direct' },
      threads: { type: 'string', default: '2' },
      against: { type: 'string', default: 'hand' },
      runs: { type: 'string', default: '5' },
      scale: { type: 'string', default: '1' },
      memory: { type: 'string' },
      profile: { type: 'string' },
      json: { type: 'string' },
      markdown: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help || positionals.length === 0) return undefined;
  const unknown = positionals.find((name) => name !== 'all' && !NAMES.includes(name));
  if (unknown !== undefined) throw new Error(`there is no ${unknown}; choose from ${NAMES.join(', ')}, all`);
  const { runner } = values;
  if (runner !== 'direct' && runner !== 'flink') throw new Error(`--runner knows direct and flink, not ${runner}`);
  const foreign = positionals.find((name) => !PORTABLE.includes(name));
  if (runner === 'flink' && foreign !== undefined) {
    throw new Error(`--runner flink knows ${PORTABLE.join(', ')}, not ${foreign}`);
  }
  return {
    runner,
    what: positionals.includes('all') ? NAMES : NAMES.filter((name) => positionals.includes(name)),
    threads: wholeNumber('threads', values.threads, 256),
    against: peers(values.against),
    runs: wholeNumber('runs', values.runs, 100),
    scale: positive('scale', values.scale, 100),
    memory: values.memory,
    profile: values.profile,
    json: values.json,
    markdown: values.markdown,
  };
}

function peers(list: string): PeerName[] {
  if (list === 'none') return [];
  return list.split(',').map((name) => {
    const peer = PEERS.find((known) => known === name);
    if (peer === undefined) throw new Error(`--against knows ${PEERS.join(', ')} and none, not ${name}`);
    return peer;
  });
}
