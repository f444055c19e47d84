import { mkdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join, resolve } from 'node:path';
import { RunnerError } from '../../sdk/errors.ts';
import { LogStateBackend } from '../core/state/log-state-backend.ts';
import type { StateBackend } from '../core/state/state-backend.ts';
import { NodeStateDisk } from '../worker/node-state-disk.ts';
import { isRunning, processStart } from './process-identity.ts';

const LOCK = 'LOCK';

/** A folder of checkpoints that this process alone may use. */
export interface CheckpointFolder {
  readonly backend: StateBackend;
  /** Absolute and without links. */
  readonly path: string;
  /** Bytes of state on disk that count. */
  readonly stateBytes: number;
  /** Lets others use the folder; what is not committed is forgotten. */
  close(): void;
}

/**
 * Opens a folder of checkpoints, or makes it.
 *
 * @throws RunnerError `CHECKPOINT_IN_USE` while another process uses it, `CHECKPOINT_DIR` when it cannot be made or
 * written to; IoError
 * `STATE_CORRUPT` when what it holds is damaged
 */
export function openCheckpointFolder(directory: string): CheckpointFolder {
  // It would be the current directory: more likely a variable is not set.
  if (directory === '') throw unusable(directory, new Error('its name is empty'));
  const folder = resolve(directory);
  const lock = join(folder, LOCK);
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw unusable(folder, cause);
  }
  takeLock(lock, folder);
  try {
    const backend = new LogStateBackend(new NodeStateDisk(folder));
    return {
      backend,
      path: realpathSync(folder),
      get stateBytes() {
        return backend.usage.live;
      },
      close() {
        backend.close();
        rmSync(lock, { force: true });
      },
    };
  } catch (error) {
    rmSync(lock, { force: true });
    throw error;
  }
}

/** A lock whose process is gone counts for nothing: that is what is left when a process is killed. */
function takeLock(lock: string, folder: string): void {
  const own = `${process.pid} ${hostname()} ${processStart(process.pid)}`;
  for (let attempt = 0; ; attempt++) {
    try {
      writeFileSync(lock, own, { flag: 'wx', mode: 0o600 });
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw unusable(folder, error);
      if (attempt > 0) throw inUse(folder, String(error));
    }
    const holder = readLock(lock, folder);
    const [pid, host, start = ''] = holder.split(' ');
    if (host === hostname() && isRunning(Number(pid), start)) throw inUse(folder, `process ${pid} holds it`);
    if (host !== undefined && host !== hostname()) throw inUse(folder, `a process on ${host} holds it`);
    rmSync(lock, { force: true });
  }
}

/** Empty when its holder has just given it up. */
function readLock(lock: string, folder: string): string {
  try {
    return readFileSync(lock, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw unusable(folder, error);
  }
}

function unusable(folder: string, cause: unknown): RunnerError {
  return new RunnerError('CHECKPOINT_DIR', `The checkpoint folder cannot be used: ${(cause as Error).message}`, {
    resource: folder,
    cause,
    hint: 'choose another one with the option checkpointDir',
  });
}

function inUse(folder: string, why: string): RunnerError {
  return new RunnerError('CHECKPOINT_IN_USE', `The checkpoint folder is in use: ${why}`, {
    resource: folder,
    hint: `two runs of a pipeline need a checkpointDir each; if nobody uses the folder any more, remove the file ${LOCK}`,
  });
}
