import type { Machine } from '../report/machine.ts';
import type { TargetResult } from '../report/targets.ts';
import type { QueryName } from './options.ts';
import type { LatencySummary } from './programs/latency-histogram.ts';

/** Everything that one call has found; what --json writes. */
export interface NexmarkReport {
  readonly machine: Machine;
  readonly command: string;
  /** Nanoseconds that the generator needs for an event. */
  readonly generatorNanos: number;
  readonly throughput: readonly Throughput[];
  readonly latency: readonly Latency[];
  readonly checkpoints: readonly CheckpointCost[];
  readonly restarts: readonly Restart[];
  readonly keys: ManyKeys | undefined;
  readonly flink: readonly FlinkRun[];
}

/** A query as fast as it goes. */
export interface Throughput {
  readonly query: QueryName;
  readonly events: number;
  /** Of each run. */
  readonly eventsPerSecond: readonly number[];
  readonly median: number;
  /** Events per second of processor time of all threads, most of the runs: less is due to other work on the machine. */
  readonly perProcessorSecond: number;
  readonly maxRssBytes: number;
}

/** A query at half its throughput, or at half the throughput that is its target. */
export interface Latency extends LatencySummary {
  readonly query: QueryName;
  readonly ofTarget: boolean;
  readonly eventsPerSecond: number;
  readonly maxRssBytes: number;
}

/** A query with checkpoints and without. */
export interface CheckpointCost {
  readonly query: QueryName;
  readonly events: number;
  readonly secondsWithout: number;
  readonly secondsWith: number;
}

/** A process that was killed and started again. */
export interface Restart {
  readonly kind: string;
  readonly keys: number;
  /** Of the folder with the checkpoints. */
  readonly stateBytes: number;
  /** From the start of the process to its first output. */
  readonly seconds: readonly number[];
}

/** State that is larger than the memory budget. */
export interface ManyKeys {
  readonly keys: number;
  readonly budget: string;
  readonly seconds: number;
  readonly elements: number;
  readonly maxRssBytes: number;
}

/** The same query in Beam's Java SDK on Flink. */
export interface FlinkRun {
  readonly query: QueryName;
  readonly events: number;
  readonly seconds: number;
  /** What Millrace does as fast as it goes. */
  readonly ours: number;
}

export const LEAST_EVENTS_PER_SECOND: Partial<Record<QueryName, number>> = { q0: 1e6, q5: 250e3, q8: 250e3 };
const MOST_LATENCY_MILLIS = 100;
const MOST_CHECKPOINT_PERCENT = 10;
const MOST_RESTART_SECONDS = 3;
const BUDGET_MIB = 512;
const LEAST_TIMES_FLINK = 5;

/** The targets, as far as what they are about was measured. */
export function nexmarkTargets(report: NexmarkReport): TargetResult[] {
  const targets: TargetResult[] = [];
  for (const { query, median } of report.throughput) {
    const limit = LEAST_EVENTS_PER_SECOND[query];
    if (limit === undefined) continue;
    const target = 'throughput';
    targets.push({
      workload: query,
      target,
      kind: 'least',
      limit: limit / 1000,
      value: median / 1000,
      unit: ' k events/s',
    });
  }
  for (const { query, p99, count, ofTarget } of report.latency) {
    if (count === 0) continue;
    const target = ofTarget ? 'p99 at half of the target load' : 'p99 at half load';
    targets.push({ workload: query, target, kind: 'most', limit: MOST_LATENCY_MILLIS, value: p99, unit: ' ms' });
  }
  for (const cost of report.checkpoints) {
    const value = checkpointPercent(cost);
    const target = 'cost of a checkpoint every 10 s';
    targets.push({ workload: cost.query, target, kind: 'most', limit: MOST_CHECKPOINT_PERCENT, value, unit: ' %' });
  }
  for (const { kind, seconds } of report.restarts) {
    const value = Math.max(...seconds);
    const target = 'first output after kill -9';
    targets.push({ workload: kind, target, kind: 'most', limit: MOST_RESTART_SECONDS, value, unit: ' s' });
  }
  if (report.keys !== undefined) {
    const value = report.keys.maxRssBytes / 2 ** 20;
    const target = 'resident memory, budget 512 MiB';
    targets.push({ workload: 'keys', target, kind: 'most', limit: BUDGET_MIB, value, unit: ' MiB' });
  }
  for (const { query, events, seconds, ours } of report.flink) {
    const value = (ours * seconds) / events;
    targets.push({
      workload: query,
      target: 'throughput / Flink',
      kind: 'least',
      limit: LEAST_TIMES_FLINK,
      value,
      unit: '×',
    });
  }
  return targets;
}

/** How much longer a run takes with checkpoints. */
export function checkpointPercent({ secondsWith, secondsWithout }: CheckpointCost): number {
  return Math.max(0, (1 - secondsWithout / secondsWith) * 100);
}
