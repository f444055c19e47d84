import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { topicOf } from './conformance-case.ts';
import type { CaseOutcome } from './run-case.ts';

const FOLDER = join(import.meta.dirname, 'recorded');
export const RUNNERS_DOCUMENT = join(import.meta.dirname, '../../docs/runners.md');

/** Cases of one topic. */
interface TopicCounts {
  readonly passed: number;
  readonly all: number;
}

/** How the suite went on a runner, without what differs from run to run. */
interface RecordedRun {
  readonly runner: string;
  readonly version: string;
  /** By topic, how many cases passed, and how many there were. */
  readonly topics: Readonly<Record<string, TopicCounts>>;
  /** The cases that did not pass. */
  readonly others: Readonly<Record<string, { readonly status: CaseOutcome['status']; readonly reason: string }>>;
}

const RUNNERS = ['direct', 'prism', 'flink'] as const;
const TITLES = { direct: 'DirectRunner', prism: 'Prism', flink: 'Flink' } as const;
/** Characters of a reason. */
const REASON = 160;

/** Keeps the outcomes of a whole run. */
export function record(runner: string, version: string, outcomes: readonly CaseOutcome[]): void {
  const others: Record<string, { status: CaseOutcome['status']; reason: string }> = {};
  for (const { name, status, reason = '' } of outcomes.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    if (status !== 'passed') others[name] = { status, reason: shortened(reason) };
  }
  const topics = [...Map.groupBy(outcomes, ({ name }) => topicOf(name))]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([topic, members]) => [
      topic,
      { passed: members.filter(({ status }) => status === 'passed').length, all: members.length },
    ]);
  const run: RecordedRun = { runner, version, topics: Object.fromEntries(topics), others };
  writeFileSync(join(FOLDER, `${runner}.json`), `${JSON.stringify(run, undefined, 2)}\n`);
}

/** The cases that did not pass when the runner was recorded. */
export function knownFailures(runner: string): ReadonlySet<string> {
  return new Set(Object.keys(recorded(runner)?.others ?? {}));
}

function recorded(runner: string): RecordedRun | undefined {
  const path = join(FOLDER, `${runner}.json`);
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as RecordedRun) : undefined;
}

/** Names, ports and times of one run say nothing about the next. */
function shortened(reason: string): string {
  const lines = reason.split('\n').filter((line) => line.trim() !== '');
  // Prism counts what it refuses on the first line, and names it on the others.
  const isCount = /found \d+ uses of features unimplemented/.test(lines[0] ?? '');
  return (lines[isCount ? 1 : 0] ?? '')
    .replace('The runner refuses the pipeline: ', '')
    .replaceAll(/\bjob-\d+(\[\w*\])?|(localhost|127\.0\.0\.1):\d+/g, '…')
    .slice(0, REASON);
}

/** Writes docs/runners.md from all runs that are recorded. */
export function writeRunnersDocument(): void {
  writeFileSync(RUNNERS_DOCUMENT, runnersText());
}

/** What docs/runners.md says. */
export function runnersText(): string {
  const runs = RUNNERS.flatMap((runner) => recorded(runner) ?? []);
  const titles = runs.map(({ runner, version }) => `${TITLES[runner as keyof typeof TITLES]} ${version}`.trim());
  const share = (counts: readonly TopicCounts[]): string => {
    const passed = counts.reduce((sum, count) => sum + count.passed, 0);
    const all = counts.reduce((sum, count) => sum + count.all, 0);
    return passed === all ? String(all) : `${passed} of ${all}`;
  };
  const topics = new Set(runs.flatMap((run) => Object.keys(run.topics)));
  const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const lines = [
    '# What each runner does',
    '',
    'Written by `npm run conformance -- --runner NAME --record`: the rules of the Beam model as small pipelines',
    '([which ones](../test/conformance/COVERAGE.md)), run on each runner with the functions in the submitting process.',
    'A case is *refused* when the runner says that it cannot run the pipeline.',
    '',
    row(['topic', ...titles]),
    row(['---', ...titles.map(() => '---')]),
    ...Array.from(topics, (topic) =>
      row([topic, ...runs.map((run) => share([run.topics[topic] ?? { passed: 0, all: 0 }]))]),
    ),
    row(['**all**', ...runs.map((run) => share(Object.values(run.topics)))]),
  ];
  for (const [i, { others }] of runs.entries()) {
    const names = Object.keys(others);
    if (names.length === 0) continue;
    lines.push('', `## Not passed on ${titles[i]}`, '', row(['case', 'outcome', 'why']), row(['---', '---', '---']));
    for (const name of names) lines.push(row([name, others[name].status, cell(others[name].reason)]));
  }
  return `${lines.join('\n')}\n`;
}

function cell(text: string): string {
  return text
    .replaceAll('|', '\\|')
    .replaceAll('<', '&lt;')
    .replaceAll(/([[\]*_`])/g, '\\$1');
}
