/**
 * `npm run conformance -- [--runner direct] [--filter TEXT] [--json FILE] [--markdown FILE] [--coverage]`: runs every rule
 * of the Beam model that the suite knows on a runner. The last line is `N passed, N failed`. Besides `direct` there are
 * `direct-plain` (nothing is fused or combined early), `direct-streaming` (in steps) and `direct-checkpointed` (a
 * checkpoint after each step).
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { allCases } from './all-cases.ts';
import { coverageText } from './coverage.ts';
import { outcomesText } from './outcomes.ts';
import { type CaseOutcome, runners, tryCase } from './run-case.ts';

const { values } = parseArgs({
  options: {
    runner: { type: 'string', default: 'direct' },
    filter: { type: 'string', default: '' },
    json: { type: 'string' },
    markdown: { type: 'string' },
    coverage: { type: 'boolean', default: false },
  },
});

const runner = runners[values.runner];
if (runner === undefined) {
  console.error(`No runner is called '${values.runner}': there are ${Object.keys(runners).join(', ')}.`);
  process.exit(2);
}
const cases = allCases.filter(({ name }) => name.includes(values.filter));
if (cases.length === 0) {
  console.error(`No case has '${values.filter}' in its name.`);
  process.exit(2);
}
if (values.coverage) writeFileSync(join(import.meta.dirname, 'COVERAGE.md'), coverageText(allCases));

const outcomes: CaseOutcome[] = [];
for (const each of cases) {
  const outcome = await tryCase(each, runner);
  outcomes.push(outcome);
  if (outcome.status !== 'passed')
    console.log(`${outcome.status} ${outcome.name}\n    ${outcome.reason?.replaceAll('\n', '\n    ')}`);
}
if (values.json !== undefined) {
  writeFileSync(values.json, `${JSON.stringify({ runner: runner.name, outcomes }, undefined, 2)}\n`);
}
if (values.markdown !== undefined) writeFileSync(values.markdown, outcomesText(runner.name, outcomes));

const count = (status: CaseOutcome['status']) => outcomes.filter((outcome) => outcome.status === status).length;
const skipped = count('skipped');
console.log(`${count('passed')} passed, ${count('failed')} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
process.exit(count('failed') > 0 ? 1 : 0);
