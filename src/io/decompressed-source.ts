import { Readable, type Transform } from 'node:stream';
import { createGunzip, createInflate, createZstdDecompress } from 'node:zlib';
import { IoError } from '../sdk/index.ts';
import type { ByteSource } from './byte-source.ts';
import type { Compression } from './compression.ts';
import { DataError, dataError } from './on-error.ts';

/** Bounds on what a compressed file may become, against files made to exhaust the reader. */
export interface ExpansionLimit {
  /** Most bytes that one file may expand to. */
  readonly maxBytes: number;
  /** Most times its size that a file may expand to, once past {@link RATIO_FREE_BYTES}. */
  readonly maxRatio: number;
}

/** Small files may expand as much as they like: a page of blanks compresses 1,000 times. */
const RATIO_FREE_BYTES = 64 * 1024 * 1024;
const CHUNK_BYTES = 256 * 1024;

/** Decompresses front to back, holding a few chunks in memory however far the data expands. */
export class DecompressedSource implements ByteSource {
  readonly blockSize: number = CHUNK_BYTES;
  readonly #raw: ByteSource;
  readonly #path: string;
  readonly #limit: ExpansionLimit;
  readonly #name: string;
  readonly #stream: Transform;
  readonly #chunks: AsyncIterator<Buffer>;
  #input: Readable;
  #failure: unknown;
  #chunk: Buffer = Buffer.alloc(0);
  #produced = 0;
  #ended = false;

  constructor(raw: ByteSource, compression: Exclude<Compression, 'none'>, path: string, limit: ExpansionLimit) {
    this.#raw = raw;
    this.#path = path;
    this.#limit = limit;
    this.#name = compression;
    const options = { chunkSize: CHUNK_BYTES };
    this.#stream =
      compression === 'gzip'
        ? createGunzip(options)
        : compression === 'zstd'
          ? createZstdDecompress(options)
          : createInflate(options);
    this.#chunks = this.#stream[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
    this.#input = Readable.from(this.#compressed(), { objectMode: true, highWaterMark: 1 });
    // pipe() does not carry errors on: without this the reader would wait for ever.
    this.#input.on('error', (error) => {
      this.#failure = error;
      this.#stream.destroy(error);
    });
    this.#input.pipe(this.#stream);
  }

  get consumed(): number {
    return this.#raw.consumed;
  }

  async read(target: Uint8Array): Promise<number> {
    let filled = 0;
    while (filled < target.length) {
      if (this.#chunk.length === 0 && !(await this.#next())) break;
      const count = this.#chunk.copy(target, filled);
      this.#chunk = this.#chunk.subarray(count);
      filled += count;
    }
    return filled;
  }

  async close(): Promise<void> {
    this.#input.destroy();
    this.#stream.destroy();
    await this.#raw.close();
  }

  async *#compressed(): AsyncGenerator<Buffer> {
    for (;;) {
      const block = Buffer.allocUnsafeSlow(CHUNK_BYTES);
      const read = this.#raw.read(block);
      const count = typeof read === 'number' ? read : await read;
      if (count > 0) yield block.subarray(0, count);
      if (count < block.length) return;
    }
  }

  async #next(): Promise<boolean> {
    if (this.#ended) return false;
    try {
      const { value, done } = await this.#chunks.next();
      if (done) {
        this.#ended = true;
        this.#checkEnd();
        return false;
      }
      this.#chunk = value;
      this.#produced += value.length;
    } catch (cause) {
      if (cause instanceof DataError) throw cause;
      throw this.#describe(cause);
    }
    this.#checkExpansion();
    return true;
  }

  #describe(cause: unknown): IoError {
    if (this.#failure instanceof IoError) return this.#failure;
    const { code, message } = cause as { code?: string; message?: string };
    const truncated = code === 'Z_BUF_ERROR' || /unexpected end/.test(message ?? '');
    return dataError(
      truncated ? 'COMPRESSION_TRUNCATED' : 'COMPRESSION_CORRUPT',
      truncated
        ? `The ${this.#name} data end in the middle, after ${this.#produced} decompressed bytes`
        : `Not valid ${this.#name} data: ${message}`,
      this.#path,
      this.#produced,
      truncated ? undefined : 'Set the compression option if the name of the file is misleading.',
    );
  }

  /** Decompressors stop at the end of the last stream and ignore what follows; a file must not lose data silently. */
  #checkEnd(): void {
    const used = (this.#stream as unknown as { bytesWritten: number }).bytesWritten;
    if (used >= this.#raw.consumed) return;
    throw dataError(
      'COMPRESSION_CORRUPT',
      `${this.#raw.consumed - used} bytes after the end of the ${this.#name} data are no ${this.#name} data`,
      this.#path,
      this.#produced,
    );
  }

  #checkExpansion(): void {
    const { maxBytes, maxRatio } = this.#limit;
    const expands = this.#produced > RATIO_FREE_BYTES && this.#produced > this.consumed * maxRatio;
    if (this.#produced <= maxBytes && !expands) return;
    throw dataError(
      'EXPANSION_LIMIT',
      `${this.consumed} compressed bytes have become ${this.#produced}`,
      this.#path,
      this.#produced,
      expands
        ? `The limit is ${maxRatio} times; maxExpansion raises it.`
        : `The limit is ${maxBytes} bytes; maxDecompressedBytes raises it.`,
    );
  }
}
