import fs from 'node:fs';
import path from 'node:path';
import { IoError } from '../../sdk/errors.ts';
import type { SpillDisk } from '../core/spill-disk.ts';
import { OpenFiles, readAll, writeAll } from './open-files.ts';

/** Files held open for reading. A merge comes back to each of its runs again and again. */
const MAX_OPEN = 256;

/**
 * Spill files in one directory, which must exist and belong to this job alone. Names may hold no path separator.
 * Several threads use the directory, each through an instance of its own.
 */
export class NodeSpillDisk implements SpillDisk {
  readonly directory: string;
  readonly #writing = new Map<string, number>();
  readonly #reading: OpenFiles;

  constructor(directory: string) {
    this.directory = directory;
    this.#reading = new OpenFiles(directory, 'r', MAX_OPEN);
  }

  create(name: string): void {
    this.#attempt('create', name, () => this.#writing.set(name, fs.openSync(this.#path(name), 'wx', 0o600)));
  }

  append(name: string, bytes: Uint8Array): void {
    const file = this.#writing.get(name);
    if (file === undefined)
      throw new IoError('SPILL_FAILED', `The spill file is not open for writing`, { resource: this.#path(name) });
    this.#attempt('write', name, () => writeAll(file, bytes));
  }

  seal(name: string): void {
    const file = this.#writing.get(name);
    if (file === undefined) return;
    this.#writing.delete(name);
    this.#attempt('close', name, () => fs.closeSync(file));
  }

  read(name: string, offset: number, into: Uint8Array): void {
    const file = this.#attempt('open', name, () => this.#reading.open(name));
    const count = this.#attempt('read', name, () => readAll(file, offset, into));
    if (count === into.length) return;
    throw new IoError('SPILL_TRUNCATED', `The spill file ends ${into.length - count} bytes too early`, {
      resource: `${this.#path(name)}:${offset + count}`,
    });
  }

  remove(name: string): void {
    this.seal(name);
    this.#reading.close(name);
    this.#attempt('remove', name, () => fs.rmSync(this.#path(name), { force: true }));
  }

  list(prefix: string): string[] {
    return this.#attempt('list', '', () => fs.readdirSync(this.directory).filter((name) => name.startsWith(prefix)));
  }

  /** Closes all files; what has been written stays. */
  close(): void {
    for (const file of this.#writing.values()) fs.closeSync(file);
    this.#writing.clear();
    this.#reading.closeAll();
  }

  #path(name: string): string {
    return path.join(this.directory, name);
  }

  #attempt<T>(what: string, name: string, action: () => T): T {
    try {
      return action();
    } catch (cause) {
      const code = (cause as NodeJS.ErrnoException).code;
      throw new IoError('SPILL_FAILED', `Cannot ${what} the spill file: ${(cause as Error).message}`, {
        resource: this.#path(name),
        cause,
        ...(code === 'ENOSPC'
          ? { hint: 'The disk is full: point the option for temporary files at a larger one.' }
          : {}),
      });
    }
  }
}
