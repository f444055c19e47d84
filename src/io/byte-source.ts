import type { RandomAccessFile } from './filesystem/file-system.ts';

/** Bytes front to back. */
export interface ByteSource {
  /**
   * Fills `target` and gives the count; less than its length only at the end, or where the content becomes unreadable:
   * then the next read fails. A promise only where one must wait.
   */
  read(target: Uint8Array): number | Promise<number>;
  /** Offset in the file as stored behind the last byte that was fetched. */
  readonly consumed: number;
  /** Bytes per read that suit the store. */
  readonly blockSize: number;
  close(): void | Promise<void>;
}

/** A source whose first bytes can be looked at before they are read. */
export class PeekSource implements ByteSource {
  readonly blockSize: number;
  readonly #source: ByteSource;
  /** Bytes looked at and not read yet. */
  #ahead: Buffer = Buffer.alloc(0);
  #ended = false;

  constructor(source: ByteSource) {
    this.#source = source;
    this.blockSize = source.blockSize;
  }

  get consumed(): number {
    return this.#source.consumed;
  }

  /** The next bytes, fewer than `length` only at the end. They stay to be read. */
  async peek(length: number): Promise<Buffer> {
    if (this.#ahead.length < length && !this.#ended) {
      const bytes = Buffer.allocUnsafeSlow(length);
      const kept = this.#ahead.copy(bytes);
      const count = await this.#source.read(bytes.subarray(kept));
      this.#ended = kept + count < length;
      this.#ahead = bytes.subarray(0, kept + count);
    }
    return this.#ahead.subarray(0, length);
  }

  read(target: Uint8Array): number | Promise<number> {
    const count = this.#ahead.copy(target);
    if (count === 0) return this.#source.read(target);
    this.#ahead = this.#ahead.subarray(count);
    if (count === target.length) return count;
    const rest = this.#source.read(target.subarray(count));
    return typeof rest === 'number' ? count + rest : rest.then((more) => count + more);
  }

  close(): void | Promise<void> {
    return this.#source.close();
  }
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
