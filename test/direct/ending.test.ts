import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { describe, test } from 'node:test';
import { freshFolder } from '../support/fresh-folder.ts';
import { finish, runProgram, startProgram } from './run-program.ts';

describe('a job is cancelled', () => {
  for (const threads of ['0', '1']) {
    test(`while it waits for a user function that never answers, threads: ${threads}`, async () => {
      const { code, stdout, stderr } = await runProgram('endless.ts', { args: ['pending', threads] });
      assert.equal(stderr, '');
      assert.equal(stdout, 'inside\nCANCELLED\n');
      assert.equal(code, 0);
    });
  }

  test('while a user function never returns: its thread is ended by force', async () => {
    const { code, stdout } = await runProgram('endless.ts', { args: ['busy', '1'] });
    // What a thread that never comes back has printed does not come out.
    assert.match(stdout, /CANCELLED\n$/);
    assert.equal(code, 0);
  });
});

describe('a killed process', () => {
  const wait = async (until: () => boolean, child: ChildProcess): Promise<void> => {
    const started = performance.now();
    while (!until()) {
      assert.equal(child.exitCode, null, 'the program has ended');
      assert.ok(performance.now() - started < 60_000, 'the program does not come so far');
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };

  for (const signal of ['SIGINT', 'SIGKILL'] as const) {
    test(`by ${signal} leaves files that the next start removes`, async (t) => {
      const folder = freshFolder(t);
      const spilling = () => startProgram('spilling.ts', { args: [folder] });
      const child = spilling();
      await wait(() => readdirSync(folder, { recursive: true }).length > 1, child);
      const ended = finish(child);
      child.kill(signal);
      assert.equal((await ended).signal, signal);
      const [left, ...more] = readdirSync(folder);
      assert.deepEqual(more, []);

      const other = spilling();
      t.after(() => other.kill('SIGKILL'));
      await wait(() => readdirSync(folder).some((name) => name !== left), other);
      const [alive, ...rest] = readdirSync(folder);
      assert.deepEqual(rest, []);
      assert.notEqual(alive, left);
      // A third one leaves what belongs to a process that is alive.
      const { stdout } = await runProgram('user-code.ts', { args: ['fine', '', folder] });
      assert.match(stdout, /"seen":20/);
      assert.deepEqual(readdirSync(folder), [alive]);
    });
  }
});
