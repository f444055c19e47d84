import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { ONE_THREAD } from '../harness/contender.ts';
import type { Machine } from './machine.ts';
import type { BenchReport, WorkloadReport } from './report.ts';
import { isReached, type TargetResult } from './targets.ts';

/** Writes the tables into a Markdown file, over those of an earlier run; the rest of the file stays. */
export function writeMarkdown(path: string, report: BenchReport): void {
  writeTables(path, markdown(report));
}

/** The same with tables that are text already. @param benchmark which one, where a file has the tables of several */
export function writeTables(path: string, text: string, benchmark?: string): void {
  const writer = benchmark === undefined ? 'the benchmark' : `the benchmark ${benchmark}`;
  const [first, last] = [`<!-- Written by ${writer}: begin -->`, `<!-- Written by ${writer}: end -->`];
  const old = existsSync(path) ? readFileSync(path, 'utf8') : `# Results\n\n${first}\n${last}\n`;
  const begin = old.indexOf(first);
  const end = old.indexOf(last);
  if (begin < 0 || end < begin) throw new Error(`${path} has no place for the tables: the lines ${first} and ${last}`);
  writeFileSync(path, `${old.slice(0, begin)}${first}\n${text}${old.slice(end)}`);
}

/** The tables. */
function markdown(report: BenchReport): string {
  const { machine, workloads, growth, start, targets } = report;
  const sections = [
    `${machineText(machine, report.command)} Scale ${report.scale}. All programs of a workload gave the same answer.`,
    '## Targets',
    targetTable(targets),
    ...workloads.flatMap((workload) => [`## ${workload.name}: ${workload.title}`, workloadTable(workload)]),
  ];
  if (growth.length > 0) {
    sections.push(
      '## Growth',
      'Seconds on one thread; the factor is the time by that of half the rows.',
      table(
        ['workload', 'rows', 'minimum s', 'factor', 'ns per row'],
        growth.map(({ workload, rows, minSeconds, factor }) => [
          workload,
          `${rows / 1e6} M`,
          minSeconds.toFixed(3),
          factor === undefined ? '' : factor.toFixed(2),
          ((minSeconds / rows) * 1e9).toFixed(0),
        ]),
      ),
    );
  }
  if (start.length > 0) {
    sections.push(
      '## Start',
      'A pipeline of two elements, from the start of the process to its end.',
      table(
        ['threads', 'minimum ms', 'median ms'],
        start.map(({ threads, minMillis, medianMillis }) => [
          threads === 0 ? '0 (calling thread)' : String(threads),
          minMillis.toFixed(0),
          medianMillis.toFixed(0),
        ]),
      ),
    );
  }
  return `${sections.join('\n\n')}\n\n`;
}

function workloadTable({ elements, results }: WorkloadReport): string {
  const one = results.find(({ name }) => name === ONE_THREAD);
  return table(
    ['', 'minimum s', 'median s', 'runs', 'ns per element', 'of one thread', 'processor s', 'process s', 'resident MB'],
    results.map((result) => [
      result.name,
      result.minSeconds.toFixed(3),
      result.medianSeconds.toFixed(3),
      String(result.runs.length),
      ((result.minSeconds / elements) * 1e9).toFixed(0),
      one === undefined ? '' : (result.minSeconds / one.minSeconds).toFixed(2),
      result.minCpuSeconds?.toFixed(3) ?? '',
      result.minProcessSeconds.toFixed(3),
      result.maxRssBytes === undefined ? '' : (result.maxRssBytes / 1e6).toFixed(0),
    ]),
  );
}

/** Where, when and how figures were measured. */
export function machineText(machine: Machine, command: string): string {
  return (
    `Measured ${machine.date} with \`${command}\` on ${machine.processor}, ${machine.cores} cores, ` +
    `${(machine.memoryBytes / 2 ** 30).toFixed(0)} GiB, ${machine.system}. ${machine.versions.join(', ')}.`
  );
}

export function targetTable(targets: readonly TargetResult[]): string {
  return table(
    ['', 'target', 'limit', 'measured', ''],
    targets.map((target) => [
      target.workload,
      target.target,
      limitText(target),
      valueText(target),
      reachedText(target),
    ]),
  );
}

/** The targets in lines of text. */
export function printTargets(targets: readonly TargetResult[], log: (line: string) => void): void {
  log('');
  for (const target of targets) {
    const { workload, target: what } = target;
    const cells = [workload.padEnd(8), what.padEnd(32), limitText(target).padEnd(16), valueText(target).padEnd(16)];
    log(`${cells.join(' ')} ${reachedText(target).replaceAll('*', '')}`);
  }
}

function limitText({ kind, limit, unit }: TargetResult): string {
  return `${kind === 'most' ? '≤' : '≥'} ${limit}${unit}`;
}

function valueText({ value, unit }: TargetResult): string {
  return `${value >= 100 ? value.toFixed(0) : value.toFixed(2)}${unit}`;
}

function reachedText(target: TargetResult): string {
  return isReached(target) ? 'reached' : '**missing**';
}

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
