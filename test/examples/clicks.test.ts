import assert from 'node:assert/strict';
import { appendFileSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { it, type TestContext } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { type Finished, finish, start } from '../cli/millrace.ts';
import { freshFolder } from '../support/fresh-folder.ts';

const MINUTES = 6;

/** Some clicks of one minute, a few seconds out of order, with a line that is none. */
function clicksOf(minute: number): string[] {
  const lines = Array.from({ length: 40 }, (_, i) => {
    const second = Math.floor(i * 1.5) - (i % 4 === 3 && i > 3 ? 3 : 0);
    return `2024-01-01T12:0${minute}:${String(second).padStart(2, '0')}Z /page${(i * i + minute) % 7}`;
  });
  return [...lines, 'no click'];
}

const half = clicksOf(3).length / 2;
const first = [0, 1, 2].flatMap(clicksOf).concat(clicksOf(3).slice(0, half));
const second = clicksOf(3).slice(half).concat([4, 5].flatMap(clicksOf));

/** What is in the file of each minute. */
function reference(): Map<string, string[]> {
  const files = new Map<string, string[]>();
  for (let minute = 0; minute < MINUTES; minute++) {
    const pages = clicksOf(minute).flatMap((line) => line.split('Z ')[1] ?? []);
    const counts = [...new Set(pages)].map((page) => `${page}: ${pages.filter((each) => each === page).length}`);
    files.set(`2024-01-01T120${minute}00.000Z.txt`, counts.sort());
  }
  return files;
}

function written(folder: string): Map<string, string[]> {
  const text = (name: string) => readFileSync(join(folder, name), 'utf8');
  const names = readdirSync(folder).sort();
  return new Map(names.map((name) => [name, text(name).split('\n').slice(0, -1).sort()]));
}

/** Starts the example in a folder of its own. */
function example(folder: string, stopAfterIdle: string) {
  const paths = { input: 'clicks.log', output: 'clicks', 'checkpoint-dir': 'state' };
  const options = Object.entries(paths).flatMap(([option, name]) => [`--${option}`, join(folder, name)]);
  const times = ['--early', '100ms', '--checkpoint-interval', '100ms', '--stop-after-idle', stopAfterIdle];
  return start(['run', 'examples/clicks.ts', ...options, ...times]);
}

/** Kills the example when files of three minutes are there and the fourth has been counted a first time. */
async function killInTheMiddle(t: TestContext, folder: string): Promise<Finished> {
  const child = example(folder, '1h');
  t.after(() => child.kill('SIGKILL'));
  let early = '';
  child.stdout.on('data', (text) => (early += text));
  const ended = finish(child);
  const output = join(folder, 'clicks');
  const files = () => (existsSync(output) ? readdirSync(output).filter((name) => !name.startsWith('.')) : []);
  while (child.exitCode === null && !(files().length === 3 && early.includes('T12:03:00.000Z /page'))) {
    await setTimeout(10);
  }
  child.kill('SIGKILL');
  return ended;
}

it('writes one file for each minute, and the same ones when it is killed in the middle', {
  timeout: 60_000,
}, async (t) => {
  const folder = freshFolder(t);
  appendFileSync(join(folder, 'clicks.log'), `${first.join('\n')}\n`);
  const killed = await killInTheMiddle(t, folder);
  assert.equal(killed.code, null, killed.stderr);
  appendFileSync(join(folder, 'clicks.log'), `${second.join('\n')}\n`);
  const { code, stdout, stderr } = await finish(example(folder, '2s'));
  assert.equal(code, 0, stderr);
  assert.match(stderr, /goes on from/);
  assert.match(killed.stdout + stdout, /so far/);
  assert.deepEqual(written(join(folder, 'clicks')), reference());
});

it('writes them when nobody kills it', async (t) => {
  const folder = freshFolder(t);
  appendFileSync(join(folder, 'clicks.log'), `${[...first, ...second].join('\n')}\n`);
  const { code, stderr } = await finish(example(folder, '1s'));
  assert.equal(code, 0, stderr);
  assert.deepEqual(written(join(folder, 'clicks')), reference());
});
