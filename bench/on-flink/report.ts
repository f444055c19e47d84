import type { ContenderResult } from '../harness/compare.ts';
import type { Machine } from '../report/machine.ts';
import { machineText, table, targetTable } from '../report/markdown.ts';
import type { WorkloadReport } from '../report/report.ts';
import type { TargetResult } from '../report/targets.ts';

export const MILLRACE = 'millrace';
export const BEAM_PYTHON = 'beam-python';
export const BEAM_JAVA = 'beam-java';

/** What --json writes. */
export interface OnFlinkReport {
  readonly machine: Machine;
  readonly command: string;
  readonly workloads: readonly WorkloadReport[];
}

/** Ratios of minimum times, as far as the contenders took part. */
export function onFlinkTargets({ workloads }: OnFlinkReport): TargetResult[] {
  return workloads.flatMap(({ name, results }) => {
    const secondsOf = (contender: string) => results.find((result) => result.name === contender)?.minSeconds;
    const [own, python, java] = [MILLRACE, BEAM_PYTHON, BEAM_JAVA].map(secondsOf);
    const targets: TargetResult[] = [];
    if (own === undefined) return targets;
    const common = { workload: name, unit: '×' };
    if (python !== undefined) {
      targets.push({
        ...common,
        target: 'elements/s / those of Beam Python',
        kind: 'least',
        limit: 5,
        value: python / own,
      });
    }
    if (java !== undefined) {
      targets.push({ ...common, target: 'time / that of Beam Java', kind: 'most', limit: 1.5, value: own / java });
    }
    return targets;
  });
}

export function onFlinkMarkdown(report: OnFlinkReport): string {
  const sections = [
    `${machineText(report.machine, report.command)} All programs of a workload gave the same answer.`,
    targetTable(onFlinkTargets(report)),
    ...report.workloads.flatMap(({ title, name, elements, results }) => [
      `## ${name}: ${title.replace(/,? [\d,.]+ [Mk] .*/, '')}, ${(elements / 1e6).toFixed(1)} M elements`,
      table(
        ['', 'minimum s', 'median s', 'runs', 'k elements/s', 'processor s of the submitting process'],
        results.map((result) => rowOf(result, elements)),
      ),
    ]),
  ];
  return `${sections.join('\n\n')}\n\n`;
}

function rowOf({ name, minSeconds, medianSeconds, runs, minCpuSeconds }: ContenderResult, elements: number): string[] {
  return [
    name,
    minSeconds.toFixed(2),
    medianSeconds.toFixed(2),
    String(runs.length),
    (elements / minSeconds / 1000).toFixed(0),
    minCpuSeconds?.toFixed(2) ?? '',
  ];
}
