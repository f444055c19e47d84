import { closeSync, constants, fstatSync, fsync, openSync, readSync, renameSync, rmSync, writeSync } from 'node:fs';
import { promisify } from 'node:util';
import { IoError } from '../../sdk/index.ts';
import type { FileWriter, RandomAccessFile } from './file-system.ts';
import { toIoError } from './io-errors.ts';

const sync = promisify(fsync);

/**
 * Reads and writes are synchronous: a read of 256 KiB from the page cache takes 25 µs and a promise for it another 60,
 * and the thread has nothing else to do while it waits for input. Blocks of that size stay in the processor's cache.
 */
const BLOCK_SIZE = 256 * 1024;

/** A local file open for reading. */
export class LocalFileReader implements RandomAccessFile {
  readonly path: string;
  readonly size: number;
  readonly blockSize: number = BLOCK_SIZE;
  #fd: number;

  constructor(path: string) {
    this.path = path;
    try {
      // A pipe is not waited for until somebody writes to it.
      this.#fd = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    } catch (cause) {
      throw toIoError(cause, 'open the file', path);
    }
    const facts = fstatSync(this.#fd);
    if (facts.isDirectory()) {
      this.close();
      throw new IoError('FILE_IS_FOLDER', 'A folder cannot be read as a file', { final: true, resource: path });
    }
    if (!facts.isFile()) {
      this.close();
      throw new IoError(
        'FILE_NOT_REGULAR',
        'A pipe or device cannot be read: work that is tried again reads it twice',
        {
          final: true,
          resource: path,
          hint: 'Write its content to a file first.',
        },
      );
    }
    this.size = facts.size;
  }

  read(position: number, target: Uint8Array): number {
    let filled = 0;
    try {
      while (filled < target.length) {
        const count = readSync(this.#fd, target, filled, target.length - filled, position + filled);
        if (count === 0) break;
        filled += count;
      }
      return filled;
    } catch (cause) {
      throw toIoError(cause, 'read the file', this.path, position + filled);
    }
  }

  close(): void {
    if (this.#fd < 0) return;
    closeSync(this.#fd);
    this.#fd = -1;
  }
}

/** A local file being written under a temporary name. */
export class LocalFileWriter implements FileWriter {
  readonly path: string;
  readonly #temporary: string;
  #fd: number;
  #written = 0;

  constructor(path: string, temporary: string) {
    this.path = path;
    this.#temporary = temporary;
    try {
      this.#fd = openSync(temporary, 'w');
    } catch (cause) {
      throw toIoError(cause, 'create the file', path);
    }
  }

  write(bytes: Uint8Array): void {
    try {
      let done = 0;
      while (done < bytes.length) done += writeSync(this.#fd, bytes, done, bytes.length - done);
      this.#written += done;
    } catch (cause) {
      throw toIoError(cause, 'write the file', this.path, this.#written);
    }
  }

  /** Not synchronous as the rest: a disk takes milliseconds to make a file durable, and for many files at a time hardly more. */
  async close(): Promise<void> {
    try {
      await sync(this.#fd);
      this.#release();
      if (this.#temporary !== this.path) renameSync(this.#temporary, this.path);
    } catch (cause) {
      this.abort();
      throw toIoError(cause, 'finish the file', this.path);
    }
  }

  abort(): void {
    this.#release();
    rmSync(this.#temporary, { force: true });
  }

  #release(): void {
    if (this.#fd < 0) return;
    const fd = this.#fd;
    this.#fd = -1;
    closeSync(fd);
  }
}
