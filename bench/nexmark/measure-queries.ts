import { median } from '../harness/median.ts';
import { type ProgramRun, runProgram } from '../harness/run-program.ts';
import { FLINK_QUERIES, flinkNexmarkProgram } from '../peers/flink.ts';
import type { NexmarkOptions, QueryName } from './options.ts';
import type { LatencySummary } from './programs/latency-histogram.ts';
import { nexmarkProgram, withFolder } from './programs.ts';
import {
  type CheckpointCost,
  type FlinkRun,
  type Latency,
  LEAST_EVENTS_PER_SECOND,
  type Throughput,
} from './report.ts';

type Log = (line: string) => void;

/** A run at saturation takes at least this long, so that what is compiled and collected does not weigh. */
const SATURATED_SECONDS = 5;
/** Enough for three checkpoints. */
const CHECKPOINTED_SECONDS = 35;
const GENERATED = 20_000_000;
const PROBED = 2_000_000;
const FLINK_EVENTS = 2_000_000;
const WARMUP_SECONDS = 10;
/** What checkpoints cost is measured of these: those with a target. */
const CHECKPOINTED: readonly QueryName[] = ['q0', 'q5', 'q8'];
const LATENCY_RATE = 0.5;
/** Query 12 fires by processing time: its results come ten seconds after no particular event. */
const WITHOUT_LATENCY: readonly QueryName[] = ['q12'];

/** Nanoseconds for an event that goes nowhere. */
export async function measureGenerator(runs: number): Promise<number> {
  const nanos: number[] = [];
  for (let i = 0; i < runs; i++) {
    const { seconds } = await runProgram(nexmarkProgram('generator', { events: GENERATED }));
    nanos.push((seconds / GENERATED) * 1e9);
  }
  return median(nanos);
}

/** All queries in turn, `runs` times, so that a busy minute of the machine hits all of them. */
export async function measureThroughput(options: NexmarkOptions, log: Log): Promise<Throughput[]> {
  const runs = new Map<QueryName, ProgramRun[]>();
  const events = new Map<QueryName, number>();
  for (let round = 0; round < options.runs; round++) {
    for (const query of options.queries) {
      if (!events.has(query)) events.set(query, options.events ?? (await eventsFor(query, SATURATED_SECONDS)));
      const count = events.get(query) as number;
      const run = await runProgram(nexmarkProgram('query', { query, events: count }));
      const others = runs.get(query) ?? [];
      checkAnswer(query, run, others[0]);
      runs.set(query, [...others, run]);
      log(`  ${query.padEnd(4)} ${perSecond(count, run.seconds)}`);
    }
  }
  return [...runs].map(([query, done]) => {
    const count = events.get(query) as number;
    const eventsPerSecond = done.map(({ seconds }) => count / seconds);
    return {
      query,
      events: count,
      eventsPerSecond,
      median: median(eventsPerSecond),
      perProcessorSecond: Math.max(...done.map(({ cpuSeconds = Number.POSITIVE_INFINITY }) => count / cpuSeconds)),
      maxRssBytes: Math.max(...done.map(({ maxRssBytes = 0 }) => maxRssBytes)),
    };
  });
}

/** Each query with the source in real time, at half of what it can do; and of what it is to do, where that is less. */
export async function measureLatency(throughput: readonly Throughput[], seconds: number, log: Log): Promise<Latency[]> {
  const results: Latency[] = [];
  for (const { query, median } of throughput) {
    if (WITHOUT_LATENCY.includes(query)) continue;
    const target = LEAST_EVENTS_PER_SECOND[query] ?? Number.POSITIVE_INFINITY;
    for (const full of target < median ? [median, target] : [median]) {
      const rate = Math.floor((full * LATENCY_RATE) / 1000) * 1000;
      const warmup = Math.min(WARMUP_SECONDS, seconds / 2) * 1000;
      const program = nexmarkProgram('query', { query, events: rate * seconds, rate, paced: true, warmup });
      const { latency, maxRssBytes = 0 } = await runProgram<{ latency: LatencySummary }>(program);
      results.push({ query, ofTarget: full === target, eventsPerSecond: rate, maxRssBytes, ...latency });
      const { p50, p99, count } = latency;
      log(`  ${query.padEnd(4)} at ${rate / 1000} k/s: p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms of ${count}`);
    }
  }
  return results;
}

/** With checkpoints and without, in turn. */
export async function measureCheckpoints(options: NexmarkOptions, log: Log): Promise<CheckpointCost[]> {
  const costs: CheckpointCost[] = [];
  for (const query of CHECKPOINTED.filter((each) => options.queries.includes(each))) {
    const events = options.events ?? (await eventsFor(query, CHECKPOINTED_SECONDS));
    const without: number[] = [];
    const checkpointed: number[] = [];
    for (let round = 0; round < Math.min(2, options.runs); round++) {
      const plain = await runProgram(nexmarkProgram('query', { query, events }));
      const run = await withFolder((checkpoints) =>
        runProgram(nexmarkProgram('query', { query, events, checkpoints })),
      );
      checkAnswer(query, run, plain);
      without.push(plain.seconds);
      checkpointed.push(run.seconds);
    }
    const cost = { query, events, secondsWithout: Math.min(...without), secondsWith: Math.min(...checkpointed) };
    costs.push(cost);
    log(`  ${query.padEnd(4)} ${cost.secondsWithout.toFixed(2)} s without, ${cost.secondsWith.toFixed(2)} s with`);
  }
  return costs;
}

/** The same queries on Flink, which must give the same answers. */
export async function measureFlink(throughput: readonly Throughput[], log: Log): Promise<FlinkRun[]> {
  const results: FlinkRun[] = [];
  for (const { query, median } of throughput) {
    if (!FLINK_QUERIES.some((each) => each === query)) continue;
    const run = await runProgram(await flinkNexmarkProgram(query, FLINK_EVENTS));
    checkAnswer(query, run, await runProgram(nexmarkProgram('query', { query, events: FLINK_EVENTS })));
    results.push({ query, events: FLINK_EVENTS, seconds: run.seconds, ours: median });
    log(`  ${query.padEnd(4)} ${perSecond(FLINK_EVENTS, run.seconds)}`);
  }
  return results;
}

/** As many events as take about so long. */
async function eventsFor(query: QueryName, seconds: number): Promise<number> {
  const probe = await runProgram(nexmarkProgram('query', { query, events: PROBED }));
  return Math.ceil(((PROBED / probe.seconds) * seconds) / PROBED) * PROBED;
}

function checkAnswer(query: string, { answer }: ProgramRun, other: ProgramRun | undefined): void {
  if (other === undefined || (answer[0] === other.answer[0] && answer[1] === other.answer[1])) return;
  throw new Error(`${query} answers ${answer.join(' and ')}, and another time ${other.answer.join(' and ')}`);
}

function perSecond(events: number, seconds: number): string {
  return `${(events / seconds / 1000).toFixed(0)} k events/s`;
}
