import fs from 'node:fs';
import path from 'node:path';
import { IoError } from '../../sdk/errors.ts';
import type { StateDisk } from '../core/state/state-disk.ts';

/** Files held open for reading. */
const MAX_OPEN = 64;
const TEMPORARY = 'MANIFEST.tmp';

/** The files of a state backend in a directory of this machine, which is made when there is none. */
export class NodeStateDisk implements StateDisk {
  readonly directory: string;
  readonly #isDurable: boolean;
  readonly #writing = new Map<string, number>();
  /** In the order of last use. */
  readonly #reading = new Map<string, number>();

  /**
   * @param isDurable false where nobody will read the files after the process has ended: nothing is synced
   * @throws IoError `STATE_FAILED` when the directory cannot be made
   */
  constructor(directory: string, isDurable = true) {
    this.directory = directory;
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
    this.#attempt('write', name, () => writeAll(this.#writer(name), bytes));
  }

  sync(name: string): void {
    if (!this.#isDurable) return;
    this.#attempt('sync', name, () => fs.fdatasyncSync(this.#writer(name)));
  }

  read(name: string, offset: number, into: Uint8Array): void {
    this.#attempt('read', name, () => {
      const file = this.#reader(name);
      for (let at = 0; at < into.length; ) {
        const count = fs.readSync(file, into, at, into.length - at, offset + at);
        if (count === 0) throw new Error(`it ends ${into.length - at} bytes too early`);
        at += count;
      }
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
      this.#close(this.#reading, name);
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
    this.#close(this.#writing, name);
    this.#close(this.#reading, name);
    this.#attempt('remove', name, () => fs.rmSync(this.#path(name), { force: true }));
  }

  close(): void {
    for (const file of [...this.#writing.values(), ...this.#reading.values()]) fs.closeSync(file);
    this.#writing.clear();
    this.#reading.clear();
  }

  #writer(name: string): number {
    let file = this.#writing.get(name);
    if (file !== undefined) return file;
    // Segments are written one after the other.
    for (const other of this.#writing.keys()) if (this.#writing.size >= MAX_OPEN) this.#close(this.#writing, other);
    file = fs.openSync(this.#path(name), 'a', 0o600);
    this.#writing.set(name, file);
    return file;
  }

  #reader(name: string): number {
    let file = this.#reading.get(name);
    if (file === undefined) {
      const [oldest] = this.#reading.keys();
      if (this.#reading.size >= MAX_OPEN) this.#close(this.#reading, oldest);
      file = fs.openSync(this.#path(name), 'r');
      this.#reading.set(name, file);
    }
    return file;
  }

  #close(files: Map<string, number>, name: string): void {
    const file = files.get(name);
    if (file === undefined) return;
    files.delete(name);
    fs.closeSync(file);
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

function writeAll(file: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += fs.writeSync(file, bytes, at);
}
