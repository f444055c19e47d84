import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runProgram } from './run-program.ts';

test('a program loads the runner when it runs, and what a pipeline does not use not at all', async () => {
  const { stdout, stderr } = await runProgram('loaded-modules.ts');
  assert.equal(stderr, '');
  const { imported, run } = JSON.parse(stdout) as { imported: string[]; run: string[] };
  const among = (urls: readonly string[], what: RegExp) => urls.filter((url) => what.test(url));
  assert.deepEqual(among(imported, /\/src\/(harness|runners|model|io|cli|testing)\//), []);
  assert.deepEqual(among(run, /\/src\/(model|io|cli|testing)\//), []);
  // Message types, Arrow, Parquet, gRPC: all that comes from elsewhere.
  assert.deepEqual(among([...imported, ...run], /\/node_modules\//), []);
  assert.ok(among(run, /\/src\/runners\/direct\//).length > 0);
});
