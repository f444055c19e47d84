import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { freshFolder } from '../../../test/support/fresh-folder.ts';
import { Pipeline } from '../../sdk/index.ts';

/** Leaves a file behind, and fails or not. */
function leaving(file: string, fails: () => boolean): Pipeline {
  const p = new Pipeline();
  const input = p.create([['key', 1]] as const);
  p.onFailure(async () => rmSync(file, { force: true }));
  input.parDo('Leave', {
    requiresStableInput: true,
    process() {
      writeFileSync(file, 'left');
      if (fails()) throw new Error('a failure that was asked for');
    },
  });
  return p;
}

test('a job without checkpoints that fails removes what it leaves behind', async (t) => {
  const file = join(freshFolder(t), 'temporary');
  await assert.rejects(leaving(file, () => true).run({ threads: 0, maxAttempts: 1 }), { code: 'USER_CODE' });
  assert.ok(!existsSync(file));
});

test('a job with checkpoints keeps it for the run that goes on', async (t) => {
  const folder = freshFolder(t);
  const file = join(folder, 'temporary');
  const checkpointDir = join(folder, 'checkpoints');
  const failing = leaving(file, () => true);
  await assert.rejects(failing.run({ checkpointDir, maxAttempts: 1 }), { code: 'USER_CODE' });
  assert.equal(readFileSync(file, 'utf8'), 'left');
  await leaving(file, () => false).run({ checkpointDir });
  assert.equal(readFileSync(file, 'utf8'), 'left');
});

test('a cancelled job with checkpoints keeps it too, a batch job has none to keep it for', async (t) => {
  const folder = freshFolder(t);
  const file = join(folder, 'temporary');
  const controller = new AbortController();
  const cancelled = leaving(file, () => {
    controller.abort();
    return true;
  });
  const options = { checkpointDir: join(folder, 'checkpoints'), signal: controller.signal };
  await assert.rejects(cancelled.run(options), { code: 'CANCELLED' });
  assert.ok(existsSync(file));

  const batch = new Pipeline();
  batch.onFailure(async () => rmSync(file, { force: true }));
  batch.create([1]).map('Fail', (): number => {
    throw new Error('no');
  });
  const warnings: string[] = [];
  t.mock.method(process, 'emitWarning', (text: string) => warnings.push(text));
  await assert.rejects(batch.run({ threads: 0, maxAttempts: 1, checkpointDir: join(folder, 'unused') }));
  assert.ok(!existsSync(file));
  assert.equal(warnings.length, 1);
  assert.match(warnings[0], /keeps no checkpoints and begins anew each time/);
});
