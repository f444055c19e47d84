import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { RunnerError } from '../../sdk/errors.ts';
import { isRunning } from './process-identity.ts';

/** Names are `millrace-<host>-<process>-<time>`. */
const NAME = /^millrace-([0-9a-f]{8})-(\d+)-[0-9a-z]+$/;
/** Clocks of file systems are less exact than that of the process. */
const CLOCK_MILLIS = 5000;

/** Folders to remove when the process exits. */
const atExit = new Set<string>();

/**
 * A folder for one job's temporary files; it is gone when the process exits. Its name tells which process it belongs
 * to, so that a later start can remove what a killed process has left.
 */
export function makeTempFolder(parent: string = tmpdir()): string {
  removeOrphans(parent);
  // The program may go to another directory before the folder is used.
  const folder = resolve(parent, `millrace-${hostHash()}-${process.pid}-${process.hrtime.bigint().toString(36)}`);
  try {
    makeParents(folder);
    mkdirSync(folder, { mode: 0o700 });
  } catch (cause) {
    throw new RunnerError('TEMP_DIR', `The folder for temporary files cannot be made: ${(cause as Error).message}`, {
      resource: folder,
      cause,
      hint: 'choose another one with the option tempDir',
    });
  }
  if (atExit.size === 0) process.on('exit', removeAll);
  atExit.add(folder);
  return folder;
}

/** What `recursive` does, which in /proc never returns. */
function makeParents(folder: string): void {
  const parent = dirname(folder);
  if (existsSync(parent)) return;
  makeParents(parent);
  try {
    mkdirSync(parent, { mode: 0o700 });
  } catch (error) {
    // Another job may have been quicker.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

/** Removes the folder with all it holds. */
export function removeTempFolder(folder: string): void {
  if (atExit.delete(folder) && atExit.size === 0) process.off('exit', removeAll);
  rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
}

function removeAll(): void {
  for (const folder of atExit) rmSync(folder, { recursive: true, force: true });
}

/** Machines and containers may share a folder; process numbers mean something on their own machine only. */
function hostHash(): string {
  return createHash('sha256').update(hostname()).digest('hex').slice(0, 8);
}

/** Removes what killed processes of this machine have left. */
function removeOrphans(parent: string): void {
  let names: string[];
  try {
    names = readdirSync(parent);
  } catch {
    return;
  }
  for (const name of names) {
    const match = NAME.exec(name);
    if (match === null || match[1] !== hostHash()) continue;
    const folder = join(parent, name);
    try {
      if (isOrphan(folder, Number(match[2]))) rmSync(folder, { recursive: true, force: true });
    } catch {
      // It belongs to another user, or another process removes it just now: theirs to do.
    }
  }
}

function isOrphan(folder: string, pid: number): boolean {
  // In containers each start has the same process number: then the folder is older than this process.
  if (pid === process.pid) return statSync(folder).mtimeMs < Date.now() - process.uptime() * 1000 - CLOCK_MILLIS;
  return !isRunning(pid, '');
}
