import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { isRunning, processStart } from './process-identity.ts';

test('this process runs; one of its number that began at another time does not', () => {
  assert.ok(isRunning(process.pid, processStart(process.pid)));
  assert.ok(isRunning(process.pid, ''));
  if (existsSync('/proc/self/stat')) assert.ok(!isRunning(process.pid, `${processStart(process.pid)}1`));
});

test('a process that has ended does not run, and nor does what is no process', async () => {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
  await once(child, 'spawn');
  const pid = child.pid as number;
  const start = processStart(pid);
  assert.ok(isRunning(pid, start));
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
  assert.ok(!isRunning(pid, start));
  for (const none of [0, -1, 0.5, Number.NaN]) assert.ok(!isRunning(none, ''));
});

test('a process that was killed and that nobody has waited for does not run', {
  skip: !existsSync('/proc/self/stat'),
}, async () => {
  // The shell becomes a program that never asks for its children, so its child stays in the table.
  const shell = spawn('sh', ['-c', 'sleep 60 & echo $!; exec tail -f /dev/null']);
  const [line] = (await once(shell.stdout, 'data')) as [Buffer];
  const pid = Number(String(line));
  const start = processStart(pid);
  try {
    process.kill(pid, 'SIGKILL');
    // The signal is delivered at the child's next turn; its number stays in the table throughout.
    while (isRunning(pid, start)) await new Promise(setImmediate);
    assert.equal(process.kill(pid, 0), true);
  } finally {
    shell.kill('SIGKILL');
    await once(shell, 'exit');
  }
});
