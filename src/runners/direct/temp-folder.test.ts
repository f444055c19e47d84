import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { freshFolder } from '../../../test/support/fresh-folder.ts';
import { makeTempFolder, removeTempFolder } from './temp-folder.ts';

test('is made with its parents and removed without them', (t) => {
  const base = mkdtempSync(join(tmpdir(), 'temp folder é '));
  t.after(() => rmSync(base, { recursive: true }));
  const parent = join(base, 'a', 'b');
  const [one, two] = [makeTempFolder(parent), makeTempFolder(parent)];
  assert.notEqual(one, two);
  writeFileSync(join(one, 'file'), '');
  removeTempFolder(one);
  assert.ok(!existsSync(one));
  removeTempFolder(two);
  assert.deepEqual(readdirSync(parent), []);
});

test('where none can be made says so', (t) => {
  const base = freshFolder(t);
  writeFileSync(join(base, 'file'), '');
  // In /proc, making folders recursively would not end.
  for (const parent of [join(base, 'file'), join(base, 'file', 'below'), '/proc/none', `${base}/nul\0`]) {
    assert.throws(() => makeTempFolder(parent), { name: 'RunnerError', code: 'TEMP_DIR' }, parent);
  }
});
