import { spawn } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type Program, runProgram } from '../harness/run-program.ts';
import { nexmarkProgram, withFolder } from './programs.ts';
import type { ManyKeys, Restart } from './report.ts';

/** About a gigabyte of state, in which each key has a kilobyte. */
const STATE_KEYS = 1_000_000;
const STATE_SIZE = 1000;
const KINDS = ['values', 'timers', 'windows'];
const MANY_KEYS = 10_000_000;
const BUDGET = '512MiB';
/** V8 lets garbage pile up to a multiple of what is alive, unless it is told what there is room for. */
const HEAP = ['--max-old-space-size=512'];

/** Fills state, kills the process when a checkpoint holds it, and starts it again, `runs` times. */
export async function measureRestarts(runs: number, log: (line: string) => void): Promise<Restart[]> {
  const restarts: Restart[] = [];
  for (const kind of KINDS) {
    const restart = await withFolder(async (checkpoints) => {
      const program = nexmarkProgram('large-state', { kind, keys: STATE_KEYS, size: STATE_SIZE, checkpoints });
      await killAt('filled', program);
      const stateBytes = sizeOf(checkpoints);
      const seconds: number[] = [];
      for (let i = 0; i < runs; i++) seconds.push(await killAt('output', program));
      return { kind, keys: STATE_KEYS, stateBytes, seconds };
    });
    restarts.push(restart);
    const times = restart.seconds.map((each) => `${each.toFixed(2)} s`).join(', ');
    log(`  ${kind.padEnd(8)} ${(restart.stateBytes / 1e9).toFixed(2)} GB: ${times}`);
  }
  return restarts;
}

/** Resident memory of counts over more keys than the budget holds. */
export async function measureKeys(log: (line: string) => void): Promise<ManyKeys> {
  const run = await withFolder((checkpoints) =>
    runProgram(nexmarkProgram('many-keys', { keys: MANY_KEYS, memory: BUDGET, checkpoints }, HEAP)),
  );
  const { seconds, answer, maxRssBytes = 0 } = run;
  log(`  ${MANY_KEYS / 1e6} M keys: ${(maxRssBytes / 2 ** 20).toFixed(0)} MiB, ${seconds.toFixed(1)} s`);
  return { keys: MANY_KEYS, budget: BUDGET, seconds, elements: answer[0], maxRssBytes };
}

/** Starts a program and kills it as it prints a line; seconds from its start until then. @throws when it ends before */
async function killAt(line: string, { command, arguments: given }: Program): Promise<number> {
  const start = performance.now();
  const child = spawn(command, given, { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = Promise.withResolvers<void>();
  child.once('close', () => ended.resolve());
  child.once('error', (error) => ended.reject(error));
  let seconds: number | undefined;
  for await (const printed of createInterface({ input: child.stdout })) {
    if (seconds !== undefined || printed !== line) continue;
    seconds = (performance.now() - start) / 1000;
    child.kill('SIGKILL');
  }
  await ended.promise;
  if (seconds === undefined) throw new Error(`${[command, ...given].join(' ')} ended before it said ${line}`);
  return seconds;
}

function sizeOf(folder: string): number {
  let bytes = 0;
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) bytes += statSync(join(entry.parentPath, entry.name)).size;
  }
  return bytes;
}
