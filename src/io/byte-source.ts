import type { RandomAccessFile } from './filesystem/file-system.ts';

/** Bytes front to back. */
export interface ByteSource {
  /** Fills `target` and gives the count; less than its length only at the end. A promise only where one must wait. */
  read(target: Uint8Array): number | Promise<number>;
  /** Bytes of the file as stored that have been used so far, counted from its first byte. */
  readonly consumed: number;
  /** Bytes per read that suit the store. */
  readonly blockSize: number;
  close(): void | Promise<void>;
}

/** The bytes of a file as stored, from a position on. */
export class RawSource implements ByteSource {
  readonly blockSize: number;
  consumed: number;
  readonly #file: RandomAccessFile;

  constructor(file: RandomAccessFile, start: number) {
    this.#file = file;
    this.consumed = start;
    this.blockSize = file.blockSize;
  }

  read(target: Uint8Array): number | Promise<number> {
    const count = this.#file.read(this.consumed, target);
    if (typeof count === 'number') {
      this.consumed += count;
      return count;
    }
    return count.then((bytes) => {
      this.consumed += bytes;
      return bytes;
    });
  }

  close(): void | Promise<void> {
    return this.#file.close();
  }
}
