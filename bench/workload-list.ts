import type { InputName } from './input/prepare.ts';

/** A workload: the programs `workloads/FILE` and, where the work can be done without an engine, `limits/FILE`. */
export interface Workload {
  readonly name: string;
  readonly title: string;
  readonly file: string;
  readonly inputs: readonly InputName[];
  /** Elements that enter it at scale 1. */
  readonly elements: number;
  readonly hasLimits: boolean;
  /** Whether `workloads/lines/FILE` does the same from lines of text that it splits itself, as the loops by hand do. */
  readonly hasLines: boolean;
  /** The answer, where no second program can tell it. */
  expected?(elements: number): readonly [number, number];
  /** Memory budget; the engine's default when absent. */
  readonly memory?: string;
}

/** How many elements enter a workload. @param scale 1 for as many as its title says */
export function elementsOf({ elements }: Workload, scale: number): number {
  return Math.round(elements * scale);
}

/** Workloads that Beam's other SDKs have, too. */
export const PORTABLE: readonly string[] = ['W1', 'W2', 'W3', 'W4', 'W5', 'W6'];

/** Every workload by name, in the order in which `all` runs them. */
export const WORKLOADS: readonly Workload[] = [
  {
    name: 'W1',
    title: 'word count, 25 M words',
    file: 'w1-word-count.ts',
    inputs: ['text'],
    elements: 25_000_000,
    hasLimits: true,
    hasLines: false,
  },
  {
    name: 'W2',
    title: 'sum per key, 5 M rows, 100 k keys',
    file: 'w2-sum-per-key.ts',
    inputs: ['keyValues'],
    elements: 5_000_000,
    hasLimits: true,
    hasLines: true,
  },
  {
    name: 'W3',
    title: 'group and median per key, 5 M rows',
    file: 'w3-median-per-key.ts',
    inputs: ['keyValues'],
    elements: 5_000_000,
    hasLimits: true,
    hasLines: true,
  },
  {
    name: 'W4',
    title: 'join 2 M rows with 200 k, then sum per city',
    file: 'w4-join.ts',
    inputs: ['usersAndOrders'],
    elements: 2_200_000,
    hasLimits: true,
    hasLines: true,
  },
  {
    name: 'W5',
    title: 'five element-wise steps, 5 M elements',
    file: 'w5-element-wise.ts',
    inputs: [],
    elements: 5_000_000,
    hasLimits: true,
    hasLines: false,
  },
  {
    name: 'W6',
    title: 'one-minute windows, 1 M events',
    file: 'w6-window-count.ts',
    inputs: ['events'],
    elements: 1_000_000,
    hasLimits: true,
    hasLines: true,
  },
  {
    name: 'W7',
    title: 'GroupByKey of 4 GiB',
    file: 'w7-larger-than-memory.ts',
    inputs: [],
    elements: 2 ** 22,
    hasLimits: false,
    hasLines: false,
    // Every eighth value shares one key; the others are numbered modulo 1,000,000.
    expected: (n) => [Math.min(n - Math.ceil(n / 8), 875_000) + 1, (n * (n - 1)) / 2],
    memory: '256MiB',
  },
];
