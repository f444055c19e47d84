import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { seededRandom } from '../simulation/random.ts';
import { makeTables, readTables } from './database.ts';
import { expectedTables } from './expected.ts';
import type { FaultSettings } from './settings.ts';

/** `kill`: SIGKILL, and a new process. `pause`: stopped for two seconds. `fail`: a user function throws. */
export type FaultKind = 'kill' | 'pause' | 'fail';

export interface FaultPlan {
  readonly events: number;
  /** Events per second. */
  readonly rate: number;
  /** Each fault is one of them, chosen by the seed. */
  readonly kinds: readonly FaultKind[];
  /** After so many faults the program is left alone, to come to its end; without it there is always another. */
  readonly most?: number;
  /** Between two faults, on average. */
  readonly meanSeconds: number;
  readonly seed: number;
  readonly memory: string;
}

/**
 * As somebody who gives a stream of so little state a small machine would. V8 keeps every page that it ever had as long as
 * the program is busy, and without these limits has more of them in every busy moment.
 */
const HEAP = ['--max-old-space-size=100', '--max-semi-space-size=8'];

/** Resident memory of the process at work, at a time since the start. */
export interface MemorySample {
  readonly seconds: number;
  readonly megabytes: number;
  /** How long that process has lived. */
  readonly age: number;
}

export interface FaultResult {
  readonly plan: FaultPlan;
  readonly seconds: number;
  readonly faults: Readonly<Record<FaultKind, number>>;
  readonly rows: Readonly<Record<string, number>>;
  /** What is not as it must be; none when all is well. */
  readonly differences: readonly string[];
  readonly memory: readonly MemorySample[];
}

const PROGRAM = join(import.meta.dirname, 'program.ts');
const SAMPLE_MILLIS = 5000;

/** Runs the program to its end under faults, and compares what it has written. */
export async function runWithFaults(plan: FaultPlan, log: (line: string) => void): Promise<FaultResult> {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-faults-'));
  const stream = { start: Date.now() + 1000, rate: plan.rate };
  const settings: FaultSettings = {
    stream,
    events: plan.events,
    database: join(folder, 'results.db'),
    checkpointDir: join(folder, 'checkpoints'),
    checkpointInterval: '500ms',
    memory: plan.memory,
    failFile: join(folder, 'fail'),
  };
  const file = join(folder, 'settings.json');
  writeFileSync(file, JSON.stringify(settings));
  makeTables(settings.database);
  const random = seededRandom(plan.seed);
  const faults: Record<FaultKind, number> = { kill: 0, pause: 0, fail: 0 };
  const memory: MemorySample[] = [];
  const startedAt = performance.now();
  const seconds = () => (performance.now() - startedAt) / 1000;

  let child = start(file);
  const sampler = setInterval(() => {
    const megabytes = residentMegabytes(child.process.pid);
    if (megabytes !== undefined) {
      memory.push({ seconds: seconds(), megabytes, age: (performance.now() - child.startedAt) / 1000 });
    }
  }, SAMPLE_MILLIS);
  try {
    for (;;) {
      // Most faults meet a process at work, some one that starts.
      if (random() < 0.8) await Promise.race([child.ended, child.atWork]);
      // Between half the mean and one and a half of it.
      const wait = plan.meanSeconds * (0.5 + random()) * 1000;
      const total = faults.kill + faults.pause + faults.fail;
      const ended = await (total === plan.most ? child.ended : Promise.race([child.ended, sleep(wait)]));
      if (ended !== undefined) {
        if (ended.code === 0) break;
        throw new Error(`The program ended with ${ended.code ?? ended.signal}:\n${child.output()}`);
      }
      const kind = plan.kinds[Math.floor(random() * plan.kinds.length)];
      faults[kind]++;
      if (kind === 'kill') {
        child.process.kill('SIGKILL');
        await child.ended;
        child = start(file);
      } else if (kind === 'pause') {
        child.process.kill('SIGSTOP');
        await sleep(2000);
        child.process.kill('SIGCONT');
      } else writeFileSync(settings.failFile, '');
      if ((total + 1) % 20 === 0) log(`${total + 1} faults, ${seconds().toFixed(0)} s`);
    }
  } finally {
    clearInterval(sampler);
    child.process.kill('SIGKILL');
  }
  const lasted = seconds();
  const found = readTables(settings.database);
  const differences = compare(found, expectedTables(stream, plan.events));
  rmSync(folder, { recursive: true, force: true });
  const rows = Object.fromEntries(Object.entries(found).map(([name, lines]) => [name, lines.length]));
  return { plan, seconds: lasted, faults, rows, differences, memory };
}

interface Started {
  readonly process: ChildProcess;
  readonly startedAt: number;
  /** Resolves when the pipeline runs. */
  readonly atWork: Promise<void>;
  readonly ended: Promise<{ readonly code: number | null; readonly signal: string | null }>;
  output(): string;
}

function start(settings: string): Started {
  const process = spawn(globalThis.process.execPath, [...HEAP, PROGRAM, settings], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  const atWork = Promise.withResolvers<void>();
  const keep = (chunk: Buffer) => {
    text = (text + chunk.toString()).slice(-10_000);
    atWork.resolve();
  };
  process.stdout.on('data', keep);
  process.stderr.on('data', keep);
  const ended = new Promise<{ code: number | null; signal: string | null }>((resolve) => {
    process.on('exit', (code, signal) => resolve({ code, signal }));
  });
  return { process, startedAt: performance.now(), atWork: atWork.promise, ended, output: () => text };
}

function residentMegabytes(pid: number | undefined): number | undefined {
  try {
    const [, kilobytes] = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return kilobytes === undefined ? undefined : Number(kilobytes) / 1024;
  } catch {
    return undefined;
  }
}

/** The first few lines of each table that are too many, or missing. */
function compare(found: Record<string, string[]>, expected: Record<string, string[]>): string[] {
  const differences: string[] = [];
  for (const [table, lines] of Object.entries(expected)) {
    const wanted = new Set(lines);
    const present = new Set(found[table]);
    const missing = lines.filter((line) => !present.has(line));
    const wrong = found[table].filter((line) => !wanted.has(line));
    if (found[table].length !== lines.length || missing.length > 0 || wrong.length > 0) {
      differences.push(
        `${table}: ${found[table].length} rows instead of ${lines.length}; missing ${missing.length} (${missing.slice(0, 3).join(' ')}), wrong ${wrong.length} (${wrong.slice(0, 3).join(' ')})`,
      );
    }
  }
  return differences;
}
