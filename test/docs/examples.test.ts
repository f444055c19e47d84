/** Runs the examples of the documentation that are marked `ts run`, each in an empty folder with its input files. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { docsExamples, writeExample } from '../../scripts/docs-examples.ts';

const cache = join(import.meta.dirname, '..', '..', '.cache');
mkdirSync(cache, { recursive: true });
const folder = mkdtempSync(join(cache, 'docs-examples-'));
after(() => rmSync(folder, { recursive: true, force: true }));

for (const example of docsExamples().filter(({ run }) => run)) {
  test(`${example.document}:${example.line}`, () => {
    const program = writeExample(folder, example);
    const cwd = mkdtempSync(join(folder, 'run-'));
    for (const [name, text] of example.inputs) {
      mkdirSync(dirname(join(cwd, name)), { recursive: true });
      writeFileSync(join(cwd, name), text);
    }
    const { status, signal, stdout, stderr } = spawnSync(process.execPath, [program], {
      cwd,
      encoding: 'utf8',
      timeout: 120_000,
    });
    assert.equal(status, 0, `the example ended with ${signal ?? `exit code ${status}`}:\n${stdout}${stderr}`);
    if (example.output !== undefined) assert.equal(stdout.trimEnd(), example.output.trimEnd());
  });
}
