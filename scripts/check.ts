/**
 * `npm run check [-- NAME...]`: everything that is asked of the repository besides its tests. With names, only the
 * checks whose name contains one: `npm run check -- types dead`.
 */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { styleText } from 'node:util';
import { checkDependencies } from './checks/dependencies.ts';
import { checkDocsExamples } from './checks/docs-examples.ts';
import { checkDocsLinks } from './checks/docs-links.ts';
import { checkExports } from './checks/exports.ts';
import { checkFileSizes } from './checks/file-size.ts';
import type { Problem } from './checks/problem.ts';
import { ROOT } from './checks/source-files.ts';

interface Outcome {
  readonly passed: boolean;
  /** Shown when it failed, and when it passed with warnings. */
  readonly output: string;
}

interface Check {
  readonly name: string;
  run(): Promise<Outcome> | Outcome;
}

const CHECKS: readonly Check[] = [
  { name: 'format and lint', run: () => command('@biomejs/biome/bin/biome', ['check', `--colors=${colors()}`]) },
  { name: 'types', run: () => command('typescript/bin/tsc', ['-p', '.', '--pretty', String(isTerminal())]) },
  { name: 'dependency direction', run: () => outcome(checkDependencies()) },
  { name: 'exports', run: () => outcome(checkExports()) },
  { name: 'docs examples', run: async () => outcome(await checkDocsExamples()) },
  { name: 'docs links', run: () => outcome(checkDocsLinks()) },
  { name: 'dead code', run: () => command('knip/bin/knip.js', ['--no-progress']) },
  { name: 'file sizes', run: () => outcome(checkFileSizes()) },
];
/** At most this many run at once: each of the larger ones uses more than one core itself. */
const CONCURRENCY = 2;

const names = process.argv.slice(2);
const chosen = CHECKS.filter(({ name }) => names.length === 0 || names.some((part) => name.includes(part)));
if (chosen.length === 0) {
  console.error(`No check is called ${names.join(' or ')}: there are ${CHECKS.map(({ name }) => name).join(', ')}.`);
  process.exit(1);
}

const failed: string[] = [];
const waiting = [...chosen];
await Promise.all(Array.from({ length: CONCURRENCY }, runWaiting));

if (failed.length > 0) console.log(`\n${styleText('red', `Failed: ${failed.join(', ')}`)}`);
else console.log(`\n${styleText('green', `All ${chosen.length} checks passed`)}`);
process.exit(failed.length > 0 ? 1 : 0);

async function runWaiting(): Promise<void> {
  for (let check = waiting.shift(); check !== undefined; check = waiting.shift()) {
    const start = performance.now();
    const { passed, output } = await check.run();
    const seconds = styleText('gray', `${((performance.now() - start) / 1000).toFixed(1)} s`);
    console.log(`${passed ? styleText('green', '✓') : styleText('red', '✗')} ${check.name}  ${seconds}`);
    if (output !== '') console.log(output.replace(/^(?=.)/gm, '    '));
    if (!passed) failed.push(check.name);
  }
}

/** Runs a tool of node_modules; its output matters only when it fails. */
function command(bin: string, args: readonly string[]): Promise<Outcome> {
  const { promise, resolve } = Promise.withResolvers<Outcome>();
  const child = spawn(process.execPath, [join(ROOT, 'node_modules', bin), ...args], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => {
      output += text;
    });
  }
  child.on('error', (error) => resolve({ passed: false, output: String(error) }));
  child.on('close', (code) => resolve({ passed: code === 0, output: code === 0 ? '' : output.trim() }));
  return promise;
}

function outcome(problems: readonly Problem[]): Outcome {
  const lines = problems.map(({ severity, place, message }) => {
    const label = severity === 'error' ? styleText('red', 'error') : styleText('yellow', 'warning');
    return `${place} ${label} ${message}`;
  });
  return { passed: problems.every(({ severity }) => severity !== 'error'), output: lines.join('\n') };
}

function isTerminal(): boolean {
  return process.stdout.isTTY === true;
}

function colors(): 'force' | 'off' {
  return isTerminal() ? 'force' : 'off';
}
