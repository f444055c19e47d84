import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { LogStateBackend } from '../../src/runners/core/state/log-state-backend.ts';
import { NodeStateDisk } from '../../src/runners/worker/node-state-disk.ts';
import { LIMITS, roundOf, stateAfter } from '../support/state-rounds.ts';

const KILLS = 24;
const PROGRAM = path.join(import.meta.dirname, 'programs/write-state.ts');

/** Runs the program until it has printed so many rounds, then kills it in the middle of whatever it does. */
async function runAndKill(directory: string, rounds: number): Promise<number> {
  const child = spawn(process.execPath, [PROGRAM, directory], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  let text = '';
  for await (const chunk of child.stdout) {
    text += chunk;
    if (text.split('\n').length > rounds) child.kill('SIGKILL');
  }
  const [, signal] = await ended;
  assert.equal(signal, 'SIGKILL', 'the program did not end by itself');
  return Number(text.trimEnd().split('\n').at(-1) ?? 0);
}

test('a process that is killed at any moment leaves a whole round behind', async (t) => {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'millrace-kill-'));
  t.after(() => fs.rmSync(directory, { recursive: true, force: true }));
  let last = 0;
  for (let kill = 0; kill < KILLS; kill++) {
    const printed = await runAndKill(directory, 1 + ((kill * 5) % 7));
    const backend = new LogStateBackend(new NodeStateDisk(directory), LIMITS);
    const round = roundOf(backend);
    // A commit may be done and not yet printed.
    assert.ok(round >= printed && round > last, `round ${round} after ${printed} and ${last}`);
    const found = new Map<string, string>();
    backend.scan('t', (key, value) => found.set(Buffer.from(key).toString(), Buffer.from(value).toString()));
    assert.deepEqual(new Map([...found].sort()), new Map([...stateAfter(round)].sort()));
    backend.close();
    last = round;
  }
});
