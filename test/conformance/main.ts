/**
 * `npm run conformance -- [--runner direct] [--filter TEXT] [--json FILE] [--markdown FILE] [--coverage] [--record]`: runs
 * every rule of the Beam model that the suite knows on a runner. The last line is `N passed, N failed`. Besides `direct`
 * there are `direct-plain` (nothing is fused or combined early), `direct-streaming` (in steps), `direct-checkpointed` (a
 * checkpoint after each step), and Beam's own `prism` and `flink`, which are installed when they are first asked for.
 * `--record` keeps the outcomes of a whole run for docs/runners.md; `--smoke` takes one case of each topic.
 * Cases that did not pass when a runner was recorded count for themselves, and do not make the command fail.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { peerKinds } from '../peers/peer-kinds.ts';
import { allCases } from './all-cases.ts';
import { type ConformanceCase, topicOf } from './conformance-case.ts';
import { coverageText } from './coverage.ts';
import { outcomesText } from './outcomes.ts';
import { PeerRun } from './peer-runners.ts';
import { knownFailures, record, writeRunnersDocument } from './recorded-runs.ts';
import { type CaseOutcome, runners, tryCase } from './run-case.ts';

const { values } = parseArgs({
  options: {
    runner: { type: 'string', default: 'direct' },
    filter: { type: 'string', default: '' },
    json: { type: 'string' },
    markdown: { type: 'string' },
    record: { type: 'boolean', default: false },
    smoke: { type: 'boolean', default: false },
    coverage: { type: 'boolean', default: false },
  },
});

const chosen = allCases.filter(({ name }) => name.includes(values.filter));
const cases = values.smoke ? oneOfEachTopic(chosen) : chosen;
if (cases.length === 0) {
  console.error(`No case has '${values.filter}' in its name.`);
  process.exit(2);
}
if (values.coverage) writeFileSync(join(import.meta.dirname, 'COVERAGE.md'), coverageText(allCases));

const known = values.record ? new Set<string>() : knownFailures(values.runner);
const outcomes: CaseOutcome[] = [];
const version = await runAll(values.runner);
if (values.json !== undefined) {
  writeFileSync(values.json, `${JSON.stringify({ runner: values.runner, outcomes }, undefined, 2)}\n`);
}
if (values.markdown !== undefined) writeFileSync(values.markdown, outcomesText(values.runner, outcomes));

const isNew = ({ name }: CaseOutcome) => !known.has(name);
for (const { name, status } of outcomes) {
  if (status === 'passed' && known.has(name)) console.log(`passed, and is recorded as failing: ${name}`);
}
const count = (status: CaseOutcome['status']) =>
  outcomes.filter((outcome) => outcome.status === status && (status === 'passed' || isNew(outcome))).length;
if (values.record && cases.length === allCases.length) {
  record(values.runner, version, outcomes);
  writeRunnersDocument();
}
const asRecorded = outcomes.filter((outcome) => outcome.status !== 'passed' && !isNew(outcome)).length;
const rest = (['refused', 'skipped'] as const).filter((status) => count(status) > 0);
const more = rest.map((status) => `, ${count(status)} ${status}`).join('');
const old = asRecorded > 0 ? `, ${asRecorded} not passed as in docs/runners.md` : '';
console.log(`${count('passed')} passed, ${count('failed')} failed${more}${old}`);
process.exit(count('failed') + count('refused') > 0 && !values.record ? 1 : 0);

function tell(outcome: CaseOutcome): void {
  outcomes.push(outcome);
  const { name, status, reason } = outcome;
  if (status !== 'passed' && !known.has(name))
    console.log(`${status} ${name}\n    ${reason?.replaceAll('\n', '\n    ')}`);
}

/** Runs the cases on the runner of that name. @returns which version of it, where that matters */
async function runAll(name: string): Promise<string> {
  const kind = peerKinds[name];
  if (kind !== undefined) {
    const missing = kind.whyNot();
    if (missing !== undefined) {
      console.log(`Skipped: ${name} cannot be had here: ${missing}.`);
      process.exit(0);
    }
    const run = new PeerRun(name, kind, tell);
    await run.run(cases);
    return run.version;
  }
  const runner = runners[name];
  if (runner === undefined) {
    const names = [...Object.keys(runners), ...Object.keys(peerKinds)];
    console.error(`No runner is called '${name}': there are ${names.join(', ')}.`);
    process.exit(2);
  }
  for (const each of cases) tell(await tryCase(each, runner));
  return '';
}

/** The first case of each topic that needs nothing but the batch model, else the first. */
function oneOfEachTopic(all: readonly ConformanceCase[]): ConformanceCase[] {
  const topics = Map.groupBy(all, ({ name }) => topicOf(name));
  return Array.from(topics.values(), (members) => members.find(({ needs }) => needs.length === 0) ?? members[0]);
}
