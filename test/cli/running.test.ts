import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { attachSocket } from '../../src/runners/direct/attach-address.ts';
import { freshFolder } from '../support/fresh-folder.ts';
import { finish, millrace, program, start } from './millrace.ts';

const skip = process.platform === 'win32' ? 'there are no signals' : false;

type Child = ReturnType<typeof start>;

/** Starts `millrace run readings.ts`; it is gone after the test. */
function readings(t: TestContext, ...args: string[]): Child {
  const child = start(['run', program('readings.ts'), ...args]);
  t.after(() => child.kill('SIGKILL'));
  return child;
}

/** Starts the plain program attachable.ts. */
function plain(t: TestContext, ...args: string[]): Child {
  const path = join(import.meta.dirname, '..', 'direct', 'programs', 'attachable.ts');
  const child = spawn(process.execPath, [path, ...args], { env: { PATH: process.env.PATH } });
  t.after(() => child.kill('SIGKILL'));
  return child;
}

/** Resolves when the text has been printed. */
function printed(child: Child, stream: 'stdout' | 'stderr', text: string): Promise<string> {
  let seen = '';
  return new Promise((resolve, reject) => {
    child[stream].on('data', (chunk) => {
      seen += chunk;
      if (seen.includes(text)) resolve(seen);
    });
    child.on('close', () => reject(new Error(`it ended before it printed '${text}'`)));
  });
}

describe('a running stream', { skip }, () => {
  it('says on SIGUSR1 which function does not answer', async (t) => {
    const child = readings(t, '--stuck-at', '2');
    await printed(child, 'stdout', 'reading 2,');
    const said = printed(child, 'stderr', 'waits for a function of count\n');
    child.kill('SIGUSR1');
    const lines = (await said).split('\n');
    const from = lines.findIndex((line) => line.startsWith('readings: RUNNING'));
    assert.match(lines[from + 1], /^ {2}1 Impulse.*: watermark end, 1 element$/);
    assert.match(lines[from + 2], /^ {2}2 meter.*: watermark 2024-01-01T00:00:02\.000Z, lag \d+ h \d+ min, 3 elements/);
    assert.match(
      lines[from + 3],
      /^ {2}3 count.*: watermark 2024-01-01T00:00:01\.000Z, lag .*waits for a function of count$/,
    );
  });

  it('answers explain --running, by process or folder, to its own user only', async (t) => {
    const dir = freshFolder(t);
    const child = readings(t, '--stuck-at', '2', '--checkpoint-dir', dir);
    await printed(child, 'stdout', 'reading 2,');
    const socket = attachSocket(child.pid as number);
    assert.equal(statSync(dirname(socket)).mode & 0o777, 0o700);
    assert.equal(statSync(socket).mode & 0o777, 0o600);
    const text = await millrace(['explain', '--running', String(child.pid)]);
    assert.equal(text.code, 0, text.stderr);
    assert.match(text.stdout, /^readings: RUNNING for .*\n {2}1 Impulse[\s\S]*waits for a function of count\n$/);
    const json = await millrace(['explain', '--running', dir, '--json']);
    assert.equal(json.code, 0, json.stderr);
    const { name, checkpointDir, stages } = JSON.parse(json.stdout);
    assert.deepEqual([name, checkpointDir], ['readings', dir]);
    assert.deepEqual([stages[0].watermark, stages[2].waitsFor], ['end', 'a function of count']);
    const other = await millrace(['explain', '--running', freshFolder(t)]);
    assert.equal(other.code, 2);
  });

  it('is drained: its source is given up and the job done', async (t) => {
    const dir = freshFolder(t);
    const child = readings(t, '--checkpoint-dir', dir);
    const ended = finish(child);
    await printed(child, 'stdout', 'reading 2,');
    const { code, stdout, stderr } = await millrace(['drain', String(child.pid)]);
    assert.equal(code, 0, stderr);
    assert.deepEqual([stdout, stderr], ['readings: DONE\n', 'Draining readings\n']);
    const run = await ended;
    assert.equal(run.code, 0, run.stderr);
    assert.match(run.stderr, /^DONE in /m);
    const again = await millrace(['explain', '--running', String(child.pid)]);
    assert.match(again.stderr, /There is no process/);
    const { stdout: readingsAgain, stderr: said, code: ok } = await finish(readings(t, '--checkpoint-dir', dir));
    assert.deepEqual([ok, readingsAgain], [0, '']);
    assert.match(said, /^DONE before this run: nothing was left to do after checkpoint \d+ of /m);
    assert.doesNotMatch(said, /^stage|^DONE in/m);
    assert.ok(said.includes(`take a new checkpointDir to run it again, or delete ${dir}.`), said);
  });
});

describe('a plain program', { skip }, () => {
  it('answers with the option attachable, and lives on when its job has ended', async (t) => {
    const child = plain(t, 'attachable');
    const ended = finish(child);
    await printed(child, 'stdout', 'started');
    const { stdout } = await millrace(['explain', '--running', String(child.pid)]);
    assert.match(stdout, /^nothing: RUNNING[\s\S]*, when nothing goes on with its restriction\n/);
    await Promise.all([millrace(['drain', String(child.pid)]), printed(child, 'stdout', 'DONE')]);
    const said = printed(child, 'stderr', 'No pipeline is running.');
    child.kill('SIGUSR1');
    await said;
    child.stdin.end('go\n');
    assert.equal((await ended).code, 0);
  });

  it('without it is not reached', async (t) => {
    const child = plain(t);
    await printed(child, 'stdout', 'started');
    const { code, stderr } = await millrace(['explain', '--running', String(child.pid)]);
    assert.equal(code, 1);
    assert.match(stderr, /NOT_ATTACHABLE/);
  });
});
