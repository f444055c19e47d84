import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { freshFolder } from '../support/fresh-folder.ts';
import { finish, startProgram } from './run-program.ts';

/** Starts the program; resolves when it listens. */
async function start(args: readonly string[]): Promise<{ child: ChildProcess; port: string }> {
  const child = startProgram('http-to-files.ts', { args });
  child.stderr?.pipe(process.stderr);
  const [chunk] = await once(child.stdout as NodeJS.ReadableStream, 'data');
  return { child, port: String(chunk).trim() };
}

/** Whether the program has acknowledged a number. */
async function send(port: string, n: number): Promise<boolean> {
  const response = await fetch(`http://127.0.0.1:${port}`, { method: 'POST', body: String(n) }).catch(() => undefined);
  return response?.status === 204;
}

test('what was acknowledged outlives the process that is killed, and is there once', async (t) => {
  const folder = freshFolder(t);
  const output = join(folder, 'out');
  let { child, port } = await start(['0', output, join(folder, 'checkpoints')]);
  t.after(() => child.kill('SIGKILL'));
  let next = 0;
  for (let round = 0; round < 5; round++) {
    // Some are acknowledged before the kill, and some are under way when it comes.
    const first = Array.from({ length: 11 + round }, () => next++);
    assert.ok((await Promise.all(first.map((n) => send(port, n)))).every((isThere) => isThere));
    const more = Array.from({ length: 9 }, () => next++);
    const answers = more.map(async (n) => [n, await send(port, n)] as const);
    const closed = once(child, 'close');
    child.kill('SIGKILL');
    await closed;
    ({ child, port } = await start([port, output, join(folder, 'checkpoints')]));
    for (const [n, isThere] of await Promise.all(answers)) if (!isThere) assert.ok(await send(port, n));
  }
  const end = finish(child);
  await send(port, -1);
  assert.equal((await end).code, 0);
  const written = readdirSync(output).flatMap((name) =>
    readFileSync(join(output, name), 'utf8').split('\n').slice(0, -1),
  );
  assert.deepEqual(
    written.map(Number).sort((a, b) => a - b),
    Array.from({ length: next }, (_, i) => i),
  );
});
