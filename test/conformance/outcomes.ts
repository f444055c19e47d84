import { topicOf } from './conformance-case.ts';
import type { CaseOutcome } from './run-case.ts';

/** How each case went on a runner, as a Markdown table; what passed is counted by topic, the rest listed. */
export function outcomesText(runner: string, outcomes: readonly CaseOutcome[]): string {
  const lines = [
    `# Conformance of ${runner}`,
    '',
    '| Topic | Passed | Failed | Refused | Skipped |',
    '|---|---|---|---|---|',
  ];
  const topics = Map.groupBy(outcomes, ({ name }) => topicOf(name));
  for (const [topic, members] of topics) lines.push(row(topic, members));
  lines.push(row('**All**', outcomes));
  const others = outcomes.filter(({ status }) => status !== 'passed');
  if (others.length > 0) lines.push('', '| Case | Outcome | Why |', '|---|---|---|');
  for (const { name, status, reason = '' } of others) {
    lines.push(`| ${name} | ${status} | ${reason.split('\n')[0].replaceAll('|', '\\|')} |`);
  }
  return `${lines.join('\n')}\n`;
}

function row(topic: string, members: readonly CaseOutcome[]): string {
  const count = (status: CaseOutcome['status']) => members.filter((outcome) => outcome.status === status).length;
  return `| ${topic} | ${count('passed')} | ${count('failed')} | ${count('refused')} | ${count('skipped')} |`;
}
