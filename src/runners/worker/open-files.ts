import fs from 'node:fs';
import path from 'node:path';

/** Files of one directory that are held open, by name: past the limit the one that was used least lately is closed. */
export class OpenFiles {
  readonly #directory: string;
  readonly #flags: string;
  readonly #most: number;
  /** In the order of last use. */
  readonly #files = new Map<string, number>();

  /** @param flags as `fs.openSync` takes them; new files are for their owner alone */
  constructor(directory: string, flags: string, most: number) {
    this.#directory = directory;
    this.#flags = flags;
    this.#most = most;
  }

  /** The descriptor of a file, which is opened if need be. @throws what `fs.openSync` throws */
  open(name: string): number {
    let file = this.#files.get(name);
    if (file !== undefined) this.#files.delete(name);
    else {
      const [oldest] = this.#files.keys();
      if (this.#files.size >= this.#most) this.close(oldest);
      file = fs.openSync(path.join(this.#directory, name), this.#flags, 0o600);
    }
    this.#files.set(name, file);
    return file;
  }

  /** Closes a file; one that is not open is no error. */
  close(name: string): void {
    const file = this.#files.get(name);
    if (file === undefined) return;
    this.#files.delete(name);
    fs.closeSync(file);
  }

  closeAll(): void {
    for (const name of [...this.#files.keys()]) this.close(name);
  }
}

export function writeAll(file: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += fs.writeSync(file, bytes, at);
}

/** Fills `into` from an offset on; returns the bytes that were read, which are fewer only where the file ends. */
export function readAll(file: number, offset: number, into: Uint8Array): number {
  let at = 0;
  while (at < into.length) {
    const count = fs.readSync(file, into, at, into.length - at, offset + at);
    if (count === 0) break;
    at += count;
  }
  return at;
}
