import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

const PROGRAM = join(import.meta.dirname, 'programs', 'write-windows.ts');
const KILLS = 20;
const NUMBERS = 12_000;

/** Runs the program; kills it in the middle of whatever it does once it has said so many lines. */
async function run(args: readonly string[], killAfter: number): Promise<string | number | null> {
  const child = spawn(process.execPath, [PROGRAM, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = once(child, 'close');
  let lines = 0;
  let errors = '';
  child.stderr.on('data', (chunk) => {
    errors += chunk;
  });
  child.stdout.on('data', (chunk: Buffer) => {
    lines += chunk.toString().split('\n').length - 1;
    if (lines >= killAfter) child.kill('SIGKILL');
  });
  const [code, signal] = await ended;
  assert.ok(code === 0 || signal === 'SIGKILL', errors);
  return signal ?? code;
}

/** The numbers in all files under final names; each file is whole. */
function written(folder: string): number[] {
  return readdirSync(folder)
    .filter((name) => !name.startsWith('.'))
    .flatMap((name) => {
      assert.match(name, /^out-1970\d{4}T\d{6}\.000Z-1970\d{4}T\d{6}\.000Z-pane-\d+-0000\d-of-00002\.txt$/);
      const text = readFileSync(join(folder, name), 'utf8');
      assert.ok(text === '' || text.endsWith('\n'), `${name} is not whole`);
      return text.split('\n').slice(0, -1).map(Number);
    });
}

test('windowed files of a stream that is killed again and again hold each element once', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-killed-writes-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const output = join(folder, 'out');
  const args = [output, join(folder, 'checkpoints'), String(NUMBERS)];
  let kills = 0;
  for (let round = 0; ; round++) {
    const end = await run(args, kills < KILLS ? 1 + ((round * 7) % 11) : Number.POSITIVE_INFINITY);
    if (end === 0) break;
    kills++;
    const found = written(output);
    assert.equal(new Set(found).size, found.length, 'no element is in two files');
  }
  assert.equal(kills, KILLS);
  const all = written(output).sort((a, b) => a - b);
  assert.deepEqual(
    all,
    Array.from({ length: NUMBERS }, (_, i) => i),
  );
  assert.deepEqual(
    readdirSync(output).filter((name) => name.startsWith('.')),
    [],
    'no temporaries are left',
  );
});
