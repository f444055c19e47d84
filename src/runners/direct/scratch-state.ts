import { join } from 'node:path';
import { LogStateBackend } from '../core/state/log-state-backend.ts';
import type { StateBackend } from '../core/state/state-backend.ts';
import type { StateDisk } from '../core/state/state-disk.ts';
import { NodeStateDisk } from '../worker/node-state-disk.ts';
import { makeTempFolder, removeTempFolder } from './temp-folder.ts';

/** State that is to leave memory when there is too much of it, and that nobody asks for when the job is over. */
export interface ScratchState {
  readonly backend: StateBackend;
  /** Removes its folder, if there is one. */
  close(): void;
}

/** @param tempDir where the folder goes when it is needed, which with most pipelines it is not */
export function scratchState(tempDir: string | undefined): ScratchState {
  const disk = new ScratchDisk(tempDir);
  return {
    // There is nothing to go back to, so the index is not copied either.
    backend: new LogStateBackend(disk, { index: Number.POSITIVE_INFINITY }),
    close: () => disk.close(),
  };
}

/** A disk whose folder is made with the first segment; the manifest, which nobody will read, is not kept. */
class ScratchDisk implements StateDisk {
  readonly #tempDir: string | undefined;
  #made: { readonly disk: NodeStateDisk; readonly folder: string } | undefined;

  constructor(tempDir: string | undefined) {
    this.#tempDir = tempDir;
  }

  get #disk(): NodeStateDisk {
    if (this.#made === undefined) {
      const folder = makeTempFolder(this.#tempDir);
      this.#made = { folder, disk: new NodeStateDisk(join(folder, 'state'), false) };
    }
    return this.#made.disk;
  }

  list(): string[] {
    return [];
  }

  size(name: string): number {
    return this.#disk.size(name);
  }

  append(name: string, bytes: Uint8Array): void {
    this.#disk.append(name, bytes);
  }

  sync(): void {}

  read(name: string, offset: number, into: Uint8Array): void {
    this.#disk.read(name, offset, into);
  }

  truncate(name: string, size: number): void {
    this.#disk.truncate(name, size);
  }

  replace(): void {}

  remove(name: string): void {
    this.#disk.remove(name);
  }

  close(): void {
    if (this.#made === undefined) return;
    const { disk, folder } = this.#made;
    this.#made = undefined;
    disk.close();
    removeTempFolder(folder);
  }
}
