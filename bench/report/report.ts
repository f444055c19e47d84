import type { GrowthStep } from '../checks/growth.ts';
import type { StartResult } from '../checks/start.ts';
import type { ContenderResult } from '../harness/compare.ts';
import type { Machine } from './machine.ts';
import type { TargetResult } from './targets.ts';

/** Everything that one call of the benchmark has found; what --json writes. */
export interface BenchReport {
  readonly machine: Machine;
  readonly command: string;
  readonly scale: number;
  readonly threads: number;
  readonly workloads: readonly WorkloadReport[];
  readonly growth: readonly GrowthStep[];
  readonly start: readonly StartResult[];
  readonly targets: readonly TargetResult[];
}

export interface WorkloadReport {
  readonly name: string;
  readonly title: string;
  readonly elements: number;
  readonly results: readonly ContenderResult[];
}
