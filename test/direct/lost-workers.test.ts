import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { freshFolder } from '../support/fresh-folder.ts';
import { type Finished, runProgram } from './run-program.ts';

function result({ stdout }: Finished): Record<string, unknown> {
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Record<string, unknown>;
}

describe('a worker thread that dies', () => {
  test('is replaced, and its bundle runs again', async (t) => {
    const marker = join(freshFolder(t), 'marker');
    const finished = await runProgram('user-code.ts', { args: ['exit-once', marker] });
    assert.equal(finished.stderr, '');
    assert.deepEqual(result(finished), { seen: 20 });
  });

  test('at every attempt fails the job, and names the transform', async () => {
    const finished = await runProgram('user-code.ts', { args: ['exit-always'] });
    const { name, code, summary, context } = result(finished) as Record<string, Record<string, unknown>>;
    assert.deepEqual([name, code], ['RunnerError', 'WORKER_LOST']);
    assert.match(String(summary), /exit code 5/);
    assert.deepEqual([context.transform, context.attempt], ['act', 4]);
    assert.equal(finished.code, 0);
  });

  test('of memory fails the job and not the process', async () => {
    // A small young generation, since V8 ends the process when one collection goes far beyond the limit.
    const node = ['--max-old-space-size=64', '--max-semi-space-size=1'];
    const finished = await runProgram('user-code.ts', { args: ['heap'], node });
    const { code, context } = result(finished) as Record<string, Record<string, unknown>>;
    assert.equal(code, 'WORKER_OUT_OF_MEMORY');
    assert.equal(context.transform, 'act');
    assert.equal(finished.code, 0);
  });
});
