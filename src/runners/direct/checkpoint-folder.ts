import { mkdirSync, realpathSync } from 'node:fs';
import { resolve } from 'node:path';
import { LogStateBackend } from '../core/state/log-state-backend.ts';
import type { StateBackend } from '../core/state/state-backend.ts';
import { NodeStateDisk } from '../worker/node-state-disk.ts';
import { FolderLease, unusable } from './folder-lease.ts';

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
 * written to; IoError `STATE_CORRUPT` when what it holds is damaged
 */
export function openCheckpointFolder(directory: string): CheckpointFolder {
  // It would be the current directory: more likely a variable is not set.
  if (directory === '') throw unusable(directory, new Error('its name is empty'));
  const folder = resolve(directory);
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw unusable(folder, cause);
  }
  const lease = new FolderLease(folder);
  try {
    const backend = new LeasedBackend(new NodeStateDisk(folder), lease);
    return {
      backend,
      path: realpathSync(folder),
      get stateBytes() {
        return backend.usage.live;
      },
      close() {
        backend.close();
        lease.release();
      },
    };
  } catch (error) {
    lease.release();
    throw error;
  }
}

/** Another process may have taken the folder while this one stood still: its state must not be written over. */
class LeasedBackend extends LogStateBackend {
  readonly #lease: FolderLease;

  /** @throws IoError `STATE_CORRUPT` when what the disk holds is damaged */
  constructor(disk: NodeStateDisk, lease: FolderLease) {
    super(disk);
    this.#lease = lease;
  }

  /** @throws RunnerError `CHECKPOINT_LOST` */
  override commit(): void {
    this.#lease.check();
    super.commit();
  }
}
