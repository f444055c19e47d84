import type { Transform } from 'node:stream';
import { createGunzip, createInflate, createZstdDecompress } from 'node:zlib';
import type { ByteSource } from './byte-source.ts';
import type { Compression } from './compression.ts';
import { DataError, dataError } from './on-error.ts';

/** Bounds on what a compressed file may become, against files made to exhaust the reader. */
export interface ExpansionLimit {
  /** Most bytes that one file may expand to. */
  readonly maxBytes: number;
  /** Most times its size that a file may expand to, once past the first 64 MiB. */
  readonly maxRatio: number;
}

/** Small files may expand as much as they like: a page of blanks compresses 1,000 times. */
const RATIO_FREE_BYTES = 64 * 1024 * 1024;
const CHUNK_BYTES = 256 * 1024;

type Decompressor = Transform & { readonly bytesWritten: number };

/**
 * Decompresses front to back, off the calling thread, one block of input at a time: however far the data expands, a
 * few chunks are in memory. Files of several members (gzip) or frames (zstd) are read to their end.
 */
export class DecompressedSource implements ByteSource {
  readonly blockSize: number = CHUNK_BYTES;
  readonly #raw: ByteSource;
  readonly #path: string;
  readonly #limit: ExpansionLimit;
  readonly #compression: Exclude<Compression, 'none'>;
  #stream: Decompressor | undefined;
  #failure: Error | undefined;
  #stopped: DataError | undefined;
  /** Input that the stream was given, and how much of it; what it does not take belongs to the next member. */
  #block: Buffer = Buffer.alloc(0);
  #given = 0;
  #writing = false;
  #inputEnded = false;
  #members = 0;
  #wake: () => void = () => {};
  #chunk: Buffer = Buffer.alloc(0);
  #produced = 0;

  constructor(raw: ByteSource, compression: Exclude<Compression, 'none'>, path: string, limit: ExpansionLimit) {
    this.#raw = raw;
    this.#path = path;
    this.#limit = limit;
    this.#compression = compression;
  }

  get consumed(): number {
    return this.#raw.consumed;
  }

  async read(target: Uint8Array): Promise<number> {
    if (this.#stopped !== undefined) throw this.#stopped;
    let filled = 0;
    try {
      while (filled < target.length) {
        if (this.#chunk.length === 0 && !(await this.#next())) break;
        const count = this.#chunk.copy(target, filled);
        this.#chunk = this.#chunk.subarray(count);
        filled += count;
      }
    } catch (error) {
      if (filled === 0 || !(error instanceof DataError)) throw error;
      // What came before is good; the next read fails.
      this.#stopped = error;
    }
    return filled;
  }

  async close(): Promise<void> {
    this.#stream?.destroy();
    await this.#raw.close();
  }

  /** Gets the next chunk of output. */
  async #next(): Promise<boolean> {
    for (;;) {
      const stream = this.#stream ?? (await this.#openMember());
      if (stream === undefined) return false;
      if (this.#failure !== undefined) throw this.#describe(this.#failure);
      const chunk = stream.read() as Buffer | null;
      if (chunk !== null) {
        this.#produced += chunk.length;
        this.#checkExpansion();
        this.#chunk = chunk;
        return true;
      }
      if (stream.readableEnded) this.#closeMember(stream);
      else if (this.#writing || stream.writableEnded || this.#tookLess(stream)) await this.#event();
      else await this.#feed(stream);
    }
  }

  /** A decompressor for the data behind the last member; `undefined` at the end of the file. */
  async #openMember(): Promise<Decompressor | undefined> {
    if (this.#members > 0) {
      // Members may be followed by zeros: gzip files are padded to blocks.
      const padded = this.#compression === 'gzip';
      for (;;) {
        while (padded && this.#block.length > 0 && this.#block[0] === 0) this.#block = this.#block.subarray(1);
        if (this.#block.length > 0) break;
        if (!(await this.#readBlock())) return undefined;
      }
    }
    const options = { chunkSize: CHUNK_BYTES };
    const stream = (this.#compression === 'gzip'
      ? createGunzip(options)
      : this.#compression === 'zstd'
        ? createZstdDecompress(options)
        : createInflate(options)) as unknown as Decompressor;
    const wake = () => this.#wake();
    stream.on('readable', wake);
    stream.on('end', wake);
    stream.on('error', (error) => {
      this.#failure = error;
      this.#wake();
    });
    this.#stream = stream;
    this.#given = 0;
    this.#members++;
    if (this.#block.length > 0) this.#write(stream);
    return stream;
  }

  #closeMember(stream: Decompressor): void {
    this.#block = this.#block.subarray(this.#block.length - (this.#given - stream.bytesWritten));
    stream.destroy();
    this.#stream = undefined;
  }

  /** The member has ended within the block. */
  #tookLess(stream: Decompressor): boolean {
    return stream.bytesWritten < this.#given;
  }

  async #feed(stream: Decompressor): Promise<void> {
    if (await this.#readBlock()) this.#write(stream);
    else stream.end();
  }

  #write(stream: Decompressor): void {
    this.#given += this.#block.length;
    this.#writing = true;
    stream.write(this.#block, () => {
      this.#writing = false;
      this.#wake();
    });
  }

  async #readBlock(): Promise<boolean> {
    if (this.#inputEnded) return false;
    const block = Buffer.allocUnsafeSlow(CHUNK_BYTES);
    const read = this.#raw.read(block);
    const count = typeof read === 'number' ? read : await read;
    this.#inputEnded = count < block.length;
    this.#block = block.subarray(0, count);
    return count > 0;
  }

  #event(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  #describe(cause: Error & { readonly code?: string }): DataError {
    const truncated = cause.code === 'Z_BUF_ERROR';
    return dataError(
      truncated ? 'COMPRESSION_TRUNCATED' : 'COMPRESSION_CORRUPT',
      truncated
        ? `The ${this.#compression} data end in the middle, after ${this.#produced} decompressed bytes`
        : `Not valid ${this.#compression} data: ${cause.message}`,
      this.#path,
      this.#produced,
      truncated ? undefined : 'Set the compression option if the name of the file is misleading.',
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
