import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, readdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { freshFolder } from '../support/fresh-folder.ts';
import { program } from './run-program.ts';

const KILLS = 20;
const NUMBERS = 12_000;

/** Runs the program; kills it in the middle of whatever it does once it has said so many lines. */
async function run(name: string, args: readonly string[], killAfter: number): Promise<string | number | null> {
  const child = spawn(process.execPath, [program(name), ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
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

/** The lines in all files under final names; each file is whole. */
function written(folder: string, names: RegExp): string[] {
  return readdirSync(folder)
    .filter((name) => !name.startsWith('.'))
    .flatMap((name) => {
      assert.match(name, names);
      const text = readFileSync(join(folder, name), 'utf8');
      assert.ok(text === '' || text.endsWith('\n'), `${name} is not whole`);
      return text.split('\n').slice(0, -1);
    });
}

test('windowed files of a stream that is killed again and again hold each element once', async (t) => {
  const folder = freshFolder(t);
  const output = join(folder, 'out');
  const args = [output, join(folder, 'checkpoints'), String(NUMBERS)];
  const names = /^out-1970\d{4}T\d{6}\.000Z-1970\d{4}T\d{6}\.000Z-pane-\d+-0000\d-of-00002\.txt$/;
  let kills = 0;
  for (let round = 0; ; round++) {
    const end = await run('write-windows.ts', args, kills < KILLS ? 1 + ((round * 7) % 11) : Number.POSITIVE_INFINITY);
    if (end === 0) break;
    kills++;
    const found = written(output, names);
    assert.equal(new Set(found).size, found.length, 'no element is in two files');
  }
  assert.equal(kills, KILLS);
  const all = written(output, names).map(Number);
  assert.deepEqual(
    all.sort((a, b) => a - b),
    Array.from({ length: NUMBERS }, (_, i) => i),
  );
  assert.deepEqual(
    readdirSync(output).filter((name) => name.startsWith('.')),
    [],
    'no temporaries are left',
  );
});

test('a file that grows and is rotated while its reader is killed again and again is read once', async (t) => {
  const folder = freshFolder(t);
  const file = join(folder, 'app.log');
  const output = join(folder, 'out');
  const args = [`${file}*`, output, join(folder, 'checkpoints')];
  const names = /^out-pane-\d+-00000-of-00001\.txt$/;
  let lines = 0;
  /** Whole lines, and a part of one that the next call completes. */
  const grow = () => {
    const text = Array.from({ length: 40 }, () => `line ${lines++}\n`).join('');
    appendFileSync(file, `${text}line`);
    appendFileSync(file, ` ${lines++}\nli`);
    appendFileSync(file, `ne ${lines++}\n`);
  };
  for (let round = 0; round < 8; round++) {
    grow();
    assert.equal(await run('tail-to-files.ts', [...args, '1h'], 1 + (round % 3)), 'SIGKILL');
    const found = written(output, names);
    assert.equal(new Set(found).size, found.length, 'no line is in two files');
    if (round % 3 === 2) {
      grow();
      renameSync(file, `${file}.${round}`);
    }
  }
  grow();
  assert.equal(await run('tail-to-files.ts', [...args, '4s'], Number.POSITIVE_INFINITY), 0);
  const all = written(output, names).map((line) => Number(line.slice(5)));
  assert.deepEqual(
    all.sort((a, b) => a - b),
    Array.from({ length: lines }, (_, i) => i),
  );
});
