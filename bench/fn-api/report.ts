import type { Machine } from '../report/machine.ts';
import { machineText, table, targetTable } from '../report/markdown.ts';
import type { TargetResult } from '../report/targets.ts';
import { SHAPES, type ShapeName } from './shapes.ts';

/** What one process found. */
export interface HarnessRun {
  /** Of the bundle in the middle. */
  readonly elementsPerSecond: number;
  readonly bestElementsPerSecond: number;
  /** Processor time of the harness's thread per element, in microseconds. */
  readonly threadMicros: number;
  /** Requests about state that the runner has answered. */
  readonly stateCallsPerSecond: number;
  /** Of a request that blocks, in the middle. */
  readonly roundTripMicros: number | undefined;
}

export interface ShapeReport {
  readonly shape: ShapeName;
  readonly runs: readonly HarnessRun[];
}

/** What --json writes. */
export interface FnApiReport {
  readonly machine: Machine;
  readonly command: string;
  readonly shapes: readonly ShapeReport[];
}

const LEAST_ELEMENTS_PER_SECOND = 400_000;

/** The run in the middle, by elements per second; of two, the slower. */
function middleRun({ runs }: ShapeReport): HarnessRun {
  return [...runs].sort((a, b) => a.elementsPerSecond - b.elementsPerSecond)[(runs.length - 1) >> 1];
}

export function fnApiTargets({ shapes }: FnApiReport): TargetResult[] {
  return shapes
    .filter(({ shape }) => shape === 'map')
    .map((report) => ({
      workload: 'fn-api',
      target: 'one harness, map step',
      kind: 'least',
      limit: LEAST_ELEMENTS_PER_SECOND / 1000,
      value: middleRun(report).elementsPerSecond / 1000,
      unit: ' k/s',
    }));
}

export function fnApiMarkdown(report: FnApiReport): string {
  const rows = report.shapes.map((each) => {
    const { elementsPerSecond, threadMicros, stateCallsPerSecond, roundTripMicros } = middleRun(each);
    return [
      SHAPES[each.shape]().title,
      thousands(elementsPerSecond),
      thousands(Math.max(...each.runs.map(({ bestElementsPerSecond }) => bestElementsPerSecond))),
      String(each.runs.length),
      threadMicros.toFixed(2),
      stateCallsPerSecond === 0 ? '' : thousands(stateCallsPerSecond),
      roundTripMicros?.toFixed(0) ?? '',
    ];
  });
  const head = [
    '',
    'median k elements/s',
    'best bundle',
    'runs',
    'processor µs of the harness thread per element',
    'k state calls/s',
    'µs of a state call that blocks',
  ];
  return `${[machineText(report.machine, report.command), targetTable(fnApiTargets(report)), table(head, rows)].join('\n\n')}\n\n`;
}

function thousands(value: number): string {
  return (value / 1000).toFixed(value < 100_000 ? 1 : 0);
}
