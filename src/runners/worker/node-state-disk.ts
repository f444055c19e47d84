import fs from 'node:fs';
import path from 'node:path';
import { IoError } from '../../sdk/errors.ts';
import type { StateDisk } from '../core/state/state-disk.ts';
import { OpenFiles, readAll, writeAll } from './open-files.ts';

/** Files held open for reading, and for writing: segments are written one after the other. */
const MAX_OPEN = 64;
const TEMPORARY = 'MANIFEST.tmp';

/** The files of a state backend in a directory of this machine, which is made when there is none. */
export class NodeStateDisk implements StateDisk {
  readonly directory: string;
  readonly #isDurable: boolean;
  readonly #writing: OpenFiles;
  readonly #reading: OpenFiles;

  /**
   * @param isDurable false where nobody will read the files after the process has ended: nothing is synced
   * @throws IoError `STATE_FAILED` when the directory cannot be made
   */
  constructor(directory: string, isDurable = true) {
    this.directory = directory;
    this.#writing = new OpenFiles(directory, 'a', MAX_OPEN);
    this.#reading = new OpenFiles(directory, 'r', MAX_OPEN);
    this.#isDurable = isDurable;
    this.#attempt('make', '', () => fs.mkdirSync(directory, { recursive: true, mode: 0o700 }));
  }

  list(): string[] {
    return this.#attempt('list', '', () => fs.readdirSync(this.directory));
  }

  size(name: string): number {
    return this.#attempt('look at', name, () => fs.statSync(this.#path(name), { throwIfNoEntry: false })?.size ?? 0);
  }

  append(name: string, bytes: Uint8Array): void {
    this.#attempt('write', name, () => writeAll(this.#writing.open(name), bytes));
  }

  sync(name: string): void {
    if (!this.#isDurable) return;
    this.#attempt('sync', name, () => fs.fdatasyncSync(this.#writing.open(name)));
  }

  read(name: string, offset: number, into: Uint8Array): void {
    this.#attempt('read', name, () => {
      const count = readAll(this.#reading.open(name), offset, into);
      if (count < into.length) throw new Error(`it ends ${into.length - count} bytes too early`);
    });
  }

  truncate(name: string, size: number): void {
    this.#attempt('cut off', name, () => fs.truncateSync(this.#path(name), size));
  }

  replace(name: string, bytes: Uint8Array): void {
    this.#attempt('replace', name, () => {
      const file = fs.openSync(this.#path(TEMPORARY), 'w', 0o600);
      try {
        writeAll(file, bytes);
        if (this.#isDurable) fs.fsyncSync(file);
      } finally {
        fs.closeSync(file);
      }
      this.#reading.close(name);
      fs.renameSync(this.#path(TEMPORARY), this.#path(name));
      if (!this.#isDurable) return;
      // The names of new files are as durable as the directory is.
      const directory = fs.openSync(this.directory, 'r');
      try {
        fs.fsyncSync(directory);
      } finally {
        fs.closeSync(directory);
      }
    });
  }

  remove(name: string): void {
    this.#writing.close(name);
    this.#reading.close(name);
    this.#attempt('remove', name, () => fs.rmSync(this.#path(name), { force: true }));
  }

  close(): void {
    this.#writing.closeAll();
    this.#reading.closeAll();
  }

  #path(name: string): string {
    return path.join(this.directory, name);
  }

  #attempt<T>(what: string, name: string, action: () => T): T {
    try {
      return action();
    } catch (cause) {
      throw new IoError('STATE_FAILED', `The state directory failed to ${what} a file: ${(cause as Error).message}`, {
        resource: this.#path(name),
        cause,
      });
    }
  }
}
