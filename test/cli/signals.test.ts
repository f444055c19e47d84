import assert from 'node:assert/strict';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { describe, it } from 'node:test';
import { freshFolder } from '../support/fresh-folder.ts';
import { type Finished, finish, millrace, program, start } from './millrace.ts';

const readings = program('readings.ts');

/** Does something once when a text has been printed. */
function when(child: ChildProcessWithoutNullStreams, text: string, action: () => void): Promise<Finished> {
  const ended = finish(child);
  let seen = '';
  child.stdout.on('data', function listener(chunk: string) {
    seen += chunk;
    if (!seen.includes(text)) return;
    child.stdout.off('data', listener);
    action();
  });
  return ended;
}

/** What a run of readings.ts has seen: `[reading, seen]` in order. */
function seenIn(stdout: string): number[][] {
  return Array.from(stdout.matchAll(/^reading (\d+), (\d+) seen$/gm), ([, ...numbers]) => numbers.map(Number));
}

describe('a stream with checkpoints', () => {
  it('stops with a last checkpoint, from which the same command goes on', async (t) => {
    const args = ['run', readings, '--checkpoint-dir', freshFolder(t), '--checkpoint-interval', '1h'];
    let next = 0;
    for (const [signal, code] of [
      ['SIGINT', 130],
      ['SIGTERM', 143],
    ] as const) {
      const child = start(args);
      const ended = await when(child, `reading ${next + 3},`, () => child.kill(signal));
      assert.equal(ended.code, code, ended.stderr);
      assert.match(ended.stderr, /^Stopping after a last checkpoint; press Ctrl-C again/m);
      assert.match(ended.stderr, /^Stopped with a last checkpoint; the same command goes on from there\.$/m);
      assert.doesNotMatch(ended.stderr, /error|CANCELLED/);
      assert.match(
        ended.stderr,
        next === 0
          ? /^readings begins anew: its folder held no checkpoint$/m
          : /^readings goes on from checkpoint \d+ of \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/m,
      );
      const seen = seenIn(ended.stdout);
      assert.ok(seen.length > 3);
      for (const [i, pair] of seen.entries()) assert.deepEqual(pair, [next + i, next + i + 1]);
      next += seen.length;
    }
  });

  it('ends at once on the second signal, though its checkpoint cannot be written', async (t) => {
    const child = start(['run', readings, '--checkpoint-dir', freshFolder(t), '--stuck-at', '2']);
    child.stderr.on('data', (text) => {
      if (String(text).includes('Stopping after')) child.kill('SIGTERM');
    });
    const { code } = await when(child, 'reading 2,', () => child.kill('SIGINT'));
    assert.equal(code, 143);
  });
});

describe('without checkpoints', () => {
  it('a stream is cancelled, and SIGTERM exits with 143', async () => {
    const child = start(['run', readings]);
    const { code, stderr } = await when(child, 'reading 2,', () => child.kill('SIGTERM'));
    assert.equal(code, 143, stderr);
    assert.match(stderr, /^Cancelling; press Ctrl-C again/m);
    assert.match(stderr, /^error: .*SIGTERM received \[CANCELLED\]$/m);
  });

  it('a job that is done, but for its teardown, stays done', async () => {
    const child = start(['run', program('slow-teardown.ts'), '--threads', '0']);
    const { code, stderr } = await when(child, 'tearing down', () => child.kill('SIGINT'));
    assert.match(stderr, /^DONE in /m);
    assert.equal(code, 0, stderr);
  });
});

describe('a function that ends the process', () => {
  it('is reported, and no success', async () => {
    for (const [given, expected] of [
      [0, 1],
      [7, 7],
    ]) {
      const { code, stderr } = await millrace(['run', program('leaves.ts'), '--threads', '0', '--code', String(given)]);
      assert.match(
        stderr,
        new RegExp(`^error: The program ended the process, with exit code ${given}, .*ENDED\\]$`, 'm'),
      );
      assert.equal(code, expected);
    }
  });

  it('on a worker thread fails the job', async () => {
    const { code, stderr } = await millrace(['run', program('leaves.ts'), '--threads', '1', '--code', '0']);
    assert.equal(code, 1, stderr);
    assert.match(stderr, /WORKER_LOST/);
  });
});
