import type { ContenderResult } from '../harness/compare.ts';
import { manyThreads, ONE_THREAD, ONE_THREAD_LINES } from '../harness/contender.ts';

/** A figure that was to be reached, and what was reached. */
export interface TargetResult {
  readonly workload: string;
  readonly target: string;
  /** `most`: reached when the value is not above the limit; `least`: not below. */
  readonly kind: 'most' | 'least';
  readonly limit: number;
  readonly value: number;
  readonly unit: string;
}

export function isReached({ kind, limit, value }: TargetResult): boolean {
  return kind === 'most' ? value <= limit : value >= limit;
}

const FILE_GROUPINGS = ['W1', 'W2', 'W3', 'W4'];
const BEAM_PEERS = ['beam-python', 'flink'];
const MB = 1e6;

/** The targets of one workload, as far as the contenders for them took part. Ratios are those of the minimum times. */
export function workloadTargets(
  workload: string,
  elements: number,
  threads: number,
  results: readonly ContenderResult[],
): TargetResult[] {
  const found = new Map(results.map((result) => [result.name, result]));
  const one = found.get(ONE_THREAD);
  const many = found.get(manyThreads(threads));
  const targets: TargetResult[] = [];
  const ratio = (target: string, kind: 'most' | 'least', limit: number, a?: ContenderResult, b?: ContenderResult) => {
    if (a === undefined || b === undefined) return;
    targets.push({ workload, target, kind, limit, value: a.minSeconds / b.minSeconds, unit: '×' });
  };

  if ([...FILE_GROUPINGS, 'W6'].includes(workload)) {
    ratio('one thread / readline loop', 'most', 0.6, one, found.get('naive'));
    ratio('one thread, splitting lines / readline loop', 'most', 0.6, found.get(ONE_THREAD_LINES), found.get('naive'));
  }
  if (FILE_GROUPINGS.includes(workload)) {
    ratio('one thread / byte-level limit', 'most', 3, one, found.get('fast'));
    ratio(`one thread / ${threads} threads`, 'least', 1.6, one, many);
  }
  ratio(`${threads} threads / DuckDB`, 'most', 3, many, found.get('duckdb'));
  for (const peer of BEAM_PEERS) {
    ratio(`${peer} / ${threads} threads`, 'least', 20, found.get(peer), many);
  }
  if (workload === 'W5' && one !== undefined) {
    const value = (one.minSeconds / elements) * 1e9;
    targets.push({ workload, target: 'one thread, per element', kind: 'most', limit: 100, value, unit: ' ns' });
  }
  const resident = Math.max(...[one, many].flatMap((result) => result?.maxRssBytes ?? [])) / MB;
  // W7 has a budget of 256 MiB; 150 MB beside it are for the program itself.
  const limit = workload === 'W7' ? (256 * 1024 * 1024) / MB + 150 : 512;
  targets.push({
    workload,
    target: 'resident memory',
    kind: 'most',
    limit: Math.floor(limit),
    value: resident,
    unit: ' MB',
  });
  return targets;
}
