/** Type-checks the code blocks of the documentation; what the compiler says is shown at their place in the document. */
import { spawnSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { docsExamples, writeExample } from '../docs-examples.ts';
import type { Problem } from './problem.ts';
import { ROOT } from './source-files.ts';

const FOLDER = join(ROOT, '.cache', 'docs-examples-check');

const CONFIG = {
  extends: '../../tsconfig.json',
  // A document shows values without using them.
  compilerOptions: { noUnusedLocals: false, noUnusedParameters: false, moduleDetection: 'force' },
  include: ['*.ts', '../../src/**/*.d.ts'],
};

/** What the compiler objects to in the examples. */
export function checkDocsExamples(): Problem[] {
  const examples = docsExamples();
  if (examples.length === 0) return [];
  rmSync(FOLDER, { recursive: true, force: true });
  const documents = new Map(examples.map((example) => [basename(writeExample(FOLDER, example)), example.document]));
  writeFileSync(join(FOLDER, 'tsconfig.json'), JSON.stringify(CONFIG));
  const compiler = join(ROOT, 'node_modules/typescript/bin/tsc');
  const { stdout, status } = spawnSync(process.execPath, [compiler, '-p', FOLDER, '--pretty', 'false'], {
    cwd: FOLDER,
    encoding: 'utf8',
  });
  const problems: Problem[] = [];
  for (const [, file = '', line, message = ''] of stdout.matchAll(/^(\S+)\((\d+),\d+\): (?:error )?(.*(?:\n .*)*)/gm)) {
    const document = documents.get(basename(file));
    // Errors of the source itself are the type check's to report.
    if (document !== undefined) problems.push({ severity: 'error', place: `${document}:${line}`, message });
  }
  if (status !== 0 && stdout === '') throw new Error('The compiler could not be run.');
  return problems;
}
