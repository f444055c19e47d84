import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RunnerError } from '../../sdk/errors.ts';

const PREFIX = 'millrace-';

/** A folder for one job's temporary files. Its name holds the process id, so that a later start can tell it is orphaned. */
export function makeTempFolder(parent: string = tmpdir()): string {
  removeOrphans(parent);
  const name = `${PREFIX}${process.pid}-${process.hrtime.bigint().toString(36)}`;
  const folder = join(parent, name);
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw new RunnerError('TEMP_DIR', `The folder for temporary files cannot be made`, {
      resource: folder,
      cause,
      hint: 'choose another one with the option tempDir',
    });
  }
  return folder;
}

/** Removes the folder with all it holds. */
export function removeTempFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
}

/** Removes what killed processes have left. */
function removeOrphans(parent: string): void {
  let names: string[];
  try {
    names = readdirSync(parent);
  } catch {
    return;
  }
  for (const name of names) {
    const match = /^millrace-(\d+)-[0-9a-z]+$/.exec(name);
    if (match === null || isAlive(Number(match[1]))) continue;
    try {
      removeTempFolder(join(parent, name));
    } catch {
      // It belongs to another user: theirs to remove.
    }
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}
